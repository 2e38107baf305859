"""The screw dislocation of bcc: its core, and the stress at which it glides.

    p = |sum over three neighbours of (|D_o1| - |D_o2|)|/b,      0: compact, 1: polarised

D are differential displacements (Vitek, Perrin, Bowen 1970, Phil. Mag. 21, 1049) between each of
the three columns around the central triangle, o, and the two columns of the triangle next to it,
taken in one sense of rotation. The core is the lowest of what relaxes from the elastic field and
from random pushes: a polarised one has two variants. Shear of either sign on (1-10) is shear of one
sign on the two variants; they need not agree.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from qcmethod.analysis.dislocation.line_energy import line_energy
from qcmethod.analysis.events.event import Event
from qcmethod.analysis.structure.differential import differential_displacement
from qcmethod.base.types import Array
from qcmethod.coupling.couple import couple
from qcmethod.errors import QCError
from qcmethod.potentials.can import Can
from qcmethod.problems.dislocation import dislocation
from qcmethod.problems.problem import Problem
from qcmethod.solve.relax import relax
from qcmethod.solve.solution import Solution
from qcmethod.studies.ramp.ramp import ramp
from qcmethod.studies.scorecard.lengths import FMAX, ITERATIONS, LINE_EXTENT, zones
from qcmethod.studies.scorecard.row import ROWS, Found, Number, Row, Subject
from qcmethod.units import MPA

AXES = ((0.5, 0.5, 0.5), (1, -1, 0), (1, 1, 1))
EASY = (0.5, 1 / 3)
"""Amid three columns, where the field reverses the sense of their heights."""
PUSH, WITHIN, SEEDS = 0.1, 8.0, (0, 1, 2)
"""A, on nodes within that distance of the line, A."""
SHAKE = 0.05
"""Before each load, A: it takes lines off the saddle points that symmetric starts end on."""
POLARISED = 0.1
RADII = np.linspace(100.0, 1000.0, 10)
"""Of the line energy, A."""
STEP, LAST, WIDTH = 1.25e-3, 0.035, 6e-5
"""Of the shear ramp, in C44."""
GLIDES, EVENTS = ("glide", "cross slip"), 3
"""What is Peierls's event, and within how many it is looked for."""


def core(subject: Subject) -> Found:
    """Polarity of the core, and its energy (eV/A) with r0 = b."""
    states = _relaxed(_problem(subject), subject)
    best = states[0]
    p = [polarity(state) for state in states[:2]]
    error = max(abs(p[0] - p[-1]), 1e-3)
    how = "next lowest" if len(p) > 1 else "tolerance"
    says = "polarised" if p[0] - error > POLARISED else "compact"
    if p[0] - error <= POLARISED < p[0] + error:
        says = "undecided"
    found = [Number("screw, polarity of the core", p[0], "", error, how=how, says=says)]
    if Can.SITE_ENERGY in subject.potential.can:
        line = line_energy(best, RADII)
        single = line.energy - line.K * np.log(line.radius / line.b)
        spread = float(np.ptp(single[line.radius >= 0.5 * line.radius.max()]))
        energy = line.core_energy()
        found.append(Number("screw, core energy", energy, "eV/A", spread, how="radii"))
    return Found(tuple(found))


def glide(name: str, sign: float, subject: Subject) -> Found:
    """The stress at which the line first moves, and at which it glides, MPa."""
    C44 = subject.crystal.elastic_constants().C44 / MPA
    result = ramp(
        _problem(subject),
        subject.method,
        *zones(subject.potential.cutoff),
        shear=sign * C44 * np.arange(0.0, LAST, STEP),
        width=WIDTH * C44,
        fmax=FMAX,
        max_iterations=ITERATIONS,
        shake=SHAKE,
        events=EVENTS,
        directory=subject.directory,
    )
    if not result.events:
        raise QCError(f"screw: it holds up to {LAST * C44:.0f} MPa ({name})")
    found = [_bracket(f"screw, first move, shear {name}", result.events[0])]
    moved = [event for event in result.events if event.kind in GLIDES]
    if moved:
        found.append(_bracket(f"screw, glides, shear {name}", moved[0]))
    return Found(tuple(found))


def _bracket(name: str, event: Event) -> Number:
    low, high = sorted((abs(event.before), abs(event.after)))
    value = abs(event.load)
    return Number(name, value, "MPa", low=low, high=high, how="ramp", says=event.kind)


def polarity(solution: Solution) -> float:
    """p of a screw about the origin, between 0 and 1."""
    found = differential_displacement(solution)
    x = found.zone.x[:, :2]
    near = np.argsort(np.hypot(*x.T))[:6]
    inner, outer = near[:3], near[3:]
    size = {
        pair: abs(float(value))
        for i, j, value in zip(found.i, found.j, found.value, strict=True)
        for pair in ((int(i), int(j)), (int(j), int(i)))
    }
    total = 0.0
    for o in outer:
        pair = [n for n in inner if (int(o), int(n)) in size]
        first, second = sorted(pair, key=lambda n: _turn(x[o], x[n]))
        total += size[int(o), int(first)] - size[int(o), int(second)]
    return abs(total) / float(np.linalg.norm(found.b))


def _turn(start: Array, end: Array) -> float:
    """Angle from one column to another about the line, -pi to pi."""
    return float(np.arctan2(start[0] * end[1] - start[1] * end[0], start @ end))


def _problem(subject: Subject) -> Problem:
    return dislocation(subject.crystal, *AXES, extent=LINE_EXTENT, centre=EASY)


def _relaxed(problem: Problem, subject: Subject) -> list[Solution]:
    """What relaxes from the field and from pushes, the lowest first where there are energies."""
    system = couple(problem, subject.method, *zones(subject.potential.cutoff))
    near = np.hypot(*system.body.x_k[:, :2].T) < WITHIN
    starts = [system.zero]
    for seed in SEEDS:
        pushed = system.zero.copy()
        random = np.random.default_rng(seed).uniform(-PUSH, PUSH, pushed.shape)
        pushed[near] += random[near]
        starts.append(pushed)
    found = [relax(system, FMAX, u=u) for u in starts]
    if Can.SITE_ENERGY in subject.potential.can:
        return sorted(found, key=_energy)
    return found[::-1]


def _energy(solution: Solution) -> float:
    assert solution.energy is not None
    return solution.energy


ROWS.add_named(
    Row("screw", "core of the screw", core, structures=("bcc",), level="full", order=9.0)
)
for _name, _sign in (("+", 1.0), ("-", -1.0)):
    ROWS.add_named(
        Row(
            f"glide {_name}",
            "Peierls stress of the screw, shear of one sign",
            partial(glide, _name, _sign),
            structures=("bcc",),
            level="full",
            order=9.2 - 0.1 * _sign,
        )
    )
