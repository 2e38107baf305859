"""The polynomial of a crystal: fitted to cells in a ball of strains, its error measured on others.

    min_c sum_q |S_c(E_q) - S_q|^2/|S_q|^2 + |W_c(E_q) - W_q|^2/W_q^2,    |E_q| <= range

over energies and stresses of homogeneously strained cells. The terms of first and second order are
not fitted: they are the stress and the moduli of the crystal at rest, so that far from a defect the
table is the crystal's linear elasticity. What is left is measured on gradients that had no part in
the fit, and where it is too much for a table of splines, whose third derivatives jump, the ball
shrinks.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from qcmethod.base.types import Array, Index
from qcmethod.crystal.law import Law
from qcmethod.crystal.table.polynomial import (
    PAIRS,
    bend,
    by_degree,
    monomials,
    orbits,
    rows,
    value_stress,
    voigt,
)

CELLS, HELD_OUT = 400, 150
RANGES = (0.06, 0.05, 0.04, 0.03, 0.02, 0.01, 0.005, 0.0025, 0.00125)
"""Norms of the Green strain up to which a table is tried, the largest first."""


@dataclass(frozen=True, eq=False)
class Table:
    """A polynomial in the axes of the cube: coefficients (m,), eV a site, exponents (m, 6), the
    range of |E|, the largest error of a stress on cells that had no part in the fit, over the
    largest stress, and how many those were."""

    c: Array
    exponents: Index
    range: float
    error: float
    cells: int

    @cached_property
    def _degrees(self) -> tuple[Index, Array]:
        return by_degree(self.c, self.exponents)

    def at(self, e: Array) -> tuple[Array, Array]:
        """W over that at rest (n,) and S (n, 6), eV a site, at strains e (n, 6)."""
        W, s = value_stress(self.c, self.exponents, *self._degrees, e)
        return W, s

    def moduli(self, e: Array) -> Array:
        """C (n, 6, 6), eV a site, at strains e (n, 6)."""
        C: Array = bend(self.c, self.exponents, *self._degrees, e)
        return C


def fitted(law: Law, axes: Array, order: int, tolerance: float, seed: int = 0) -> Table:
    """The table of the largest range whose error is within a tolerance, or of the smallest range.

    law : what is fitted; axes (3, 3) : rows are x, y, z of the laboratory in the axes of the cube
    """
    left = list(RANGES)
    while True:
        table = fitted_within(law, axes, order, left[0], seed)
        if table.error <= tolerance or len(left) == 1:
            return table
        # of a smooth form errors fall as this power of the range or faster: what may pass is tried
        reached = table.range * (tolerance / table.error) ** (1.0 / order)
        left = [r for r in left[1:] if r <= reached] or left[-1:]


def fitted_within(law: Law, axes: Array, order: int, within: float, seed: int = 0) -> Table:
    """The table of one range."""
    rng, exponents = np.random.default_rng(seed), monomials(order)
    orbit, sign = orbits(exponents)
    known = _first_and_second(law, axes, exponents)
    fit = (orbit >= 0) & (exponents.sum(axis=1) > 2)
    E = strains(rng, CELLS, within)
    W, S = _cells(law, axes, E)
    value, slope = rows(exponents, voigt(E))
    W, S = W - value @ known, S - slope @ known
    shared = np.zeros((len(exponents), orbit.max() + 1))
    shared[fit, orbit[fit]] = sign[fit]
    used = shared.any(axis=0)
    # each cell counts by its strain: by the stress and energy that it has to first order
    size = np.linalg.norm(E, axis=(1, 2))
    A = np.concatenate([
        ((slope @ shared)[:, :, used] / size[:, None, None]).reshape(-1, used.sum()),
        (value @ shared)[:, used] / size[:, None] ** 2,
    ])  # fmt: skip
    b = np.concatenate([(S / size[:, None]).ravel(), W / size**2])
    scale = np.linalg.norm(A, axis=0)
    found = np.linalg.lstsq(A / scale, b, rcond=None)[0] / scale
    c = known + shared[:, used] @ found
    E = strains(rng, HELD_OUT, within)
    _, true = _cells(law, axes, E)
    _, ours = Table(c, exponents, within, 0.0, 0).at(voigt(E))
    error = float(np.abs(ours - true).max() / np.abs(true).max())
    return Table(c, exponents, within, error, HELD_OUT)


def strains(rng: np.random.Generator, n: int, within: float) -> Array:
    """Green strains (n, 3, 3) of random directions, their norms spread up to `within`."""
    E = rng.standard_normal((n, 3, 3))
    E = E + E.transpose(0, 2, 1)
    norm = within * rng.uniform(0.0, 1.0, n) ** 0.5
    found: Array = E * (norm / np.linalg.norm(E, axis=(1, 2)))[:, None, None]
    return found


def _cells(law: Law, axes: Array, E: Array) -> tuple[Array, Array]:
    """W over that at rest (n,) and S (n, 6) of a law at strains (n, 3, 3) of the cube's axes."""
    in_lab = axes @ E @ axes.T
    values, modes = np.linalg.eigh(np.eye(3) + 2.0 * in_lab)
    U = np.einsum("nij,nj,nkj->nik", modes, np.sqrt(values), modes)
    found = law.at(U)
    S = axes.T @ np.linalg.solve(U, found.P) @ axes
    at_rest = law.at(np.eye(3)[None]).W[0]
    return found.W - at_rest, np.stack([S[:, i, j] for i, j in PAIRS], axis=1)


def _first_and_second(law: Law, axes: Array, exponents: Index) -> Array:
    """Coefficients (m,) of first and second order: stress and moduli at rest, with the symmetry of
    the cube."""
    one = np.eye(3)[None]
    found = law.at(one)
    T = np.einsum("ia,ij,jb->ab", axes, found.P[0], axes)
    A = law.tangent(one, found)[0]
    A = np.einsum("aibj,aA,iI,bB,jJ->AIBJ", A, axes, axes, axes, axes, optimize=True)
    C = A - np.einsum("ab,ij->aibj", np.eye(3), T)
    p = float(np.trace(T)) / 3.0
    c11 = np.mean([C[i, i, i, i] for i in range(3)])
    c12 = np.mean([C[i, i, j, j] for i in range(3) for j in range(3) if i != j])
    c44 = np.mean([C[i, j, i, j] for i in range(3) for j in range(3) if i != j])
    c = np.zeros(len(exponents))
    for m, x in enumerate(exponents):
        normal, shear = x[:3].sum(), x[3:].sum()
        if normal + shear == 1:
            c[m] = p if normal else 0.0
        elif normal + shear == 2 and (normal == 2 or x.max() == 2):
            twice = x.max() == 2
            c[m] = (0.5 * c11 if twice else c12) if normal else 0.5 * c44
    return c
