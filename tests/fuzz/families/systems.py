"""Random systems: a crystal in any orientation, any method on it, any metric, any elements.

Where `couple` takes them, they are what they say:

    sites        sum w + sum omega = the sites of the domain, less the missing ones, none below 0
    patch test   at a random F, and at another one if the method claims every gradient, no force on
                 a free node: 1e-9 eV/A, and what rounding leaves where cells are large
    derivatives  f . v = -dE/dv of an energy, K v = -df/dv of a field of forces, in a state without
                 symmetry, to 1e-5

Rounding grows as the stress times the area of the cells (`analysis.patch.rounding`), so in a domain
of coarse cells 1e-9 alone would be a test of its size.
"""

from __future__ import annotations

import time
from functools import cache
from itertools import permutations
from pathlib import Path

import numpy as np
from harness import Family, Silent, kind

import qcmethod as qc
from qcmethod.analysis.patch.rounding import rounding_error
from qcmethod.coupling.method import METHODS
from qcmethod.errors import InvertedCellError, OffTableError, QCError, UnstableCrystalError

CARDS = (
    "Al-Ercolessi-1994",
    "Cu-Zhou-2004",
    "Ni-Zhou-2004",
    "Fe-Zhou-2004",
    "Fe-Finnis-1984",
    "W-Zhou-2004",
    "W-Ackland-1987",
    "Ar-Bernardes-1958",
    "toy2d-c10",
)
LARGEST = 7
"""Of the indices of a direction."""
PATIENCE = 20.0
"""A refusal that takes longer, s, is none by name."""
NO_FORCE, DERIVATIVE, COUNT = 1e-9, 1e-5, 1e-11
STEPS = (0.1, 0.01, 1e-3, 1e-4)
"""Of central differences, in units of the random field."""
LOUD = 1e6
"""Differences of the energies and forces of more sites than this are rounding."""
STATES = 4
"""Second derivatives of tables jump at their knots: a state next to one is tried again."""
MOST = 12_000
"""Sites of the domain of all atoms, or of the resolved zone."""


def trial(rng: np.random.Generator, folder: Path) -> str:
    """One random system."""
    crystal, name = _crystal(rng), str(rng.choice(sorted(METHODS)))
    problem, choice = _problem(rng, crystal, name)
    words = f"{choice['metric']} {choice['elements']}"
    with kind(f"{name} {words}"):
        start = time.process_time()
        try:
            system = qc.couple(problem, name, **choice)
        except QCError as error:
            if (took := time.process_time() - start) > PATIENCE:
                raise Silent(f"refused after {took:.0f} s: {error}") from error
            raise
        _sites(system)
        _patch(system, rng)
        _derivatives(system, rng)
    return f"{name} {words}"


@cache
def _potential(name: str) -> qc.Potential:
    return qc.load_potential(name)


@cache
def _relaxed(name: str) -> float:
    potential = _potential(name)
    return getattr(qc.Crystal, potential.structure)(potential).lattice_constant


def _crystal(rng: np.random.Generator) -> qc.Crystal:
    """A shipped crystal in a random orientation."""
    name = str(rng.choice(CARDS))
    potential, a = _potential(name), _relaxed(name)
    if potential.structure == "hex2d":
        return qc.Crystal.hex2d(potential, a=a)
    return getattr(qc.Crystal, potential.structure)(potential, *_triad(rng), a=a)


def _triad(rng: np.random.Generator) -> list[list[int]]:
    """Three orthogonal, right-handed directions."""
    while True:
        small = int(rng.choice([1, 2, 4]))
        z, other = rng.integers(-small, small + 1, (2, 3))
        y = np.cross(z, other)
        rows = [v // max(np.gcd.reduce(v), 1) for v in (np.cross(y, z), y, z)]
        if all(0 < np.abs(v).max() <= LARGEST for v in rows):
            break
    rows = [rows[i] for i in list(permutations(range(3)))[rng.integers(6)]]
    if np.linalg.det(rows) < 0.0:
        rows[0] = -rows[0]
    return [v.tolist() for v in rows]


def _problem(
    rng: np.random.Generator, crystal: qc.Crystal, name: str
) -> tuple[qc.Problem, dict[str, object]]:
    """A small defect, or none, at a random gradient; core and blend that fit into its domain."""
    method, cutoff = METHODS[name], crystal.potential.cutoff
    lattice = crystal.lattice
    cell = abs(float(np.linalg.det(lattice.plane_basis)))
    most = np.sqrt(MOST * cell / np.pi) / cutoff  # cut-offs that hold so many sites
    reach = min(1.5 if method.reconstruct else 3.0, most)
    core = float(rng.uniform(1.0, max(reach, 1.01)))
    blend = float(rng.uniform(0.3, 2.0)) if method.blended else 0.0
    choice: dict[str, object] = {
        "metric": "strip" if name == "qnl" else str(rng.choice(["euclid", "hops", "strip"])),
        "elements": str(rng.choice(["P1", "P2"] if method.continuum else ["P1"])),
        "grading": float(rng.uniform(0.8, 2.5)) if rng.random() < 0.5 else None,
    }
    if method.coupled or method.sampled:
        choice["core"] = core * cutoff
    if method.blended:
        choice["blend"] = blend * cutoff
        choice["blending"] = str(rng.choice(["linear", "cubic", "quintic", "min-hessian"]))
    if method.sampled and rng.random() < 0.3:
        choice["cluster"] = float(rng.uniform(0.0, 1.0)) * cutoff
    extent = float(rng.uniform(1.1, 3.0)) * (core + blend) + 5.0
    if choice["metric"] == "hops":
        extent += (core + blend) * 2.0
    if method.all_atoms or choice["metric"] == "strip":
        extent = min(extent, max(most, 4.2))
    elif rng.random() < 0.1:
        extent *= 1e3
    make = (qc.homogeneous, qc.vacancy, qc.homogeneous)[rng.integers(3)]
    return make(crystal, _gradient(rng, lattice.n_components), extent=extent * cutoff), choice


def _gradient(rng: np.random.Generator, n: int) -> np.ndarray:
    """F with components up to 2 % off 1; F e_z = e_z."""
    F, plane = np.eye(3), min(n, 2)
    F[:n, :plane] += rng.uniform(-0.02, 0.02, (n, plane))
    return F


def _sites(system: qc.System) -> None:
    """Every site is counted once, with no weight below zero."""
    weights, volume, method = system.weights, system.body.cells.volume, system.method
    if weights.w_l.min(initial=0.0) < 0.0 or (weights.omega_c < 0.0).any():
        raise Silent(f"weights down to {weights.w_l.min():.3g} and {weights.omega_c.min():.3g}")
    if system.problem.metric == "strip":
        return  # a band that the rim cuts: no whole number of sites
    missing = len(system.problem.removed) if method.core else 0
    expected = len(system.body.x_l) if method.all_atoms else float(volume.sum()) - missing
    if abs(system.represented / expected - 1.0) > COUNT:
        raise Silent(f"{system.represented} sites in a domain of {expected}")


def _patch(system: qc.System, rng: np.random.Generator) -> None:
    """No force on perfect crystal, where the method says so."""
    F = system.problem.predictor.F
    gradients = [F, _gradient(rng, system.problem.crystal.lattice.n_components)]
    pristine = system.pristine(F)
    for G in gradients if system.method.passes == "every gradient" else gradients[:1]:
        try:
            at_G = pristine.at_gradient(G)
            forces = at_G.model.at(at_G.zero).forces
        except (UnstableCrystalError, OffTableError, InvertedCellError):
            continue
        size = np.linalg.norm(np.where(at_G.free, forces, 0.0), axis=1)
        over = size - NO_FORCE - rounding_error(at_G, G)
        if not np.isfinite(size).all():
            raise Silent("forces that are not finite")
        if system.method.passes != "no" and over.max() > 0.0:
            raise Silent(f"{size.max():.3g} eV/A on a free node of the perfect crystal")


def _derivatives(system: qc.System, rng: np.random.Generator) -> None:
    """Forces are the slope of the energy; without one the Jacobian is that of the forces."""
    if not system.free.any():
        return
    if system.n_sites > LOUD:
        return
    test = _slope_of_energy if system.method.conservative else _slope_of_forces
    errors = []
    for _ in range(STATES):
        try:
            errors.append(test(system, rng))
        except (OffTableError, InvertedCellError):
            continue
        if errors[-1] < DERIVATIVE:
            return
    if errors:
        raise Silent(f"derivatives are {min(errors):.3g} off")


def _field(system: qc.System, rng: np.random.Generator) -> np.ndarray:
    """Random directions on the free components, (n_k, 3)."""
    return np.where(system.free, rng.uniform(-1.0, 1.0, system.zero.shape), 0.0)


def _size(system: qc.System) -> float:
    """Of displacements that strain no cell much, A: rows may be very dense."""
    lattice = system.problem.crystal.lattice
    return 0.004 * float(min(lattice.neighbour, *np.diag(lattice.plane_basis)))


def _slope_of_energy(system: qc.System, rng: np.random.Generator) -> float:
    """| f . v + dE/dv | over f . v, along a direction in which the energy falls."""
    size, model = _size(system), system.model
    u = size * _field(system, rng)
    forces = np.where(system.free, model.at(u).forces, 0.0)
    v = _field(system, rng)
    v = v / np.linalg.norm(v) + forces / np.linalg.norm(forces)
    v *= size / np.abs(v).max()
    slope = float(np.vdot(forces, v))
    found = [
        (model.at(u - h * v).energy - model.at(u + h * v).energy) / (2.0 * h)
        for h in (0.1, 0.03, 0.01)
    ]
    return min(abs(one / slope - 1.0) for one in found)


def _slope_of_forces(system: qc.System, rng: np.random.Generator) -> float:
    """| K v + df/dv | over | K v |."""
    size, model = _size(system), system.model
    u, v = size * _field(system, rng), size * _field(system, rng)
    product = model.stiffness(model.at(u)).matvec(v.ravel()).reshape(v.shape)
    product = np.where(system.free, product, 0.0)
    errors = []
    for h in STEPS:
        change = model.at(u - h * v).forces - model.at(u + h * v).forces
        off = np.where(system.free, change / (2.0 * h) - product, 0.0)
        errors.append(float(np.linalg.norm(off) / np.linalg.norm(product)))
    return min(errors)


FAMILY = Family(
    "systems",
    "random systems: crystal, orientation, method, metric, elements, F",
    trial,
    count=500,
    smoke=10,
    seconds=120.0,
    gigabytes=4.0,
)
