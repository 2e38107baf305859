"""Interatomic potentials: one functional form a file, readers of LAMMPS tables, and the library.

The public door is ``load_potential`` (library), with ``list_potentials`` beside it and
``write_setfl`` (export) on the way out; ``site`` states what a functional form must provide, and
``contract`` what the rest of the package asks of a potential.
"""
