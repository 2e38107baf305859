"""Pushed starts of force methods: an answer that depends on a push of 0.01 A is a saddle's.

A crack or a dislocation is relaxed from its predictor, or from its own answer, with a random push
of the free nodes, rough (every node for itself) or smooth (a few Gaussian bumps). What comes out is
the minimum that the start without a push leads to. Where the predictor has a mirror that the answer
breaks (the core of a screw in W), either image is an answer: images have the same energies of their
atoms, in another order, and are counted by themselves.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
from harness import Family, Silent, kind

import qcmethod as qc

PUSH = 0.01
"""Largest component of a push, A."""
SAME = 1e-3
"""Answers that differ by less are one: `FMAX` leaves 1e-5 A along the softest valley."""
FMAX = 1e-7
IMAGE = 1e-5
"""Energies of the atoms of mirror images differ by less, eV; they spread over 0.2 eV."""


def _crystal(structure: str, potential: str, **axes: tuple[int, int, int]) -> qc.Crystal:
    make = qc.Crystal.fcc if structure == "fcc" else qc.Crystal.bcc
    return make(qc.load_potential(potential), **axes)


def _crack(structure: str, potential: str, KI: float, **axes: tuple[int, int, int]) -> qc.Problem:
    return qc.crack(_crystal(structure, potential, **axes), KI=KI, extent=200.0)


def _line(structure: str, potential: str, *b_plane_line: tuple, **at: object) -> qc.Problem:
    return qc.dislocation(_crystal(structure, potential), *b_plane_line, extent=200.0, **at)


FRONT = {"x": (1, 1, -2), "y": (1, 1, 1), "z": (1, -1, 0)}
SCREW = ((0.5, 0.5, 0.5), (1, -1, 0), (1, 1, 1))
PROBLEMS = {
    "crack in Al": (lambda: _crack("fcc", "Al-Ercolessi-1994", 0.42, **FRONT), 15.0, 8.0),
    "crack in W": (lambda: _crack("bcc", "W-Ackland-1987", 1.8), 14.0, 8.0),
    "edge in Al": (
        lambda: _line("fcc", "Al-Ercolessi-1994", (0.5, -0.5, 0), (1, 1, 1), (-1, -1, 2)),
        25.0,
        12.0,
    ),
    "Lomer in Al": (
        lambda: _line("fcc", "Al-Ercolessi-1994", (0.5, 0.5, 0), (0, 0, 1), (1, -1, 0)),
        15.0,
        8.0,
    ),
    "screw in W": (lambda: _line("bcc", "W-Zhou-2004", *SCREW, centre=(0.5, 1 / 3)), 14.0, 8.0),
    "screw in Fe": (lambda: _line("bcc", "Fe-Finnis-1984", *SCREW, centre=(0.5, 1 / 3)), 12.0, 8.0),
}
"""What is relaxed, with its core and blend, A."""


@cache
def answer(name: str, method: str) -> qc.Solution:
    """Where the predictor itself leads to."""
    make, core, blend = PROBLEMS[name]
    system = qc.couple(make(), method, core, 0.0 if method == "qcf" else blend)
    return qc.relax(system, FMAX)


def push(rng: np.random.Generator, system: qc.System) -> np.ndarray:
    """A push (n_k, 3) of the free nodes, A."""
    x = system.body.x_k
    if rng.random() < 0.5:
        step = rng.standard_normal(x.shape)
    else:
        step = np.zeros(x.shape)
        for _ in range(int(rng.integers(1, 5))):
            at, width = rng.uniform(-system.core, system.core, 2), rng.uniform(3.0, 15.0)
            bump = np.exp(-((x[:, :2] - at) ** 2).sum(axis=1) / (2.0 * width**2))
            step += bump[:, None] * rng.standard_normal(3)
    step = np.where(system.free, step, 0.0)
    return PUSH * step / np.abs(step).max()


def energies(solution: qc.Solution) -> np.ndarray:
    """Energies of the atoms of full weight, eV, the lowest first."""
    atoms = solution.to_atoms()
    return np.sort(atoms.arrays["site_energy"][atoms.arrays["weight"] == 1.0])


def trial(rng: np.random.Generator, folder: Path) -> str:
    """One problem and method, pushed."""
    name, method = str(rng.choice(list(PROBLEMS))), str(rng.choice(["bqcf", "qcf"]))
    with kind(f"{name}, {method}"):
        expected = answer(name, method)
        from_answer = rng.random() < 0.5
        start = expected.u if from_answer else expected.system.zero
        found = qc.relax(expected.system, FMAX, u=start + push(rng, expected.system))
    where = "its answer" if from_answer else "the predictor"
    for solution in (expected, found):
        if not solution.stability.stable:
            raise Silent(f"{name}, {method}, from {where}: {solution.stability}")
    off = np.abs(found.u - expected.u).max()
    places = [solution.reading.get("place") or 0.0 for solution in (expected, found)]
    if off > SAME or abs(places[1] - places[0]) > SAME:
        if not from_answer and np.abs(energies(found) - energies(expected)).max() < IMAGE:
            return f"{name}, {method}, mirror image"
        raise Silent(f"{name}, {method}, from {where}: {off:.4f} A off, at {places}")
    return f"{name}, {method}"


FAMILY = Family(
    "saddles",
    "force methods from pushed starts: cracks and dislocations",
    trial,
    count=260,
    smoke=1,
    seconds=300.0,
    gigabytes=2.0,
)
