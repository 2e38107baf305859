"""A disk without room: every writer says so in one error, and nothing is half written."""

from __future__ import annotations

import re
import resource
from functools import cache

import pytest
from small_runs import adapt, compare, solution
from starts import Start

import qcmethod as qc
from qcmethod.errors import WriteError
from qcmethod.io.container import read_arrays


def limited(size, work):
    """Do some work in a process whose files can have so many bytes; how it ended."""

    def start():
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
        return work() and None

    return Start(start).outcome()


@cache
def adapted():
    return adapt()


@cache
def study():
    return compare(cores=(3.0,))


WRITERS = {
    ".npz": lambda path: solution().write(path),
    ".vtu": lambda path: solution().write(path),
    ".xyz": lambda path: solution().write(path),
    ".json": lambda path: study().write(path),
    ".csv": lambda path: study().write(path),
    ".pvd": lambda path: adapted().write(path),
    ".extxyz": lambda path: adapted().write(path),
    ".png": lambda path: solution().plot(path),
}
SLOW = {".pdf": WRITERS[".png"], ".svg": WRITERS[".png"]}
ALL = [*WRITERS, *(pytest.param(suffix, marks=pytest.mark.slow) for suffix in SLOW)]


@pytest.mark.parametrize("suffix", ALL)
def test_a_file_is_whole_or_refused(suffix, tmp_path):
    """With room for nothing, for a part, and for all of it."""
    write = {**WRITERS, **SLOW}[suffix]
    write(tmp_path / f"whole{suffix}")  # what is not there, is made before the room is short
    whole = (tmp_path / f"whole{suffix}").read_bytes()
    target = tmp_path / f"x{suffix}"
    target.write_text("what stood here")
    for size in (0, len(whole) // 2, len(whole) - 1):
        found = limited(size, lambda: write(target))
        assert found.how == "refused", found.what
        assert re.match(r"WriteError: .*not written \(File too large\)", found.what)
        kept = suffix == ".pvd" and not target.exists()  # the list goes first, meshes follow
        assert kept or target.read_text() == "what stood here"
        assert not list(tmp_path.rglob("*partial*"))


def test_a_setfl_table(tmp_path):
    potential = qc.load_potential("Al-Ercolessi-1994")
    found = limited(2000, lambda: qc.write_setfl(tmp_path / "a", potential, nr=500, nrho=500))
    assert found.how == "refused" and not list(tmp_path.iterdir())


def test_a_run_says_what_is_complete_and_goes_on(tmp_path):
    folder = tmp_path / "run"
    problem = qc.vacancy(solution().system.problem.crystal, extent=25.0)

    def run():
        return qc.adapt(problem, tolerance=1e-3, max_cycles=3, directory=folder)

    found = limited(40_000, run)
    assert found.how == "refused"
    said = r"WriteError: .*000\d\.npz: not written.*(adapt is complete up to step \d|no step)"
    assert re.match(said, found.what) and "the same call goes on from there" in found.what
    assert not list(folder.rglob("*partial*")) and not (folder / "lock").exists()
    whole = qc.adapt(problem, tolerance=1e-3, max_cycles=3, directory=tmp_path / "whole")
    assert run().estimate == whole.estimate
    for file in folder.glob("[!.]*.npz"):
        read_arrays(file)


def test_the_error_is_of_the_file_system_too():
    assert issubclass(WriteError, OSError) and issubclass(WriteError, qc.QCError)
