"""A machine-learned model whose weights ship inside its package: floor, weights, patch test."""

from __future__ import annotations

import re

import numpy as np
import pytest
from paths import ROOT

import qcmethod as qc
from qcmethod.coupling.ghost import ghost_force
from qcmethod.crystal.table import fit
from qcmethod.potentials.can import Can

pytestmark = pytest.mark.slow
chgnet = pytest.importorskip("chgnet", reason="the extra ml is not installed: chgnet")


@pytest.fixture(scope="module")
def tungsten():
    from chgnet.model.dynamics import CHGNetCalculator

    calculator = CHGNetCalculator(use_device="cpu", on_isolated_atoms="ignore")
    words = {"cutoff": 6.0, "structure": "bcc", "lattice_constant": 3.18}
    return qc.Potential.of(calculator, ["W"], **words)


def test_what_is_measured(tungsten):
    assert tungsten.can == Can.FORCES | Can.STRESS | Can.SITE_ENERGY
    assert 1e-6 < tungsten.floor < 1e-3
    assert 2 <= tungsten.reach <= 5
    assert tungsten.engine.alone and tungsten.engine.stress


def test_weighted_sums(tungsten):
    crystal = qc.Crystal.bcc(tungsten)
    ij = np.stack(np.meshgrid(*2 * [np.arange(5)]), -1).reshape(-1, 2)
    rng, period = np.random.default_rng(1), crystal.lattice.period
    y = crystal.lattice.positions(ij)
    y, w = y + rng.uniform(-0.05, 0.05, y.shape), rng.uniform(0.0, 1.0, len(y))
    sites = tungsten.site_sum(period, w, np.zeros(len(w)))
    state, v = sites.at(y), rng.uniform(-1.0, 1.0, y.shape)
    assert abs(state.energy - float(w @ sites.energies(y))) < 1e-4
    slope = (sites.at(y + 2e-3 * v).energy - sites.at(y - 2e-3 * v).energy) / 4e-3
    size = float(np.linalg.norm(state.gradient * v))
    assert slope == pytest.approx(float(np.vdot(state.gradient, v)), abs=1e-2 * size)
    one = tungsten.site_sum(period, np.ones(len(w)), np.zeros(len(w))).at(y).gradient
    all_ = tungsten.site_sum(period, np.full(len(w), 0.5), np.zeros(len(w))).at(y).gradient
    assert np.abs(2.0 * all_ - one).max() < tungsten.floor


def test_patch(tungsten, monkeypatch, tmp_path):
    monkeypatch.setenv("QCMETHOD_CACHE", str(tmp_path))
    for name, value in {"CELLS": 130, "HELD_OUT": 20, "RANGES": (0.02,)}.items():
        monkeypatch.setattr(fit, name, value)  # a patch test of forces does not see the law
    axes = {"x": (1, -1, 0), "y": (1, 1, 0), "z": (0, 0, 1)}
    problem = qc.homogeneous(qc.Crystal.bcc(tungsten, **axes), F=np.eye(3), extent=45.0)
    for method in ("bqcf", "bgfc"):
        system = qc.couple(problem, method, core=6.0, blend=5.0)
        assert np.abs(ghost_force(system, system.zero)).max() < tungsten.floor, method


def test_the_page_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = (ROOT / "docs" / "machine_learned.md").read_text()
    blocks = [b for b in re.findall(r"```python\n(.*?)```", text, flags=re.S) if "chgnet" in b]
    assert len(blocks) == 1
    exec("import qcmethod as qc\n" + blocks[0], {})
