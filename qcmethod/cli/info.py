"""`qcmethod info`: what is in a file or a folder."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from qcmethod.cli.shown import rows, shown

if TYPE_CHECKING:
    from qcmethod.studies.job import Job

_RECIPE = "Print the job that makes it again, for `qcmethod run`."


@click.command("info")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--recipe", is_flag=True, help=_RECIPE)
def info(path: Path, recipe: bool) -> None:
    """Say what is in a result, the folder of a run, or a job (.toml); nothing is solved.

    \b
    qcmethod info result.npz
    qcmethod info result.npz --recipe > again.toml
    qcmethod info crack.toml
    """
    from qcmethod.studies.job import read_job
    from qcmethod.studies.load import load

    if path.suffix == ".toml" and not path.is_dir():
        click.echo(_of_job(read_job(path)))
        return
    result = load(path)
    click.echo(_recipe(path, result) if recipe else shown(result))


def _recipe(path: Path, result: Any) -> str:
    """The job that makes a result again (InputError)."""
    from qcmethod.errors import InputError

    if not hasattr(result, "recipe"):
        raise InputError("path", str(path), "a result that says how it was made: a .npz, a folder")
    text: str = result.recipe()
    return text.rstrip()


def _of_job(job: Job) -> str:
    """The crystal and the problem of a job, before anything is coupled."""
    from qcmethod.errors import QCError
    from qcmethod.problems.griffith import griffith_load

    problem = job.problem()
    crystal = problem.crystal
    facts: dict[str, Any] = {
        "what to do": job.task,
        "potential": crystal.potential.name,
        "cutoff (A)": crystal.potential.cutoff,
        "lattice constant (A)": crystal.lattice_constant,
        "cohesive energy (eV)": crystal.cohesive_energy,
    }
    with suppress(QCError):  # no cubic crystal, or a surface that does not relax
        facts["Griffith's K_I (MPa sqrt(m))"] = griffith_load(crystal, 0.0, 0.0)
    return f"{problem!r}\n\n{rows(facts)}"
