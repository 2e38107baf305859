"""Which of our structures a Bravais lattice is, its constant, and its axes: from its volume.

fcc, bcc     the cube's edge is (4 V)^(1/3), (2 V)^(1/3); the lattice has exactly six vectors so
             long, along three orthogonal axes, and the structure's own halves of their sums
hex2d        six shortest vectors of one length, 60 degrees apart
chain        one period
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations, product

import numpy as np

from qcmethod.base.types import Array, Index
from qcmethod.lattice.miller import Miller, lowest
from qcmethod.lattice.oriented import LARGEST

SAME = 1e-3
"""Of the lattice constant: coordinates in files have four digits."""
SITES = {"fcc": (4, (0.5, 0.5, 0.0)), "bcc": (2, (0.5, 0.5, 0.5)), "sc": (1, (1.0, 0.0, 0.0))}
"""Sites in the cube, and a lattice vector in its edges that no other structure here has."""
ALONG = 1e-4
"""Angle by which a direction may be off whole numbers."""


@dataclass(frozen=True, eq=False)
class Recognised:
    """structure, constant (A) and `axes` (3, 3): rows are the crystal's cubic axes."""

    structure: str
    constant: float
    axes: Array

    def miller(self, v: Array) -> Miller | None:
        """The smallest whole numbers along a vector (3,); None: there are none."""
        c = self.axes @ v
        c = c / np.linalg.norm(c)
        h = np.arange(1, LARGEST + 1)[:, None] * c / np.abs(c).max()
        whole = np.rint(h)
        near = np.linalg.norm(whole / np.linalg.norm(whole, axis=1)[:, None] - c, axis=1) < ALONG
        return lowest([int(k) for k in whole[np.argmax(near)]]) if near.any() else None


def recognised(basis: Array) -> Recognised | str:
    """The structure of a lattice with a compact basis (m, 3), A; in words what it is if it is none
    of ours."""
    if len(basis) == 1:
        return Recognised("chain", float(np.linalg.norm(basis)), np.eye(3))
    steps = np.array(list(product(range(-3, 4), repeat=len(basis))))
    vectors = steps[np.any(steps != 0, axis=1)] @ basis
    return _plane(basis, vectors) if len(basis) == 2 else _cubic(basis, vectors)


def _plane(basis: Array, vectors: Array) -> Recognised | str:
    length = np.linalg.norm(vectors, axis=1)
    a = float(np.sqrt(np.linalg.norm(np.cross(*basis)) / np.sqrt(0.75)))
    if np.count_nonzero(np.abs(length - a) < SAME * a) == 6:
        return Recognised("hex2d", a, np.eye(3))
    return "a plane lattice without six nearest neighbours"


def _cubic(basis: Array, vectors: Array) -> Recognised | str:
    volume, length = abs(np.linalg.det(basis)), np.linalg.norm(vectors, axis=1)
    for structure, (sites, own) in SITES.items():
        a = float((sites * volume) ** (1.0 / 3.0))
        edges = vectors[np.abs(length - a) < SAME * a]
        if len(edges) != 6:
            continue
        axes = _orthogonal(edges / a)
        found = np.linalg.solve(basis.T, np.array(own) @ axes * a)
        if axes.any() and np.abs(found - np.rint(found)).max() < 10.0 * SAME:
            if structure == "sc":
                return "a simple cubic lattice, as a single atom in a box is"
            return Recognised(structure, a, axes)
    return f"a lattice without cubic axes to {SAME:g}, the shortest vector {length.min():.4g} A"


def _orthogonal(edges: Array) -> Array:
    """Right-handed axes (3, 3) of six vectors +-e; zero where they are not orthogonal."""
    first = edges[np.argmax(edges @ [1.0, 1e-3, 1e-6])]
    across = edges[np.abs(edges @ first) < 10.0 * SAME]
    if len(across) != 4:
        return np.zeros((3, 3))
    second = across[np.argmax(across @ [1e-3, 1.0, 1e-6])]
    third = across[np.argmax(across @ np.cross(first, second))]
    U, _, V = np.linalg.svd(np.stack([first, second, third]))  # the nearest rotation
    return np.asarray(U @ V)


def plainest(x: Miller, y: Miller, z: Miller) -> tuple[Miller, Miller, Miller]:
    """Of the 24 ways to name the axes of a cube that of fewest minus signs, in y above all; of
    several the largest: (1, 1, -2), (1, 1, 1), (1, -1, 0)."""
    names = []
    for order, signs in product(permutations(range(3)), product((1, -1), repeat=3)):
        turn = np.eye(3, dtype=int)[list(order)] * np.array(signs)[:, None]
        if np.linalg.det(turn) > 0:
            names.append(np.array([x, y, z]) @ turn.T)
    best = min(names, key=_signs)
    first, second, third = (tuple(int(k) for k in row) for row in best)
    return first, second, third  # type: ignore[return-value]


def _signs(h: Index) -> tuple[int, ...]:
    return int((h < 0).sum()), int((h[1] < 0).sum()), *(-h).ravel().tolist()


def triad_of(found: Recognised, cell: Array | None) -> tuple[Miller, Miller, Miller] | None:
    """Miller triplets of the edges of an orthogonal cell (3, 3), else of the laboratory's own axes;
    None where neither are whole numbers."""
    for rows in ([] if cell is None else [cell]) + [np.eye(3)]:
        x, y, z = (found.miller(row) for row in rows)
        if x is not None and y is not None and z is not None:
            return plainest(x, y, z)
    return None
