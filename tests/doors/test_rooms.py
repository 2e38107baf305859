"""The rooms: few entries, one contract, and a page whose map is made from it."""

from __future__ import annotations

import sys

import pytest
from paths import ROOT

sys.path.insert(0, str(ROOT / "docs" / "_ext"))
import rooms

PACKAGE = ROOT / "qcmethod"
PAGE = (ROOT / "docs" / "architecture.md").read_text()


def test_the_top_of_the_package_is_rooms_and_doors():
    entries = [p for p in PACKAGE.iterdir() if p.suffix == ".py" or (p / "__init__.py").exists()]
    assert len(entries) <= 24
    named = {name.strip() for room, _ in rooms.rooms() for name in room.split("|")}
    assert named == {p.stem for p in entries} - {"__init__"}


def test_the_contract_is_a_list_that_one_can_read():
    assert len(rooms.rooms()) <= 20
    assert all(10 < len(meaning) <= 90 for _, meaning in rooms.rooms())


def test_the_map_of_the_page_is_that_of_the_contract():
    """`python docs/_ext/rooms.py` makes it anew."""
    assert rooms.page(PAGE) == PAGE


@pytest.mark.parametrize("line", [x for x in PAGE.splitlines() if x.startswith(":start-after:")])
def test_every_example_of_the_page_is_there(line):
    """It stands in a test, between two marks."""
    head = PAGE.split(line)[0]
    name = head.rsplit("{literalinclude} ../", 1)[1].splitlines()[0]
    text, mark = (ROOT / name).read_text(), line.split('"')[1]
    assert text.count(mark) == 1
    shown = text.split(mark)[1].split("# --- to here")[0]
    assert len(shown.splitlines()) > 10
