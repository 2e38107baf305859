"""The stress that a coupling itself puts on a dislocation, where it is and a period to either side.

    tau(x) = tau_valley(x) + k x/|b| - tau_c(x),     tau(x): the applied stress that holds the line

Two things are known of the first term: it is that of any other model of the same crystal, and it
has the period P of the lattice. So a better model of the same cylinder, all atoms or a larger core,
gives tau_c = tau_better - tau at the same place: the clamped rim drives both back with k x/|b|.
Without one, what changes over a period is known: tau(x) - tau(x + P) + k P/|b|
(`elasticity.clamped_stiffness`). Positive pushes towards +x; the force a length is tau_c |b| (Peach
and Koehler 1950). Its causes are ghost forces, the blending zone and coarse cells.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qcmethod.analysis.dislocation.disregistry import require_solution
from qcmethod.analysis.moved import lattice_period, moved_by
from qcmethod.base.door import door
from qcmethod.coupling.system import System
from qcmethod.elasticity import clamped_stiffness, stroh
from qcmethod.errors import ConvergenceError, InputError
from qcmethod.problems.shear import burgers_vector, lines_of
from qcmethod.solve.relax import relax
from qcmethod.solve.solution import Solution
from qcmethod.units import MPA

TOLERANCE = 0.02
"""Stresses are found to this, MPa."""
STEPS = 12
VALLEY = 15.0
"""First guess of how firmly a valley holds a line, MPa/A."""


@dataclass(frozen=True)
class CouplingStress:
    """Stress of the coupling on a line, MPa; positive pushes towards +x.

    Attributes
    ----------
    here : where it is; None: not known without a better model, and what follows is the difference
    ahead, behind : a period further along +x, and along -x
    rim : what the clamped rim adds over the period ahead, -k P/|b|
    place : x of the line, A
    period : P, A
    """

    here: float | None
    ahead: float
    behind: float
    rim: float
    place: float
    period: float

    @property
    def largest(self) -> float:
        """The largest of them, without sign: what a Peierls stress may be off by, MPa."""
        return max(abs(self.ahead), abs(self.behind), abs(self.here or 0.0))

    def __repr__(self) -> str:
        here = "against where it is" if self.here is None else f"{self.here:+.2f} where it is"
        return (
            f"CouplingStress({self.ahead:+.2f} MPa a period ahead, {self.behind:+.2f} behind, "
            f"{here}; x = {self.place:.2f} A)"
        )


@door
def coupling_stress(
    solution: Solution, better: System | None = None, fmax: float = 1e-7
) -> CouplingStress:
    """What the coupling adds to the stress on a relaxed dislocation, in both directions.

    The line is set a lattice period further along +x, and along -x, and the applied stress found
    that holds it in the same place of its valley: some eight relaxations, and as many of `better`.

    Parameters
    ----------
    solution : of one dislocation; its place is that of the comparison
    better : a system of the same problem that is trusted more: all atoms, or a larger core. None:
        only the changes over a period are measured
    fmax : of the relaxations, eV/A

    Raises
    ------
    InputError : another problem, a dipole, a line that is not seen by atoms; a `better` system of
        another crystal, line or extent.
    ConvergenceError : the line does not stay where it is set: the core ends, or the coupling is
        stronger than the valley.
    """
    system = require_solution(solution).system
    b = burgers_vector(system.problem, "solution")
    if len(lines_of(system.problem)) > 1:
        raise InputError("solution", system.problem.name, "that of one dislocation")
    own = relax(system, fmax, u=solution)
    place = own.reading.get("place")
    if place is None:
        raise InputError("solution", system, "a line whose slip passes b/4 and 3b/4 on atoms")
    period, stress = lattice_period(system), float(system.problem.loads["shear"])
    k = clamped_stiffness(stroh(system.problem.crystal.stable_moduli()), b, _radius(system))
    rim = -k * period / float(np.linalg.norm(b)) / MPA
    ahead, behind = (_held(own, n, stress - n * rim, place + n * period, fmax) for n in (1, -1))
    if better is None:
        return CouplingStress(None, stress - rim - ahead, stress + rim - behind, rim, place, period)
    _require_same(system, better)
    other = relax(better.at_load(shear=stress), fmax)
    at = other.reading.get("place")
    if at is None:
        raise InputError("better", better, "a system whose line is seen by atoms")
    gone = round((place - at) / period)
    of_better = [
        _held(other, gone + n, tau, place + n * period, fmax)
        for n, tau in ((0, stress), (1, ahead), (-1, behind))
    ]
    here, more, less = np.array(of_better) - (stress, ahead, behind)
    return CouplingStress(float(here), float(more), float(less), rim, place, period)


def _radius(system: System) -> float:
    return system.problem.extent - system.problem.rim


def _require_same(system: System, better: System) -> None:
    """Refuse a better model of something else (InputError)."""
    if not isinstance(better, System):
        hint = "qcmethod.couple(problem, 'atomistic')"
        raise InputError("better", better, "a System of the same problem", hint)
    a, b = system.problem, better.problem
    same = a.name == b.name and a.crystal.potential.name == b.crystal.potential.name
    same = same and np.allclose(a.crystal.lattice.basis, b.crystal.lattice.basis)
    same = same and np.allclose(burgers_vector(a), burgers_vector(b))
    if not same or not np.isclose(_radius(system), _radius(better)):
        expected = f"a system of the same line, its rim at {_radius(system):g} A"
        raise InputError("better", better, expected, "couple the same problem")


def _held(here: Solution, periods: int, stress: float, place: float, fmax: float) -> float:
    """The applied stress, MPa, that holds the line of a solution so many periods on, at a place."""
    system, u = here.system, moved_by(here.system, here.u, periods)
    slope, last = 1.0 / VALLEY, None
    for _ in range(STEPS):
        found = relax(system.at_load(shear=stress), fmax, u=u)
        at = found.reading.get("place")
        if at is None or abs(at - place) > 0.5 * lattice_period(system):
            break
        if last is not None and stress != last[0] and at != last[1]:
            measured = (at - last[1]) / (stress - last[0])
            slope = measured if measured > 0.0 else 0.5 * slope
        u, last, change = found.u, (stress, at), (place - at) / slope
        if abs(change) < TOLERANCE:
            return stress + change
        stress += change
    raise ConvergenceError(
        f"coupling_stress: no stress near {stress:.2f} MPa holds the line at x = {place:.2f} A, "
        f"where it was and {periods:+d} period. Try a larger core: the coupling is stronger than "
        "the valley, or the line leaves the core.",
        best=found,
    )
