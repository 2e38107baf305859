"""Missing sites in a homogeneously deformed crystal: a vacancy, a row of them (a microcrack), none.

The predictor is y0 = F x; the row lies along A1 (in the plane the x axis) and is centred in the
domain.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from qcmethod.base.amounts import require_few
from qcmethod.base.arguments import as_numbers, whole_number
from qcmethod.base.door import door
from qcmethod.base.types import Array
from qcmethod.crystal.at_gradient import in_space
from qcmethod.crystal.crystal import Crystal
from qcmethod.elasticity.predictor import Predictor
from qcmethod.errors import InputError
from qcmethod.problems.example import SHEARED, example, plane
from qcmethod.problems.posed import posed
from qcmethod.problems.problem import Problem, lengths

MOST = 1_000_000
"""Missing sites."""


@posed
@door
def microcrack(
    crystal: Crystal,
    n: int,
    F: ArrayLike | None = None,
    *,
    extent: float,
    rim: float | None = None,
) -> Problem:
    """A row of n vacancies along x under the homogeneous gradient F.

    Parameters
    ----------
    crystal : any crystal; in quasi-2-D a missing site is a missing column of atoms
    n : number of missing sites, at least 0 (none: a homogeneous crystal)
    F : (3, 3) deformation gradient, or (2, 2) for a plane crystal (default: undeformed)
    extent : radius of the domain, A
    rim : width of the clamped rim, A (default two cut-offs: no free atom feels the outer surface)

    Raises InputError (arguments; more sites than a row across the extent, or 1e6) and
    UnstableCrystalError (F).
    """
    n = whole_number("n", n, "a number of missing sites, 0 or more")
    extent, rim = lengths(crystal, extent, rim)
    lattice = crystal.lattice
    most = min(2.0 * extent / float(np.linalg.norm(lattice.basis[0])), MOST)
    require_few("n", n, n, most, "missing sites, a row across the extent", "a larger extent")
    first = -(max(n - 1, 0) // 2)
    removed = np.zeros((n, lattice.dim), dtype=np.int64)
    removed[:, 0] = np.arange(first, first + n)
    a1 = lattice.basis[0, : max(lattice.dim, 2)]
    row = np.array([first * a1, (first + max(n, 1) - 1) * a1])
    return Problem(
        name="homogeneous" if n == 0 else "vacancy" if n == 1 else "microcrack",
        crystal=crystal,
        predictor=Predictor(_gradient(F)),
        extent=extent,
        rim=rim,
        removed=removed,
        row=row,
        loads={"vacancies": float(n)},
    )


@posed
@door
def vacancy(
    crystal: Crystal, F: ArrayLike | None = None, *, extent: float, rim: float | None = None
) -> Problem:
    """One missing site; arguments as for `microcrack`."""
    return microcrack(crystal, 1, F, extent=extent, rim=rim)


@posed
@door
def homogeneous(
    crystal: Crystal, F: ArrayLike | None = None, *, extent: float, rim: float | None = None
) -> Problem:
    """Perfect crystal; the core of a coupling is a disc about the origin. For patch tests.

    Arguments as for `microcrack`.
    """
    return microcrack(crystal, 0, F, extent=extent, rim=rim)


def _gradient(F: ArrayLike | None) -> Array:
    """F as (3, 3); a plane gradient is completed with 1."""
    expected = "a finite (3, 3) deformation gradient, or (2, 2) in a plane"
    G = np.eye(3) if F is None else as_numbers("F", F, expected)
    if G.shape == (2, 2):
        G = in_space(G)
    if G.shape != (3, 3) or not np.isfinite(G).all():
        raise InputError("F", F, expected)
    return G


@example("homogeneous")
def _perfect() -> Problem:
    crystal, extent = plane()
    return homogeneous(crystal, SHEARED, extent=extent)


@example("vacancy")
def _small() -> Problem:
    crystal, extent = plane()
    return vacancy(crystal, SHEARED, extent=extent)


@example("microcrack")
def _small_row() -> Problem:
    crystal, extent = plane()
    return microcrack(crystal, 3, SHEARED, extent=extent)
