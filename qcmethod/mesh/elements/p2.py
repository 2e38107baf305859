r"""Hierarchical quadratic elements: linear ones, and a bubble on each edge e = (a, b).

    N_v = lambda_v,      B_e = 4 lambda_a lambda_b
    grad B_e = 4 (lambda_a grad lambda_b + lambda_b grad lambda_a)

(Zienkiewicz, Gago and Kelly 1983, Comput. Struct. 16, 53.)
"""

from __future__ import annotations

import numpy as np

from qcmethod.base.types import Array
from qcmethod.mesh.core import EDGES
from qcmethod.mesh.element import Element, element
from qcmethod.mesh.quadrature import degree_four


def values(barycentric: Array) -> Array:
    """N and B (n, m) at points with barycentric coordinates (n, v)."""
    edges = EDGES[barycentric.shape[1] - 1]
    B = np.stack([4.0 * barycentric[:, a] * barycentric[:, b] for a, b in edges], axis=1)
    return np.concatenate([barycentric, B], axis=1)


def slopes(barycentric: Array, gradients: Array) -> Array:
    """grad N and grad B (n, m, dim) at points (n, v) of cells with grad lambda (n, v, dim)."""
    N = barycentric[:, :, None]
    edges = EDGES[gradients.shape[2]]
    B = [4.0 * (N[:, a] * gradients[:, b] + N[:, b] * gradients[:, a]) for a, b in edges]
    return np.concatenate([gradients, np.stack(B, axis=1)], axis=1)


P2 = element(
    Element(
        name="P2",
        order=2,
        values=values,
        slopes=slopes,
        rule=degree_four,
        degree=4,
        on_edges=True,
        grading=4.0 / 3.0,
        growth=(4.0, 1.5),
        rim=0.2,
    )
)
