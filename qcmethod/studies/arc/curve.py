"""The points of a curve of equilibria as they are found, from the first one to where it ends.

A step depends on the corrector and the load that it starts from, its length and the sense of the
branch alone: they are kept with every point, and a run that was killed goes on from the last one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from qcmethod.base.types import Array
from qcmethod.errors import ConvergenceError, CouplingError
from qcmethod.io.lines import damaged, first_wrong
from qcmethod.problems.crack_tip import front_position, require_open, require_tip_in_core
from qcmethod.studies.arc.branch import Branch
from qcmethod.studies.arc.corrector import Point, point_again
from qcmethod.studies.arc.point import HEADER, ArcPoint, Fold, line
from qcmethod.studies.arc.walk import Place, fold_between, step_from
from qcmethod.studies.run import Journal

ALL_PERIODS = "followed over the periods asked for"
ALL_STEPS = "ended after the steps asked for"


class Curve:
    """The points of a curve as they are found; with a journal also on disk."""

    def __init__(
        self,
        branch: Branch,
        fmax: float,
        progress: bool | Callable[[ArcPoint], None],
        journal: Journal | None = None,
    ) -> None:
        self.branch, self.fmax, self.journal = branch, fmax, journal
        self.points: list[ArcPoint] = []
        self.states: list[Array] = []
        self.report = progress if callable(progress) else _print if progress else None
        if progress is True:
            print(HEADER, flush=True)

    def keep(self, point: Point, s: float, fold: Fold, following: float) -> None:
        """Add a point at the length s, A; `following` is the length of the next step, A."""
        found = ArcPoint(
            number=len(self.points),
            s=s,
            load=point.K,
            tip=front_position(self.branch.system, point.state.sites.y),
            energy=point.state.energy,
            slope=0.0 if fold else point.tangent.K,
            unstable=point.unstable,
            fold=fold,
            fmax=self.branch.largest(point.state),
            iterations=point.iterations,
        )
        self.points.append(found)
        self.states.append(point.u)
        if self.journal is not None:
            step = {"sense": point.sense, "following": following}
            self.journal.add({**asdict(found), **step}, {"u": point.u})
        if self.report is not None:
            self.report(found)

    def resumed(self) -> tuple[Point, float] | None:
        """The last point on disk and the length of the step from it, A; None where there is none.

        A fold without the end of its step is found again.
        """
        if self.journal is None or not self.journal.lines:
            return None
        lines = self.journal.lines
        if lines[-1]["fold"]:
            del lines[-1]
        self.points, self.states = on_disk(self.journal)
        last = self.points[-1]
        point = point_again(self.branch, self.states[-1], last.load, lines[-1]["sense"])
        return point, lines[-1]["following"]

    def follow(
        self, point: Point, length: float, periods: float, steps: int, ds: float, width: float
    ) -> str:
        """Steps along the branch until it is long enough or ends; why it stopped.

        length : of the first step, A; the other arguments as in `arc`
        """
        branch = self.branch
        far = periods * float(branch.system.problem.crystal.lattice.basis[0, 0])
        if not self.points:
            self.keep(point, 0.0, "", length)
        s, taken = self.points[-1].s, sum(not p.fold for p in self.points) - 1
        while (why := self._ended(point, far, taken, steps)) is None:
            step = step_from(branch, point, length, ds, self.fmax, self._behind())
            if step is None:
                return f"no step of {ds:g} A or shorter follows the branch at K = {point.K:.6f}"
            end = step.end
            if end.tangent.K * point.tangent.K < 0.0:
                fold = fold_between(branch, point, step, self.fmax, width)
                ahead = branch.distance(fold.u - point.u, fold.K - point.K)
                upper = point.tangent.K > 0.0
                self.keep(fold, s + ahead, "upper" if upper else "lower", step.following)
            s += branch.distance(end.u - point.u, end.K - point.K)
            self.keep(end, s, "", step.following)
            point, length, taken = end, step.following, taken + 1
        return why

    def _behind(self) -> Place | None:
        """The point before the last one, folds apart."""
        before = [p for p in self.points[:-1] if not p.fold]
        if not before:
            return None
        return self.states[before[-1].number], before[-1].load, before[-1].unstable

    def _ended(self, point: Point, far: float, taken: int, steps: int) -> str | None:
        """Why the curve ends at this point, if it does; not at the first one."""
        if taken:
            if (why := _out_of_range(self.branch, point)) is not None:
                return why
            if abs(self.points[-1].tip - self.points[0].tip) >= far:
                return ALL_PERIODS
        return ALL_STEPS if taken >= steps else None


def on_disk(journal: Journal) -> tuple[list[ArcPoint], list[Array]]:
    """Points and correctors (n_k, 3) of a run on disk (DamagedFileError)."""
    try:
        points = [_point(line) for line in journal.lines]
        if [p.number for p in points] != list(range(len(points))):
            raise ValueError("a line is missing")
    except (TypeError, KeyError, ValueError) as error:
        log, expected = journal.folder / "log.jsonl", "an undamaged log of an arc"
        raise damaged(log, "directory", expected, first_wrong(journal.lines)) from error
    return points, [journal.state(p.number)["u"] for p in points]


def _point(line: dict[str, Any]) -> ArcPoint:
    return ArcPoint(**{k: v for k, v in line.items() if k not in ("sense", "following")})


def _out_of_range(branch: Branch, point: Point) -> str | None:
    """Why a coupled system cannot be trusted at this point, if it cannot."""
    system = branch.at(point.K)
    try:
        require_open(system)
        require_tip_in_core(system, point.state)
    except (ConvergenceError, CouplingError) as error:
        return str(error)
    return None


def _print(point: ArcPoint) -> None:
    print(line(point), flush=True)
