"""A card as one HTML file: the table, the picture inside it, and what failed."""

from __future__ import annotations

from base64 import b64encode
from html import escape
from io import BytesIO
from typing import TYPE_CHECKING

from qcmethod.errors import InputError
from qcmethod.studies.scorecard.table import cells, head, reasons, title

if TYPE_CHECKING:
    from qcmethod.studies.scorecard.card import Scorecard

DPI = 110
STYLE = """body { font-family: sans-serif; margin: 2em; }
table { border-collapse: collapse; font-size: 14px; }
td, th { padding: 2px 12px 2px 0; text-align: left; border-bottom: 1px solid #ddd; }
td { font-variant-numeric: tabular-nums; }
img { max-width: 100%; margin-top: 2em; }"""
ERRORS = (
    "Errors are those of the computation with this potential, not of the potential. Published: "
    "values on the card of the potential, of its publication or of all atoms by another program."
)


def page(card: Scorecard) -> str:
    """The whole text of the file."""
    name = escape(title(card))
    parts = [
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">',
        f"<title>{name}</title><style>{STYLE}</style></head><body><h1>{name}</h1>",
        f"<p>{escape(ERRORS)} Made by qcmethod {escape(card.version)}.</p>",
        "<table>",
        _row("th", head(card)),
        *(_row("td", cells(line)) for line in card.lines),
        "</table>",
        *(f"<p>{escape(reason)}</p>" for reason in reasons(card)),
        _picture(card),
        "</body></html>",
    ]
    return "\n".join(parts) + "\n"


def _row(tag: str, texts: list[str]) -> str:
    inner = "".join(f"<{tag}>{escape(text)}</{tag}>" for text in texts)
    return f"<tr>{inner}</tr>"


def _picture(card: Scorecard) -> str:
    """The picture as part of the text; nothing where the card has none."""
    try:
        figure = card.plot()
    except InputError:
        return ""
    bytes_ = BytesIO()
    figure.savefig(bytes_, format="png", dpi=DPI)
    data = b64encode(bytes_.getvalue()).decode()
    return f'<img alt="curves and numbers of the card" src="data:image/png;base64,{data}">'
