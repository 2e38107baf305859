"""Kernels on disk: damaged ones are compiled again, and a disk that takes none is no obstacle."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numba
import numpy as np
import pytest
from paths import ROOT
from starts import Start

from qcmethod.base import kernels
from qcmethod.base.kernels import KernelCache, SealedFiles


@pytest.fixture
def fresh(tmp_path, monkeypatch):
    """Makes the same function anew, as another process does, with its kernels in a folder."""
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path))

    def make():
        dispatcher = numba.njit(_twice)
        dispatcher._cache = KernelCache(dispatcher.py_func)
        return dispatcher

    return make


def _twice(x):
    return 2 * x


def misses(dispatcher) -> int:
    return sum(dispatcher.stats.cache_misses.values())


def files(folder: Path) -> list[Path]:
    return list(folder.rglob("*.nb*"))


def test_a_kernel_is_compiled_once(fresh, tmp_path):
    first, second = fresh(), fresh()
    assert first(3) == second(3) == 6 and (misses(first), misses(second)) == (1, 0)
    assert len(files(tmp_path)) == 1
    assert first(1.5) == second(1.5) == 3.0 and len(files(tmp_path)) == 2


def _half(content: bytes) -> bytes:
    return content[: len(content) // 2]


def _flipped(content: bytes) -> bytes:
    """One bit of the machine code: it would unpickle."""
    at = len(content) - 100
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


DAMAGES = {
    "half": _half,
    "nothing": lambda content: b"",
    "few bytes": lambda content: content[:10],
    "text": lambda content: b"no kernel" * 99,
    "one bit": _flipped,
    "more": lambda content: content + b"x",
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_a_damaged_kernel_is_compiled_again(damage, fresh, tmp_path):
    assert fresh()(3) == 6
    (file,) = files(tmp_path)
    whole = file.read_bytes()
    file.write_bytes(damage(whole))
    again = fresh()
    assert again(3) == 6 and misses(again) == 1
    third = fresh()
    assert third(3) == 6 and misses(third) == 0


def test_the_kernel_of_another_signature_is_none(fresh, tmp_path):
    """As two processes that number their files would leave it."""
    function = fresh()
    assert function(3) == 6 and function(1.5) == 3.0
    one, other = files(tmp_path)
    content = one.read_bytes(), other.read_bytes()
    one.write_bytes(content[1]), other.write_bytes(content[0])
    again = fresh()
    assert again(1.5) == 3.0 and again(3) == 6 and misses(again) == 2


def test_another_version_of_numba_has_its_own(tmp_path, monkeypatch):
    SealedFiles(tmp_path, "f").save("key", "data")
    assert SealedFiles(tmp_path, "f").load("key") == "data"
    monkeypatch.setattr(kernels.numba, "__version__", "9.9")
    assert SealedFiles(tmp_path, "f").load("key") is None
    SealedFiles(tmp_path, "f").flush()
    assert not files(tmp_path)


def test_a_disk_that_takes_no_file_costs_a_compilation(fresh, tmp_path, monkeypatch):
    function = fresh()

    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("qcmethod.base.whole.os.replace", full)
    assert function(3) == 6 and not files(tmp_path)


def test_first_compilations_at_once(fresh, tmp_path):
    """Each with another signature, so that numbers of files would clash."""
    values = (3, 1.5, np.ones(2), 2j)
    starts = [Start(lambda value=value: np.sum(fresh()(value))) for value in values]
    assert [start.outcome().what for start in starts] == [2 * np.sum(v) for v in values]
    again = fresh()
    for value in values:
        assert np.array_equal(again(value), 2 * np.asarray(value))
    assert misses(again) == 0


SCRIPT = "import qcmethod as qc; print(qc.Crystal.chain(qc.load_potential('LJ')))"


@pytest.mark.slow
def test_a_folder_that_nobody_can_write_leaves_nothing_behind(tmp_path):
    environment = {**os.environ, "HOME": "/proc/none", "XDG_CACHE_HOME": "/proc/none"}
    environment |= {"TMPDIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    environment.pop("NUMBA_CACHE_DIR", None)
    subprocess.run([sys.executable, "-c", SCRIPT], env=environment, check=True)
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_the_package_works_with_damaged_kernels(tmp_path):
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", SCRIPT]
    first = subprocess.run(command, env=environment, check=True, capture_output=True)
    assert files(tmp_path)
    for file in files(tmp_path):
        file.write_bytes(_half(file.read_bytes()))
    assert subprocess.run(command, env=environment, check=True, capture_output=True).stdout == (
        first.stdout
    )
