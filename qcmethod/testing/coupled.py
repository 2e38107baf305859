"""What holds of a problem that is coupled, at two loads: the parts of `check_problem`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from qcmethod.base.arguments import number
from qcmethod.base.registry import Name
from qcmethod.base.types import Array, Index
from qcmethod.coupling.couple import couple
from qcmethod.coupling.system import System
from qcmethod.crystal.surface import surface_energy
from qcmethod.errors import InputError
from qcmethod.io.record import load
from qcmethod.lattice.plane import radius
from qcmethod.mesh.space.surface import areas
from qcmethod.problems.identity import identity
from qcmethod.problems.load import LOADS, at_load, variable
from qcmethod.problems.problem import Problem
from qcmethod.solve.solution import evaluated
from qcmethod.testing.sweep import require, slope_error

STATE = 0.008
"""Random displacement of the state that is looked at, in nearest-neighbour distances."""
STATES = 3
"""So many states are looked at, at most."""
DERIVATIVE, EXACT = 1e-6, 1e-10
"""Largest relative error of a derivative; largest difference of equal forces, eV/A."""
FURTHER = 10.0
"""The other load is so many widths of a bracket (`Load.width`) away."""


def lengths(problem: Problem, core: float | None, blend: float | None) -> dict[str, float]:
    """Core and blend, A, three cut-offs and one by default (InputError: no Problem)."""
    if not isinstance(problem, Problem):
        raise InputError("problem", problem, "a Problem", "qcmethod.crack(crystal, ...)")
    cutoff = problem.crystal.potential.cutoff
    given = {"core": 3.0 * cutoff if core is None else core}
    given["blend"] = cutoff if blend is None else blend
    return {name: number(name, A, "a positive length in A", above=0.0) for name, A in given.items()}


def at_another_load(problem: Problem) -> Problem | None:
    """The problem at another load, None where it has none; there and back it is the same."""
    try:
        at_load(problem, nothing=0.0)
    except InputError:
        pass
    else:
        raise AssertionError(f"{problem}: at_load(nothing=0) is not refused")
    names = variable(problem)
    if not names:
        return None
    there = {name: problem.loads[name] + FURTHER * LOADS[name].width for name in names}
    other = at_load(problem, **there)
    back = at_load(other, **{name: problem.loads[name] for name in names})
    if dict(other.loads) != {**problem.loads, **there} or identity(other) == identity(problem):
        raise AssertionError(f"{problem}: at_load({there}) is {other}")
    if identity(back) != identity(problem):
        raise AssertionError(f"{problem}: at_load({there}) and back it is another problem")
    return other


def check(problem: Problem, other: Problem | None, method: str, words: dict[str, Any]) -> System:
    """The problem, and at its other load, coupled by a method: the system (CouplingError,
    AssertionError)."""
    system = couple(problem, Name(method), **words)
    _check_derivatives(system)
    _check_sites(system)
    _check_ghost(system)
    if other is not None:
        made = couple(other, Name(method), **words)
        _check_derivatives(made)
        _check_at_load(system, made)
    return system


def _check_derivatives(system: System) -> None:
    """Forces and stiffness at a state without symmetry.

    Second derivatives of splines and tables jump at their knots: a state with a bond next to one
    says nothing, so others are tried.
    """
    if system.method.conservative:
        require("forces are -dE/du", _error_of_forces(system), DERIVATIVE, _name(system))
    error = np.inf
    for seed in range(STATES):
        error = min(error, _error_of_stiffness(system, seed))
        if error <= DERIVATIVE:
            return
    require("the stiffness is -df/du", error, DERIVATIVE, _name(system))


def _error_of_forces(system: System) -> float:
    model, u = system.model, _state(system, 0)
    forces, v = np.where(system.free, model.at(u).forces, 0.0), random_field(system, 1)
    v = v / np.linalg.norm(v) + forces / np.linalg.norm(forces)  # so that the slope is large
    v /= np.abs(v).max()

    def energy(h: float) -> float:
        found = model.at(u + h * v).energy
        assert found is not None  # of a conservative method
        return found

    return slope_error(energy, -float(np.vdot(forces, v)), enough=DERIVATIVE)


def _error_of_stiffness(system: System, seed: int) -> float:
    model, u, v = system.model, _state(system, seed), random_field(system, seed + STATES)
    product = model.stiffness(model.at(u)).matvec(v.ravel()).reshape(v.shape)

    def pull(h: float) -> Array:
        return np.where(system.free, -model.at(u + h * v).forces, 0.0)

    return slope_error(pull, np.where(system.free, product, 0.0), enough=DERIVATIVE)


def _check_sites(system: System) -> None:
    """Every site is counted once, as an atom or in cells."""
    method, weights = system.method, system.weights
    if method.sampled or system.problem.metric == "strip":
        return  # weights that are no shares of a site; a core that the rim cuts
    removed = system.problem.removed
    missing = 0 if removed is None or not method.core else len(removed)
    expected = float(system.body.cells.volume.sum()) - missing + _of_surface_rows(system)
    if method.all_atoms:
        expected = len(system.body.x_l)
        require("atoms have the weight 1", float(abs(weights.w_l - 1.0).max()), 0.0, _name(system))
    require("sites", abs(system.represented / expected - 1.0), 1e-12, _name(system))


def _of_surface_rows(system: System) -> float:
    """Sites by which the atoms of surface rows are more than the cells next to them."""
    body, total = system.body, 0.0
    for cut in system.problem.cuts:
        edges, half_row = cut.faces(body.mesh, body.used)
        n = _sites_along(system, edges)
        total += float(half_row @ (n * (1.0 - system.weights.beta_k[edges].mean(axis=1))))
    return total


def _sites_along(system: System, edges: Index) -> Array:
    """Sites (n,) of a surface that edges (n, 2), in space triangles (n, 3), are long or large."""
    x, crystal = system.body.x_k[edges], system.problem.crystal
    if edges.shape[1] == 3:
        return areas(x) / surface_energy(crystal).area
    return radius(x[:, 1] - x[:, 0]) / crystal.lattice.basis[0, 0]


def _check_ghost(system: System) -> None:
    """No force on the healed crystal at the problem's F, where the method claims none."""
    if system.method.passes == "no":
        return
    healed = system.pristine(system.problem.predictor.F)
    forces = np.where(healed.free, healed.model.at(healed.zero).forces, 0.0)
    require("ghost force", float(np.abs(forces).max()), EXACT, _name(system))


def _check_at_load(system: System, made: System) -> None:
    """The system taken to the load of another one is that one."""
    taken, of = system.at_load(**_varied(made.problem)), _name(made)
    u = _state(made, 0)
    difference = np.abs(taken.model.at(u).forces - made.model.at(u).forces).max()
    require("at_load differs", float(difference), EXACT, of)
    if identity(taken.problem) != identity(made.problem):
        raise AssertionError(f"{of}: at_load gives another problem")


def check_file(system: System) -> None:
    """What is read is what was written."""
    u = _state(system, 0)
    solution = evaluated(replace(system, known_patch=0.0), u)
    with TemporaryDirectory() as folder:
        found = load(solution.write(Path(folder) / "state.npz"))
    one, other = system.problem, found.system.problem
    same = identity(one) == identity(other) and one.loads == other.loads
    if not same or (one.cuts, one.watch) != (other.cuts, other.watch):
        raise AssertionError(f"{one}: written and read it is {other}")
    difference = np.abs(found.system.model.at(u).forces - solution.forces).max()
    require("read, its forces differ", float(difference), EXACT, _name(system))


def _varied(problem: Problem) -> dict[str, float]:
    return {name: problem.loads[name] for name in variable(problem)}


def _state(system: System, seed: int) -> Array:
    return STATE * system.problem.crystal.lattice.neighbour * random_field(system, seed)


def random_field(system: System, seed: int) -> Array:
    """Random values in [-1, 1] on the free directions, (n_k, 3)."""
    values = np.random.default_rng(seed).uniform(-1.0, 1.0, system.zero.shape)
    return np.where(system.free, values, 0.0)


def _name(system: System) -> str:
    problem = system.problem
    return f"{problem.name} at {problem.loads} with {system.method.name}, {system.body.elements}"
