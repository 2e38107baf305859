"""Pair potentials of several elements: one set of numbers for each pair of them.

    Lennard-Jones   eps_ab = (eps_a eps_b)^1/2,  sigma_ab = (sigma_a + sigma_b)/2
    Morse           D_ab = (D_a D_b)^1/2,  r0_ab = (r0_a + r0_b)/2,  alpha_ab likewise

(Lorentz 1881, Berthelot 1898; of Morse's three numbers there is no rule in general use: these are
the same means). The cut-off is the longer one, treated as those of the elements are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from qcmethod.base.stored import stored
from qcmethod.errors import InputError
from qcmethod.potentials.forms.lennard_jones import (
    LennardJones,
    LennardJonesTaper,
    lennard_jones,
)
from qcmethod.potentials.forms.mixing import rule
from qcmethod.potentials.forms.morse import Morse, MorseTaper, morse
from qcmethod.potentials.site import Params, embedded, mixed2, pair2


@stored
class PairAlloy(NamedTuple):
    """The numbers of n elements among each other, row by row."""

    cutoff: float
    r_min: float
    n_max: float
    n: int
    parts: tuple[Any, ...]


@rule(LennardJones)
def lennard_jones_alloy(parts: Sequence[LennardJones]) -> PairAlloy:
    """Lorentz and Berthelot's rule."""
    return _of_all(parts, _lennard_jones)


@rule(LennardJonesTaper)
def lennard_jones_taper_alloy(parts: Sequence[LennardJonesTaper]) -> PairAlloy:
    """The same of those that end with a taper."""
    return _of_all(parts, _lennard_jones)


@rule(Morse)
def morse_alloy(parts: Sequence[Morse]) -> PairAlloy:
    """Means of the three numbers."""
    return _of_all(parts, _morse)


@rule(MorseTaper)
def morse_taper_alloy(parts: Sequence[MorseTaper]) -> PairAlloy:
    """The same of those that end with a taper."""
    return _of_all(parts, _morse)


def _of_all(parts: Sequence[Any], between: Callable[[Any, Any], Params]) -> PairAlloy:
    n = len(parts)
    if len({_treatment(p) for p in parts}) > 1:
        raise InputError("source", "cut-offs of several treatments", "one treatment for all")
    pairs = [
        parts[a] if a == b else between(parts[a], parts[b]) for a in range(n) for b in range(n)
    ]
    longest = max(p.cutoff for p in pairs)
    return PairAlloy(longest, max(p.r_min for p in pairs), np.inf, n, tuple(pairs))


def _lennard_jones(p: Any, q: Any) -> Params:
    sigma = 0.5 * sum((one.c12 / one.c6) ** (1.0 / 6.0) for one in (p, q))
    eps = float(np.sqrt(np.prod([one.c6**2 / (4.0 * one.c12) for one in (p, q)])))
    return lennard_jones(epsilon=eps, sigma=sigma, **_end(p, q))


def _morse(p: Any, q: Any) -> Params:
    return morse(
        D=float(np.sqrt(p.depth * q.depth)),
        alpha=0.5 * (p.alpha + q.alpha),
        r0=0.5 * (p.r0 + q.r0),
        **_end(p, q),
    )


def _end(p: Any, q: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"cutoff": max(p.cutoff, q.cutoff), "treatment": _treatment(p)}
    return found | ({"inner": max(p.inner, q.inner)} if hasattr(p, "inner") else {})


def _treatment(p: Any) -> str:
    if hasattr(p, "inner"):
        return "taper"
    return "cut" if p.e0 == p.e1 == 0.0 else "shift" if p.e1 == 0.0 else "force-shift"


@mixed2.register(PairAlloy)
def _mixed2(p, a, b, x):
    one = p.parts[a * p.n + b]
    if x < one.cutoff:
        return pair2(one, x)
    return 0.0, 0.0, 0.0, 0.0, 0.0, 0.0


@embedded.register(PairAlloy)
def _embedded(p, a, x):
    return 0.0, 0.0, 0.0


@pair2.register(PairAlloy)
def _pair2(p, x):
    if x < p.parts[0].cutoff:
        return pair2(p.parts[0], x)
    return 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
