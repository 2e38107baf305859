"""`qcmethod run`: what a job file asks for."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path
from typing import Any

import click

from qcmethod.cli.shown import shown

_SET = "A key in place of that of the file, e.g. problem.KI=0.42. May be given several times."
_FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command("run")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--set", "changes", multiple=True, metavar="TABLE.KEY=VALUE", help=_SET)
@click.option("--folder", type=_FOLDER, help="Of what is written. [default: the job's own]")
@click.option("--quiet", is_flag=True, help="Say nothing of the progress.")
def run(file: Path, changes: tuple[str, ...], folder: Path | None, quiet: bool) -> None:
    """Do what a job FILE asks for; `qcmethod init NAME` writes an example of one.

    \b
    qcmethod init crack > crack.toml
    qcmethod run crack.toml
    qcmethod run crack.toml --set problem.KI=1.7 --folder crack-1.7

    A load ramp, an arc, an adaptive run or a comparison that was interrupted goes on with the same
    command, or with `qcmethod resume FOLDER`. Progress is said on standard error.
    """
    from qcmethod.studies.job import read_job

    carry_out(read_job(file, dict(map(change, changes))), folder, quiet)


def carry_out(job: Any, folder: Path | None, quiet: bool) -> None:
    """Do a job, and say what came out and what was written."""
    from qcmethod.studies.job import carried_out

    result, target, files = carried_out(job, folder, logfile=None if quiet else sys.stderr)
    click.echo(shown(result))
    for file in files:
        click.echo(f"wrote {file}")
    click.echo(f"how it was made: {target / 'run.toml'}")


def change(text: str) -> tuple[str, Any]:
    """The place and the value of "table.key=value"; a value that is no TOML is a text."""
    place, equals, value = text.partition("=")
    if not equals or place.count(".") != 1:
        raise click.BadParameter(f"{text!r} is not of the form TABLE.KEY=VALUE", param_hint="--set")
    try:
        return place.strip(), tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return place.strip(), value.strip()
