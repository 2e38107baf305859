"""Where an adaptive run stands between two cycles: all that the next one depends on.

A cycle is a function of a stage, so a run whose stages are on disk goes on from the last of them as
if it had never stopped.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from qcmethod.base.stored import stored
from qcmethod.base.types import Array
from qcmethod.coupling.system import System
from qcmethod.errors import DamagedFileError
from qcmethod.io import codec
from qcmethod.io.declared import fits, require_declared
from qcmethod.io.sound import require
from qcmethod.mesh import Mesh
from qcmethod.potentials.contract import Potential
from qcmethod.problems.problem import Problem
from qcmethod.studies.adapt.glide import LONGEST, Glide
from qcmethod.studies.adapt.result import Cycle
from qcmethod.studies.adapt.steps import Best
from qcmethod.studies.journal import Journal


@stored
@dataclass(frozen=True, eq=False)
class Stage:
    """Attributes
    ----------
    problem, mesh : of the next cycle
    old, u : system and corrector (n_k, 3) that it starts from (None: the predictor)
    last : mesh of the last cycle
    extent : outer radius that was asked for, A
    widen : whether the outer radius may still grow
    best, glide : the last equilibrium; where a defect went since then
    cycles : what was done
    reason, stays : why the run ended ("": it has not); why the domain stays as it is
    """

    problem: Problem
    mesh: Mesh
    old: System | None
    u: Array | None
    last: Mesh | None
    extent: float
    widen: bool
    best: Best | None
    glide: Glide
    cycles: tuple[Cycle, ...] = ()
    reason: str = ""
    stays: str = ""

    def ended(self, reason: str) -> Stage:
        """The same stage, and why the run ends here."""
        return replace(self, reason=reason)


def last_stage(journal: Journal, potential: Potential | None = None) -> Stage:
    """The last stage of a run on disk (DamagedFileError)."""
    stage = journal.state(len(journal.lines) - 1, potential)
    if not isinstance(stage, Stage):
        expected = "an undamaged state of this run"
        raise DamagedFileError("directory", str(journal.folder), expected)
    return stage


def _best(parts: dict[str, Any]) -> Best:
    require_declared(Best, parts)
    return Best(lu=None, **parts)


def _glide(parts: dict[str, Any]) -> Glide:
    last, reach = parts["last"], parts["reach"]
    require(
        last is None or (fits(last, Array) and last.shape in ((2,), (3,))), "a place (2,) or (3,)"
    )
    require(fits(reach, float) and 0.0 < reach <= LONGEST, "a way ahead")
    return Glide.of(parts)


@codec.sound(Stage)
def _sound(stage: Stage) -> None:
    require((stage.old is None) == (stage.u is None), "a state with its system")
    if stage.old is not None and stage.u is not None:
        require(stage.u.shape == stage.old.zero.shape, "a state of its system")


codec.register(
    Best,
    lambda best: {"solution": best.solution, "mesh": best.mesh, "value": best.value},
    _best,
)
codec.register(Glide, vars, _glide)
