r"""Kinks on a line that may bend: part of it in its valley, the rest a valley further on.

    u(x) = u_a(x) + chi(z) (u_b(x) - u_a(x)),    chi = [tanh((z + l/2)/w) - tanh((z - l/2)/w)]/2

with u_a and u_b the correctors of the straight line in both valleys: a kink pair l apart, each 2 w
wide, about the middle of the period. It is where to start from; the mesh is one of space with a
period along z (`problems.front`).
"""

from __future__ import annotations

import numpy as np

from qcmethod.base.arguments import number, whole_number
from qcmethod.base.door import door
from qcmethod.base.types import Array
from qcmethod.errors import InputError
from qcmethod.solve.solution import Solution

MOST = 1000
"""Images."""


@door
def kinked(first: Solution, last: Solution, length: float, width: float | None = None) -> Array:
    """The corrector (n_k, 3), A, of a line that is at `last` over a length, and at `first` beyond.

    Parameters
    ----------
    first, last : a straight line in two valleys, solutions of one system with a period along z
    length : distance of the two kinks, A, below the period
    width : of a kink, A (default: two lattice constants)

    Raises InputError: solutions without a period along z, or of two systems; lengths.
    """
    period = _period(first, last)
    l = number("length", length, f"a length along the line below {period:.4g} A", above=0.0)
    if l >= period:
        raise InputError("length", length, f"a length along the line below {period:.4g} A")
    usual = 2.0 * first.system.problem.crystal.lattice.constant
    w = 0.5 * number("width", usual if width is None else width, "a width in A", above=0.0)
    return first.u + _hat(first, l, w, period)[:, None] * (last.u - first.u)


@door
def kink_pairs(first: Solution, last: Solution, images: int, width: float | None = None) -> Array:
    """Correctors (images - 2, n_k, 3), A, on which a kink pair opens: the start of a band, `neb`.

    Arguments and errors as those of `kinked`.
    """
    period = _period(first, last)
    n = whole_number("images", images, "images, 4 or more, ends counted", least=4, most=MOST)
    lengths = period * np.arange(1, n - 1) / (n - 1)
    return np.stack([kinked(first, last, float(l), width) for l in lengths])


def _hat(first: Solution, length: float, width: float, period: float) -> Array:
    """chi (n_k,) at the nodes, with the images of the pair one period up and down."""
    z = first.system.body.x_k[:, 2]
    chi = np.zeros(len(z))
    for shift in (-period, 0.0, period):
        ends = (z - shift + 0.5 * length) / width, (z - shift - 0.5 * length) / width
        chi += 0.5 * (np.tanh(ends[0]) - np.tanh(ends[1]))
    return np.clip(chi, 0.0, 1.0)


def _period(first: Solution, last: Solution) -> float:
    lattice = first.system.problem.crystal.lattice
    if not lattice.repeats:
        expected = "a solution of a line with a period along it: dislocation(..., period=...)"
        raise InputError("first", first.system.problem.name, expected, "dimensions=3")
    if first.u.shape != last.u.shape:
        raise InputError("last", last, "a solution of the system of `first`")
    return float(lattice.period)
