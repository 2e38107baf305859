"""The points of a curve of equilibria as they are found, from the first one to where it ends."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from qcmethod.errors import ConvergenceError, CouplingError
from qcmethod.loading.arc_point import HEADER, ArcPoint, Fold, line
from qcmethod.loading.branch import Branch
from qcmethod.loading.corrector import Point
from qcmethod.loading.walk import fold_between, step_from
from qcmethod.tip import front_position, require_open, require_tip_in_core

Array = NDArray[np.float64]


class Curve:
    """The points of a curve as they are found."""

    def __init__(
        self, branch: Branch, fmax: float, progress: bool | Callable[[ArcPoint], None]
    ) -> None:
        self.branch, self.fmax = branch, fmax
        self.points: list[ArcPoint] = []
        self.states: list[Array] = []
        self.report = progress if callable(progress) else _print if progress else None
        if progress is True:
            print(HEADER, flush=True)

    def keep(self, point: Point, s: float, fold: Fold) -> None:
        """Add a point at the length s, A."""
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
        if self.report is not None:
            self.report(found)

    def follow(self, point: Point, periods: float, steps: int, ds: float, width: float) -> str:
        """Steps along the branch until it is long enough or ends; why it stopped."""
        branch, s, length = self.branch, 0.0, ds
        far = periods * float(branch.system.problem.crystal.lattice.basis[0, 0])
        self.keep(point, s, "")
        for _ in range(steps):
            step = step_from(branch, point, length, ds, self.fmax)
            if step is None:
                return f"no step of {ds:g} A or shorter follows the branch at K = {point.K:.6f}"
            end = step.end
            if end.tangent.K * point.tangent.K < 0.0:
                fold = fold_between(branch, point, step, self.fmax, width)
                ahead = branch.distance(fold.u - point.u, fold.K - point.K)
                self.keep(fold, s + ahead, "upper" if point.tangent.K > 0.0 else "lower")
            s += branch.distance(end.u - point.u, end.K - point.K)
            self.keep(end, s, "")
            point, length = end, step.following
            if (why := _out_of_range(branch, point)) is not None:
                return why
            if abs(self.points[-1].tip - self.points[0].tip) >= far:
                return "periods"
        return "steps"


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
