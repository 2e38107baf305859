"""One colour, marker and dash a method, in every picture.

Colours are those of Okabe and Ito (2008), told apart by colour-blind readers; every curve has its
own marker as well, and curves that coincide (bgfc and bqcf often do) differ in dash and fill. A
method of yours, or another label, takes the spare ones in turn.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import cycle
from typing import Any

Style = tuple[str, str, str]
"""Colour, marker and dash, as Matplotlib has them."""

STYLE: dict[str, Style] = {
    "atomistic": ("0.45", "s", "-"),
    "local": ("#999933", "p", ":"),
    "qce": ("#D55E00", "v", "-"),
    "bqce": ("#E69F00", "^", "-"),
    "gfc": ("#56B4E9", "o", "-"),
    "bgfc": ("#0072B2", "D", "-"),
    "qcf": ("#CC79A7", "+", "--"),
    "bqcf": ("#000000", "x", "--"),
    "grac": ("#009E73", "h", "-"),
    "qnl": ("#44AA99", "<", "-."),
    "cluster": ("#882255", "P", ":"),
    "cluster-force": ("#AA4499", "*", ":"),
}
SPARE: list[Style] = [
    ("#0072B2", "D", "-"),
    ("#E69F00", "^", "-"),
    ("#009E73", "o", "-"),
    ("#D55E00", "v", "-"),
    ("#CC79A7", "s", "--"),
    ("#000000", "x", "--"),
    ("#56B4E9", "P", "-."),
    ("#332288", "*", ":"),
]


def styles(labels: Iterable[str]) -> dict[str, Style]:
    """Colour, marker and dash of each label: fixed for the methods, in turn for others."""
    names = list(labels)
    known = [STYLE[label][0] for label in names if label in STYLE]
    spare = cycle([style for style in SPARE if style[0] not in known] or SPARE)
    return {label: STYLE[label] if label in STYLE else next(spare) for label in names}


def marked(style: Style) -> dict[str, Any]:
    """Keywords of `Axes.plot` for a style; a dashed curve has hollow markers."""
    colour, marker, dash = style
    hollow = "none" if dash == "--" else colour
    return {"color": colour, "marker": marker, "ls": dash, "mfc": hollow, "mew": 1.2}
