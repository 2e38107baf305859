"""LAMMPS as an engine: every short-ranged pair style of an installed LAMMPS as a potential.

The door is `qcmethod.lammps` (`door`); LAMMPS itself is imported when it is first asked for.
"""
