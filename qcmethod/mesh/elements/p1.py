"""Linear elements: N_v = lambda_v, a constant gradient in each cell."""

from __future__ import annotations

from qcmethod.mesh.element import Element, element
from qcmethod.mesh.quadrature import degree_four

P1 = element(
    Element(
        name="P1",
        order=1,
        values=lambda barycentric: barycentric,
        slopes=lambda barycentric, gradients: gradients,
        rule=degree_four,
        degree=4,
        on_edges=False,
        grading=1.5,
        growth=(1.0, 0.5),
    )
)
