r"""Pieces of slip: atoms that slipped past each other, the vector that they did it by, the plane.

    n: least sum over the bonds of (n . (x_b - <x>))^2,      b = median of their changes, upper side

Slipped atoms that are neighbours are of one piece, whose plane is fitted to the middles of the
bonds that changed. Where pieces cross they are one, and there is no plane: `roughness` says so.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from qcmethod.analysis.events.bonds import Bonds
from qcmethod.analysis.events.slip import PLANES, VECTORS
from qcmethod.base.types import Array, Bools, Index
from qcmethod.lattice.lattice import Lattice
from qcmethod.lattice.miller import Miller, variants

LEAST = 3
"""Bonds of a piece: fewer have no plane."""
NEAR = 0.35
"""Of its length, within which a vector is a Burgers vector."""
TILT = np.cos(np.radians(10.0))
"""Cosine to the normal of a lattice plane, within which a fitted one is that plane."""


@dataclass(frozen=True, eq=False)
class Piece:
    """Atoms that have slipped past each other.

    Attributes
    ----------
    atoms : how many, on both sides
    vector : (3,) slip of the upper side against the lower, the median of its bonds, A
    name, burgers : the Burgers vector next to it, "Shockley partial", "a/6[1 1 -2]"; empty: none
    normal : (3,) fitted unit normal in the laboratory, upwards
    roughness : rms distance of the middles of bonds from the fitted plane, A
    plane : Miller indices of the slip plane that it is; None: of none
    centre : (3,) mean of the middles of its bonds, reference positions, A
    """

    atoms: int
    vector: Array
    name: str
    burgers: str
    normal: Array
    roughness: float
    plane: Miller | None
    centre: Array

    def __repr__(self) -> str:
        what = f"{self.name} {self.burgers}" if self.name else f"{np.round(self.vector, 2)} A"
        where = f"on {self.plane}" if self.plane else f"across {np.round(self.normal, 2)}"
        return f"Piece({what} {where}, {self.atoms} atoms)"


def pieces_of(bonds: Bonds, change: Array, on: Bools, lattice: Lattice) -> tuple[Piece, ...]:
    """Pieces of the bonds (n_b,) that changed, by (n_b, 3), A, the largest first."""
    slipped = np.zeros(len(bonds.x), dtype=bool)
    slipped[bonds.i[on]] = slipped[bonds.j[on]] = True
    near = slipped[bonds.i] & slipped[bonds.j]
    i, j = bonds.i[near], bonds.j[near]
    graph = coo_array((np.ones(len(i)), (i, j)), shape=(len(bonds.x),) * 2)
    of_bond = connected_components(graph)[1][bonds.i[on]]
    found = []
    for one in np.unique(of_bond):
        bond = np.flatnonzero(on)[of_bond == one]
        if len(bond) >= LEAST:
            found.append(_piece(bonds, change, bond, lattice))
    return tuple(sorted(found, key=lambda piece: -piece.atoms))


def _piece(bonds: Bonds, change: Array, bond: Index, lattice: Lattice) -> Piece:
    middle = bonds.middle[bond]
    centre = middle.mean(axis=0)
    normal = np.linalg.svd(middle - centre, full_matrices=False)[2][2]
    normal = normal * _upwards(normal)
    side = np.sign(bonds.X[bond] @ normal)
    vector = np.median(side[:, None] * change[bond], axis=0)
    name, burgers = nearest_vector(lattice, vector)
    return Piece(
        atoms=len(np.unique([bonds.i[bond], bonds.j[bond]])),
        vector=vector,
        name=name,
        burgers=burgers,
        normal=normal,
        roughness=float(np.sqrt((((middle - centre) @ normal) ** 2).mean())),
        plane=nearest_plane(lattice, normal),
        centre=centre,
    )


def nearest_vector(lattice: Lattice, vector: Array) -> tuple[str, str]:
    """Name and indices of the Burgers vector next to a slip vector (3,), A; in any plane."""
    best, names = NEAR, ("", "")
    for name, divisor, family in VECTORS[lattice.structure]:
        for h in variants(family):
            b = lattice.axes @ h * lattice.constant / divisor
            away = float(np.linalg.norm(b - vector) / np.linalg.norm(b))
            if away < best:
                over = "a" if divisor == 1 else f"a/{divisor}"
                best, names = away, (name, f"{over}[{h[0]} {h[1]} {h[2]}]")
    return names


def nearest_plane(lattice: Lattice, normal: Array) -> Miller | None:
    """Miller indices of the slip plane next to a normal (3,), upwards as it is."""
    found, best = None, TILT
    for family in PLANES[lattice.structure]:
        for h in variants(family):
            cosine = float(lattice.axes @ h @ normal / np.linalg.norm(h))
            if cosine > best:
                found, best = h, cosine
    return found


def _upwards(normal: Array) -> float:
    """The sign that makes the first of y, x, z that is not 0 positive."""
    leading: Bools = np.abs(normal[[1, 0, 2]]) > 1e-6
    return float(np.sign(normal[[1, 0, 2]][leading][0]))
