"""`qcmethod list-methods`: the coupling methods, one a line."""

from __future__ import annotations

import click

from qcmethod.base.table import aligned


@click.command("list-methods")
def list_methods() -> None:
    """Name the coupling methods: of energies or of forces, and where the patch test is passed."""
    from qcmethod.coupling.method import METHODS

    head = ("name", "kind", "passes the patch test at", "what it is")
    rows = [(m.name, m.kind, m.passes, m.about) for m in METHODS.values()]
    click.echo("\n".join(aligned([head, *rows], left=range(len(head)))))
