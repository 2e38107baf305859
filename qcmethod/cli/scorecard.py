"""`qcmethod scorecard`: what potentials say about fracture and plasticity, side by side."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from qcmethod.cli.compare import MAX_WORKERS, _executor
from qcmethod.errors import InputError

if TYPE_CHECKING:
    from qcmethod.potentials.contract import Potential

_FILE = click.Path(dir_okay=False, path_type=Path)
_FOLDER = click.Path(file_okay=False, path_type=Path)
_POTENTIAL = "Shipped name, or path of a table or card. May be given several times."
_LAMMPS = 'Pair style of LAMMPS and its coefficients: "eam/alloy | * * W_zhou.eam.alloy W".'
_DIRECTORY = "Keep finished rows there; the same command goes on where it was interrupted."
SUFFIXES = [".csv", ".html", ".json", ".txt"]


@click.command("scorecard")
@click.option("--potential", "names", multiple=True, help=_POTENTIAL)
@click.option("--lammps", "styles", multiple=True, help=_LAMMPS)
@click.option("--element", help="Element of a table that holds several, or of LAMMPS.")
@click.option("--structure", type=click.Choice(["bcc", "fcc"]), help="[default: the potential's]")
@click.option("--lattice-constant", type=float, help="First guess beside --lammps, Angstrom.")
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
    styles: tuple[str, ...],
    element: str | None,
    structure: str | None,
    lattice_constant: float | None,
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
    if not names and not styles:
        raise click.UsageError("a potential is missing: --potential or --lammps")
    potentials = [load_potential(name, element=element) for name in names]
    potentials += [_of_lammps(style, element, structure, lattice_constant) for style in styles]
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


def _of_lammps(text: str, element: str | None, structure: str | None, a: float | None) -> Potential:
    """The potential of "style | coefficients | coefficients" (InputError)."""
    from qcmethod.potentials.lammps.door import lammps

    style, *lines = (part.strip() for part in text.split("|"))
    if not (style and lines and element and structure):
        expected = "STYLE | COEFFICIENTS, beside --element and --structure"
        raise InputError("lammps", text, expected, "--element W --structure bcc")
    return lammps(style, lines, elements=[element], structure=structure, lattice_constant=a)
