"""`qcmethod scorecard`: what potentials say about fracture and plasticity, side by side."""

from __future__ import annotations

from pathlib import Path

import click

from qcmethod.cli.compare import MAX_WORKERS, _executor

_FILE = click.Path(dir_okay=False, path_type=Path)
_FOLDER = click.Path(file_okay=False, path_type=Path)
_POTENTIAL = "Shipped name, or path of a table or card. May be given several times."
_DIRECTORY = "Keep finished rows there; the same command goes on where it was interrupted."
SUFFIXES = [".csv", ".html", ".json", ".txt"]


@click.command("scorecard")
@click.option("--potential", "names", required=True, multiple=True, help=_POTENTIAL)
@click.option("--element", help="Element of tables that hold several.")
@click.option("--structure", type=click.Choice(["bcc", "fcc"]), help="[default: the potential's]")
@click.option("--level", type=click.Choice(["quick", "full"]), default="quick", show_default=True)
@click.option("--only", help="Names of rows, separated by commas. [default: all]")
@click.option("--directory", type=_FOLDER, help=_DIRECTORY)
@click.option("--retry", is_flag=True, help="Compute rows again that failed before.")
@click.option(
    "--workers", type=click.IntRange(1, MAX_WORKERS), default=1, help="Processes side by side."
)
@click.option("--output", "outputs", type=_FILE, multiple=True, help="A .json, .html, .txt, .csv.")
def scorecard(
    names: tuple[str, ...],
    element: str | None,
    structure: str | None,
    level: str,
    only: str | None,
    directory: Path | None,
    retry: bool,
    workers: int,
    outputs: tuple[Path, ...],
) -> None:
    """Crystal, surfaces, faults, cracks and dislocations of potentials, each number with its error.

    \b
    qcmethod scorecard --potential W-Zhou-2004 --potential W-Ackland-1987 --output W.html
    qcmethod scorecard --potential Al-Zhou-2004 --level full --directory card --workers 4

    Exit status 1 when a row failed; what failed stands below the table.
    """
    from qcmethod.base.files import checked
    from qcmethod.potentials.library import load_potential
    from qcmethod.studies.scorecard import scorecard as made

    for path in outputs:
        checked(path, SUFFIXES)
    potentials = [load_potential(name, element=element) for name in names]
    rows = None if only is None else [name.strip() for name in only.split(",") if name.strip()]
    with _executor(workers) as executor:
        card = made(
            potentials,
            structure,
            level=level,
            only=rows,
            directory=directory,
            executor=executor,
            retry=retry,
            progress=None,
        )
    click.echo(card.table())
    for path in outputs:
        click.echo(f"wrote {card.write(path)}")
    if card.failed:
        click.get_current_context().exit(1)
