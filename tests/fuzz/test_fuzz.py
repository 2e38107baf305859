"""Some random trials of every family, the same on every machine; `make fuzz` runs many."""

from __future__ import annotations

import time

import pytest
from harness import FAILURES, Family, families, judge
from workers import verdicts

from qcmethod.errors import InputError

NAMES = list(families())


@pytest.mark.parametrize("name", NAMES)
def test_a_family_has_no_failures(name):
    family = families()[name]
    found = [judge(family, 0, i) for i in range(family.smoke)]
    assert not [str(v) for v in found if v.outcome in FAILURES]


def _misbehaving(rng, folder):
    what = ("fine", "named", "bare", "slow", "dead", "greedy")[int(rng.integers(6))]
    if what == "named":
        raise InputError("x", 1, "2")
    if what == "bare":
        raise KeyError("x")
    if what == "slow":
        time.sleep(60)
    if what == "dead":
        import os

        os._exit(9)
    if what == "greedy":
        bytearray(2**31)
    return what


def test_the_watchdog_sees_what_hangs_dies_or_takes_too_much(monkeypatch):
    monkeypatch.setattr("workers.FIRST", 1.0)
    monkeypatch.setattr("workers.ASLEEP", 1.0)
    family = Family("x", "x", _misbehaving, count=24, smoke=1, seconds=1.0)
    found = list(verdicts(family, 0, 0, 24, 4, float("inf")))
    assert sorted(v.index for v in found) == list(range(24))
    assert {v.outcome for v in found} == {"accepted", "refused", "bare", "hang", "memory"}
    assert any("died" in v.said for v in found)
