"""`.npz`: everything, to go on from; `qcmethod.load` gives the same object back (`record`)."""

from __future__ import annotations

from pathlib import Path

from qcmethod.analysis.corrector import as_arrays, description
from qcmethod.coupling.summary import head, summary
from qcmethod.io.capabilities import Stored
from qcmethod.io.formats import writes
from qcmethod.io.record import put
from qcmethod.solve.solution import Solution


@writes(".npz", of=Stored)
def write_stored(result: Stored, path: Path) -> None:
    """A whole result."""
    put(path, result, result.head())


@writes(".npz", of=Solution)
def write_solution(solution: Solution, path: Path) -> None:
    """A solution, and what makes the file the reference of a study (`qcmethod.compare`)."""
    system, u = solution.system, solution.u
    about = {"kind": "solution", **summary(system, u), **head(system)}
    extra = {"bubbles": system.body.bubbles.edges, **as_arrays(description(system, u))}
    put(path, solution, about, extra)
