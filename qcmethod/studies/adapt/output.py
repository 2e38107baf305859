"""The result of an adaptive run as files: figures, everything, or a series of its cycles."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from qcmethod.base.files import checked, sealed, write_json
from qcmethod.io.record import facts, save
from qcmethod.io.series import SUFFIXES, Frame, write_series
from qcmethod.mesh import join_flank
from qcmethod.studies.adapt.discretise import system_on
from qcmethod.studies.adapt.result import AdaptResult, finite


def write(result: AdaptResult, path: str | Path) -> Path:
    """Write a result; see `AdaptResult.write`."""
    target = checked(path, sorted([".json", ".npz", *SUFFIXES]))
    suffix = target.suffix.lower()
    if suffix == ".json":
        return write_json(target, sealed({"kind": "adapt", **finite(result.as_dict())}))
    if suffix == ".npz":
        about = {"kind": "adapt", "goal": result.goal, "tolerance": result.tolerance}
        if result.solution is not None:
            about |= {**result.solution.summary(), **facts(result.solution.system)}
        return save(target, result, about)
    return write_series(target, frames(result))


def frames(result: AdaptResult) -> Iterator[Frame]:
    """The states of all cycles; the time is the number of the cycle."""
    for number, shot in enumerate(result.snapshots):
        system = system_on(shot.problem, join_flank(shot.mesh), result.choice)
        about = {
            "cycle": number,
            "solved": shot.solved,
            "estimate": result.cycles[number].energy_norm,
        }
        yield Frame(system, shot.u, float(number), about)
