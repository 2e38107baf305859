"""`adapt`: solve, estimate, mark, refine, carry over, until the estimate meets the tolerance.

From the coarsest sensible mesh and the smallest core; what a cycle does is in `cycle`.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import cast

from qcmethod.base.door import door
from qcmethod.base.log import Logfile, logged, say
from qcmethod.base.registry import Name
from qcmethod.base.toml import Tables
from qcmethod.base.types import Facts
from qcmethod.coupling.choice import AnyMethod, Coupling
from qcmethod.problems.problem import Problem
from qcmethod.solve import require_fmax
from qcmethod.studies.adapt.arguments import checked, choice_of
from qcmethod.studies.adapt.asked import Asked
from qcmethod.studies.adapt.cycle import next_stage
from qcmethod.studies.adapt.discretise import Choice
from qcmethod.studies.adapt.ends import (
    begun,
    continuing,
    finished,
    identity_of,
    snapshot,
    snapshots_of,
)
from qcmethod.studies.adapt.indicator import IndicatorName
from qcmethod.studies.adapt.result import HEAD, AdaptResult, Cycle, finite
from qcmethod.studies.adapt.stage import Stage, last_stage
from qcmethod.studies.given import told
from qcmethod.studies.run import Kind, Run, carried_out


@door
@logged
def adapt(
    problem: Problem,
    method: AnyMethod = "bgfc",
    tolerance: float = 0.05,
    *,
    goal: str = "energy norm",
    indicator: IndicatorName | Name = "residual",
    max_repatoms: int = 20_000,
    max_cycles: int = 40,
    pad: float | None = None,
    blend: float | None = None,
    blending: str = Coupling.blending,
    theta: float = 0.5,
    widen: bool = True,
    fmax: float = 1e-6,
    start: AdaptResult | None = None,
    directory: str | Path | None = None,
    progress: bool | Callable[[Cycle], None] = False,
    logfile: Logfile = None,
) -> AdaptResult:
    """Solve a problem to a tolerance: the program chooses core, mesh and outer radius.

    Parameters
    ----------
    problem : from `crack`, `dislocation`, `vacancy`, ...; its extent is the first outer radius
    method : a blended or sharp coupling, "bgfc", "bqcf", "gfc", "qcf", "bqce", "qce"; or a
        `Coupling` of one, whose core is the pad
    tolerance : of the goal
    goal : "energy norm" (relative), "displacement" (on atoms of the core, A), "energy" (eV)
    indicator : where to refine: "residual", "stress-jump", "zz", "strain" or "nonlocality"
    max_repatoms, max_cycles : where to stop short of the tolerance
    pad : core radius about each site of the zone, A (default 1.05 cut-offs)
    blend : width of the blending zone, A (default two cut-offs, in space one)
    blending : blending function, as of `couple`
    theta : fraction of the estimate that is marked in a cycle
    widen : let the outer radius grow (False: the clamped rim is part of the problem); it goes
        back to the extent of the problem where the defect does not hold in a larger domain
    fmax : residual forces of the last solution, eV/A
    start : result of a nearby load to go on from: its core, mesh and corrector, and its method,
        pad and blend
    directory : a folder that gets a line in a log and a state a cycle. A run that was killed is
        continued by the same call; a finished one is read
    progress : True prints a line a cycle; or a function of the `Cycle`
    logfile : gets these lines: "-" for standard output, the name of a file, or an open one

    Raises
    ------
    InputError : arguments out of range, a tolerance below the floor; another run's directory, or
        a damaged one
    CouplingError : a method without core, or a problem that it cannot couple
    """
    made = told(adapt, locals())
    choice = choice_of(problem, method, pad, blend, blending)
    checked(tolerance, goal, indicator, max_repatoms, max_cycles, theta, widen)
    first = begun(problem, choice) if start is None else continuing(problem, start)
    choice = choice if start is None else start.choice
    fmax = require_fmax(fmax, problem.crystal.potential)
    asked = Asked(goal, float(tolerance), indicator, int(max_repatoms), float(theta), fmax)
    first = replace(first, widen=bool(widen))
    with Run(KIND, identity_of(first, choice, asked, int(max_cycles)), directory) as run:
        run.set_up(choice=choice, asked=asked, made=made)
        return _adapted(run, first, choice, asked, max_cycles, progress, made)


def _adapted(
    run: Run[Facts],
    first: Stage,
    choice: Choice,
    asked: Asked,
    max_cycles: int,
    progress: bool | Callable[[Cycle], None],
    made: Tables,
) -> AdaptResult:
    """The result of a run that begins at the stage `first`, or goes on where its folder ends."""
    own = first.problem.crystal.potential
    known = run.journal.kept("result", own) if run.journal is not None and run.end else None
    if known is not None:
        return cast(AdaptResult, known)
    stage = last_stage(run.journal, own) if run.journal is not None and run.steps else first
    snapshots, ends = snapshots_of(run.journal, own), [stage]

    def cycle(run: Run[Facts]) -> tuple[Facts, Stage] | None:
        """The next cycle; None at the end, whose stage says why."""
        stage = ends.pop()
        if not stage.reason and len(stage.cycles) == max_cycles:
            stage = stage.ended(f"stopped after {max_cycles} cycles")
        new = stage if stage.reason else next_stage(stage, choice, asked)
        ends.append(new)
        if len(new.cycles) == len(stage.cycles):
            return None
        snapshots.append(snapshot(new))
        line = {"number": len(stage.cycles), **vars(new.cycles[-1])}
        return finite(line), new

    report = _reporter(progress, len(stage.cycles))
    carried_out(run, cycle, lambda line: report(ends[-1].cycles[-1]))
    result = finished(ends[-1], choice, asked, tuple(snapshots), made=made)
    if run.journal is not None:
        run.journal.keep("result", result)
    run.close(reason=result.reason)
    return result


KIND: Kind[Facts] = Kind("adapt", dict, dict, light=False)
"""A line of the log is a cycle; its state is the stage behind it."""


def _reporter(progress: bool | Callable[[Cycle], None], done: int) -> Callable[[Cycle], None]:
    """What is done after every cycle; `done` of them were before."""
    say(HEAD)
    count = itertools.count(done)

    def report(cycle: Cycle) -> None:
        say(cycle.line(next(count)))
        if callable(progress):
            progress(cycle)

    return report
