"""Linear elements: N_v = lambda_v, a constant gradient in each cell."""

from __future__ import annotations

from qcmethod.base.types import Array
from qcmethod.mesh.element import Element, element
from qcmethod.mesh.quadrature import degree_four, four_points


def values(barycentric: Array) -> Array:
    """N (n, v) at points with barycentric coordinates (n, v)."""
    return barycentric


def slopes(barycentric: Array, gradients: Array) -> Array:
    """grad N (n, v, dim) at points (n, v) of cells with grad lambda (n, v, dim)."""
    return gradients


def rule(dim: int) -> tuple[Array, Array]:
    """Points and weights; four on tetrahedra, where the predictor's gradient varies across coarse
    cells: ten more would change the energy of a dislocation by 1e-6."""
    return four_points() if dim == 3 else degree_four(dim)


P1 = element(
    Element(
        name="P1",
        order=1,
        values=values,
        slopes=slopes,
        rule=rule,
        degree=4,
        degree_in_space=2,
        on_edges=False,
        grading=1.5,
        growth=(1.0, 0.5),
    )
)
