"""A load above Rice's is said before the relaxation, to whoever listens, and to nobody else."""

import io
import logging

import pytest

import qcmethod as qc
from qcmethod.problems import crack_slip

AXES = {"x": (1, 1, -2), "y": (1, 1, 1), "z": (1, -1, 0)}


def relaxed(KI: float, **options) -> qc.Solution:
    crystal = qc.Crystal.fcc(qc.load_potential("Al-Ercolessi-1994"), **AXES)
    problem = qc.crack(crystal, KI=KI, extent=60.0)
    return qc.relax(qc.couple(problem, "bgfc", 14.0, 8.0), 1e3, **options)


def test_a_load_above_rices_is_said_first() -> None:
    heard = io.StringIO()
    found = relaxed(0.42, logfile=heard)
    lines = heard.getvalue().splitlines()
    said = [n for n, line in enumerate(lines) if "Rice's load" in line]
    rice = qc.rice_load(found.system.problem.crystal)
    assert len(said) == 1 and f"{rice:.4g}" in lines[said[0]]
    assert said[0] < min(n for n, line in enumerate(lines) if "ghost forces up to" in line)


def test_who_does_not_listen_is_not_told(capsys, monkeypatch) -> None:
    monkeypatch.setattr(crack_slip, "_rice", lambda crystal: pytest.fail("not asked"))
    relaxed(0.42)
    assert capsys.readouterr() == ("", "")


def test_a_crystal_that_cleaves_says_nothing(caplog) -> None:
    crystal = qc.Crystal.bcc(qc.load_potential("Fe-Zhou-2004"), **AXES)
    assert qc.rice_load(crystal) > 1.3 > qc.griffith_load(crystal)
    with caplog.at_level(logging.INFO, logger="qcmethod"):
        qc.relax(qc.couple(qc.crack(crystal, KI=1.1, extent=50.0), "bgfc", 13.0, 8.0), 1e3)
    assert caplog.messages and not [text for text in caplog.messages if "Rice" in text]
