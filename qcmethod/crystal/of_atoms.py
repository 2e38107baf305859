"""The perfect crystal of a unit cell that somebody else built, as `ase.Atoms`.

    cell and atoms  ->  a Bravais lattice (`lattice.translations`)  ->  fcc, bcc, hex2d or a chain

Everything but the lattice is the potential's: the lattice constant is its own, for the far field of
a defect must be at rest; that of the atoms is said where it is another one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from qcmethod.base.types import Array
from qcmethod.errors import InputError
from qcmethod.lattice.oriented import Triplet
from qcmethod.lattice.recognise import SAME, Recognised, recognised, triad_of
from qcmethod.lattice.translations import bravais
from qcmethod.potentials.contract import Potential

if TYPE_CHECKING:
    from ase import Atoms

MOST = 10_000
"""Atoms in a cell: an n-th of its edge is to be more than rounding."""
APART = 0.05
"""Of the lattice constant: further from that of the potential is another crystal."""
SAID = 1e-4
"""Of the lattice constant: a difference that is said."""
EMPTY = 1.5
"""Distances of neighbours without an atom are vacuum."""


def require_atoms(argument: str, atoms: object) -> Any:
    """The argument, if it is what `ase.Atoms` is: species, positions, a cell (InputError)."""
    parts = ("positions", "cell", "pbc", "get_chemical_symbols")
    if isinstance(atoms, type) or not all(hasattr(atoms, name) for name in parts):
        raise InputError(argument, atoms, "ase.Atoms", 'ase.build.bulk("Al")')
    x, cell = np.asarray(atoms.positions), np.asarray(atoms.cell)  # type: ignore[attr-defined]
    if not len(x) or not np.isfinite(x).all() or not np.isfinite(cell).all():
        raise InputError(argument, atoms, "atoms with finite positions, one or more")
    return atoms


def require_species(argument: str, atoms: Atoms, potential: Potential) -> None:
    """InputError unless all atoms are of the potential's element; a model potential has none."""
    found, own = sorted(set(atoms.get_chemical_symbols())), potential.symbol
    if len(found) > 1:
        raise InputError(argument, found, "atoms of one species")
    if own != "X" and found != [own]:
        raise InputError(argument, found, f"{own}, of which {potential.name} is")


def lattice_of(atoms: Atoms, potential: Potential) -> Recognised:
    """The lattice that the atoms of a cell are (InputError: they are none that we have)."""
    require_species("atoms", require_atoms("atoms", atoms), potential)
    if len(atoms) > MOST:
        raise InputError("atoms", len(atoms), f"a unit cell, at most {MOST} atoms")
    vectors = _periods(atoms, potential)
    nearest = _nearest(atoms.positions, vectors)
    basis = bravais(vectors, atoms.positions, SAME * nearest)
    if basis is None:
        if (gap := _gap(atoms.positions, vectors)) > EMPTY * nearest:
            expected = f"a crystal without a surface: {gap:.3g} A of this cell are vacuum"
            raise InputError("atoms", atoms, expected, "the unit cell of the bulk")
        expected = "a Bravais lattice: atoms that translations take into each other"
        raise InputError("atoms", atoms, expected, "no hcp, no diamond, no displaced atoms")
    found = recognised(basis)
    if isinstance(found, str):
        raise InputError("atoms", found, "fcc, bcc, hex2d or a chain")
    if potential.structure and _dimension(potential.structure) != len(basis):
        expected = f"True along {_dimension(potential.structure)}: {potential.name} is for "
        raise InputError("pbc", atoms.pbc.tolist(), expected + potential.structure)
    return found


def axes_of(
    atoms: Atoms, found: Recognised, given: dict[str, Triplet | None]
) -> dict[str, Triplet]:
    """The Miller triplets x, y, z that were given, or those of the atoms (InputError)."""
    named = {name: h for name, h in given.items() if h is not None}
    if found.structure not in ("fcc", "bcc"):
        if named:
            raise InputError(next(iter(named)), named, f"none: a {found.structure} has no axes")
        return {}
    if len(named) == 3:
        return named
    hint = "x=(1, 0, 0), y=(0, 1, 0), z=(0, 0, 1)"
    if named:
        raise InputError(", ".join(named), list(named.values()), "all of x, y, z, or none", hint)
    expected = "a cell with edges, or a frame, along directions of the crystal"
    cell = np.asarray(atoms.cell)
    turned = cell if _is_orthogonal(cell) else None
    triad = triad_of(found, turned)
    if triad is None:
        raise InputError("atoms", cell.tolist(), expected, hint)
    return dict(zip("xyz", triad, strict=True))


def require_near(found: float, own: float, name: str) -> str:
    """What there is to say of the atoms' lattice constant besides the potential's own, A ("":
    nothing); InputError where it is another crystal."""
    if abs(found / own - 1.0) > APART:
        expected = f"a lattice constant within {APART:.0%} of {own:.6g} A, at rest with {name}"
        raise InputError("atoms", f"a = {found:.6g} A", expected, "the cell at rest, or a=")
    if abs(found / own - 1.0) <= SAID:
        return ""
    return (
        f"atoms: a = {found:.6g} A; the crystal is at rest with {name} at {own:.6g} A, "
        f"which is taken. Try: a={found:.6g} for that of the atoms"
    )


def _periods(atoms: Atoms, potential: Potential) -> Array:
    """(m, 3) cell vectors with periods, A (InputError: a cell without, or flat)."""
    pbc, cell = np.asarray(atoms.pbc, dtype=bool), np.asarray(atoms.cell, dtype=np.float64)
    solid = _dimension(potential.structure) == 3 if potential.structure else pbc.all()
    if not pbc.any() or (solid and not pbc.all()):
        expected = "True along all three vectors of the cell, of a crystal"
        raise InputError("pbc", pbc.tolist(), expected, "atoms.pbc = True")
    vectors = cell[pbc]
    if np.linalg.matrix_rank(vectors, tol=1e-6) < len(vectors):
        raise InputError("atoms", cell.tolist(), "a cell with a volume")
    beside = (atoms.positions - atoms.positions[0]) @ (
        np.eye(3) - np.linalg.pinv(vectors) @ vectors
    )
    if np.abs(beside).max() > SAME * np.linalg.norm(vectors, axis=1).min():
        raise InputError("pbc", pbc.tolist(), "a period along each direction that atoms lie in")
    return vectors


def _dimension(structure: str) -> int:
    return {"chain": 1, "hex2d": 2}.get(structure, 3)


def _is_orthogonal(cell: Array) -> bool:
    length = np.linalg.norm(cell, axis=1)
    if not length.all():
        return False
    unit = cell / length[:, None]
    return bool(np.abs(unit @ unit.T - np.eye(3)).max() < SAME)


def _nearest(x: Array, vectors: Array) -> float:
    """Least distance of two atoms, or of one and its own image, A."""
    from scipy.spatial import cKDTree

    steps = np.stack(np.meshgrid(*[[-1, 0, 1]] * len(vectors)), axis=-1).reshape(-1, len(vectors))
    images = (x[:, None] + (steps @ vectors)[None]).reshape(-1, 3)
    return float(cKDTree(images).query(x, k=2)[0][:, 1].min())


def _gap(x: Array, vectors: Array) -> float:
    """The widest layer between planes of the cell's vectors without an atom in it, A."""
    dual = np.linalg.pinv(vectors).T
    height = np.sort(np.mod(x @ dual.T, 1.0), axis=0)
    gaps = np.diff(np.concatenate([height, height[:1] + 1.0]), axis=0).max(axis=0)
    return float((gaps / np.linalg.norm(dual, axis=1)).max())
