"""What an adaptive run found, cycle by cycle."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from qcmethod.base.door import door
from qcmethod.base.result import Result
from qcmethod.base.stored import stored
from qcmethod.base.told import Reproducible
from qcmethod.base.toml import Tables
from qcmethod.base.types import Array, Facts, Unbounded
from qcmethod.coupling.summary import head
from qcmethod.io import codec
from qcmethod.io.capabilities import Frame
from qcmethod.io.sound import require
from qcmethod.mesh import Mesh, join_flank
from qcmethod.solve.solution import Solution
from qcmethod.studies.adapt.asked import Snapshot
from qcmethod.studies.adapt.bracket import bracket
from qcmethod.studies.adapt.discretise import Choice, system_on
from qcmethod.studies.adapt.saturation import KINDS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

HEAD = (
    "cycle repatoms  atoms   extent (A)  energy norm  in core (A)  model     cells     domain    "
    "  energy (eV)  solve + estimate"
)


@stored
@dataclass(frozen=True)
class Cycle:
    """One cycle: sizes, estimates (relative energy norm, A, eV), energy, seconds.

    `parts` are the shares of the energy norm by kind: model, discretisation, truncation. `energy`
    is the excess energy, for a singular predictor over that of the predictor itself in the same
    model, so that cycles compare; None for force methods.
    """

    repatoms: int
    core_sites: int
    extent: float
    energy_norm: Unbounded
    displacement: Unbounded
    energy_error: Unbounded
    parts: dict[str, Unbounded] = field(hash=False)
    energy: float | None
    iterations: int
    solve_seconds: float
    estimate_seconds: float
    solved: bool

    def line(self, number: int) -> str:
        """The cycle as a line of a table."""
        shares = "  ".join(f"{self.parts[kind]:8.2e}" for kind in KINDS)
        energy = f"{'-' if self.energy is None else format(self.energy, '.6f'):>14}"
        note = "" if self.solved else "  no equilibrium within this core"
        return (
            f"{number:5d} {self.repatoms:8d} {self.core_sites:6d} {self.extent:12.5g}  "
            f"{self.energy_norm:11.3e}  {self.displacement:11.3e}  {shares}  {energy} "
            f"{self.solve_seconds:5.1f} s + {self.estimate_seconds:.1f} s{note}"
        )


@stored
@dataclass(frozen=True, eq=False, repr=False)
class AdaptResult(Result, Reproducible):
    """The result of `adapt`.

    Attributes
    ----------
    solution : equilibrium on the last mesh (None if none was found)
    cycles : history
    goal, tolerance : what was asked
    estimate : estimate of the goal at the end
    converged, reason : whether the tolerance was met, and why the run ended
    mesh, choice, u : what another run starts from
    snapshots : the states of the cycles
    made : the call, for `recipe()`
    """

    solution: Solution | None
    cycles: tuple[Cycle, ...]
    goal: str
    tolerance: float
    estimate: Unbounded
    converged: bool
    reason: str
    mesh: Mesh
    choice: Choice
    u: Array
    snapshots: tuple[Snapshot, ...] = ()
    made: Tables | None = None
    kind: ClassVar[str] = "adapt"
    sealed: ClassVar[bool] = True

    def __repr__(self) -> str:
        last = self.cycles[-1]
        return f"AdaptResult({self.reason}; {len(self.cycles)} cycles, {last.repatoms} repatoms)"

    def __str__(self) -> str:
        """The history as a table."""
        lines = [HEAD, *(cycle.line(i) for i, cycle in enumerate(self.cycles)), self.reason]
        if self.solution is not None:
            low, high = self.bracket
            lines.append(f"true error: {low:.2e} to {high:.2e} by {_runs(self)}")
        return "\n".join(lines)

    @property
    def zone(self) -> Array:
        """(m, 2) positions of the sites that the core is measured from, A."""
        if self.solution is None:
            raise AttributeError("zone: the run found no equilibrium")
        return self.solution.system.problem.centres

    @property
    def bracket(self) -> tuple[float, float]:
        """Where the true error of the goal lies: in the plane by held-out runs, in space by those
        that it was chosen on; see `studies.adapt.bracket`.
        """
        return bracket(self.goal, self.estimate, self.mesh.dim)

    @property
    def energy(self) -> tuple[float, float]:
        """Energy of the last cycle and its estimated error, eV (nan for force methods)."""
        last = self.cycles[-1]
        return (float("nan") if last.energy is None else last.energy), last.energy_error

    @property
    def seconds(self) -> float:
        """Time of all cycles, s."""
        return sum(c.solve_seconds + c.estimate_seconds for c in self.cycles)

    @door
    def as_dict(self) -> Facts:
        """Everything but arrays, ready for JSON."""
        return {
            "goal": self.goal,
            "tolerance": self.tolerance,
            "estimate": self.estimate,
            "bracket": list(self.bracket),
            "converged": self.converged,
            "reason": self.reason,
            "cycles": [vars(cycle) for cycle in self.cycles],
        }

    @door
    def write(self, path: str | Path) -> Path:
        """Write the result to a file that is complete or absent; the suffix chooses what.

        `.json`: what was asked and the cycles, infinite numbers become null; `.npz`: everything
        (`qcmethod.load` gives this result back); `.xyz`: a trajectory, the resolved atoms of each
        cycle (OVITO); `.pvd`: the list of a series of meshes, beside a folder with one `.vtu` a
        cycle (ParaView). InputError: another suffix, no folder.
        """
        return super().write(path)

    @door
    def record(self) -> dict[str, object]:
        """The same for a file; None in the place of numbers that JSON does not know."""
        return {"kind": self.kind, **finite(self.as_dict())}

    @door
    def head(self) -> dict[str, object]:
        """What was asked, and what was found with what: the head of the `.npz` file."""
        about = {"kind": self.kind, "goal": self.goal, "tolerance": self.tolerance}
        if self.solution is not None:
            about |= {**self.solution.summary(), **head(self.solution.system)}
        return about

    @door
    def frames(self) -> Iterator[Frame]:
        """The states of all cycles; the time is the number of the cycle."""
        for number, (shot, cycle) in enumerate(zip(self.snapshots, self.cycles, strict=False)):
            system = system_on(shot.problem, join_flank(shot.mesh), self.choice)
            about = {"cycle": number, "solved": shot.solved, "estimate": cycle.energy_norm}
            yield Frame(system, shot.u, float(number), about)

    @door
    def plot(
        self,
        path: str | Path | None = None,
        errors: Sequence[float] | None = None,
        *,
        ax: Axes | None = None,
        dpi: int = 200,
    ) -> Any:
        """Draw the estimates against repatoms, and the core that was found.

        path, ax : a file, None for the Matplotlib figure, or an axis for the estimates (`Drawn`)
        errors : true errors of the cycles, where they are known
        """
        return super().plot(path, errors, ax=ax, dpi=dpi)


def finite(value: Any) -> Any:
    """A copy with None in the place of numbers that JSON does not know."""
    if isinstance(value, dict):
        return {key: finite(item) for key, item in value.items()}
    if isinstance(value, list):
        return [finite(item) for item in value]
    return None if isinstance(value, float) and not np.isfinite(value) else value


def shares(parts: dict[str, float], energy_norm: float) -> dict[str, float]:
    """The parts of an estimate as shares of its relative energy norm, by kind."""
    whole = max(sum(parts.values()), 1e-300)
    return {kind: energy_norm * float(np.sqrt(parts[kind] / whole)) for kind in KINDS}


@codec.sound(Snapshot)
def _snapshot(snapshot: Snapshot) -> None:
    require(_is_state(snapshot.u, snapshot.mesh), "a state of its mesh")


@codec.sound(AdaptResult)
def _sound(result: AdaptResult) -> None:
    require(result.cycles and len(result.snapshots) in (0, len(result.cycles)), "a state a cycle")
    require(_is_state(result.u, result.mesh), "a state of its mesh")
    require(all(cycle.parts.keys() == {*KINDS} for cycle in result.cycles), "parts by kind")


def _is_state(u: Array, mesh: Mesh) -> bool:
    """Whether it has a displacement a node; bubbles come after them."""
    return u.ndim == 2 and u.shape[1] == 3 and len(u) >= mesh.n_nodes


def _runs(result: AdaptResult) -> str:
    """What the bracket was measured on."""
    if result.mesh.dim < 3:
        return "held-out runs"
    return "the runs in space that it was chosen on"
