"""`.data`: the resolved atoms for `read_data` of LAMMPS, in units metal, with boundary f f p.

LAMMPS refuses atoms outside of the box; those of `to_atoms` are inside.
"""

from __future__ import annotations

from pathlib import Path

from qcmethod.io.atoms import to_atoms
from qcmethod.io.formats import writes
from qcmethod.solve.solution import Solution


@writes(".data", of=Solution)
def write_data(solution: Solution, path: Path) -> None:
    """The resolved atoms of a solution."""
    import ase.io

    atoms = to_atoms(solution.system, solution.u, solution.forces)
    ase.io.write(path, atoms, format="lammps-data", masses=True)
