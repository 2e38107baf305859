"""Options that several commands share: which crystal, which problem, which coupling.

`@problem_options` adds the first two groups to a command and hands it one `ProblemOptions` as the
argument `setup`; `@coupling_options` adds the third and hands a `CouplingOptions` as `zones`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import Any

import click

from qcmethod.cli.setup import (
    BLEND,
    CORE,
    EXTENT,
    PROBLEMS,
    STRUCTURES,
    CouplingOptions,
    ProblemOptions,
)

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

_CRYSTAL = (
    click.option("--potential", required=True, help="Shipped name, or path of a table or card."),
    click.option("--element", help="Element of a table that holds several."),
    click.option("--style", help="eam/alloy, eam/fs, adp or eam, if the file does not tell."),
    click.option("--structure", type=click.Choice(STRUCTURES), help="[default: the potential's]"),
    click.option("--plane", help="Normal of the crack plane, along y. [default: 111, bcc 010]"),
    click.option("--front", help="Crack front, along z. [default: 1-10, bcc 001]"),
    click.option("--lattice-constant", type=float, help="Angstrom. [default: relaxed]"),
)
_PROBLEM = (
    click.option("--problem", type=click.Choice(PROBLEMS), help="[default: crack; 2-D: vacancy]"),
    click.option("--vacancies", type=int, default=3, help="Missing sites of a microcrack."),
    click.option("--KI", "KI", type=float, help="MPa sqrt(m). [default: the Griffith load]"),
    click.option("--F", "F", type=float, nargs=3, help="F_xx F_yy F_xy of any other problem."),
    click.option("--extent", type=float, help=f"Radius, Angstrom. [default: {EXTENT:g} cut-offs]"),
)
_COUPLING = (
    click.option("--core", type=float, help=f"Core radius, Angstrom. [default: {CORE:g} cut-offs]"),
    click.option("--blend", type=float, help=f"Width, Angstrom. [default: {BLEND:g} cut-offs]"),
    click.option("--blending", default="quintic", show_default=True, help="Shape of the blend."),
    click.option("--metric", default="euclid", show_default=True, help="euclid, hops or strip."),
    click.option("--grading", type=float, help="Exponent of the mesh size. [default: optimal]"),
    click.option("--elements", default="P1", show_default=True, help="Of the continuum: P1, P2."),
    click.option("--law", help="Of the cells: cauchy-born, tabulated. [default: the potential's]"),
    click.option("--cluster", type=float, help="Radius of clusters, Angstrom."),
)


def problem_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of crystal and problem; the command gets `setup: ProblemOptions`."""
    return _gathered(command, "setup", ProblemOptions, (*_CRYSTAL, *_PROBLEM))


def coupling_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of the coupling; the command gets `zones: CouplingOptions`."""
    return _gathered(command, "zones", CouplingOptions, _COUPLING)


def _gathered(
    command: Callable[..., Any], name: str, kind: type, options: Sequence[Decorator]
) -> Callable[..., Any]:
    """`command` with the options, whose values arrive as one argument of that name and kind."""
    names = [field.name for field in fields(kind)]

    @functools.wraps(command)
    def gathering(*args: Any, **values: Any) -> Any:
        values[name] = kind(**{k: values.pop(k) for k in names})
        return command(*args, **values)

    wrapped: Callable[..., Any] = gathering
    for option in reversed(options):
        wrapped = option(wrapped)
    return wrapped
