"""Set-up of the suite: one thread a process, reproducible random examples, LAMMPS as an oracle."""

from __future__ import annotations

import os

# Before NumPy or LAMMPS start their thread pools: the processes of pytest-xdist share the cores.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")
os.environ.setdefault("MPLBACKEND", "Agg")

from collections.abc import Callable, Iterator  # noqa: E402
from typing import Any  # noqa: E402

import oracles  # noqa: E402
import pytest  # noqa: E402
from hypothesis import settings  # noqa: E402

# derandomize: the same examples on every machine; no deadline: the first call compiles.
settings.register_profile("qcmethod", deadline=None, derandomize=True)
settings.load_profile("qcmethod")


@pytest.fixture(scope="session", autouse=True)
def tables_of_laws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Tabulated laws are made anew in every run of the suite, and leave nothing behind."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QCMETHOD_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture
def lammps_factory() -> Iterator[Callable[[], Any]]:
    """A function that returns a fresh silent serial LAMMPS; the test closes none of them."""
    instances: list[Any] = []

    def make() -> Any:
        instances.append(oracles.new_lammps())
        return instances[-1]

    yield make
    for instance in instances:
        instance.close()
