"""Steps along a branch: their lengths, and the corners that they go around.

A step is taken back and halved when Newton's method fails, when it arrives more than 25 degrees off
its direction (on another branch), or when the tangent turns by more than 45 degrees. Where even
a short step does so there is a corner (`corrector.around_corner`): the step then follows the
tangent of the piece behind it; it must not lead back to the point before. A branch that none of
them continues ends.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qcmethod.studies.arc.branch import Branch, Tangent
from qcmethod.studies.arc.corrector import Point, around_corner, next_point

Place = tuple[NDArray[np.float64], float, int]
"""Corrector (n_k, 3), A, load and unstable directions of a point."""
TURN = 0.7
"""Smallest cosine of the angle between neighbouring tangents."""
STRAY, SMOOTH = 2.0, 1.1
"""A step ends no further away than this many times its length; one along a smooth piece."""
BACK = 0.9
"""Cosine with the last step reversed from which on a step around a corner leads back."""
EASY = 5
"""With so few iterations, and a turn of less than 25 degrees, the next step is longer."""
SHORT, SHORTEST = 40.0, 2000.0
"""A corner is looked for below ds/SHORT, and a branch ends below ds/SHORTEST."""


@dataclass(frozen=True)
class Step:
    """A step that was taken: where it arrived, its direction and length (A), the next length."""

    end: Point
    along: Tangent
    length: float
    following: float


def step_from(
    branch: Branch, start: Point, length: float, ds: float, fmax: float, behind: Place | None = None
) -> Step | None:
    """A step from a point, tried with a length, A, and shorter ones; None where the branch ends.

    ds is the longest step, A; `behind` the point before, to which no step leads back.
    """
    short = ds / SHORT
    tried_corner = False
    while length >= ds / SHORTEST:
        end = next_point(branch, start, start.tangent, length, fmax)
        smooth = length > short
        if _follows(branch, start, end, start.tangent, length, smooth, behind):
            assert end is not None
            return Step(end, start.tangent, length, _longer(branch, start, end, length, ds))
        if length <= short and not tried_corner:
            tried_corner = True
            found = _around(branch, start, short, fmax, behind)
            if found is not None:
                return found
        length *= 0.5
    return None


def _around(
    branch: Branch, start: Point, short: float, fmax: float, behind: Place | None
) -> Step | None:
    """A step around a corner just ahead; from one corner to the next may be less than `short`."""
    for ahead in (2.0 * short, 0.4 * short, 0.08 * short):
        along = around_corner(branch, start, ahead)
        if along is None:
            continue
        for length in (ahead, 2.0 * ahead, 0.5 * ahead):
            end = next_point(branch, start, along, length, fmax)
            if _follows(branch, start, end, along, length, True, behind):
                assert end is not None
                return Step(end, along, length, max(length, 0.5 * short))
    return None


def _follows(
    branch: Branch,
    start: Point,
    end: Point | None,
    along: Tangent,
    length: float,
    smooth: bool,
    behind: Place | None,
) -> bool:
    """Whether a point continues a branch."""
    if end is None:
        return False
    gone = branch.distance(end.u - start.u, end.K - start.K)
    straight = smooth and along is start.tangent
    if gone > (SMOOTH if straight else STRAY) * length:
        return False
    # a corner between the last two points (one of them is unstable): not back to before it
    corner = behind if behind is not None and start.unstable != behind[2] else None
    if corner is not None and _back(branch, corner, start, end) > BACK:
        return False
    return not smooth or along.cosine(end.tangent, branch.scale) > TURN


def _back(branch: Branch, behind: Place, start: Point, end: Point) -> float:
    """Cosine between the way from a point to the next and the way back to the one before."""
    there, back = (
        np.append((u - start.u).ravel()[branch.index], branch.scale * (K - start.K))
        for u, K in ((end.u, end.K), behind[:2])
    )
    return float(there @ back) / max(float(np.linalg.norm(there) * np.linalg.norm(back)), 1e-300)


def _longer(branch: Branch, start: Point, end: Point, length: float, ds: float) -> float:
    """The next length, A: twice this one on a straight piece, half as much again on a bent one."""
    cosine = start.tangent.cosine(end.tangent, branch.scale)
    if cosine < 0.9 or end.iterations > EASY:
        return length
    return min(ds, (2.0 if cosine > 0.98 else 1.5) * length)
