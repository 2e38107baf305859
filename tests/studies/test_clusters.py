"""Sweeps on what fills a cluster, with workers killed in the middle: no case is lost, and none is
computed twice unless it was running."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from paths import ROOT
from work import begun, square

import qcmethod as qc

CASES, SECONDS = 12, 0.5
SCRIPT = """
import sys
import qcmethod as qc
from work import square

if __name__ == "__main__":
    {executor}
    cases = {{"n": range({n}), "log": sys.argv[1], "seconds": {seconds}}}
    with made as executor:
        found = qc.sweep(square, cases, executor=executor, directory=sys.argv[2])
    print(len(found.rows), len(found.failed), len(found.missing))
"""


@pytest.fixture
def log(tmp_path) -> Path:
    (tmp_path / "log").mkdir()
    return tmp_path / "log"


def cases(log: Path) -> dict[str, object]:
    return {"n": range(CASES), "log": str(log), "seconds": SECONDS}


def require_all(found: qc.Sweep, log: Path, running: int) -> None:
    """All cases are there; those that were begun twice are no more than were running."""
    assert [row.values for row in found.rows] == [{"square": n * n} for n in range(CASES)]
    times = begun(log)
    assert set(times) == set(range(CASES)) and sum(times.values()) <= CASES + running


@contextmanager
def killing(log: Path, victim, after: int):
    """A process that `victim` names dies when so many calls have begun; the number killed."""
    killed: list[int] = []
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.02):
            if len(list(log.iterdir())) >= after and not killed:
                killed.append(victim())
                os.kill(killed[0], signal.SIGKILL)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield killed
    finally:
        done.set()
        thread.join()


def latest(log: Path) -> int:
    """The process that began a call last."""
    newest = max(log.iterdir(), key=lambda path: int(path.name.split("-")[2]))
    return int(newest.name.split("-")[1])


@pytest.mark.slow
def test_pool_of_processes(tmp_path, log):
    with ProcessPoolExecutor(2) as pool, killing(log, lambda: latest(log), 5) as killed:
        found = qc.sweep(square, cases(log), executor=pool, directory=tmp_path / "s")
    assert killed
    require_all(found, log, running=2)


@pytest.mark.slow
@pytest.mark.parametrize("given", ["client", "executor"])
def test_dask(tmp_path, log, given):
    distributed = pytest.importorskip("distributed", reason="needs dask[distributed]")
    cluster = distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, local_directory=str(tmp_path)
    )
    with cluster, distributed.Client(cluster) as client:
        executor = client if given == "client" else client.get_executor()
        with killing(log, lambda: latest(log), 5) as killed:
            found = qc.sweep(square, cases(log), executor=executor, directory=tmp_path / "s")
    assert killed
    require_all(found, log, running=1)


@pytest.mark.slow
def test_executorlib(tmp_path, log):
    executorlib = pytest.importorskip("executorlib", reason="needs executorlib")
    executor, killer = (
        executorlib.SingleNodeExecutor(max_cores=2),
        killing(log, lambda: latest(log), 5),
    )
    with executor, killer as killed:
        found = qc.sweep(square, cases(log), executor=executor, directory=tmp_path / "s")
    assert killed
    require_all(found, log, running=1)


def script(tmp_path: Path, executor: str) -> Path:
    path = tmp_path / "script.py"
    path.write_text(SCRIPT.format(executor=executor, n=CASES, seconds=SECONDS))
    return path


def environment() -> dict[str, str]:
    path = [str(ROOT), str(ROOT / "tests" / "support"), os.environ.get("PYTHONPATH", "")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, path))}


@pytest.mark.slow
def test_mpi(tmp_path, log):
    """MPI ends the whole job when one of its processes dies; the next one goes on."""
    pytest.importorskip("mpi4py", reason="needs mpi4py")
    mpiexec = shutil.which("mpiexec", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    if mpiexec is None:
        pytest.skip("needs mpiexec")
    made = "from mpi4py.futures import MPIPoolExecutor; made = MPIPoolExecutor()"
    job = [sys.executable, "-m", "mpi4py.futures", str(script(tmp_path, made))]
    command = [mpiexec, "-n", "3", *job, str(log), str(tmp_path / "s")]
    with killing(log, lambda: latest(log), 5) as killed:
        first = subprocess.run(command, env=environment(), capture_output=True, timeout=120)
    assert killed and first.returncode != 0
    assert 2 <= len(qc.load(tmp_path / "s").rows) < CASES
    second = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=120)
    assert second.stdout.split() == [str(CASES), "0", "0"], second.stderr
    require_all(qc.load(tmp_path / "s"), log, running=2)


@pytest.mark.slow
def test_killed_itself(tmp_path, log):
    """The process that gives out the cases is killed: what its workers had finished is there."""
    made = "from concurrent.futures import ProcessPoolExecutor; made = ProcessPoolExecutor(2)"
    command = [sys.executable, str(script(tmp_path, made)), str(log), str(tmp_path / "s")]
    first = subprocess.Popen(command, env=environment(), start_new_session=True)
    try:
        with killing(log, lambda: first.pid, 7) as killed:
            assert first.wait(timeout=60) == -signal.SIGKILL and killed
        time.sleep(2.0 * SECONDS)  # its workers finish what they are at
        assert len(qc.load(tmp_path / "s").rows) >= 5
    finally:
        os.killpg(first.pid, signal.SIGKILL)
    found = qc.sweep(square, cases(log), directory=tmp_path / "s")
    require_all(found, log, running=2)
