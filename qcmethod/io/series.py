"""A series of states: a trajectory for OVITO (`.xyz`), a series of meshes for ParaView (`.pvd`).

    run.pvd              the list: a time and a file each
    run_frames/0000.vtu  one mesh a state

The list is taken away first and written last: where there is one, its meshes are whole. Meshes of
an earlier, longer series go with it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import numpy as np
from numpy.typing import NDArray

from qcmethod.base.files import checked, whole
from qcmethod.coupling.summary import summary
from qcmethod.coupling.system import System
from qcmethod.errors import InputError
from qcmethod.io.atoms import to_atoms
from qcmethod.io.vtu import write_vtu

SUFFIXES = [".extxyz", ".pvd", ".xyz"]


@dataclass(frozen=True)
class Frame:
    """A state u (n_k, 3) of a system, its place in the series (`time`: the load, the length along a
    curve, the cycle), and facts of its own."""

    system: System
    u: NDArray[np.float64]
    time: float
    about: dict[str, Any] = field(default_factory=dict)


def write_series(path: str | Path, frames: Iterable[Frame]) -> Path:
    """Write a series; the suffix chooses the format (InputError: suffix, folder, no frames)."""
    target = checked(path, SUFFIXES)
    if target.suffix.lower() == ".pvd":
        return _write_pvd(target, frames)
    import ase.io

    atoms = [_atoms(frame) for frame in frames]
    _require_some(target, len(atoms))
    with whole(target) as partial:
        ase.io.write(partial, atoms, format="extxyz")
    return target


def _atoms(frame: Frame) -> Any:
    atoms = to_atoms(frame.system, frame.u)
    atoms.info.update(time=frame.time, **frame.about)
    return atoms


def _write_pvd(target: Path, frames: Iterable[Frame]) -> Path:
    folder = target.with_name(f"{target.stem}_frames")
    if folder.exists() and not folder.is_dir():
        raise InputError("path", str(target), f"a name so that {folder.name} can be a folder")
    rows = []
    for number, frame in enumerate(frames):
        if number == 0:
            target.unlink(missing_ok=True)
            folder.mkdir(exist_ok=True)
        file = folder / f"{number:04d}.vtu"
        facts = {**summary(frame.system, frame.u), "time": frame.time, **frame.about}
        forces = frame.system.model.at(frame.u).forces
        with whole(file) as partial:
            write_vtu(partial, frame.system, frame.u, forces, _plain(facts))
        name = quoteattr(f"{folder.name}/{file.name}")
        rows.append(f'<DataSet timestep="{frame.time!r}" group="" part="0" file={name}/>')
    _require_some(target, len(rows))
    for file in folder.glob("[0-9][0-9][0-9][0-9].vtu"):
        if int(file.stem) >= len(rows):
            file.unlink()
    with whole(target) as partial:
        partial.write_text(
            '<?xml version="1.0"?>\n<VTKFile type="Collection" version="0.1">\n<Collection>\n'
            + "\n".join(rows)
            + "\n</Collection>\n</VTKFile>\n"
        )
    return target


def _plain(facts: dict[str, Any]) -> dict[str, Any]:
    """Numbers and texts only: what is unknown is left out."""
    return {k: v for k, v in facts.items() if isinstance(v, str | int | float)}


def _require_some(target: Path, n: int) -> None:
    if not n:
        raise InputError("path", str(target), "a result with a state to write")
