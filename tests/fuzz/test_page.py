"""The page of counts says what the runs kept, and a run names its failures."""

from __future__ import annotations

import sys

import pytest
from harness import FAILURES, families
from paths import ROOT

sys.path.insert(0, str(ROOT / "docs" / "_ext"))
import checked


def test_the_page_is_made_from_the_counts():
    """`python docs/_ext/checked.py` makes it anew."""
    text = checked.PAGE.read_text()
    assert checked.page(text) == text


@pytest.mark.parametrize("run", checked.found(), ids=lambda run: run["family"])
def test_a_recorded_run_is_of_a_family_and_names_its_failures(run):
    assert run["what"] == families()[run["family"]].what
    assert sum(run["outcomes"].values()) == run["trials"]
    assert sum(run["outcomes"][outcome] for outcome in FAILURES) == len(run["failures"])
