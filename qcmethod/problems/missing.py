"""Missing sites in any problem: voids, notches, rows of vacancies, as its predictor has them not.

A core is measured from the defect, so it is laid about what is missing too: the zone of the problem
is its own centres and the missing sites.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from qcmethod.base.arguments import integers
from qcmethod.base.door import door
from qcmethod.base.types import Index
from qcmethod.errors import InputError
from qcmethod.lattice.region import Region
from qcmethod.lattice.shapes import Tube
from qcmethod.lattice.sites import Sites
from qcmethod.problems.example import SHEARED, example, plane
from qcmethod.problems.posed import altered
from qcmethod.problems.problem import Problem
from qcmethod.problems.vacancies import homogeneous


def _said(given: Mapping[str, Any]) -> dict[str, Any]:
    """A region as the sites in it."""
    return {"sites": checked_sites(given["problem"], given["sites"]).tolist()}


@altered(said=_said)
@door
def without(problem: Problem, sites: ArrayLike | Region) -> Problem:
    """The problem with further sites missing; cores are measured from them too.

    Parameters
    ----------
    problem : any; its predictor stays
    sites : (m, dim) integer coordinates, or a region of which all sites are missing
        (`qcmethod.lattice.shapes`: Tube, Box, Segment(...).grown(r), one & another)

    Raises InputError: no sites, or some in the clamped rim, for there nothing gives way.
    """
    return less(problem, checked_sites(problem, sites))


def less(problem: Problem, missing: Index, of: Index | None = None) -> Problem:
    """The problem with sites missing; `of` (n, dim): of these no other ones are."""
    before = problem.removed
    if before is None:
        before = np.zeros((0, missing.shape[1]), dtype=np.int64)
    if of is not None:
        before = before[Sites(of).find(before) < 0]
    removed = np.unique(np.concatenate([before, missing]), axis=0)
    if not len(missing):
        return replace(problem, removed=removed if len(removed) else None)
    at = problem.across(problem.position(missing))
    zone = np.unique(np.round(np.concatenate([problem.centres, at]), 9), axis=0)
    return replace(problem, removed=removed, zone=zone, metric="euclid")


def checked_sites(problem: Problem, sites: ArrayLike | Region) -> Index:
    """Integer coordinates (m, dim) of the sites that are meant (InputError)."""
    if all(callable(getattr(sites, name, None)) for name in ("distance", "bounds", "chords")):
        ij = problem.sites(problem.domain & sites)  # type: ignore[operator]
    else:
        ij = integers("sites", sites, problem.crystal.lattice.dim, "sites")
    if not len(ij):
        raise InputError("sites", sites, "one site or more")
    inside = problem.free.contains(problem.position(ij))
    if not inside.all():
        expected = f"sites within {problem.free.radius:.4g} A, where the rim is clamped"
        raise InputError("sites", ij[~inside][0].tolist(), expected, "a larger extent")
    return ij


@example("void")
def _small() -> Problem:
    crystal, extent = plane()
    return without(homogeneous(crystal, SHEARED, extent=extent), Tube(1.2, (0.1, 0.2)))
