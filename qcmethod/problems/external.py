"""What presses on a crystal from outside: a potential that acts on each site by itself.

    E_ext = sum over the sites of the core of phi(y_l)

An `External` is data of a problem; `Pressed` is it on the sites of a body. It presses on free atoms
of weight 1 only: a site that shares its energy with the continuum must not feel it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from qcmethod.base.types import Array, Bools, Index


class External(Protocol):
    """A potential phi(y) of single sites, of class C2, zero on sites that it does not touch."""

    def touches(self, y: Array) -> Bools:
        """Whether it acts on sites at y (n, 3), (n,)."""

    def energy(self, y: Array) -> float:
        """Sum of phi over touched sites at y (n, 3), eV."""

    def gradient(self, y: Array) -> Array:
        """d phi/dy (n, 3) of touched sites, eV/A: minus the force on each."""

    def hessian(self, y: Array) -> Array:
        """d^2 phi/dy^2 (n, 3, 3) of touched sites, eV/A^2."""

    def profile(self, x: Array) -> Array:
        """y (n,) of its lower side over x (n,), A, for pictures; nan beside it."""

    @property
    def chord(self) -> float:
        """Half width of what it may touch of the undeformed crystal, A."""

    @property
    def numbers(self) -> list[float | str]:
        """What makes two of them the same."""

    @property
    def form(self) -> str:
        """What makes them the same at another load, for files."""

    @property
    def text(self) -> str:
        """Its load, for pictures."""


@dataclass(frozen=True, eq=False)
class Pressed:
    """Externals on the sites `on` (n,) of a body."""

    by: tuple[External, ...]
    on: Bools

    def touches(self, y: Array) -> Bools:
        """Whether any of them reaches sites at y (n, 3), whatever it presses on, (n,)."""
        touched = np.zeros(len(y), dtype=bool)
        for one in self.by:
            touched |= one.touches(y)
        return touched

    def touched(self, y: Array) -> Index:
        """Sites in contact, of the sites at y (n, 3)."""
        return np.flatnonzero(self.on & self.touches(y))

    def stray(self, y: Array) -> Index:
        """Sites that are reached although they are not among those that are pressed on."""
        return np.flatnonzero(~self.on & self.touches(y))

    def energy(self, y: Array) -> float:
        """Sum of phi over the sites at y (n, 3), eV."""
        return sum(one.energy(y[self._on(one, y)]) for one in self.by)

    def gradient(self, y: Array) -> Array:
        """d phi/dy (n, 3), eV/A: minus the force on each site."""
        out = np.zeros_like(y)
        for one in self.by:
            at = self._on(one, y)
            out[at] += one.gradient(y[at])
        return out

    def hessian(self, y: Array) -> Array:
        """d^2 phi/dy^2 (n, 3, 3), eV/A^2."""
        out = np.zeros((len(y), 3, 3))
        for one in self.by:
            at = self._on(one, y)
            out[at] += one.hessian(y[at])
        return out

    def _on(self, one: External, y: Array) -> Index:
        return np.flatnonzero(self.on & one.touches(y))
