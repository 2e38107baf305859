"""The field of a closed polygonal dislocation loop in an infinite anisotropic medium.

    u = b Omega(x)/(4 pi) + line integrals,      u(upper side of the cut) - u(lower side) = b

The cut is the polygon; a line that is not planar is spanned by triangles from its edges to the mean
of its vertices. Its upper side is the one from which the line runs anticlockwise. A loop with
b . normal > 0 opens the cut (matter is inserted: interstitials), one with b . normal < 0 closes it
(vacancies). Far away it is a dipole P_ij = C_ijkl b_k A_l with the vector area A (`dipole`).

Volterra 1907; Burgers 1939; Mura 1987, Micromechanics, sec. 37-38; `solid_angle`, `loop_segments`
and `loop_distortion` hold the three terms.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from qcmethod.base.arguments import finite, rows
from qcmethod.base.stored import stored
from qcmethod.base.types import Array, Bools, Index
from qcmethod.elasticity.great_circle import positive_stiffness
from qcmethod.elasticity.loop_distortion import line_distortion
from qcmethod.elasticity.loop_segments import circle, line_displacement, moments
from qcmethod.elasticity.matrix_function import forced_side, three_finite
from qcmethod.elasticity.solid_angle import (
    ROUNDING,
    faces_of,
    perimeter,
    solid_angle,
    vector_area,
)
from qcmethod.errors import InputError


@stored
@dataclass(frozen=True, eq=False)
class LoopField:
    """Closed dislocation loop.

    Attributes
    ----------
    vertices : (m, 3) corners in the sense of the line, A; the last is joined to the first
    b : (bx, by, bz), A: the displacement above the cut minus that below
    C : (3, 3, 3, 3), eV/A^3, laboratory frame

    The methods take positions x (n, 3), A, and `lower` as those of `CrackField`: a point on the cut
    is above it, and one that is forced to the other side has the displacement continued from there
    if its projection along the vector area falls into the loop. InputError for a point on the line.
    """

    vertices: Array
    b: tuple[float, float, float]
    C: Array

    def __post_init__(self) -> None:
        b = three_finite("b", self.b, "a finite Burgers vector (bx, by, bz) in A")
        arrays = {"vertices": _closed_line(self.vertices), "C": positive_stiffness(self.C).copy()}
        for name, array in arrays.items():
            array.setflags(write=False)
            object.__setattr__(self, name, array)
        object.__setattr__(self, "b", tuple(b.tolist()))

    def displacement(self, x: ArrayLike, lower: ArrayLike | None = None) -> Array:
        """u (n, 3), A; it vanishes at infinity."""
        points = self._off_the_line(x)
        side = forced_side(lower, len(points))
        omega = solid_angle(faces_of(self.vertices), points)
        omega += 4.0 * np.pi * _crossings(self.vertices, points, side, omega >= 0.0)
        b = np.asarray(self.b)
        X = moments(self.C, b, self.vertices)
        line = line_displacement(self.C, X, self.vertices, points, circle(self.C))
        return np.asarray(line + omega[:, None] * b / (4.0 * np.pi))

    def gradient(self, x: ArrayLike, lower: ArrayLike | None = None) -> Array:
        """Elastic du_a/dx_j (n, 3, 3) without the delta function on the cut, alike on its sides."""
        points = self._off_the_line(x)
        rule = circle(self.C)
        X = moments(self.C, np.asarray(self.b), self.vertices)
        return np.asarray(line_distortion(self.C, X, self.vertices, points, rule.cos, rule.sin))

    def dipole(self) -> Array:
        """P_ij (3, 3), eV, of the far field."""
        return np.einsum("ijkl,k,l->ij", self.C, self.b, vector_area(self.vertices))

    def _off_the_line(self, x: ArrayLike) -> Array:
        points = rows("x", x, (3,), "positions")
        near = ROUNDING * perimeter(self.vertices)
        for first, last in zip(self.vertices, np.roll(self.vertices, -1, axis=0), strict=True):
            t = last - first
            s = np.clip((points - first) @ t / (t @ t), 0.0, 1.0)
            at = np.flatnonzero(np.linalg.norm(points - first - s[:, None] * t, axis=1) <= near)
            if at.size:
                given = f"point {at[0]}, {points[at[0]].tolist()}, on the line"
                hint = "move the loop between lattice sites"
                raise InputError("x", given, "points away from the dislocation", hint)
        return points


def _closed_line(vertices: ArrayLike) -> Array:
    """The corners of a loop (m, 3), or InputError."""
    v = finite("vertices", vertices, (None, 3), "corners (m, 3) of a loop, finite, in A").copy()
    if len(v) < 3:
        raise InputError("vertices", len(v), "three corners or more")
    edges = np.linalg.norm(np.roll(v, -1, axis=0) - v, axis=1)
    if not edges.min() > ROUNDING * edges.sum():
        hint = "leave the last corner out: the line closes itself"
        raise InputError("vertices", v, "corners that differ from the ones before", hint)
    if not np.linalg.norm(vector_area(v)) > ROUNDING * edges.sum() ** 2:
        raise InputError("vertices", v, "a loop that has an area")
    return v


def _crossings(vertices: Array, x: Array, side: Index, above: Bools) -> Array:
    """+1 for points forced above that lie below the loop, -1 for the reverse, else 0."""
    crossing = np.where((side > 0) & ~above, 1.0, np.where((side < 0) & above, -1.0, 0.0))
    moved = np.flatnonzero(crossing)
    if moved.size:
        normal = vector_area(vertices)
        normal /= np.linalg.norm(normal)
        flat = vertices - np.outer(vertices @ normal, normal)
        foot = x[moved] - np.outer(x[moved] @ normal, normal)
        crossing[moved] *= np.round(solid_angle(flat[None], foot) / (2.0 * np.pi))
    return crossing
