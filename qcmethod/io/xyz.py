"""`.xyz`, `.extxyz`: atoms, or a trajectory of them, for OVITO and `ase.io.read` (`atoms`)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from qcmethod.base.whole import whole
from qcmethod.errors import InputError
from qcmethod.io.atoms import to_atoms
from qcmethod.io.box import boxed
from qcmethod.io.capabilities import Frame, Series
from qcmethod.io.formats import writes
from qcmethod.solve.solution import Solution

if TYPE_CHECKING:
    from ase import Atoms


@writes(".extxyz", ".xyz", of=Solution)
def write_state(solution: Solution, path: Path) -> None:
    """The resolved atoms of a solution."""
    _write(path, to_atoms(solution.system, solution.u, solution.forces))


@writes(".extxyz", ".xyz", of=Series, whole=False)
def write_trajectory(series: Series, path: Path) -> None:
    """The resolved atoms of each frame (InputError: none)."""
    frames = [(_atoms(frame), frame.system.problem.crystal) for frame in series.frames()]
    require_some(path, len(frames))
    atoms = [one for one, _ in frames]
    for one in atoms:  # one cell for all: nothing moves between frames but what moved
        one.positions -= one.info["shift"]
    boxed(atoms, frames[0][1])
    with whole(path) as partial:
        _write(partial, atoms)


def require_some(path: Path, frames: int) -> None:
    """Raise InputError for a series without a frame."""
    if not frames:
        raise InputError("path", str(path), "a result with a state to write")


def _atoms(frame: Frame) -> Atoms:
    atoms = to_atoms(frame.system, frame.u)
    atoms.info.update(time=frame.time, **frame.about)
    return atoms


def _write(path: Path, atoms: Atoms | list[Atoms]) -> None:
    import ase.io

    ase.io.write(path, atoms, format="extxyz")
