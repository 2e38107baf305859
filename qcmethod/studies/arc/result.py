"""What a continuation found: the curve (K, tip), its folds, and the range of lattice trapping."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from qcmethod.base.door import door
from qcmethod.base.result import Result
from qcmethod.base.stored import stored
from qcmethod.base.told import Reproducible
from qcmethod.base.toml import Tables
from qcmethod.base.types import Array, Facts
from qcmethod.coupling.summary import head, with_patch_number
from qcmethod.io import codec
from qcmethod.io.capabilities import Frame
from qcmethod.io.sound import require, require_facts
from qcmethod.potentials.contract import Potential
from qcmethod.problems.load import LOADS
from qcmethod.solve.solution import Solution, evaluated
from qcmethod.studies.arc.branch import Branch
from qcmethod.studies.arc.curve import ALL_PERIODS, KIND, points_of
from qcmethod.studies.arc.point import HEADER, ArcPoint, line
from qcmethod.studies.journal import NAMED, Journal
from qcmethod.studies.ramp.arguments import chosen
from qcmethod.studies.run import Run

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@stored
@dataclass(frozen=True, eq=False, repr=False)
class ArcResult(Result, Reproducible):
    """A curve of equilibria.

    Attributes
    ----------
    branch : the system and how K enters
    run : what was asked for
    points : the curve in the order in which it was followed, folds included
    states : corrector (n_k, 3) of each point, A
    stopped : the periods or the steps asked for are done, or why the curve could not be
        followed further
    made : the call, for `recipe()`
    """

    branch: Branch
    run: Facts
    points: tuple[ArcPoint, ...]
    states: tuple[Array, ...]
    stopped: str
    made: Tables | None = None
    kind: ClassVar[str] = "arc"
    sealed: ClassVar[bool] = True
    instead: ClassVar[Mapping[str, str]] = {
        ".vtu": "a .pvd, or result.solution(number).write({}): .vtu is one mesh"
    }

    @property
    def completed(self) -> bool:
        """Whether the tip has gone as many lattice periods as asked."""
        return self.stopped == ALL_PERIODS

    @property
    def K(self) -> Array:
        """Loads (n,), MPa sqrt(m)."""
        return np.array([p.load for p in self.points])

    @property
    def tip(self) -> Array:
        """Positions of the tip (n,), A."""
        return np.array([p.tip for p in self.points])

    @property
    def stable(self) -> NDArray[np.bool_]:
        """(n,) which points are minima of the energy."""
        return np.array([p.stable for p in self.points])

    @property
    def folds(self) -> tuple[ArcPoint, ...]:
        """The points at which dK/ds changes its sign."""
        return tuple(p for p in self.points if p.fold)

    @property
    def trapping(self) -> tuple[tuple[float, float], ...]:
        """(K-, K+) of every stable piece of the curve between a lower and an upper fold.

        Pieces whose both ends lie on the curve only: the first one and the last one do not.
        """
        found, ends = [], self.folds
        for first, last in pairwise(ends):
            between = self.points[first.number + 1 : last.number]
            if between and all(p.stable for p in between):
                low, high = sorted((first.load, last.load))
                found.append((low, high))
        return tuple(found)

    @door
    def solution(self, number: int) -> Solution:
        """The equilibrium of a point, stable or not (InputError for another number)."""
        number = chosen("number", number, len(self.points), "a point")
        point, u = self.points[number], self.states[number]
        return evaluated(self.branch.at(point.load), u, iterations=point.iterations)

    @door
    def plot(
        self, path: str | Path | None = None, dpi: int = 200, *, ax: Axes | None = None
    ) -> Any:
        """Draw the load over the tip and the energy over the load; unstable pieces dashed.

        path, ax : a file, None for the Matplotlib figure, or an axis for the load (`Drawn`)
        """
        return super().plot(path, ax=ax, dpi=dpi)

    @door
    def write(self, path: str | Path) -> Path:
        """Write the result to a file that is complete or absent; the suffix chooses what.

        `.json`: run and points; `.npz`: everything (`qcmethod.load` gives this result back);
        `.xyz`: a trajectory of the resolved atoms (OVITO); `.pvd`: the list of a series of meshes,
        beside a folder with one `.vtu` a point (ParaView). The time of a series is the length along
        the curve: the load comes back. InputError: another suffix.
        """
        return super().write(path)

    @door
    def frames(self) -> Iterator[Frame]:
        """The states of all points; the time is the length along the curve: loads come back."""
        for point, u in zip(self.points, self.states, strict=True):
            system = with_patch_number(self.branch.at(point.load), self.branch.system)
            about: Facts = {"point": point.number, "load": point.load, "tip": point.tip}
            about |= {"mode": self.branch.mode, "unstable": point.unstable}
            yield Frame(system, u, point.s, about | {"fold": point.fold or "none"})

    @door
    def head(self) -> dict[str, object]:
        """What was done, and with what: the head of the `.npz` file."""
        return {"kind": self.kind, **self.run, **head(self.branch.system)}

    @classmethod
    @door
    def of(cls, journal: Journal, potential: Potential | None = None) -> ArcResult:
        """What a continuation has left in its folder, finished or not."""
        setup = journal.setup(potential)
        run = Run(KIND, journal.run)
        run.use(journal)
        stopped = (journal.end or {"stopped": "not finished"})["stopped"]
        return cls(setup["branch"], journal.run, *points_of(run), stopped, setup.get("made"))

    @door
    def record(self) -> dict[str, object]:
        """Run, points and folds as numbers, texts and lists."""
        return {
            "kind": self.kind,
            "run": self.run,
            "stopped": self.stopped,
            "points": [asdict(p) for p in self.points],
            "trapping": [list(pair) for pair in self.trapping],
        }

    def __repr__(self) -> str:
        folds = ", ".join(f"{p.fold} {p.load:.5f}" for p in self.folds) or "none"
        gone = f"tip gone {self.points[-1].tip - self.points[0].tip:.2f} A"
        return f"ArcResult({len(self.points)} points, {gone}, folds: {folds}; {self.stopped})"

    def __str__(self) -> str:
        return "\n".join(
            [
                f"{self.run['problem']}, {self.run['method']}",
                HEADER,
                *map(line, self.points),
                repr(self),
            ]
        )


@codec.sound(ArcResult)
def _sound(result: ArcResult) -> None:
    shape, points = result.branch.system.zero.shape, result.points
    require_facts(result.run)
    named = all(isinstance(result.run.get(name), str) for name in NAMED)
    require(named and result.run.get("mode") in LOADS, "what was run")
    require(points and len(points) == len(result.states), "a state a point")
    require(all(u.shape == shape for u in result.states), "states of its system")
    require(all(p.number == n for n, p in enumerate(points)), "points in their order")
