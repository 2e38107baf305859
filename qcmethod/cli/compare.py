"""`qcmethod compare`: coupling methods side by side on one problem."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from qcmethod.cli.options import ProblemOptions, problem_options
from qcmethod.errors import InputError

if TYPE_CHECKING:
    from concurrent.futures import Executor

_FILE = click.Path(dir_okay=False, path_type=Path)
_FOLDER = click.Path(file_okay=False, path_type=Path)
_METHODS = "Names separated by commas."
_CORES = "Radii, Angstrom, separated by commas. [default: 1.5, 2, 3 and 4 cut-offs]"
_BLENDS = "Widths, Angstrom: one, or one a core. [default: as the cores]"
_REFERENCE = '"atomistic", or a .npz file of a solution of this problem.'
_WITHIN = "Radius of the error norms. [default: all; crack: half the extent]"
_DIRECTORY = "Keep finished cases there; the same command goes on where it was interrupted."
MAX_WORKERS = 256
_DEFAULT_CORES = (1.5, 2.0, 3.0, 4.0)


@click.command("compare")
@problem_options
@click.option("--methods", default="qce,bqce,bgfc,bqcf", show_default=True, help=_METHODS)
@click.option("--cores", help=_CORES)
@click.option("--blends", help=_BLENDS)
@click.option("--reference", default="atomistic", show_default=True, help=_REFERENCE)
@click.option("--blending", default="quintic", show_default=True, help="Shape of the blend.")
@click.option("--metric", default="euclid", show_default=True, help="euclid, hops or strip.")
@click.option("--grading", type=float, help="Of the mesh. [default: the elements' own]")
@click.option("--elements", default="P1", show_default=True, help="P1 or P2.")
@click.option("--fmax", type=float, default=1e-6, show_default=True, help="eV/Angstrom.")
@click.option("--near", type=float, help="Radius of the errors at the defect. [default: cut-off]")
@click.option("--within", type=float, help=_WITHIN)
@click.option("--directory", type=_FOLDER, help=_DIRECTORY)
@click.option(
    "--workers", type=click.IntRange(1, MAX_WORKERS), default=1, help="Processes side by side."
)
@click.option("--plot", "picture", type=_FILE, help="Draw error against cost (.png, .pdf, .svg).")
@click.option("--output", type=_FILE, help="Write the study (.json, .csv).")
def compare(
    setup: ProblemOptions,
    methods: str,
    cores: str | None,
    blends: str | None,
    reference: str,
    blending: str,
    metric: str,
    grading: float | None,
    elements: str,
    fmax: float,
    near: float | None,
    within: float | None,
    directory: Path | None,
    workers: int,
    picture: Path | None,
    output: Path | None,
) -> None:
    """Solve one problem by several methods; their errors against one reference, and their cost.

    \b
    qcmethod compare --potential toy2d-c10 --extent 40 --cores 4,6,8 --plot errors.png
    qcmethod compare --potential Al-Ercolessi-1994 --problem vacancy --extent 80 \\
        --methods qce,bqce,bgfc,bqcf --cores 8,12,16 --directory study --workers 4

    Exit status 1 when no case succeeded.
    """
    from qcmethod.base.registry import Name
    from qcmethod.studies.compare import StudyInterrupted
    from qcmethod.studies.compare import compare as run

    _require_files(picture, output)
    problem = setup.build()
    cutoff = problem.crystal.potential.cutoff
    radii = [k * cutoff for k in _DEFAULT_CORES] if cores is None else _numbers("cores", cores)
    widths = None if blends is None else _numbers("blends", blends)
    options: dict[str, Any] = {"blending": blending, "metric": metric, "elements": elements}
    if grading is not None:
        options["grading"] = grading
    with _executor(workers) as executor:
        try:
            study = run(
                problem,
                [Name(name.strip()) for name in methods.split(",") if name.strip()],
                radii,
                widths[0] if widths and len(widths) == 1 else widths,
                reference=reference,
                options=options,
                fmax=fmax,
                near=near,
                within=within,
                directory=directory,
                executor=executor,
                progress=None,
            )
        except StudyInterrupted as stop:
            click.echo(stop.study.table())
            if directory is None:
                raise
            raise KeyboardInterrupt(f"the same command goes on from {directory}") from stop
    click.echo(study.table())
    if output is not None:
        click.echo(f"wrote {study.write(output)}")
    if len(study.failed) == len(study.rows):
        click.get_current_context().exit(1)
    if picture is not None:
        click.echo(f"wrote {study.plot(picture)}")


def _numbers(name: str, text: str) -> list[float]:
    """Numbers separated by commas; InputError otherwise."""
    try:
        return [float(part) for part in text.replace(",", " ").split()]
    except ValueError as error:
        raise InputError(name, text, "lengths in A separated by commas", "10,15,20") from error


def _executor(workers: int) -> AbstractContextManager[Executor | None]:
    """A pool of fresh processes, or nothing for one worker."""
    if workers == 1:
        return nullcontext()
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    # on Ctrl-C, which every process of a terminal hears, this one says what was finished
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(workers, mp_context=context, initializer=_deaf)


def _deaf() -> None:
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _require_files(picture: Path | None, output: Path | None) -> None:
    """Refuse a suffix or a folder before anything is computed."""
    from qcmethod.base.files import PICTURES, checked

    for path, suffixes in ((picture, PICTURES), (output, [".csv", ".json"])):
        if path is not None:
            checked(path, suffixes)
