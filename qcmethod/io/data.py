"""`.data`: the resolved atoms for `read_data` of LAMMPS, in units metal, with boundary f f p.

LAMMPS refuses atoms outside of the box: they are moved into its middle, with a margin along x and
y, and by whole periods along z.
"""

from __future__ import annotations

from pathlib import Path

from qcmethod.io.atoms import to_atoms
from qcmethod.io.formats import writes
from qcmethod.solve.solution import Solution

MARGIN = 10.0
"""Of the box around the atoms, A."""


@writes(".data", of=Solution)
def write_data(solution: Solution, path: Path) -> None:
    """The resolved atoms of a solution."""
    import ase.io

    atoms = to_atoms(solution.system, solution.u, solution.forces)
    atoms.center(vacuum=MARGIN, axis=(0, 1))
    atoms.wrap(eps=0.0)
    ase.io.write(path, atoms, format="lammps-data", masses=True)
