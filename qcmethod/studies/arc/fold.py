"""Folds: the points at which dK/ds changes its sign, between both ends of a step.

    dK/ds (s) = 0        false position and bisection in the length s along the step

At a corner, where dK/ds jumps, the fold is where the tangents on its two sides meet.
"""

from __future__ import annotations

import numpy as np

from qcmethod.studies.arc.branch import Branch
from qcmethod.studies.arc.corrector import Point, next_point
from qcmethod.studies.arc.walk import TURN, Step, step_from

REFINEMENTS, MANY = 4, 30
"""How often, and with how many steps each time, a corner is approached."""


def fold_between(branch: Branch, start: Point, step: Step, fmax: float, width: float) -> Point:
    """The point between both ends of a step at which dK/ds changes its sign.

    By false position and bisection in the length along the step, until the load is known to
    `width`, MPa sqrt(m). At a corner, where the tangents on both sides meet.
    """
    sharp = start.tangent.cosine(step.end.tangent, branch.scale) < TURN
    if sharp or step.along is not start.tangent:
        return _corner(branch, start, step.end, fmax, width)
    low, high, below, above = 0.0, step.length, start, step.end
    for n in range(40):
        gentlest = min((below, above), key=lambda p: abs(p.tangent.K))
        apart = branch.distance(above.u - below.u, above.K - below.K)
        if apart * abs(gentlest.tangent.K) <= width:
            return gentlest
        part = below.tangent.K / (below.tangent.K - above.tangent.K)
        at = low + (0.5 if n % 3 == 2 else part) * (high - low)
        found = next_point(branch, start, start.tangent, at, fmax)
        if found is None:
            break
        if found.tangent.K * start.tangent.K > 0.0:
            low, below = at, found
        else:
            high, above = at, found
    return _corner(branch, below, above, fmax, width)


def _corner(branch: Branch, start: Point, end: Point, fmax: float, width: float) -> Point:
    """The corner between two points, approached with shorter steps until both are close to it."""
    for _ in range(REFINEMENTS):
        gone = branch.distance(end.u - start.u, end.K - start.K)
        if max(abs(start.tangent.K), abs(end.tangent.K)) * gone <= 0.5 * width:
            break
        before, length = start, gone
        for _ in range(MANY):
            step = step_from(branch, before, length, gone, fmax)
            if step is None:
                return _meeting(branch, start, end)
            if step.end.tangent.K * start.tangent.K < 0.0:
                start, end = before, step.end
                break
            before, length = step.end, step.following
        else:
            break
    return _meeting(branch, start, end)


def _meeting(branch: Branch, start: Point, end: Point) -> Point:
    """Where the tangent at the start and the one at the end, backwards, come closest."""
    t, r = start.tangent, end.tangent
    du, dK = (end.u - start.u).ravel()[branch.index], end.K - start.K
    c = t.cosine(r, branch.scale)
    gap = np.array([t.dot(du, dK, branch.scale), r.dot(du, dK, branch.scale)])
    ahead = float(np.linalg.lstsq(np.array([[1.0, c], [c, 1.0]]), gap, rcond=None)[0][0])
    u, K = branch.moved(start.u, ahead * t.u), start.K + ahead * t.K
    state = branch.state(u, K)
    if state is None:
        return start
    return Point(state, K, start.tangent, start.linear, start.sense, 0)
