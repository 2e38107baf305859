"""Tables of LAMMPS."""
