"""One trial of a ramp: from a state at one load to an equilibrium at another, and was it a jump?

A trial is steady when `relax` converges and no bond between nearest neighbours has changed by more
than `jump` times their distance; a dislocation must not have moved by more than half a period
of the lattice either. Each trial sets up its system anew from the numbers of the state
that it starts from, so it does not matter what was computed before it in the same process; what
belongs to the mesh, the preconditioner, is made once.

A trial ends at its first jumped bond (`way`). Only the one that closes the bracket of an event is
followed to its end.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from qcmethod.analysis.crack.j_on_cells import stress_intensity
from qcmethod.analysis.events.bonds import Bonds
from qcmethod.base.stored import stored
from qcmethod.base.types import Array, Facts
from qcmethod.coupling.system import System
from qcmethod.problems.load import LOADS
from qcmethod.solve.corrector import started
from qcmethod.solve.shake import shaken
from qcmethod.solve.solution import Solution
from qcmethod.studies.ramp.plan import Trial, closes, judged
from qcmethod.studies.ramp.way import Kept, followed, jumped


@stored
@dataclass(frozen=True, eq=False)
class Follower:
    """What all trials of a ramp share.

    Attributes
    ----------
    system : at the first load
    bonds : between its resolved sites
    mode : the load that is varied: "KI", "KII", "KIII", "shear", ...
    reference : where ghost forces are frozen: "predictor", "last" (the state that a trial starts
        from) or a gradient (3, 3)
    jump : a bond that changes by more than this many nearest-neighbour distances has jumped
    width : of the bracket of an event, in the unit of the load
    fmax, max_iterations : of `relax`
    ring : inner and outer radius of the J-integral, A, or None
    shake : random displacement of the core before each trial, A (`solve.shake`)
    path : planned loads of all modes where several are varied: the others are linear in `mode`
        from each to the next
    """

    system: System
    bonds: Bonds
    mode: str
    reference: Array | str
    jump: float
    width: float
    fmax: float
    max_iterations: int
    ring: tuple[float, float] | None
    shake: float = 0.0
    path: dict[str, tuple[float, ...]] = field(default_factory=dict)

    def loads_at(self, load: float) -> dict[str, float]:
        """All that is varied, at a load of `mode`."""
        if not self.path:
            return {self.mode: load}
        at = np.argsort(self.path[self.mode])
        x = np.array(self.path[self.mode])[at]
        others = {name: float(np.interp(load, x, np.array(y)[at])) for name, y in self.path.items()}
        return others | {self.mode: load}

    @property
    def threshold(self) -> float:
        """Change of a bond that is a jump, A."""
        return self.jump * self.bonds.length

    def at(self, load: float, start: Array | None) -> System:
        """The system at a load, for a trial that starts from the corrector `start`."""
        reference = None if isinstance(self.reference, str) else self.reference
        if isinstance(self.reference, str) and self.reference == "last":
            reference = start
        return self.system.at_load(reference, **self.loads_at(load))

    def attempt(
        self,
        number: int,
        load: float,
        start: Trial | None,
        u: Array | None,
        kept: Kept,
    ) -> tuple[Trial, Array | None]:
        """Try a load from the corrector u (n_k, 3) of a trial; the record and the new corrector.

        kept : what the trials of this run share
        """
        begin = time.perf_counter()
        system, before, until = self.at(load, u), None, None
        if start is not None and u is not None:
            before = kept.positions(start.number, partial(self.positions, start.load, u))
            if not closes(start.load, load, self.width):
                until = jumped(self.bonds, before, system, self.threshold)
        if self.shake:
            u = shaken(system, started(system) if u is None else u, self.shake, number)
        solution, new, facts = followed(system, u, self.fmax, self.max_iterations, kept.lu, until)
        if solution is not None:
            facts = self._facts(solution)
        change = 0.0
        tip, separation = (None, None) if new is None else _place(system, new)
        if new is not None and before is not None:
            change = self.bonds.largest(before, system.body.positions(new))
        held = change <= self.threshold and not self._glided(start, tip)
        steady = facts.get("converged", True) and held
        trial = Trial(
            number=number,
            load=load,
            start=None if start is None else start.number,
            outcome=judged(load, None if start is None else start.load, steady, self.width),
            change=change,
            tip=tip,
            separation=separation,
            seconds=round(time.perf_counter() - begin, 3),
            **facts,
        )
        return trial, new

    def _glided(self, start: Trial | None, tip: float | None) -> bool:
        """Whether a dislocation has moved by more than half a lattice period: a wide one does so
        without any bond that changes by much."""
        if start is None or start.tip is None or tip is None or not LOADS[self.mode].glides:
            return False
        return abs(tip - start.tip) > 0.5 * float(self.system.problem.crystal.lattice.basis[0, 0])

    def positions(self, load: float, u: Array) -> Array:
        """Positions of the sites (n_l, 3) at a load and a corrector (n_k, 3), A."""
        return self.system.body_at(**self.loads_at(load)).positions(u)

    def _facts(self, solution: Solution) -> Facts:
        known = solution.known_stability
        return {
            "softest": None if known is None else known.value,
            "left": None if known is None else known.left,
            "energy": solution.excess_energy,
            "K_ring": None if self.ring is None else stress_intensity(solution, *self.ring),
            "force": None if solution.contact is None else solution.contact.force,
            "fmax": solution.fmax,
            "iterations": solution.iterations,
            "evaluations": solution.evaluations,
            "inner": solution.inner,
        }


def _place(system: System, u: Array) -> tuple[float | None, float | None]:
    """x of the crack tip or of the dislocation, and the separation of its partials, A."""
    found = system.problem.watch.reading(system, u)
    return found.get("place"), found.get("separation")
