"""Coupling methods as data, and the two models - an energy and a force field - that they fill."""
