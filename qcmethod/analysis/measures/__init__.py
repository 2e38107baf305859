"""Measures: one number for each cell and each site."""
