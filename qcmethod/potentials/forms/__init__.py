"""Functional forms."""
