"""Calculators of ASE as engines: whatever gives energies and forces of an `ase.Atoms`.

The door is `Potential.of`; what a calculator claims is checked when it is given (`checks`).
"""
