"""`qcmethod list-potentials`: the shipped potentials, one a line."""

from __future__ import annotations

import json

import click


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
    width = [max(len(line[c]) for line in lines) for c in range(len(head))]
    for line in lines:
        click.echo("  ".join(t.ljust(w) for t, w in zip(line, width, strict=True)).rstrip())


def _text(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)
