"""Finite elements on the cells of a mesh, in barycentric coordinates: 1-D and 2-D at once.

    u_h(x) = sum_m N_m(lambda(x)) u_m,      grad N_m = sum_v dN_m/d lambda_v  grad lambda_v

The first shape functions of a cell belong to its vertices, those of an element with unknowns on
edges follow in the order of `mesh.core.EDGES`. An element is one file in `mesh/elements` (or user
code) that adds it to `ELEMENTS`; `qcmethod.testing.check_element` proves one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from qcmethod.base.door import door
from qcmethod.base.registry import Registry
from qcmethod.base.types import Array

Elements = str
"""The name of an element: "P1", "P2", or one that was added."""
ElementName = Literal["P1", "P2"]
"""The elements of the folder, spelled out for type checkers; a test compares."""


@door
@dataclass(frozen=True)
class Element:
    """What the cells of a mesh carry.

    Attributes
    ----------
    name, order : and the degree of the polynomials that it reproduces
    values : maps barycentric coordinates (n, v) to shape functions (n, m)
    slopes : maps them and the gradients (n, v, dim) of the barycentric coordinates to (n, m, dim)
    rule : maps a dimension to barycentric points (p, v) and weights (p,) that sum to 1
    degree : of the polynomials that the rule integrates exactly; `degree_in_space` on tetrahedra
    on_edges : whether edges between two cells carry an unknown each
    grading : optimal exponent of the mesh size about a point defect in the plane
    growth : factor c and slope s of the mesh size (`discretisation.grading`)
    rim : longest edge at the clamped rim, in units of the extent, if the predictor is singular
    """

    name: str
    order: int
    values: Callable[[Array], Array]
    slopes: Callable[[Array, Array], Array]
    rule: Callable[[int], tuple[Array, Array]]
    degree: int
    on_edges: bool
    grading: float
    growth: tuple[float, float]
    rim: float = np.inf
    degree_in_space: int = 4


ELEMENTS: Registry[Element] = Registry("element", "qcmethod.mesh.elements", Element)
"""The elements by name."""


def element(new: Element) -> Element:
    """Register an element under its name (InputError: no Element)."""
    return ELEMENTS.add_named(new)
