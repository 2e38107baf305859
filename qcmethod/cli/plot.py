"""`qcmethod plot`: the picture of a result."""

from __future__ import annotations

from pathlib import Path

import click

_OUT = ".png, .pdf or .svg. [default: the name of the file with .png]"


@click.command("plot")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help=_OUT)
@click.option("--dpi", type=float, default=200, show_default=True, help="Dots per inch.")
def plot(path: Path, output: Path | None, dpi: float) -> None:
    """Draw a result, or what the folder of a run holds.

    \b
    qcmethod plot result.npz
    qcmethod plot run -o ramp.pdf
    """
    from qcmethod.studies.load import load

    out = output or path.with_name(f"{path.stem or 'result'}.png")
    click.echo(f"wrote {load(path).plot(out, dpi=dpi)}")
