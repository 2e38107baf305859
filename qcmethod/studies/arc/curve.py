"""The points of a curve of equilibria as they are found, from the first one to where it ends.

A step depends on the corrector and the load that it starts from, its length and the sense of the
branch alone: they are kept with every point, and a run that was killed goes on from the last one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass

from qcmethod.base.log import say
from qcmethod.base.types import Array, Facts
from qcmethod.errors import ConvergenceError, CouplingError
from qcmethod.io.declared import require_declared
from qcmethod.problems.crack_tip import front_position
from qcmethod.studies.arc.branch import Branch
from qcmethod.studies.arc.corrector import Point, point_again
from qcmethod.studies.arc.fold import fold_between
from qcmethod.studies.arc.point import HEADER, ArcPoint, Fold, line
from qcmethod.studies.arc.walk import Place, step_from
from qcmethod.studies.run import Kind, Run

ALL_PERIODS = "followed over the periods asked for"
ALL_STEPS = "ended after the steps asked for"


@dataclass(frozen=True)
class Taken:
    """A step of a curve: the point it arrived at, the sense of the branch there, and the length of
    the next step, A."""

    point: ArcPoint
    sense: float
    following: float


def _line(step: Taken) -> Facts:
    return {**asdict(step.point), "sense": step.sense, "following": step.following}


def _read(line: Facts) -> Taken:
    own = {k: v for k, v in line.items() if k not in ("sense", "following")}
    require_declared(ArcPoint, own)
    require_declared(Taken, {name: line[name] for name in ("sense", "following")})
    return Taken(ArcPoint(**own), line["sense"], line["following"])


KIND = Kind("arc", _read, _line)


class Curve:
    """The points of a curve as they are found, steps of a run."""

    def __init__(
        self,
        branch: Branch,
        fmax: float,
        progress: bool | Callable[[ArcPoint], None],
        run: Run[Taken],
    ) -> None:
        self.branch, self.fmax, self.run = branch, fmax, run
        self.report = progress if callable(progress) else None
        say(HEADER)

    @property
    def points(self) -> list[ArcPoint]:
        """The points found so far."""
        return [step.point for step in self.run.steps]

    def keep(self, point: Point, s: float, fold: Fold, following: float) -> None:
        """Add a point at the length s, A; `following` is the length of the next step, A."""
        found = ArcPoint(
            number=len(self.run.steps),
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
        self.run.add(Taken(found, point.sense, following), {"u": point.u})
        say(line(found))
        if self.report is not None:
            self.report(found)

    def resumed(self) -> tuple[Point, float] | None:
        """The last point on disk and the length of the step from it, A; None where there is none.

        A fold without the end of its step is found again.
        """
        if not self.run.steps:
            return None
        if self.run.steps[-1].point.fold:
            self.run.undo()
        number, last = len(self.run.steps) - 1, self.run.steps[-1]
        u = self.run.state(number)["u"]
        return point_again(self.branch, u, last.point.load, last.sense), last.following

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
        u = self.run.state(before[-1].number)["u"]
        return u, before[-1].load, before[-1].unstable

    def _ended(self, point: Point, far: float, taken: int, steps: int) -> str | None:
        """Why the curve ends at this point, if it does; not at the first one."""
        if taken:
            if (why := _out_of_range(self.branch, point)) is not None:
                return why
            if abs(self.points[-1].tip - self.points[0].tip) >= far:
                return ALL_PERIODS
        return ALL_STEPS if taken >= steps else None


def points_of(run: Run[Taken]) -> tuple[tuple[ArcPoint, ...], tuple[Array, ...]]:
    """Points and correctors (n_k, 3) of a run (DamagedFileError)."""
    points = tuple(step.point for step in run.steps)
    return points, tuple(run.state(number)["u"] for number in range(len(points)))


def _out_of_range(branch: Branch, point: Point) -> str | None:
    """Why a coupled system cannot be trusted at this point, if it cannot."""
    system = branch.at(point.K)
    try:
        system.problem.watch.before(system)
        system.problem.watch.after(system, point.state)
    except (ConvergenceError, CouplingError) as error:
        return str(error)
    return None
