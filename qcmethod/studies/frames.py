"""The results of ramps and continuations as files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qcmethod.base.files import checked, path_of, sealed, write_json
from qcmethod.coupling.summary import with_patch_number
from qcmethod.errors import InputError
from qcmethod.io.record import facts, save
from qcmethod.io.series import SUFFIXES, Frame, write_series

if TYPE_CHECKING:
    from qcmethod.studies.arc.result import ArcResult
    from qcmethod.studies.ramp.result import RampResult

ALL = sorted([".json", ".npz", *SUFFIXES])


def write(result: RampResult | ArcResult, path: str | Path) -> Path:
    """Write a result; the suffix chooses the format (InputError); see `RampResult.write`."""
    if (asked := path_of("path", path, "a file")).suffix.lower() == ".vtu":
        which = "" if result.kind == "ramp" else "number"
        hint = f"a .pvd, or result.solution({which}).write({asked.name!r}): .vtu is one mesh"
        raise InputError("path", str(path), f"a suffix out of {', '.join(ALL)}", hint)
    target = checked(path, ALL)
    suffix = target.suffix.lower()
    if suffix == ".json":
        return write_json(target, sealed({"kind": result.kind, **result.record()}))
    if suffix == ".npz":
        about = {"kind": result.kind, **result.about, **facts(result.first_system)}
        return save(target, result, about)
    return write_series(target, result.frames())


def ramp_frames(result: RampResult) -> Iterator[Frame]:
    """The states that followed the load, and the state after each event; the time is the load."""
    mode = result.follower.mode
    for trial in result.trials:
        if trial.outcome == "cut" or not (trial.converged or trial.change > 0.0):
            continue
        about: dict[str, Any] = {"trial": trial.number, "mode": mode, "load": trial.load}
        about |= {"outcome": trial.outcome, "converged": trial.converged}
        system = with_patch_number(result.system(trial.number), result.follower.system)
        yield Frame(system, result.corrector(trial.number), trial.load, about)


def arc_frames(result: ArcResult) -> Iterator[Frame]:
    """The points of a curve; the time is the length along it, for loads come back."""
    for point, u in zip(result.points, result.states, strict=True):
        system = with_patch_number(result.branch.at(point.load), result.branch.system)
        about: dict[str, Any] = {"point": point.number, "load": point.load, "tip": point.tip}
        about |= {
            "mode": result.branch.mode,
            "unstable": point.unstable,
            "fold": point.fold or "none",
        }
        yield Frame(system, u, point.s, about)
