"""One BLAS thread a process, unless the user has said how many.

The matrices here are sparse, and their dense blocks small: further threads of BLAS find nothing to
do, and burn a core while they wait for it (a fifth of the processor time of a relaxation on two
cores; many processes side by side disturb each other). Parallel work is that of processes.

BLAS has its threads since NumPy and SciPy were loaded, each with a copy of its own, so each is told
through its own library. An environment variable in which the user says a number goes first.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from qcmethod.base.log import announce

VARIABLES = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS", "OMP_NUM_THREADS")
NOTICE = f"one BLAS thread; {VARIABLES[0]} in the environment says another number"
MAPS = Path("/proc/self/maps")
"""Libraries that this process has loaded; on systems without it BLAS is left alone."""
OPENBLAS = [
    (f"{of}openblas_get_num_threads{bits}", f"{of}openblas_set_num_threads{bits}")
    for of in ("scipy_", "")  # as the wheels of NumPy and SciPy bring it
    for bits in ("64_", "")
]
CALLS = {
    "openblas": OPENBLAS,
    "mkl_rt": [("MKL_Get_Max_Threads", "MKL_Set_Num_Threads")],
    "blis": [("bli_thread_get_num_threads", "bli_thread_set_num_threads")],
}
"""Names of what gets and what sets the number, by a part of the name of the library."""


@cache
def one_thread() -> None:
    """Have BLAS use one thread, and say so where it had more.

    Once a process, when its libraries are loaded: what a script says later stays.
    """
    if any(os.environ.get(name) for name in VARIABLES):
        return
    more = False
    for path in _loaded():
        for get, set_to in _calls(path):
            if get() > 1:
                set_to(1)
                more = True
    if more:
        announce(NOTICE)


def _loaded() -> list[str]:
    """Paths of the libraries of BLAS that are loaded."""
    try:
        lines = MAPS.read_text().splitlines()
    except OSError:
        return []
    paths = {line.split(maxsplit=5)[-1] for line in lines if ".so" in line}
    return sorted(p for p in paths if any(part in Path(p).name for part in CALLS))


def _calls(path: str) -> Iterator[tuple[Any, Any]]:
    """The functions of a library that get and set its number of threads."""
    try:
        library = ctypes.CDLL(path, mode=os.RTLD_NOLOAD | os.RTLD_LAZY)
    except OSError:  # gone since
        return
    for part, names in CALLS.items():
        for get, set_to in names if part in Path(path).name else ():
            if hasattr(library, get) and hasattr(library, set_to):
                yield getattr(library, get), getattr(library, set_to)
