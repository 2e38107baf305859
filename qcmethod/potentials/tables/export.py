"""Write any EAM or pair potential as a setfl table (``eam/alloy``), for LAMMPS and others.

Columns on uniform grids that begin at 0: F(n), rho(r), r phi(r). Below the potential's r_min the
values at r_min are held. A table is read back through index-space Hermite cubics: their error
falls as the fourth power of the step where the function is smooth, as the first power at a kink.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from qcmethod.base.arguments import number, whole_number
from qcmethod.base.door import door
from qcmethod.base.files import path_of
from qcmethod.base.types import Array
from qcmethod.base.whole import whole
from qcmethod.errors import InputError
from qcmethod.potentials.contract import Potential
from qcmethod.potentials.shells import perfect_crystal
from qcmethod.potentials.site import Params, embed, is_many_body, is_pair, pair

MOST_POINTS = 1_000_000
"""Rows of a column: 50 MB a file."""
LONGEST_NAME = 200
"""Bytes."""
HIGHEST = 1e30
"""eV; what is beyond is no energy."""


@door
def write_setfl(
    path: str | os.PathLike[str],
    potential: Potential,
    *,
    nr: int = 10001,
    nrho: int = 10001,
    rho_max: float | None = None,
) -> Path:
    """Write ``potential`` as a setfl file of ``nr`` distances and ``nrho`` densities.

    ``rho_max`` is the last density; by default the end of the potential's own table, or else twice
    the density of the perfect crystal. The file appears complete or not at all. Raises InputError
    for a grid of less than 5 points or more than 1,000,000, a path that is no file in a folder that
    exists, a name that is not one line of Latin-1, or when ``rho_max`` is needed and not given.
    """
    target = _target(path)
    _check_potential(potential)
    for name, count in (("nr", nr), ("nrho", nrho)):
        expected = f"at least 5 grid points, at most {MOST_POINTS}"
        whole_number(name, count, expected, least=5, most=MOST_POINTS)
    p = potential.params
    last = _last_density(potential) if rho_max is None else rho_max
    last = number("rho_max", last, "a density > 0", above=0.0)
    r = np.linspace(0.0, p.cutoff, nr)
    held = np.maximum(r, p.r_min)
    values = np.array([_inside(p, x) for x in held])
    F = np.array([embed(p, n)[0] for n in np.linspace(0.0, last, nrho)])
    if not np.all(np.abs(F) < HIGHEST):
        raise InputError("rho_max", last, "a density at which F(n) is an energy")
    grid = f"{nrho} {last / (nrho - 1):.17g} {nr} {p.cutoff / (nr - 1):.17g} {p.cutoff:.17g}"
    lattice = f"{potential.lattice_constant:.10g} {potential.structure or 'none'}"
    lines = [
        f"{potential.name} UNITS: metal",
        f"doi {potential.doi or 'none'}",
        "written by qcmethod: F(n) in eV, rho(r), r*phi(r) in eV A",
        f"1 {potential.element}",
        grid,
        f"{_atomic_number(potential.element)} {potential.mass:.10g} {lattice}",
    ]
    columns = (F, values[:, 1], values[:, 0] * held)
    return _write_whole(target, "\n".join([*lines, *map(_column, columns)]) + "\n")


def _target(path: str | os.PathLike[str]) -> Path:
    """The file, if it can be one: not a folder, in a folder, its name short enough to grow."""
    target = path_of("path", path, "a file")
    if target.is_dir() or not target.parent.is_dir():
        raise InputError("path", str(path), "a file in a folder that exists")
    if len(os.fsencode(target.name)) > LONGEST_NAME:
        expected = f"a name of at most {LONGEST_NAME} bytes: there is a temporary file beside it"
        raise InputError("path", str(path), expected)
    return target


def _check_potential(potential: Potential) -> None:
    """A potential whose name, doi and element go into the header of a file in Latin-1."""
    if not isinstance(potential, Potential):
        raise InputError("potential", potential, "a Potential", "qcmethod.load_potential(name)")
    if is_many_body(potential.params):
        given = f"{potential.name}, {potential.form}"
        raise InputError("potential", given, "phi, rho and F alone: a pair potential or EAM")
    for name in ("name", "doi", "element", "structure"):
        text = getattr(potential, name)
        if not text.isprintable() or any(ord(letter) > 255 for letter in text):
            raise InputError(f"potential.{name}", text, "one line of Latin-1 text")
    if not potential.element or " " in potential.element:
        raise InputError("potential.element", potential.element, "one word")


def _inside(p: Params, x: float) -> tuple[float, float]:
    """phi and rho at x, zero at the cut-off itself."""
    phi, _, rho, _ = pair(p, x)
    return (phi, rho) if x < p.cutoff else (0.0, 0.0)


def _last_density(potential: Potential) -> float:
    p = potential.params
    if is_pair(p, 0):
        return 1.0
    if np.isfinite(p.n_max):
        return float(p.n_max)
    if not (potential.structure and potential.lattice_constant):
        raise InputError(
            "rho_max", None, f"a density; {potential.name} has no lattice to guess from"
        )
    return 2.0 * perfect_crystal(p, potential.structure, potential.lattice_constant)[0]


def _atomic_number(symbol: str) -> int:
    from ase.data import atomic_numbers

    return int(atomic_numbers.get(symbol, 0))


def _column(values: Array) -> str:
    return "\n".join(f"{value:.17g}" for value in values)


def _write_whole(path: Path, text: str) -> Path:
    """Write the file, or nothing: InputError where there is no such folder, else WriteError."""
    if not path.parent.is_dir():
        raise InputError("path", str(path), "a file in a folder that exists")
    with whole(path) as partial:
        partial.write_text(text, encoding="latin-1")
    return path
