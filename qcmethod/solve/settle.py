"""From a saddle of a force field down to a minimum.

    J v = lambda M v, lambda < 0:      u -> u +- s v,   then   du/dt = M^-1 f

Newton's method finds zeros of a force field, stable or not. A zero is stable, a minimum for want of
a better word, when no eigenvalue of J = -df/du has a negative real part: du/dt = M^-1 f then comes
back from a small push. The symmetric part of J does not tell: it is typically indefinite, while
the spectrum of J is that of a stable energy (Dobson, Luskin and Ortner 2010, Arch. Rational Mech.
Anal. 197, 179; Dobson, Ortner and Shapeev 2012, Multiscale Model. Simul. 10, 744).

The way down is short steps in the conservative twin, whose ghost force is frozen anew at each, so
that each starts from the forces of the field itself (the ghost force iteration; Dobson and Luskin
2008, ESAIM: M2AN 42, 113). It rests at zeros of the field only, and a deviation along a direction
of stiffness h in the twin and j in the field becomes 1 - j/h times as large: where the twin is
stable, the unstable zeros repel it. Newton's method ends it.
"""

from __future__ import annotations

import numpy as np

from qcmethod.coupling.energy import State
from qcmethod.solve.energy import EnergyStep
from qcmethod.solve.free import FreeSystem, Progress, tried
from qcmethod.solve.softest import Softest

PUSH = 0.03
"""Largest displacement of a push off a saddle, A."""
SHORT = 0.02
"""No cell is strained more in a step of the way down: it must not jump over the next minimum."""
EVEN = 0.01
"""The two sides of a saddle are even when their energies differ by this part of the drop."""


def downhill(
    free: FreeSystem, saddle: State, soft: Softest, most: int, progress: Progress | None
) -> tuple[State, int]:
    """A state near the minimum below a saddle, and the steps, `most` at most, that it took."""
    state, step, steps = _pushed(free, saddle, soft), EnergyStep(SHORT), 0
    for steps in range(1, most + 1):
        if progress:
            progress(steps, free.largest(state), None)
        free.require_more(state, steps)
        twin = _twin(free, state)
        new = step(twin, twin.at(state.u))
        free.evaluations, free.inner = twin.evaluations, twin.inner
        found = None if new is None else tried(free, new.u)
        if found is None:
            break
        gone = free.strain((found.u - state.u).ravel()[free.index])
        state = found
        if gone < 0.5 * SHORT:
            break
    return state, steps


def _twin(free: FreeSystem, state: State) -> FreeSystem:
    """The conservative twin with the forces of a state: two evaluations."""
    twin = FreeSystem(free.system.conservative_twin(state.u), free)
    twin.evaluations += 2
    return twin


def _pushed(free: FreeSystem, saddle: State, soft: Softest) -> State:
    """The saddle pushed along its softest direction, to the side that is lower in its twin.

    Energies are compared without the work of the residual forces: that changes with the last step
    of Newton's method, the shape of the valley does not. Of even sides, mirror images say, one is
    taken by rule: the one that makes an acute angle with a fixed random vector.
    """
    step = free.nodal(soft.direction)
    step *= PUSH / float(np.linalg.norm(step, axis=1).max())
    step *= np.sign(np.vdot(np.random.default_rng(1).standard_normal(step.shape), step))
    twin, work = _twin(free, saddle), float(np.vdot(saddle.forces * free.system.free, step))
    sides = [tried(twin, saddle.u + sign * step) for sign in (1.0, -1.0)]
    start, (ahead, behind) = _energy(twin.at(saddle.u)), map(_energy, sides)
    free.evaluations = twin.evaluations
    gain, other = start - ahead - work, start - behind + work
    if other > gain + EVEN * abs(gain):
        step = -step
    found = tried(free, saddle.u + step)
    return saddle if found is None else found


def _energy(state: State | None) -> float:
    """The energy of a trial state; infinite where there is none."""
    if state is None or state.energy is None:
        return np.inf
    return state.energy
