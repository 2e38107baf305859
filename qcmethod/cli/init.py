"""`qcmethod init`: a commented job to begin with."""

from __future__ import annotations

import click


@click.command("init")
@click.argument("problem", required=False)
@click.option("--task", default="relax", show_default=True, help="relax, ramp, arc, adapt, compare")
def init(problem: str | None, task: str) -> None:
    """Print a small job for a PROBLEM, every key of it with what it is; without one, their names.

    \b
    qcmethod init
    qcmethod init crack > crack.toml
    qcmethod init dislocation --task ramp > peierls.toml
    """
    from qcmethod.problems.example import EXAMPLES
    from qcmethod.studies.job import template

    click.echo("\n".join(EXAMPLES) if problem is None else template(problem, task).rstrip())
