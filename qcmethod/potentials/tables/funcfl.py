"""funcfl, the one-element table of pair_style ``eam`` of LAMMPS.

One comment line; Z, mass, lattice constant, lattice; nrho drho nr dr rc; F(n), the effective charge
Z(r) with

    phi = 27.2 * 0.529 Z(r)^2 / r       (Hartree times Bohr as LAMMPS has them, eV A)

and rho(r). LAMMPS resamples these tables on grids that lose the last point of either axis.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from qcmethod.errors import PotentialFileError
from qcmethod.potentials.tables.headers import (
    about_header,
    check_counts,
    grid_header,
    make_table,
)
from qcmethod.potentials.tables.table import Table
from qcmethod.potentials.tables.tokens import TokenStream
from qcmethod.potentials.tables.told import Told

HARTREE_BOHR = 27.2 * 0.529
"""eV A; not CODATA's: the difference is 1.9e-3 eV an atom in Cu_u3."""


def read_funcfl(file: str, lines: list[str], element: str | None, told: Told) -> Table:
    """The table of a funcfl file; its element follows from Z."""
    from ase.data import chemical_symbols

    stream = TokenStream(file, lines, 1)
    about = about_header(stream)
    grid = grid_header(stream)
    F = stream.numbers("F(n)", grid.nrho)
    charge = stream.numbers("Z(r)", grid.nr, spare=True)
    rho = stream.numbers("rho(r)", grid.nr, spare=True)
    stream.end()
    check_counts(stream, F, charge, "Z(r)")
    Z = int(about.Z)
    symbol = chemical_symbols[Z] if 0 < Z < len(chemical_symbols) else "X"
    if element not in (None, symbol):
        raise PotentialFileError("element", element, f"{symbol}, the element of {file}")
    grid = replace(grid, nr=grid.nr - 1, nrho=grid.nrho - 1)
    with np.errstate(over="ignore"):  # refused with its row, or never used
        rphi = HARTREE_BOHR * charge[:-1] ** 2
    return make_table(file, symbol, grid, F[:-1], rho[:-1], rphi, about, told)
