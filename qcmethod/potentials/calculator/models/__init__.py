"""Packages of machine-learned models whose site energies can be weighted: one file each.

A file registers under the name of the package whose calculators it knows (`weighted.WEIGHTED`).
"""
