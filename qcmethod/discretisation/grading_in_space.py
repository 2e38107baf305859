r"""How fast a mesh in space coarsens: edges of length h at the distance d from the defect.

    h(d) = 0 (resolved) for d <= R,     h(d) = c h1 (d/R)^g,  at most h1 + s (d - R), at least h1

h1 is 3/2 of the longer edge of the bricks. The exponent that makes the interpolation error of
degree p least at a given number of nodes about a point defect, |grad^j u| ~ r^(-2-j), follows from

    int h^(2p) |grad^(p+1) u|^2 r^2 dr  with  int h^-3 r^2 dr  fixed  =>  g = (2 p + 6)/(2 p + 3)

8/5 for P1 and 10/7 for P2. Under an indenter the field decays one power more slowly, and the
same gives (2 p + 4)/(2 p + 3): 6/5.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from qcmethod.base.types import Array
from qcmethod.mesh.element import Element
from qcmethod.mesh.shape import finest_edge
from qcmethod.problems.problem import Problem

SLOPE = 1.0
"""Most that edges grow by on the way out; it holds the mesh back next to the core alone."""


def usual_exponent(problem: Problem, element: Element) -> float:
    """The exponent g of the grading, by the dimension of the mesh."""
    if problem.crystal.lattice.dim < 3:
        return element.grading
    p = element.order
    return (2.0 * p + (4.0 if problem.external else 6.0)) / (2.0 * p + 3.0)


def wish_in_space(
    problem: Problem, resolved: float, grading: float, element: Element
) -> Callable[[Array, Array], Array]:
    """The longest edge wanted (n,), A, of cells in balls of centres (n, 3) and radii (n,), A.

    0 where the ball meets the resolved zone; else h halfway from the centre to the ball's nearest
    point; beyond the domain and above the end of a crystal there is no wish. Positions are those of
    the lattice frame.
    """
    step = 1.5 * finest_edge(problem.crystal.lattice.plane_basis)
    radius, front = max(resolved, step), element.growth[0]
    domain, matter = problem.domain, problem.bounded(problem.within(np.inf))

    def wish(centre: Array, ball: Array) -> Array:
        x = centre + problem.origin
        d = problem.distance(x)
        near = np.maximum(d - 0.5 * ball, radius)
        h = np.minimum(front * step * (near / radius) ** grading, step + SLOPE * (near - radius))
        h = np.maximum(h, step)
        h[domain.distance(x) > ball] = np.inf
        h[d - ball <= radius] = 0.0
        h[~matter.contains(x)] = np.inf  # a cell is on one side of the end
        return h

    return wish
