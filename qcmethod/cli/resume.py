"""`qcmethod resume`: go on with the run of a folder."""

from __future__ import annotations

from pathlib import Path

import click

from qcmethod.errors import ResultFileError


@click.command("resume")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--quiet", is_flag=True, help="Say nothing of the progress.")
def resume(folder: Path, quiet: bool) -> None:
    """Go on with the run in FOLDER where it was interrupted; a finished one is read.

    The folder says what is being done in its run.toml, which `qcmethod run`, and `directory=` of
    `ramp`, `arc`, `adapt` and `compare`, have written there.
    """
    from qcmethod.cli.run import carry_out
    from qcmethod.studies.job import read_job
    from qcmethod.studies.recipe import RECIPE

    file = folder / RECIPE
    if not file.is_file():
        expected = f"the folder of a run that has its {RECIPE}"
        hint = "qcmethod run FILE, or the script that made it"
        raise ResultFileError("folder", str(folder), expected, hint)
    carry_out(read_job(file), folder, quiet)
