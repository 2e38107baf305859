"""What a job asks for, done: the call of its function, and the files of its folder."""

from __future__ import annotations

from inspect import signature
from pathlib import Path
from typing import Any

from qcmethod.base.described import takes_more
from qcmethod.base.toml import Tables
from qcmethod.coupling.choice import Coupling
from qcmethod.coupling.couple import couple
from qcmethod.problems.problem import Problem
from qcmethod.studies.job.read import Job
from qcmethod.studies.job.tables import TASKS, is_coupled
from qcmethod.studies.recipe import keep_recipe


def carried_out(
    job: Job, folder: str | Path | None = None, **aside: Any
) -> tuple[Any, Path, list[Path]]:
    """Do what a job asks for.

    Parameters
    ----------
    folder : in place of that of the job; a run that is in it goes on
    aside : what changes nothing of the result: `logfile`, `progress`, `executor`

    Returns the result, its folder, and the files that were written there. Raises what the functions
    raise.
    """
    problem, output = job.problem(), job.output
    target = output.made(folder or output.folder or job.name)
    steps = "directory" in signature(TASKS[job.task]).parameters
    keep_recipe(target, _as_done(job, problem.told()), anew=not steps)
    result = _called(job, problem, target, aside)
    return result, target, output.write(result, target)


def _as_done(job: Job, told: Tables) -> Tables:
    """The tables of a job for its folder: of the problem as it was made, the others as given."""
    output = {k: v for k, v in job.tables.get("output", {}).items() if k != "folder"}
    others = {k: v for k, v in job.tables.items() if k not in told}
    return {**told, **others, "output": output}


def _called(job: Job, problem: Problem, folder: Path, aside: dict[str, Any]) -> Any:
    """The result of what is to be done."""
    task, given = TASKS[job.task], job.values(job.task)
    names = signature(task).parameters
    given |= {k: v for k, v in aside.items() if k in names}
    if "directory" in names:
        given["directory"] = folder
    choice = job.values("coupling")
    if "system" in names:
        return task(couple(problem, **choice), **given)
    if is_coupled(job.task) and not (takes_more(task) or set(choice) <= set(names)):
        choice = {"method": Coupling(**choice)}
    return task(problem, **choice, **given)
