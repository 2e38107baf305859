"""Both ends of an adaptive run: its first stage, its result, and what makes two runs the same."""

from __future__ import annotations

from qcmethod.base.digest import digest
from qcmethod.base.toml import Tables
from qcmethod.base.types import Facts
from qcmethod.potentials.contract import Potential
from qcmethod.problems.identity import identity
from qcmethod.problems.problem import Problem
from qcmethod.studies.adapt.asked import Asked, Snapshot
from qcmethod.studies.adapt.discretise import Choice, first_mesh
from qcmethod.studies.adapt.glide import Glide
from qcmethod.studies.adapt.marking import at_rim
from qcmethod.studies.adapt.result import AdaptResult
from qcmethod.studies.adapt.shrink import continued
from qcmethod.studies.adapt.stage import Stage, last_stage
from qcmethod.studies.adapt.steps import polished
from qcmethod.studies.adapt.zone import with_zone
from qcmethod.studies.identity import facts_of
from qcmethod.studies.journal import Journal

RIM = "the core has reached the rim of the domain (widen=False, or a larger extent)"


def begun(problem: Problem, choice: Choice) -> Stage:
    """The first stage: the coarsest sensible mesh and the smallest core."""
    problem = with_zone(problem, problem.watch.zone(problem, choice.pad))
    mesh = first_mesh(problem, choice)
    return Stage(problem, mesh, None, None, None, problem.extent, True, None, Glide())


def continuing(problem: Problem, start: AdaptResult) -> Stage:
    """The first stage of a run that goes on from another load (InputError)."""
    problem, mesh, old, u = continued(problem, start)
    return Stage(problem, mesh, old, u, None, problem.extent, True, None, Glide())


def finished(
    stage: Stage,
    choice: Choice,
    asked: Asked,
    snapshots: tuple[Snapshot, ...],
    polish: bool = True,
    made: Tables | None = None,
) -> AdaptResult:
    """What the run found; `polish`: relax its last equilibrium to the residual that was asked."""
    best, reason, problem = stage.best, stage.reason or "not finished", stage.problem
    stopped = not stage.widen and reason.startswith("stopped") and RIM not in reason
    if stopped and at_rim(problem, choice):
        reason += f"; {RIM}"
    reason += stage.stays
    solution = None if best is None else best.solution
    if best is not None and polish:
        solution = polished(best, asked.fmax)
    mesh, u = stage.last if best is None else best.mesh, stage.u
    assert mesh is not None and u is not None  # there was a cycle
    return AdaptResult(
        solution=solution,
        cycles=stage.cycles,
        goal=asked.goal,
        tolerance=asked.tolerance,
        estimate=float("inf") if best is None else best.value,
        converged=best is not None and reason.startswith("converged"),
        reason=reason,
        mesh=mesh,
        choice=choice,
        u=u if solution is None else solution.u,
        snapshots=snapshots,
        made=made,
    )


def snapshot(stage: Stage) -> Snapshot:
    """The state at the end of the last cycle."""
    assert stage.old is not None and stage.u is not None
    old = stage.old.problem
    return Snapshot(old, stage.old.body.mesh, stage.u, stage.cycles[-1].solved)


def snapshots_of(journal: Journal | None, potential: Potential | None = None) -> list[Snapshot]:
    """The states of the cycles of a run on disk."""
    if journal is None:
        return []
    stages = (journal.state(number, potential) for number in range(len(journal.lines)))
    return [snapshot(stage) for stage in stages]


def on_disk(journal: Journal, potential: Potential | None) -> AdaptResult:
    """What a run has left in its folder, finished or not; nothing is solved."""
    known: AdaptResult | None = journal.kept("result", potential) if journal.end else None
    if known is not None:
        return known
    setup = journal.setup()
    stage, snapshots = last_stage(journal, potential), tuple(snapshots_of(journal, potential))
    choice, asked, made = setup["choice"], setup["asked"], setup.get("made")
    return finished(stage, choice, asked, snapshots, polish=False, made=made)


def identity_of(first: Stage, choice: Choice, asked: Asked, max_cycles: int) -> Facts:
    """What makes two runs the same, for logs and files."""
    problem, mesh = first.problem, first.mesh
    start = None if first.u is None else digest(first.u)
    return {
        **facts_of(problem, mesh),
        "identity": identity(problem),
        "rim": problem.rim,
        "widen": first.widen,
        "start": start,
        "method": choice.method.name,
        "core": choice.pad,
        "blend": choice.blend,
        "blending": choice.blending,
        "max_cycles": max_cycles,
        **vars(asked),
    }
