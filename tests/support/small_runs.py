"""The smallest studies of each kind: what is written, killed, raced for and read back in tests."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

import qcmethod as qc
from qcmethod.base.digest import digest

STRETCHED = np.array([[1.0, 0.0], [0.0, 1.02]])


@cache
def plane() -> qc.Crystal:
    """A plane crystal of short range."""
    return qc.Crystal.hex2d(qc.load_potential("toy2d-c10"))


@cache
def tungsten() -> qc.Crystal:
    """The metal of shortest range, for cracks."""
    return qc.Crystal.bcc(
        qc.load_potential("W-Ackland-1987"), x=(0, 1, 1), y=(1, 0, 0), z=(0, 1, -1)
    )


def ramp(directory: Path | None = None, **given: Any) -> Any:
    """Three loads of a crack."""
    words = {"KI": (1.88, 1.9, 1.92), "width": 0.01, **given}
    return qc.ramp(_crack(), "atomistic", **words, directory=directory)


def arc(directory: Path | None = None, **given: Any) -> Any:
    """Three points of a branch."""
    return qc.arc(_crack(), "atomistic", **{"KI": 1.88, "steps": 2, **given}, directory=directory)


def adapt(directory: Path | None = None, **given: Any) -> Any:
    """An adaptive run of a few cycles."""
    problem = qc.vacancy(plane(), STRETCHED, extent=25.0)
    return qc.adapt(problem, **{"tolerance": 0.03, **given}, directory=directory)


def compare(directory: Path | None = None, **given: Any) -> Any:
    """Two methods with two cores each."""
    problem = qc.vacancy(plane(), STRETCHED, extent=16.0)
    words = {"cores": (3.0, 4.0), "stability": False, "fmax": 1e-5, "progress": False, **given}
    return qc.compare(problem, ("bqce", "bgfc"), **words, directory=directory)


def sweep(directory: Path | None = None, **given: Any) -> Any:
    """Two ramps one after another, as a script over a parameter does it: a folder each."""
    folders = (None, None)
    if directory is not None:
        directory.mkdir(exist_ok=True)
        folders = (directory / "one", directory / "two")
    loads = ((1.88, 1.9), (1.89, 1.91))
    return [ramp(folder, KI=K, **given) for folder, K in zip(folders, loads, strict=True)]


STUDIES: dict[str, Callable[..., Any]] = {
    "ramp": ramp,
    "arc": arc,
    "adapt": adapt,
    "compare": compare,
    "sweep": sweep,
}


def _crack() -> Any:
    return qc.crack(tungsten(), 1.88, extent=28.0)


@cache
def solution() -> qc.Solution:
    """A vacancy."""
    system = qc.couple(qc.vacancy(plane(), STRETCHED, extent=16.0), "bgfc", 3.0, 3.0)
    return qc.relax(system, fmax=1e-6)


@cache
def content(name: str, suffix: str, folder: Path) -> bytes:
    """The file of a result."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = solution() if name == "solution" else STUDIES[name]()
        return Path(result.write(folder / f"{name}{suffix}")).read_bytes()


def digest_of(name: str, result: Any) -> str:
    """What a study found, digit by digit, times apart."""
    if name == "sweep":
        return digest([digest_of("ramp", one) for one in result])
    states: list[Any]
    if name == "ramp":
        states = [result.corrector(trial.number) for trial in result.steps]
    elif name == "arc":
        states = list(result.states)
    elif name == "adapt":
        states = [result.u, *(shot.u for shot in result.snapshots)]
    else:
        states = []
    return digest([json.dumps(timeless(result.record()), sort_keys=True), *states])


def timeless(values: Any) -> Any:
    """Without what a clock said."""
    if isinstance(values, dict):
        return {k: timeless(v) for k, v in values.items() if "seconds" not in k}
    return [timeless(v) for v in values] if isinstance(values, list | tuple) else values


def finished(folder: Path) -> dict[str, bytes]:
    """The steps that are finished in a folder, by name; those of a log up to a fold, which is found
    again with its step."""
    found = {str(f.relative_to(folder)): f.read_bytes() for f in folder.rglob("cases/[!.]*.json")}
    for log in folder.rglob("log.jsonl"):
        lines = log.read_bytes().splitlines()
        if lines and json.loads(lines[-1]).get("fold"):
            del lines[-1]
        for number, line in enumerate(lines):
            found[f"{log.relative_to(folder)} {number}"] = line
    return found


def left_over(folder: Path) -> list[str]:
    """What no run leaves: partial files and locks."""
    return [f.name for f in folder.rglob("*") if f.name.startswith(".") or f.name == "lock"]
