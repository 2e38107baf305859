"""`qcmethod convert`: a result as a file for another program."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("convert")
@click.argument("path", type=click.Path(path_type=Path))
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
def convert(path: Path, out: Path) -> None:
    """Write a result, or what the folder of a run holds, to the file OUT; its suffix chooses.

    \b
    qcmethod convert result.npz result.vtu      ParaView
    qcmethod convert result.npz result.xyz      OVITO, ASE
    qcmethod convert result.npz result.data     LAMMPS (read_data, units metal)
    qcmethod convert run run.pvd                a series of meshes
    qcmethod convert result.npz result.png      a picture
    """
    from qcmethod.studies.job.output import write_or_draw
    from qcmethod.studies.load import load

    click.echo(f"wrote {write_or_draw(load(path), out)}")
