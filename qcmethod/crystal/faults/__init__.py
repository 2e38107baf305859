"""Generalised stacking faults, and what follows from them for a crack tip (Rice 1992).

`line.gamma_line`, `plane.gamma_surface`, `stacking.stacking_fault`: energies of a crystal of which
one part has slipped; `emission.emission_loads`, `emission.rice_load`: dislocations at a crack.
"""
