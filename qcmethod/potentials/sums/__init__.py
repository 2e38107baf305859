"""Sums over sites."""
