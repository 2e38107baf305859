"""Sites of other species in any problem: solutes at a crack tip or in a dislocation, a random core.

    E = sum_l w_l (V_l - V0),    V0 of the host on every site

so the excess energy counts each solute against an atom of the host: differences between places of
the same solutes are binding energies. The continuum is that of the host, so solutes belong where
all is atoms; a core is measured from them too, where they are few.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from qcmethod.base.arguments import is_number, seed_of
from qcmethod.base.door import door
from qcmethod.base.types import Index
from qcmethod.errors import InputError
from qcmethod.lattice.region import Region
from qcmethod.problems.foreign import Foreign
from qcmethod.problems.missing import checked_sites
from qcmethod.problems.posed import altered
from qcmethod.problems.problem import Problem

FEW = 200
"""So many solutes have a core about each of them."""


def _said(given: Mapping[str, Any]) -> dict[str, Any]:
    """A region as the sites in it."""
    return {"sites": checked_sites(given["problem"], given["sites"]).tolist()}


@altered(said=_said)
@door
def substituted(
    problem: Problem,
    sites: ArrayLike | Region,
    element: str | Mapping[str, float],
    *,
    seed: int = 0,
) -> Problem:
    """The problem with other elements of its potential on some sites.

    Parameters
    ----------
    problem : any whose potential has several elements (`load_potential(..., elements=[...])`)
    sites : (m, dim) integer coordinates, or a region of which all sites are meant
    element : chemical symbol, or the fractions of the sites that each element gets, drawn at random
        (what is left of 1 stays the host)
    seed : of the draw

    Raises InputError: no sites, some in the clamped rim, an element that the potential does not
    have, fractions that are none.
    """
    ij = checked_sites(problem, sites)
    elements = problem.crystal.potential.elements
    kinds = _drawn(len(ij), elements, element, seed)
    foreign = Foreign(ij, kinds) if problem.foreign is None else problem.foreign.joined(ij, kinds)
    foreign = foreign.proper()
    if len(foreign.ij) > FEW or not len(foreign.ij):
        return replace(problem, foreign=foreign)
    at = problem.across(problem.position(foreign.ij))
    zone = np.unique(np.round(np.concatenate([problem.centres, at]), 9), axis=0)
    return replace(problem, foreign=foreign, zone=zone, metric="euclid")


def _drawn(n: int, elements: tuple[str, ...], element: object, seed: int) -> Index:
    """Species (n,) of sites (InputError)."""
    expected = f"one of {', '.join(elements)}, the elements of the potential"
    if isinstance(element, str):
        if element not in elements:
            raise InputError("element", element, expected, "load_potential(..., elements=[...])")
        return np.full(n, elements.index(element), dtype=np.int64)
    if not isinstance(element, Mapping) or not element:
        raise InputError("element", element, f"{expected}, or fractions of them")
    c = np.zeros(len(elements))
    for name, part in element.items():
        if name not in elements or not (is_number(part) and 0.0 <= float(part) <= 1.0):
            raise InputError("element", {name: part}, f"fractions from 0 to 1 of {expected}")
        c[elements.index(name)] = float(part)
    if c.sum() > 1.0 + 1e-9:
        raise InputError("element", dict(element), "fractions that sum to 1 at most")
    c[0] += max(0.0, 1.0 - c.sum())
    found: Index = np.random.default_rng(seed_of(seed)).choice(len(c), n, p=c / c.sum())
    return found.astype(np.int64)
