"""The benchmark's helpers; nothing is timed here."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from oracles import require_lammps
from paths import ROOT

FOLDER = ROOT / "benchmarks"


@pytest.fixture
def bench(monkeypatch):
    """Import a module of the benchmark, as `python benchmarks/bench.py` does."""
    monkeypatch.syspath_prepend(str(FOLDER))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    before = set(sys.modules)

    def load(name):
        return __import__(name)

    yield load
    for name in set(sys.modules) - before:
        if Path(getattr(sys.modules[name], "__file__", None) or "/").parent == FOLDER:
            del sys.modules[name]


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.py")), ids=lambda file: file.name)
def test_parses(file):
    compile(file.read_text(encoding="utf-8"), str(file), "exec")


@pytest.mark.parametrize(
    "name",
    ["discs", "timing", "lammps_runs", "kernels", "sessions", "cracks", "versions", "relaxed"],
)
def test_imports(bench, name):
    assert bench(name).__doc__


LOG = """\
Section |  min time  |  avg time  |  max time  |%varavg| %total
---------------------------------------------------------------
Pair    | 0.25       | {:<10} | 0.75       |   0.0 | 97.00
Neigh   | 0          | 0          | 0          |   0.0 |  0.00
"""


def test_pair_seconds_is_the_last_average(bench):
    runs = bench("lammps_runs")
    assert runs.pair_seconds(LOG.format("9.0") + LOG.format("0.5")) == 0.5
    with pytest.raises(ValueError, match="Pair"):
        runs.pair_seconds("Loop time of 1 on 1 procs")


def test_interleaved_alternates_and_fills_its_samples(bench):
    timing, called = bench("timing"), []

    def clock(name, seconds):
        def run(calls):
            called.append((name, calls))
            return seconds

        return run

    taken = timing.interleaved({"a": clock("a", 0.01), "b": clock("b", 0.2)}, 3, 0.1)
    assert called[2:] == [("a", 10), ("b", 1)] * 3
    np.testing.assert_array_equal(taken["a"], [0.01] * 3)
    assert timing.calls_for(5.0, 0.1) == 1


@pytest.mark.parametrize("repeats", [1, 8])
def test_disc_has_the_atoms_asked_for(bench, repeats):
    x, period = bench("discs").disc(4.05, 5000, repeats)
    assert len(x) == pytest.approx(5000, rel=0.03)
    assert period == pytest.approx(repeats * 4.05 / np.sqrt(2.0))
    radius = np.linalg.norm(x[:, :2], axis=1).max()
    assert np.pi * radius**2 * period / len(x) == pytest.approx(4.05**3 / 4.0, rel=0.03)


def test_largest_domain_for_a_budget(bench):
    # eight times the time is twice the radius
    assert bench("cracks").largest(100.0, 5.0, 40.0) == pytest.approx(200.0, abs=10.0)


def test_tip_compares_the_same_sites(bench):
    Tip = bench("cracks").Tip
    x = np.array([[-10.0, 1.0, 0.0], [-10.0, -1.0, 0.0], [3.0, 1.0, 0.0], [99.0, 1.0, 0.0]])
    u = np.array([[0.0, 1.5, 0.0], [0.0, -0.5, 0.0], [0.0, 0.1, 0.0], [9.0, 9.0, 9.0]])
    one, other = Tip.of(x, x + u), Tip.of(x[::-1], (x + 2.0 * u)[::-1])
    assert len(one.x) == 3  # the last is far from the tip
    assert one.opening() == pytest.approx(2.0)
    assert one.differs(other) == pytest.approx(1.5)


def test_lammps_gives_back_the_frame_of_the_start(bench, tmp_path):
    """Clamped sites stay where they are, and both codes agree on the energy."""
    require_lammps()
    discs, kernels, runs = bench("discs"), bench("kernels"), bench("lammps_runs")
    case = kernels.cases(tmp_path)[1]
    x, period = discs.disc(case.a, 60, 1)
    table = tmp_path / "Al.eam.alloy"
    run = runs.Relaxation(x, period, np.ones(len(x), bool), table, tmp_path / "log", "cg")
    assert run.down_to(1e3, 10.0)
    np.testing.assert_allclose(run.positions(), x, rtol=0, atol=1e-9)
    run.lammps.close()
    assert case.name in kernels.compare(case, 60, 1, tmp_path, rounds=1)
