"""Is it a finite element: shape functions with these slopes, of this order, summed by this rule?

sum_v N_v = 1,      N_v(x_w) = delta_vw,      edge functions vanish at the vertices
every polynomial of the order is a combination of the N_m, and so are its gradients of theirs
sum_p w_p q(lambda_p) = mean of q       for polynomials q of the degree of the rule
patch: a linear field has one gradient in all cells, and its stress loads no inner node
"""

from __future__ import annotations

from itertools import product
from math import factorial
from typing import TYPE_CHECKING

import numpy as np

from qcmethod.base.arguments import seed_of
from qcmethod.base.door import door
from qcmethod.errors import InputError
from qcmethod.testing.sweep import require, slope_error

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qcmethod.mesh.element import Element


@door
def check_element(element: Element | str, *, seed: int = 0) -> dict[str, float]:
    """Check an element, or the registered one of a name, on intervals and triangles.

    Returns the errors by name. Raises AssertionError with the first above 1e-12 (slopes: 1e-7),
    and InputError for what is no element.
    """
    from qcmethod.mesh.element import ELEMENTS, Element

    one = ELEMENTS.find(element) if isinstance(element, str) else element
    if not isinstance(one, Element):
        raise InputError("element", one, "an Element, or the name of a registered one", "'P1'")
    seed = seed_of(seed)
    errors: dict[str, float] = {}
    for dim in (1, 2):
        rng = np.random.default_rng(seed)
        found = {**_shapes(one, dim, rng), **_rule(one, dim), **_patch(one, dim, rng)}
        for what, error in found.items():
            tolerance = 1e-7 if what == "slopes" else 1e-12
            errors[f"{what}, {dim}-D"] = require(what, error, tolerance, f"{one.name} in {dim}-D")
    return errors


def _simplex(dim: int, rng: np.random.Generator) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """A random simplex: corners (v, dim) and gradients (v, dim) of its barycentric coordinates."""
    corners = np.vstack([np.zeros(dim), np.eye(dim)]) + 0.2 * rng.uniform(-1, 1, (dim + 1, dim))
    square = np.hstack([np.ones((dim + 1, 1)), corners])
    return corners, np.linalg.inv(square)[1:].T


def _shapes(element: Element, dim: int, rng: np.random.Generator) -> dict[str, float]:
    corners, g = _simplex(dim, rng)
    points = rng.dirichlet(np.ones(dim + 1), 40)
    x, v = points @ corners, dim + 1
    values = element.values(points)
    slopes = element.slopes(points, np.tile(g, (len(points), 1, 1)))
    at_corner = element.values(np.eye(v))
    nodal = np.abs(at_corner - np.eye(v, at_corner.shape[1])).max()
    direction = rng.normal(size=dim)
    step = g @ direction  # of the barycentric coordinates
    unresolved = 0.0
    for power in _powers(dim, element.order):
        q = np.prod(x**power, axis=1)
        grad = np.stack([_slope(x, power, i) for i in range(dim)], axis=1)
        c = np.linalg.lstsq(values, q, rcond=None)[0]
        unresolved = max(unresolved, float(np.abs(values @ c - q).max()))
        unresolved = max(unresolved, float(np.abs(np.einsum("nmi,m->ni", slopes, c) - grad).max()))
    return {
        "partition of unity": float(np.abs(values[:, :v].sum(axis=1) - 1.0).max()),
        "values at vertices": float(nodal),
        "slopes": slope_error(lambda h: element.values(points + h * step), slopes @ direction),
        "order": unresolved,
    }


def _powers(dim: int, degree: int) -> list[tuple[int, ...]]:
    return [p for p in product(range(degree + 1), repeat=dim) if sum(p) <= degree]


def _slope(x: NDArray[np.float64], power: tuple[int, ...], i: int) -> NDArray[np.float64]:
    """d/dx_i of x^power at (n, dim)."""
    if power[i] == 0:
        return np.zeros(len(x))
    lower = tuple(p - (k == i) for k, p in enumerate(power))
    return np.asarray(power[i] * np.prod(x**lower, axis=1))


def _rule(element: Element, dim: int) -> dict[str, float]:
    """Monomials in barycentric coordinates: their mean is dim! prod a_v! / (dim + sum a_v)!."""
    points, weights = element.rule(dim)
    worst = 0.0
    degree = element.degree if dim < 3 else element.degree_in_space
    for power in _powers(dim + 1, degree):
        whole = factorial(dim) * np.prod([factorial(a) for a in power])
        exact = whole / factorial(dim + sum(power))
        mean = float(weights @ np.prod(points**power, axis=1))
        worst = max(worst, abs(mean - float(exact)))
    return {"quadrature": worst}


def _patch(element: Element, dim: int, rng: np.random.Generator) -> dict[str, float]:
    """A few lattice cells with a hanging-free mesh: a linear field, and the load of its stress."""
    from qcmethod import mesh as meshing
    from qcmethod.mesh import Bubbles
    from qcmethod.mesh.cells import CellGeometry

    basis = np.array([[1.0, 0.0], [0.3, 0.9]])[:dim, :dim]
    coarse = meshing.macro_mesh(basis, 3.0)
    mesh = meshing.refine(coarse, np.arange(coarse.n_cells) % 3 == 0)
    bubbles = Bubbles.none(mesh, element)
    if element.on_edges:
        every = np.ones(mesh.n_cells, dtype=bool)
        bubbles = meshing.edge_bubbles(mesh, every, lambda ij: np.ones(len(ij), bool), element)
    gradients, volume = meshing.gradients(mesh)
    n = mesh.n_nodes + len(bubbles)
    own = np.where(bubbles.of_cell >= 0, mesh.n_nodes + bubbles.of_cell, -1)
    fine = np.zeros(mesh.n_cells, dtype=bool)
    cells, _ = CellGeometry.build(meshing.canonical(mesh), gradients, volume, fine, n, element, own)
    G = np.zeros((3, 3))
    G[:, :dim] = rng.normal(size=(3, dim))
    u = np.zeros((n, 3))
    u[: mesh.n_nodes] = mesh.x @ G[:, :dim].T
    weight = volume[cells.point_cell] * cells.fraction
    load = cells.load(weight[:, None, None] * rng.normal(size=(3, 3)))
    inner = np.ones(n, dtype=bool)
    inner[meshing.boundary_nodes(mesh)] = False
    return {
        "patch, gradient": float(np.abs(cells.gradient_of(u) - G).max()),
        "patch, load": float(np.abs(load[inner]).max()),
    }
