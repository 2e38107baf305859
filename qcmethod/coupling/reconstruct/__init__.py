"""Interfaces with reconstructed bonds."""
