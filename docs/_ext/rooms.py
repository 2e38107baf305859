"""The map of the package in docs/architecture.md, made from the layers contract in pyproject.toml.

python docs/_ext/rooms.py        writes it anew (a test holds the page to the contract)
"""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "architecture.md"
BEGIN, END = "<!-- made by docs/_ext/rooms.py -->", "<!-- end -->"


def rooms() -> list[tuple[str, str]]:
    """Rooms and what each is, in the order of the contract: doors first, the ground last."""
    contract = re.search(
        r"^layers = \[\n(.*?)^\]", (ROOT / "pyproject.toml").read_text(), re.S | re.M
    )
    if contract is None:
        raise ValueError("pyproject.toml: no layers contract")
    lines = re.findall(r'^ *"(.+?)",? # (.+)$', contract[1], flags=re.M)
    return [(names.strip("()"), meaning) for names, meaning in lines]


def folders(room: str) -> str:
    """The folders inside a room, if it has some."""
    inside = [p.parent.name for p in (ROOT / "qcmethod" / room).glob("*/__init__.py")]
    return " ".join(f"`{name}/`" for name in sorted(inside))


def table() -> str:
    """The map: from the ground up, a room uses those above it in the table only."""
    rows = ["| | room | what it is | folders in it |", "|---|---|---|---|"]
    for floor, (room, meaning) in enumerate(reversed(rooms())):
        names = ", ".join(f"`{name.strip()}`" for name in room.split("|"))
        rows.append(f"| {floor} | {names} | {meaning} | {folders(room)} |")
    return "\n".join(rows)


def page(text: str) -> str:
    """The page with its map made anew."""
    head, rest = text.split(BEGIN)
    return f"{head}{BEGIN}\n\n{table()}\n\n{END}{rest.split(END)[1]}"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text()))
