"""BLAS has one thread, each copy that is loaded, unless the user has said how many."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from paths import ROOT

from qcmethod.base import blas

SCRIPT = """
import sys
import scipy.sparse.linalg
from qcmethod.base import blas, log
{before}
with log.told_to(sys.stdout):
    blas.one_thread()
print([get() for path in blas._loaded() for get, _ in blas._calls(path)])
"""


def after(before: str = "", **environment: str) -> tuple[list[int], str]:
    """How many threads the libraries have, and what was said."""
    kept = {k: v for k, v in os.environ.items() if k not in blas.VARIABLES}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(before=before)],
        env={**kept, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return eval(done.stdout), done.stderr


@pytest.mark.skipif(not blas.MAPS.exists(), reason="needs /proc")
@pytest.mark.slow
def test_one_thread_unless_told_otherwise() -> None:
    assert os.cpu_count() == 1 or len(after(OPENBLAS_NUM_THREADS="2")[0]) >= 1
    threads, said = after()
    assert threads and set(threads) == {1} and (blas.NOTICE in said or os.cpu_count() == 1)
    assert set(after(OPENBLAS_NUM_THREADS="2")[0]) == {min(2, os.cpu_count() or 1)}
    assert after(OPENBLAS_NUM_THREADS="2")[1] == ""


def test_once_a_process(monkeypatch) -> None:
    """What a script says later stays: libraries are looked for once."""
    for name in blas.VARIABLES:
        monkeypatch.delenv(name, raising=False)
    looked = []
    monkeypatch.setattr(blas, "_loaded", lambda: looked.append(1) or [])
    blas.one_thread.cache_clear()
    blas.one_thread()
    blas.one_thread()
    assert looked == [1]
