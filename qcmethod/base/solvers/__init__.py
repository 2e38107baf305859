"""Solvers of sparse linear systems, one a file."""
