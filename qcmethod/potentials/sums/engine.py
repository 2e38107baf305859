"""The sum over sites of an engine: the same door as `sums.sites`, an engine behind it.

    E_a = sum_l w_l V_l(y) - sum_l w_l V0_l,      E_a'' v = (g(y + h v) - g(y)) / h

An engine that has site energies is asked for the weighted sum. Of one that has forces alone only
sums with one weight for all sites exist; a method of forces takes rows of that gradient, which are
right for every atom that sees all of its neighbours (`forces_on`). Derivatives of gradients are
forward differences, against the gradient of the state.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from threading import local

import numpy as np
from scipy.sparse import csr_array

from qcmethod.base.types import Action, Array, Index
from qcmethod.errors import EngineError
from qcmethod.potentials.can import Can
from qcmethod.potentials.engine import Engine, Session
from qcmethod.potentials.sums.sites import External

STEP = 1e-4
"""Of differences of gradients, in the largest component, A."""


class Kept:
    """A session a thread that is made when it is first asked for, and stays behind when it is
    copied to another process."""

    def __init__(self) -> None:
        self._own = local()

    def asked(self, make: Callable[[], Session]) -> Session:
        """The session of this thread, made if there is none."""
        found: Session | None = getattr(self._own, "session", None)
        if found is None:
            found = self._own.session = make()
        return found

    def __getstate__(self) -> dict[str, object]:
        return {}

    def __setstate__(self, _: object) -> None:
        self.__init__()  # type: ignore[misc]

    def __del__(self) -> None:
        session = getattr(getattr(self, "_own", None), "session", None)
        if session is not None:
            session.close()


@dataclass(frozen=True, eq=False)
class EngineState:
    """One evaluation: energy (eV) and gradient on the sites (n, 3), eV/A, at y (n, 3), A."""

    energy: float
    gradient: Array
    y: Array


@dataclass(frozen=True, eq=False)
class EngineSum:
    """Sites of an engine: weights w (n,), V0 (n,) eV, species (n,), and what presses on them.

    weighted : whether the engine is asked for weighted site energies
    """

    engine: Engine
    period: float
    w: Array
    reference: Array
    species: Index
    weighted: bool
    external: External | None = None
    _kept: Kept = field(default_factory=Kept, repr=False)

    @classmethod
    def build(
        cls,
        engine: Engine,
        period: float,
        w: Array,
        reference: Array,
        external: External | None = None,
        species: Index | None = None,
    ) -> EngineSum:
        """The weighted sum. Raises EngineError for weights that the engine cannot give."""
        weighted = bool((w != 1.0).any())
        if weighted and Can.SITE_ENERGY not in engine.can:
            raise EngineError(
                f"{engine.name} gives forces of all atoms alone: no weighted sum of site energies."
                " Try: a method of forces (bqcf, qcf), or atomistic"
            )
        return cls(engine, period, w, reference, _species(species, len(w)), weighted, external)

    @classmethod
    def forces_on(
        cls,
        engine: Engine,
        period: float,
        n: int,
        external: External | None = None,
        species: Index | None = None,
    ) -> EngineSum:
        """The sum of which a method takes forces on atoms that see all of their neighbours."""
        one, zero = np.ones(n), np.zeros(n)
        return cls(engine, period, one, zero, _species(species, n), False, external)

    def renewed(self) -> EngineSum:
        """The same sum with a session of its own."""
        return replace(self, _kept=Kept())

    def at(self, y: Array) -> EngineState:
        """Evaluate at the site positions y (n, 3), A. Raises OffTableError, EngineError."""
        total, g = self._session(y).at(y)
        energy = total - float(self.w @ self.reference)
        if self.external is not None:
            energy, g = energy + self.external.energy(y), g + self.external.gradient(y)
        return EngineState(energy, g, y)

    def energies(self, y: Array) -> Array:
        """Site energies V (n,) eV at the positions y (n, 3). Raises EngineError: it has none."""
        return self._session(y).energies(y)

    def virials(self, y: Array) -> Array:
        """Raises EngineError: an engine has no virials of single atoms that add up as ours do."""
        raise EngineError(f"{self.engine.name} gives no stress of single atoms. Try: the continuum")

    def hessian(self, state: EngineState) -> Action:
        """The map v (n, 3) -> E_a'' v (n, 3) at a state, by differences."""

        def action(v: Array) -> Array:
            largest = float(np.abs(v).max(initial=0.0))
            if largest == 0.0:
                return np.zeros_like(v)
            h = max(STEP, self.engine.floor**0.5) / largest
            Hv: Array = (self.at(state.y + h * v).gradient - state.gradient) / h
            return Hv

        return action

    def hessian_matrix(self, state: EngineState) -> csr_array:
        """Raises EngineError: it would take three evaluations a site."""
        raise EngineError(
            f"{self.engine.name}: its Hessian is known by its action only. Try: relax, without a "
            "factorised Jacobian"
        )

    def _session(self, y: Array) -> Session:
        def make() -> Session:
            box = np.diag([1.0, 1.0, self.period if np.isfinite(self.period) else 1.0])
            periodic = (False, False, bool(np.isfinite(self.period)))
            w = self.w if self.weighted else None
            return self.engine.session(y, box, periodic, self.species, w)

        return self._kept.asked(make)


def _species(species: Index | None, n: int) -> Index:
    return np.zeros(n, dtype=np.int64) if species is None else species
