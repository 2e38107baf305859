"""The trials of a ramp and the states they arrived at: a run whose steps are trials."""

from __future__ import annotations

from typing import Any

from qcmethod.base.stored import stored
from qcmethod.base.types import Array
from qcmethod.io import codec
from qcmethod.io.declared import fits, require_declared
from qcmethod.io.sound import require, require_facts
from qcmethod.studies.journal import NAMED, Journal
from qcmethod.studies.ramp.plan import Trial
from qcmethod.studies.run import Facts, Kind, Run


def _read(line: Facts) -> Trial:
    require_declared(Trial, line)
    return Trial(**line)


KIND = Kind("ramp", _read, step="trial")


@stored
class Store(Run[Trial]):
    """Trials and states {"u": (n_k, 3)} of one ramp."""

    @classmethod
    def on_disk(cls, journal: Journal) -> Store:
        """The trials of a run on disk."""
        store = cls(KIND, journal.run)
        store.use(journal)
        return store

    def corrector(self, number: int) -> Array:
        """The corrector (n_k, 3) that a trial arrived at, A (InputError where there is none)."""
        u: Array = self.state(number)["u"]
        return u


def _parts(store: Store) -> dict[str, Any]:
    states = {str(number): state["u"] for number, state in store.states()}
    return {"run": store.run, "trials": store.steps, "states": states}


def _build(parts: dict[str, Any]) -> Store:
    store, trials = Store(KIND, parts["run"]), parts["trials"]
    require_facts(parts["run"])
    require(all(isinstance(parts["run"].get(name), str) for name in NAMED), "what was run")
    numbers = [int(n) for n in parts["states"]]
    require(all(isinstance(t, Trial) and t.number == n for n, t in enumerate(trials)), "a log")
    require(all(t.start is None or 0 <= t.start < t.number for t in trials), "starts of trials")
    require(all(0 <= n < len(trials) for n in numbers), "states of trials")
    require(all(fits(u, Array) for u in parts["states"].values()), "finite states")
    store.remember(parts["trials"], {int(n): {"u": u} for n, u in parts["states"].items()})
    return store


codec.register(Store, _parts, _build)
