"""Where a call says what it does: its logfile, the logger, and nowhere else."""

from __future__ import annotations

import io
import logging
import subprocess
import sys
from functools import cache

import numba
import pytest
from paths import ROOT

import qcmethod as qc
from qcmethod.base import compiling, log
from qcmethod.errors import InputError


@cache
def system() -> qc.System:
    crystal = qc.Crystal.hex2d(qc.load_potential("toy2d-c10"))
    return qc.couple(qc.vacancy(crystal, extent=20.0), "bqcf", 5.0, 4.0)


def test_a_script_is_quiet(capsys) -> None:
    qc.relax(system(), 1e-3)
    crystal = system().problem.crystal
    qc.compare(qc.vacancy(crystal, extent=20.0), ["bqcf"], [4.0], stability=False)
    shown = capsys.readouterr()
    assert not shown.out and not shown.err


def test_a_logfile_is_a_stream_a_path_or_standard_output(tmp_path, capsys) -> None:
    stream, path = io.StringIO(), tmp_path / "relax.log"
    qc.relax(system(), 1e-3, logfile=stream)
    lines = stream.getvalue().splitlines()
    assert "ghost forces up to" in lines[0] and lines[-1].split()[1] == "fmax"
    for _ in range(2):  # as ASE does: the second call goes on
        qc.relax(system(), 1e-3, logfile=path)
    assert path.read_text() == 2 * stream.getvalue()
    for asked in ({"logfile": "-"}, {"progress": True}, {"logfile": "-", "progress": True}):
        qc.relax(system(), 1e-3, **asked)
        assert capsys.readouterr().out == stream.getvalue()
    seen: list[int] = []
    qc.relax(system(), 1e-3, progress=lambda n, fmax, energy: seen.append(n), logfile=None)
    assert seen == [int(line.split()[0]) for line in lines[1:]]


@pytest.mark.parametrize("logfile", [3, b"x", "no/such/folder.log", [], True])
def test_what_is_no_logfile_is_refused(logfile: object, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="logfile: got"):
        qc.relax(system(), 1e-3, logfile=logfile)


def test_the_logger_hears_every_call(caplog) -> None:
    with caplog.at_level(logging.INFO, logger="qcmethod"):
        qc.relax(system(), 1e-3)
    assert any("fmax" in record.message for record in caplog.records)
    assert all(record.name == "qcmethod" for record in caplog.records)


def test_lines_go_to_the_inner_call_and_announcements_to_all() -> None:
    outer, inner = io.StringIO(), io.StringIO()
    with log.told_to(outer), log.told_to(inner):
        log.say("a line")
        log.announce("a notice")
    assert inner.getvalue() == "a line\na notice\n" and outer.getvalue() == "a notice\n"
    log.say("nobody hears")
    assert not log.heard()


def test_studies_have_a_logfile_too() -> None:
    stream = io.StringIO()
    crystal = system().problem.crystal
    problem = qc.vacancy(crystal, extent=20.0)
    qc.compare(problem, ["bqcf"], [4.0], stability=False, logfile=stream)
    assert "bqcf, core 4" in stream.getvalue()
    assert "cycle" in _lines(qc.adapt, problem, tolerance=0.5, max_cycles=1)[0]


def _lines(study, *args, **options) -> list[str]:
    stream = io.StringIO()
    study(*args, logfile=stream, **options)
    return stream.getvalue().splitlines()


def test_the_first_compilation_says_so_once() -> None:
    first, second, foreign = (numba.njit(lambda x: x + 1.0) for _ in range(3))
    listener = compiling.Compilations([first, second])
    numba.core.event.register("numba:compile", listener)
    stream = io.StringIO()
    try:
        with log.told_to(stream):
            foreign(1.0)
            assert stream.getvalue() == ""
        first(1.0)  # nobody hears of it
        with log.told_to(stream):
            first(1)
            second(1.0)
    finally:
        numba.core.event.unregister("numba:compile", listener)
    assert stream.getvalue() == compiling.NOTICE + "\n"


def test_the_first_compilation_is_said_at_a_terminal(monkeypatch, capsys) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert log.announce("a notice") and capsys.readouterr().err == "a notice\n"


@pytest.mark.slow
def test_the_notice_is_the_first_thing_that_the_shell_says(tmp_path) -> None:
    arguments = ("patch-test", "--potential", "LJ", "--structure", "chain", "--method", "qcf")
    for cold in (True, False):
        done = subprocess.run(
            [sys.executable, "-m", "qcmethod", *arguments],
            env={"PATH": "/usr/bin", "PYTHONPATH": str(ROOT), "NUMBA_CACHE_DIR": str(tmp_path)},
            capture_output=True,
            text=True,
            cwd=ROOT,
        )
        assert done.returncode == 0 and (compiling.NOTICE in done.stderr) == cold
