"""A strain far from a defect, that a ramp may vary.

    y0 = (1 + e E) F x           strain e along E, on top of the gradient F of the problem

E is symmetric and without unit: diag(1, 0, 0) is a pull along x, diag(1, 1, 1) a dilation. It is
kept among the loads of the problem, so that any load on the way is a function of the numbers alone.
Of a problem whose predictor is homogeneous: vacancies, voids, solutes. (A stress: `tension`.)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from qcmethod.base.arguments import as_numbers, number
from qcmethod.base.door import door
from qcmethod.base.types import Array
from qcmethod.base.voigt import NUMBER, components
from qcmethod.elasticity.predictor import Predictor
from qcmethod.errors import InputError
from qcmethod.problems.example import example, plane
from qcmethod.problems.load import Load, register
from qcmethod.problems.posed import altered
from qcmethod.problems.problem import Problem
from qcmethod.problems.vacancies import vacancy

ALONG = tuple(f"along_{name}" for name in ("xx", "yy", "zz", "yz", "xz", "xy"))
"""Keys of `Problem.loads` under which the direction is kept."""
MOST = 0.5
"""No crystal is strained by more."""


def _said(given: Mapping[str, Any]) -> dict[str, Any]:
    return {"along": _direction(given["problem"], given["along"]).tolist()}


@altered(said=_said)
@door
def remote_strain(problem: Problem, along: ArrayLike, strain: float = 0.0) -> Problem:
    """The problem with a strain far away that can be varied: its load `strain`.

    Parameters
    ----------
    problem : with a homogeneous predictor, whose gradient is that of no strain
    along : (3, 3) symmetric, or (6,) xx yy zz yz xz xy: the strain is `strain` times it
    strain : without unit, e.g. 0.01

    Raises InputError: a problem with another load; a strain along the period, which is the
    crystal's; UnstableCrystalError: one that the crystal does not bear.
    """
    E = _direction(problem, along)
    loads = {"strain": 0.0} | dict(zip(ALONG, components(E[None])[0].tolist(), strict=True))
    return at_strain(replace(problem, loads=problem.loads | loads, made=None), strain=strain)


def at_strain(problem: Problem, **loads: float) -> Problem:
    """The same problem under another remote `strain`."""
    expected = f"a strain between {-MOST:g} and {MOST:g}"
    strain = number("strain", loads["strain"], expected, least=-MOST, most=MOST)
    E, one = _along(problem), np.eye(3)
    F = np.linalg.solve(one + problem.loads["strain"] * E, problem.predictor.F)
    predictor = Predictor((one + strain * E) @ F)
    return replace(problem, predictor=predictor, loads=problem.loads | {"strain": strain})


def _along(problem: Problem) -> Array:
    """E (3, 3)."""
    return np.array([problem.loads[name] for name in ALONG])[NUMBER]


def _direction(problem: Problem, along: ArrayLike) -> Array:
    """E (3, 3) of a problem that can bear it (InputError)."""
    if not isinstance(problem, Problem):
        raise InputError("problem", problem, "a Problem", "qcmethod.vacancy(crystal, ...)")
    if problem.predictor.singular is not None or problem.cuts or ALONG[0] in problem.loads:
        expected = "a defect in a whole, homogeneous crystal without a remote load"
        raise InputError("problem", problem.name, expected, "qcmethod.vacancy(crystal, ...)")
    expected = "a symmetric direction, (6,) xx yy zz yz xz xy or (3, 3), that is not 0"
    given = as_numbers("along", along, expected)
    if given.shape == (6,):
        given = given[NUMBER]
    if given.shape != (3, 3) or not np.isfinite(given).all() or (given != given.T).any():
        raise InputError("along", along, expected)
    lattice = problem.crystal.lattice
    rest = slice(3 if lattice.is_space else min(lattice.n_components, 2), None)
    if not given.any() or given[rest].any():
        hint = "" if lattice.is_space else "0 along the period, which is the crystal's own"
        raise InputError("along", along, expected, hint)
    return given


register(
    Load(
        name="strain",
        symbol=r"\varepsilon",
        unit="",
        latex="1",
        width=1e-4,
        example="strain=numpy.arange(0.0, 0.05, 0.005)",
        at=at_strain,
        of="a remote strain",
    )
)


@example("remote strain")
def _small() -> Problem:
    crystal, extent = plane()
    return remote_strain(vacancy(crystal, extent=extent), [1.0, 0.2, 0.0, 0.0, 0.0, 0.0], 0.01)
