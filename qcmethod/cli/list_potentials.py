"""`qcmethod list-potentials`: the shipped potentials, one a line."""

from __future__ import annotations

import json

import click

from qcmethod.base.table import aligned


@click.command("list-potentials")
@click.option("--json", "as_json", is_flag=True, help="Print a list of objects instead of a table.")
def list_potentials(as_json: bool) -> None:
    """Name the shipped potentials, with crystal, cut-off and source."""
    from qcmethod.potentials.library import list_potentials, load_potential

    rows = []
    for name in list_potentials():
        potential = load_potential(name)
        rows.append(
            {
                "name": name,
                "element": potential.element,
                "structure": potential.structure,
                "form": potential.form,
                "cutoff": potential.cutoff,
                "doi": potential.doi,
            }
        )
    if as_json:
        click.echo(json.dumps(rows, indent=1))
        return
    head = ("name", "element", "structure", "form", "cutoff (A)", "doi")
    lines = [head, *(tuple(_text(v) for v in row.values()) for row in rows)]
    click.echo("\n".join(aligned(lines, left=range(len(head)))))


def _text(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)
