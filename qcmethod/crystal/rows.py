"""Sums of a law over points in rows, where the cells of a mesh ask it.

    F_q = F0_q + G_r,    E_r = sum_q w_q (W(F_q) - W_0),    P_r = sum_q w_q P(F_q),    A_r likewise

over the points q of a row r, in the dim directions i of the mesh alone: G and P are (n_row, dim, 3)
with [r, i, a], and A is the upper triangle of a symmetric matrix of the 3 dim pairs (i, a): 6, 21
or 45 numbers. A law may know a faster way than one point after another; it then has

    over(points) -> Sums
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, Protocol

import numpy as np

from qcmethod.base.types import Array, Bools, Index
from qcmethod.crystal.law import Law, Response


@dataclass(frozen=True, eq=False)
class Points:
    """Points in rows: F0 (n_q, 3, 3), weights (n_q,) in sites, points without one are not asked;
    row (n_q,) of each, those of a row r are first[r] ... last[r] - 1. W_0, eV a site."""

    F0: Array
    weight: Array
    row: Index
    first: Index
    last: Index
    reference: float
    dim: int

    def gradients(self, G: Array, of: Index) -> Array:
        """F (n, 3, 3) at some points (n,) with G (n_row, dim, 3) in their rows."""
        F = self.F0[of]
        F[:, :, : self.dim] += G[self.row[of]].transpose(0, 2, 1)
        return F


class RowState(NamedTuple):
    """E (n_row,) and P (n_row, dim, 3), eV, and what the sums keep for their tangents."""

    energy: Array
    P: Array
    kept: Any


class Sums(Protocol):
    """The sums of a law over some points."""

    def at(self, G: Array) -> RowState:
        """E and P at the gradients G (n_row, dim, 3). Raises what the law raises."""

    def tangents(self, G: Array, found: RowState, rows: Index) -> Array:
        """A (n, 3 dim (3 dim + 1)/2) of some rows (n,), eV, at what `at(G)` found."""


def sums(law: Law, points: Points) -> Sums:
    """The law's own sums, or those of its points one after another."""
    own = getattr(law, "over", None)
    found: Sums = PointByPoint(law, points) if own is None else own(points)
    return found


@dataclass(frozen=True, eq=False)
class PointByPoint:
    """The sums of any law."""

    law: Law
    points: Points

    @cached_property
    def on(self) -> Index:
        """The points that have a weight."""
        return np.flatnonzero(self.points.weight)

    def at(self, G: Array) -> RowState:
        """E and P; the response is kept."""
        F, w = self.points.gradients(G, self.on), self.points.weight[self.on]
        found = self.law.at(F)
        E = self._over_rows(self.on, (w * (found.W - self.points.reference))[:, None])
        P = w[:, None, None] * found.P[:, :, : self.points.dim].transpose(0, 2, 1)
        return RowState(E[:, 0], self._over_rows(self.on, P), found)

    def tangents(self, G: Array, found: RowState, rows: Index) -> Array:
        """A of some rows, at the response."""
        points, n = self.points, 3 * self.points.dim
        asked: Bools = np.zeros(len(G), dtype=bool)
        asked[rows] = True
        some = asked[points.row[self.on]]
        q = self.on[some]
        A = self.law.tangent(
            points.gradients(G, q), Response(*(value[some] for value in found.kept))
        )
        A = A[:, :, : points.dim, :, : points.dim].transpose(0, 2, 1, 4, 3).reshape(-1, n, n)
        return self._over_rows(q, points.weight[q, None] * packed(A))[rows]

    def _over_rows(self, q: Index, values: Array) -> Array:
        """Sums (n_row, ...) of values (n, ...) at the points q (n,)."""
        total = np.zeros((len(self.points.first), *values.shape[1:]))
        np.add.at(total, self.points.row[q], values)
        return total


def packed(A: Array) -> Array:
    """The upper triangles (n, m (m + 1)/2), row after row, of symmetric matrices A (n, m, m)."""
    x, y = np.triu_indices(A.shape[1])
    return A[:, x, y]
