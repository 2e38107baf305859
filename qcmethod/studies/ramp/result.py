"""What a ramp found: the states that followed the load, the events, and all that was tried."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from qcmethod.analysis.dislocation.coupling_stress import CouplingStress, coupling_stress
from qcmethod.analysis.events.event import Event
from qcmethod.base.door import door
from qcmethod.base.result import Result
from qcmethod.base.stored import stored
from qcmethod.base.told import Reproducible
from qcmethod.base.toml import Tables
from qcmethod.base.types import Array, Facts
from qcmethod.coupling.summary import head, with_patch_number
from qcmethod.coupling.system import System
from qcmethod.errors import ConvergenceError, InputError
from qcmethod.io import codec
from qcmethod.io.capabilities import Frame
from qcmethod.io.sound import require
from qcmethod.potentials.contract import Potential
from qcmethod.problems.load import LOADS
from qcmethod.solve.relax import relax
from qcmethod.solve.solution import Solution
from qcmethod.studies.journal import Journal
from qcmethod.studies.ramp.arguments import chosen
from qcmethod.studies.ramp.follow import Follower
from qcmethod.studies.ramp.history import (
    events_of,
    header,
    line,
    no_equilibrium,
    no_event,
    state_of,
)
from qcmethod.studies.ramp.plan import Trial
from qcmethod.studies.ramp.store import Store

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@stored
@dataclass(frozen=True, repr=False)
class RampResult(Result, Reproducible):
    """A finished load ramp.

    Attributes
    ----------
    follower, store : how trials were made; the log and the states
    loads : planned loads, MPa sqrt(m) (shear: MPa)
    events : the jumps, in order
    made : the call, for `recipe()`
    """

    follower: Follower
    store: Store
    loads: tuple[float, ...]
    events: tuple[Event, ...]
    made: Tables | None = field(default=None, compare=False)
    kind: ClassVar[str] = "ramp"
    sealed: ClassVar[bool] = True
    instead: ClassVar[Mapping[str, str]] = {
        ".vtu": "a .pvd, or result.solution().write({}): .vtu is one mesh"
    }

    @property
    def trials(self) -> tuple[Trial, ...]:
        """Everything that was tried, in order."""
        return tuple(self.store.steps)

    @property
    def steps(self) -> tuple[Trial, ...]:
        """The trials whose states follow the load, those after an event included."""
        return tuple(t for t in self.trials if t.outcome != "cut" and t.converged)

    @property
    def load(self) -> Array:
        """Loads of the steps (n,), in their unit."""
        return np.array([t.load for t in self.steps])

    @property
    def K(self) -> Array:
        """The same of a crack, MPa sqrt(m)."""
        return self.load

    @property
    def position(self) -> Array:
        """x (n,) of the crack tip, or of the middle of a dislocation, at the steps, A."""
        return np.array([np.nan if t.tip is None else t.tip for t in self.steps])

    @property
    def force(self) -> Array:
        """Force of the indenter at the steps (n,), N/m, in space nN; nan without one."""
        return np.array([np.nan if t.force is None else t.force for t in self.steps])

    @property
    def completed(self) -> bool:
        """Whether the last planned load was reached."""
        return bool(self.steps) and self.steps[-1].load == self.loads[-1]

    @door
    def system(self, number: int) -> System:
        """The system of trial `number`."""
        trial = self._trial(number)
        start = None if trial.start is None else self.store.corrector(trial.start)
        return self.follower.at(trial.load, start)

    @door
    def corrector(self, number: int) -> Array:
        """The corrector (n_k, 3) that trial `number` arrived at, A."""
        return self.store.corrector(self._trial(number).number)

    @door
    def solution(self, number: int | None = None) -> Solution:
        """The equilibrium of a step (default: the last before the first event, or the last).

        Raises ConvergenceError for a trial that did not converge (`best` holds its `state`), or
        where none did.
        """
        if number is None and not self.steps:
            raise ConvergenceError(f"ramp: no load has an equilibrium. {self.trials[0].message}")
        if number is None:
            number = self.steps[-1].number if not self.events else self._before(self.events[0])
        trial = self._trial(number)
        if not trial.converged:
            raise self._no_equilibrium(trial)
        return relax(self.system(number), self.follower.fmax, u=self.corrector(number))

    @door
    def state(self, number: int) -> Solution:
        """Where trial `number` ended, an equilibrium or not: `fmax` tells; no solver runs.

        Raises InputError where it arrived at no state.
        """
        return state_of(self.system(number), self.corrector(number), self._trial(number))

    @cached_property
    def coupling_stress(self) -> CouplingStress:
        """What the coupling adds to the stress on a dislocation at the first step: how far off a
        stress at which it glides may be. Some eight relaxations when it is first asked for; against
        a better model see `qcmethod.coupling_stress`, whose errors it raises."""
        return coupling_stress(self.solution(self.steps[0].number))

    @door
    def plot(
        self,
        path: str | Path | None = None,
        event: int = 0,
        dpi: int = 200,
        *,
        ax: Axes | None = None,
    ) -> Any:
        """Draw the path of the load, the jumps of the bonds, and the atoms of an event.

        path, ax : a file, None for the Matplotlib figure, or an axis for the path alone (`Drawn`)
        """
        return super().plot(path, event, ax=ax, dpi=dpi)

    @door
    def write(self, path: str | Path) -> Path:
        """Write the result to a file that is complete or absent; the suffix chooses what.

        `.json`: run, trials and events; `.npz`: everything (`qcmethod.load` gives this result
        back); `.xyz`: a trajectory of the resolved atoms (OVITO); `.pvd`: the list of a series of
        meshes, beside a folder with one `.vtu` a step (ParaView), the load for the time. The state
        after an event is the last one, an equilibrium or not. InputError: another suffix.
        """
        return super().write(path)

    @door
    def frames(self) -> Iterator[Frame]:
        """The states that followed the load, and that after each event; the time is the load."""
        for trial in self.trials:
            if trial.outcome == "cut" or not (trial.converged or trial.change > 0.0):
                continue
            about: Facts = {"trial": trial.number, "mode": self.follower.mode}
            about |= {"load": trial.load, "outcome": trial.outcome, "converged": trial.converged}
            system = with_patch_number(self.system(trial.number), self.follower.system)
            yield Frame(system, self.corrector(trial.number), trial.load, about)

    @door
    def head(self) -> dict[str, object]:
        """What was done, and with what: the head of the `.npz` file."""
        return {"kind": self.kind, **self.store.run, **head(self.follower.system)}

    @classmethod
    @door
    def of(cls, journal: Journal, potential: Potential | None = None) -> RampResult:
        """What a ramp has left in its folder, finished or not; nothing is computed again."""
        setup, store = journal.setup(potential), Store.on_disk(journal)
        found = events_of(setup["follower"], store)
        return cls(setup["follower"], store, setup["loads"], found, setup.get("made"))

    @door
    def record(self) -> dict[str, object]:
        """Run, trials and events as numbers, texts and lists."""
        return {
            "kind": self.kind,
            "run": self.store.run,
            "trials": [asdict(t) for t in self.trials],
            "events": [e.record() for e in self.events],
        }

    def __repr__(self) -> str:
        found = "; ".join(map(repr, self.events)) or "no event"
        last = f" to {LOADS[self.follower.mode].text(self.load[-1])}" if self.steps else ""
        return f"RampResult({len(self.steps)} steps{last}, {found})"

    def __str__(self) -> str:
        head = f"{self.store.run['problem']}, {self.store.run['method']}"
        events = [repr(e) for e in self.events] or [no_event(self.follower.mode, self.load)]
        if any(e.kind == "glide" for e in self.events):
            known = vars(self).get("coupling_stress", "not measured: result.coupling_stress")
            events.append(f"what the coupling adds to these stresses: {known}")
        unit = self.follower.system.problem.watch.force_unit
        return "\n".join([head, header(self.follower.mode, unit), *map(line, self.trials), *events])

    def _no_equilibrium(self, trial: Trial) -> ConvergenceError:
        try:
            best = self.state(trial.number)
        except InputError:  # it arrived nowhere
            best = None
        return no_equilibrium(self.follower.mode, trial, best)

    def _trial(self, number: int) -> Trial:
        return self.trials[chosen("number", number, len(self.trials), "a trial")]

    def _before(self, event: Event) -> int:
        start = self.trials[event.trial].start
        assert start is not None  # an event has a state to go back to
        return start


@codec.sound(RampResult)
def _sound(result: RampResult) -> None:
    follower, n = result.follower, len(result.trials)
    shape = follower.system.zero.shape
    require(follower.mode in LOADS, "a load")
    require(all(state["u"].shape == shape for _, state in result.store.states()), "its states")
    require(n and all(0 <= event.trial < n for event in result.events), "events of trials")
    bonds, sites = follower.bonds, len(follower.system.body.x_l)
    ends = np.concatenate([bonds.i, bonds.j])
    require(not len(ends) or (ends.min() >= 0 and ends.max() < sites), "bonds of sites")
    require(bonds.i.ndim == 1 and bonds.i.shape == bonds.j.shape, "bonds with two ends")
    require(bonds.X.shape == bonds.middle.shape == (len(bonds.i), 3), "vectors of bonds")
    require(bonds.x.shape == (sites, 3), "positions of sites")
