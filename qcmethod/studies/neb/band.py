"""What a nudged elastic band found: the energy along it, its saddle, and the barrier.

    barrier = E(saddle) - E(first),      reverse = E(saddle) - E(last)

The saddle is an equilibrium to the tolerance of `relax`, the images lie about the path to that of
the band: a barrier is read off the saddle, the images show the way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from qcmethod.base.door import door
from qcmethod.base.result import Result
from qcmethod.base.stored import stored
from qcmethod.base.types import Array, Facts
from qcmethod.coupling.summary import head, record
from qcmethod.io import codec
from qcmethod.io.capabilities import Frame
from qcmethod.io.sound import require
from qcmethod.solve.solution import Solution, evaluated
from qcmethod.studies.ramp.arguments import chosen

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@stored
@dataclass(frozen=True, eq=False, repr=False)
class Band(Result):
    """A band of images between two equilibria.

    Attributes
    ----------
    first, last : the states that were given
    states : (m, n_k, 3) correctors of all images, both ends included, A
    energies : (m,) their energies over that of the first one, eV per period
    saddle : the equilibrium at the top of the band; where `neb` did not find it, the highest image
    unstable : its directions of negative curvature; one is a barrier. None: it was not found
    highest : the image from which it was found
    fmax : largest force across the band on an image, eV/A
    iterations : of the band
    """

    first: Solution
    last: Solution
    states: Array
    energies: Array
    saddle: Solution
    unstable: int | None
    highest: int
    fmax: float
    iterations: int
    sealed: ClassVar[bool] = True
    instead: ClassVar[Mapping[str, str]] = {
        ".vtu": "a .pvd, or band.saddle.write({}): .vtu is one mesh"
    }

    @property
    def barrier(self) -> float:
        """Energy of the saddle over the first state, eV per period."""
        return _energy(self.saddle) - _energy(self.first)

    @property
    def reverse(self) -> float:
        """Energy of the saddle over the last state, eV per period."""
        return _energy(self.saddle) - _energy(self.last)

    @property
    def length(self) -> Array:
        """(m,) way of the repatoms along the band, A: root of the sum of squares."""
        return np.concatenate([[0.0], np.cumsum(_steps(self.states))])

    @property
    def at(self) -> float:
        """Where the saddle is on that way, A: in proportion to how far its neighbours are."""
        before, after = self.states[self.highest - 1], self.states[self.highest + 1]
        behind, ahead = _steps(np.stack([before, self.saddle.u, after]))
        way = self.length[[self.highest - 1, self.highest + 1]]
        return float(way[0] + (way[1] - way[0]) * behind / (behind + ahead))

    @door
    def solution(self, number: int) -> Solution:
        """An image as a Solution, which is no equilibrium (InputError for another number)."""
        number = chosen("number", number, len(self.states), "an image")
        return evaluated(self.saddle.system, self.states[number])

    @door
    def plot(
        self, path: str | Path | None = None, dpi: int = 200, *, ax: Axes | None = None
    ) -> Any:
        """Draw the energy along the band, and the saddle.

        path, ax : a file, None for the Matplotlib figure, or an axis (`Drawn`)
        """
        return super().plot(path, ax=ax, dpi=dpi)

    @door
    def frames(self) -> Iterator[Frame]:
        """The images, one after another; the time is the way along the band."""
        for n, (u, way, energy) in enumerate(
            zip(self.states, self.length, self.energies, strict=True)
        ):
            about = {"image": n, "energy_over_first": float(energy)}
            yield Frame(self.saddle.system, u, float(way), about)

    @door
    def record(self) -> Facts:
        """What was coupled, energies, barrier and saddle as numbers, texts and lists."""
        return {
            "kind": "neb",
            **record(self.saddle.system),
            "length": [float(s) for s in self.length],
            "energies": [float(e) for e in self.energies],
            "barrier": self.barrier,
            "reverse": self.reverse,
            "unstable": self.unstable,
            "saddle_fmax": self.saddle.fmax,
            "fmax": self.fmax,
            "iterations": self.iterations,
        }

    @door
    def head(self) -> dict[str, object]:
        """What the head of the `.npz` file says."""
        return {**self.record(), **head(self.saddle.system)}

    def __repr__(self) -> str:
        saddle = "saddle not found" if self.unstable is None else f"{self.unstable} unstable"
        found = f"saddle {self.saddle.fmax:.0e} eV/A, {saddle}" if self.unstable else saddle
        ways = f"barrier {self.barrier:.5f} eV, back {self.reverse:.5f} eV"
        return f"Band({len(self.states)} images, {ways}; {found})"

    def __str__(self) -> str:
        rows = zip(self.length, self.energies, strict=True)
        lines = [f"{n:5d}  {way:8.3f}  {energy:10.5f}" for n, (way, energy) in enumerate(rows)]
        return "\n".join(["image   way (A)  energy (eV)", *lines, repr(self)])


def _energy(state: Solution) -> float:
    assert state.excess_energy is not None  # `neb` refuses methods of forces
    return state.excess_energy


def _steps(states: Array) -> Array:
    """Lengths (m - 1,) of the steps between states (m, n_k, 3), A."""
    steps: Array = np.sqrt((np.diff(states, axis=0) ** 2).sum(axis=(1, 2)))
    return steps


@codec.sound(Band)
def _sound(band: Band) -> None:
    states, system = band.states, band.saddle.system
    require(states.ndim == 3 and states.shape[1:] == system.zero.shape, "images of its system")
    require(len(states) >= 3 and band.energies.shape == (len(states),), "an energy an image")
    require(0 < band.highest < len(states) - 1, "an image between the ends")
    require(
        all(s.excess_energy is not None for s in (band.first, band.last, band.saddle)), "energies"
    )
