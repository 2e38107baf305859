"""The reference of a study: one good solution, as a field on lattice points.

It need not come from this run: a fully atomistic solution of the problem, a solution at hand, or a
file that `Solution.write` made. A reference of another problem, or of a smaller domain, is refused.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from qcmethod.analysis.corrector import as_arrays, description
from qcmethod.base.stored import stored
from qcmethod.base.types import Array
from qcmethod.coupling.couple import couple
from qcmethod.errors import DamagedFileError, FileVersionError, InputError, ResultFileError
from qcmethod.io.container import read_arrays
from qcmethod.io.record import save
from qcmethod.problems.identity import identity
from qcmethod.problems.problem import Problem
from qcmethod.solve.relax import relax
from qcmethod.solve.solution import Solution

MAX_ATOMS = 300_000
"""Sites of an atomistic reference: more would take hours and tens of gigabytes."""


@stored
@dataclass(frozen=True, eq=False)
class Reference:
    """A solution as the studies need it; the fields are those of `analysis.corrector`."""

    problem: str
    method: str
    core: float
    blend: float
    extent: float
    rim: float
    repatoms: int
    energy: float | None
    ij: NDArray[np.int64]
    lower: NDArray[np.bool_]
    cells: NDArray[np.int64]
    finest: NDArray[np.bool_]
    v: Array

    @classmethod
    def of(cls, solution: Solution) -> Reference:
        """The reference that a solution is."""
        return cls(**description(solution.system, solution.u))

    @classmethod
    def read(cls, path: str | Path) -> Reference:
        """From a `.npz` file; InputError when it is missing, damaged or something else."""
        hint = "a file of Solution.write('reference.npz')"
        try:
            _, arrays = read_arrays(path, "reference")
            given = {field.name: arrays[f"reference_{field.name}"] for field in fields(cls)}
            scalars = {name: value.item() for name, value in given.items() if value.ndim == 0}
            scalars["energy"] = None if np.isnan(scalars["energy"]) else scalars["energy"]
            found = cls(**{**given, **scalars})
            if found.v.shape != (len(found.ij), 3) or not np.isfinite(found.v).all():
                raise ValueError("not a displacement")
            return found
        except (DamagedFileError, FileVersionError):
            raise
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            expected = "a .npz file that holds a reference"
            raise ResultFileError("reference", str(path), expected, hint) from error

    def write(self, path: Path) -> None:
        """Write a whole `.npz` file."""
        save(path, self, {"kind": "reference", **self.record()}, as_arrays(vars(self)))

    def record(self) -> dict[str, object]:
        """What it is, for tables and files."""
        names = ("method", "core", "blend", "extent", "rim", "repatoms", "energy")
        return {name: getattr(self, name) for name in names}

    def require(self, problem: Problem, extent: float) -> None:
        """Raise InputError unless this is a solution of the problem, in no smaller a domain."""
        if self.problem != identity(problem):
            raise InputError(
                "reference",
                f"{self.method} solution of problem {self.problem}",
                f"one of this problem ({identity(problem)}): the same potential, lattice, defect "
                "and load",
            )
        if self.extent < extent - 1e-9 or self.extent - self.rim < extent - problem.rim - 1e-9:
            given = f"extent {self.extent:g} A, rim {self.rim:g} A"
            expected = f"a domain of at least {extent:g} A, rim {problem.rim:g} A"
            raise InputError("reference", given, expected, "a problem with a larger extent")


def atomistic(problem: Problem, fmax: float) -> Reference:
    """Relax all atoms of the problem; InputError where they are too many."""
    n = float(problem.n_sites)
    if n > MAX_ATOMS:
        raise InputError(
            "reference",
            "atomistic",
            f"at most {MAX_ATOMS:,} atoms; this problem has {n:,.0f}",
            "a smaller extent, or reference=relax(couple(problem, 'bgfc', core, blend)) with a "
            "core much larger than those of the study",
        )
    return Reference.of(relax(couple(problem, "atomistic"), fmax))
