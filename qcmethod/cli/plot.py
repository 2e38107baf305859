"""`qcmethod plot`: the picture of a result."""

from __future__ import annotations

from pathlib import Path

import click

_OUT = ".png, .pdf or .svg. [default: the name of the file with .png]"


@click.command("plot")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help=_OUT)
@click.option("--dpi", type=int, default=200, show_default=True, help="Dots per inch of a .png.")
def plot(path: Path, output: Path | None, dpi: int) -> None:
    """Draw a result, or what the folder of a run holds.

    \b
    qcmethod plot result.npz
    qcmethod plot run -o ramp.pdf
    qcmethod plot result.npz --dpi 300
    """
    from qcmethod.base.files import PICTURES, checked
    from qcmethod.studies.job.output import write_or_draw
    from qcmethod.studies.load import load

    named = path if path.name else path.resolve()  # "." has no name
    out = checked(output or named.with_name(f"{named.stem}.png"), PICTURES)
    click.echo(f"wrote {write_or_draw(load(path), out, dpi=dpi)}")
