"""Is it a law of a cell: one energy, its stress, its tangent, the same in every frame?

P : dF = d/dh W(F + h dF),    A : dF = d/dh P(F + h dF),    A_aibj = A_bjai
W(Q F) = W(F),    P(Q F) = Q P(F)         for rotations Q

and, where it has a way of its own to sum over points (`crystal.rows`), that of one after another?
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qcmethod.base.arguments import number, seed_of
from qcmethod.base.door import door
from qcmethod.errors import InputError, InvertedCellError, OffTableError
from qcmethod.testing.sweep import require, rotation, slope_error

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qcmethod.crystal.crystal import Crystal
    from qcmethod.crystal.law import Law


@door
def check_law(
    law: Law | str,
    crystal: Crystal,
    *,
    strain: float = 0.02,
    tolerance: float = 1e-6,
    seed: int = 0,
) -> dict[str, float]:
    """Check a law at the undeformed crystal and at gradients about it.

    Parameters
    ----------
    law : or the name of a registered one
    crystal : that it is of; gradients have the components that it can move in
    strain : size of the random gradients F - 1, within what the law trusts
    tolerance : of the derivatives, relative; the symmetries hold to 1e-9

    Returns the errors by name. Raises AssertionError with the first that is too large, and
    InputError for what is no law or no crystal.
    """
    from qcmethod.crystal.crystal import Crystal
    from qcmethod.crystal.law import LAWS

    if not isinstance(crystal, Crystal):
        raise InputError("crystal", crystal, "a Crystal", "qcmethod.Crystal.fcc(potential, ...)")
    one = LAWS.find(law)(crystal) if isinstance(law, str) else law
    if not all(hasattr(one, name) for name in ("at", "tangent", "trust")):
        raise InputError("law", one, "a law with at, tangent and trust, or the name of one")
    strain = number("strain", strain, "a small strain, e.g. 0.02", above=0.0, below=0.5)
    tolerance = number("tolerance", tolerance, "a positive error, e.g. 1e-6", above=0.0)
    name = law if isinstance(law, str) else type(law).__name__
    rng, n = np.random.default_rng(seed_of(seed)), crystal.lattice.n_components
    F = np.tile(np.eye(3), (4, 1, 1))
    F[1:, :n, :n] += strain * rng.uniform(-1.0, 1.0, (3, n, n))
    trusted = one.trust(F)
    if not (trusted > 0.0).all():
        raise AssertionError(f"{name}: trust {trusted.tolist()} at {F.tolist()}, expected > 0")
    errors = {
        what: require(what, error, tolerance, name)
        for what, error in _derivatives(one, F, n, rng).items()
    }
    for what, error in _symmetries(one, F, n, rng).items():
        errors[what] = require(what, error, 1e-9, name)
    if hasattr(one, "over"):
        what = "its sums over points"
        errors[what] = require(what, _of_sums(one, F, n, rng), 1e-12, name)
    _require_refusal(one, name)
    return errors


def _derivatives(
    law: Law, F: NDArray[np.float64], n: int, rng: np.random.Generator
) -> dict[str, float]:
    found = law.at(F)
    A = law.tangent(F, found)
    dF = np.zeros_like(F)
    dF[:, :n, :n] = rng.normal(size=(len(F), n, n))
    scale = float(np.abs(A).max())
    work = np.einsum("qai,qai->q", found.P, dF)
    change = np.einsum("qaibj,qbj->qai", A, dF)[:, :n, :n]
    return {
        "P = dW/dF": slope_error(lambda h: law.at(F + h * dF).W, work, 0.01 * scale),
        "A = dP/dF": slope_error(lambda h: law.at(F + h * dF).P[:, :n, :n], change),
    }


def _symmetries(
    law: Law, F: NDArray[np.float64], n: int, rng: np.random.Generator
) -> dict[str, float]:
    found = law.at(F)
    A, Q = law.tangent(F, found), rotation(rng, n)
    turned, scale = law.at(Q @ F), float(np.abs(A).max())
    return {
        "A symmetric": float(np.abs(A - A.transpose(0, 3, 4, 1, 2)).max()) / scale,
        "W(Q F) = W(F)": float(np.abs(turned.W - found.W).max()) / scale,
        "P(Q F) = Q P(F)": float(np.abs(turned.P - Q @ found.P).max()) / scale,
    }


def _of_sums(law: Law, F: NDArray[np.float64], n: int, rng: np.random.Generator) -> float:
    """Difference of the law's own sums and of those point by point, on meshes of every dimension:
    two rows of one and of three points, one of them without weight."""
    from qcmethod.crystal.rows import PointByPoint, Points, sums

    worst, row = 0.0, np.array([1, 0, 0, 0])
    weight, first, last = np.array([2.0, 0.5, 0.0, 1.5]), np.array([1, 0]), np.array([4, 1])
    for dim in range(1, n + 1):
        points = Points(F, weight, row, first, last, float(law.at(F).W[0]), dim)
        G = np.zeros((2, dim, 3))
        G[:, :, :n] = 1e-3 * rng.uniform(-1.0, 1.0, (2, dim, n))
        own, other = sums(law, points), PointByPoint(law, points)
        found, expected = own.at(G), other.at(G)
        A, B = (s.tangents(G, at, np.arange(2)) for s, at in ((own, found), (other, expected)))
        one = own.tangents(G, found, np.array([1]))
        scale = float(np.abs(B).max())
        errors = (found.energy - expected.energy, found.P - expected.P, A - B, one - B[1:])
        worst = max(worst, *(float(np.abs(error).max()) / scale for error in errors))
    return worst


def _require_refusal(law: Law, name: str) -> None:
    """What is not trusted is refused, and an inverted cell is not trusted."""
    inverted = np.eye(3)[None].copy()
    inverted[0, 0, 0] = -1.0
    trusted = float(law.trust(inverted)[0])
    if trusted > 0.0:
        raise AssertionError(f"{name}: trust {trusted:.3g} in an inverted cell, expected < 0")
    try:
        W = law.at(inverted).W[0]
    except (InvertedCellError, OffTableError):
        return
    raise AssertionError(f"{name}: W = {W:.3g} of an inverted cell, expected InvertedCellError")
