"""Closed loops at the interface of a coupling: pairs of directions (p, q) of displacement.

    p_k = exp(-|x_k - x_1|^2 / 2 s^2) e_1,    q_k = exp(-|x_k - x_2|^2 / 2 s^2) e_2

on the free directions, scaled to a largest displacement of 1. x_1 is a node of the interface drawn
at random, x_2 another one within a cut-off of it; e_1, e_2 are random unit vectors, s is half a
cut-off: the bumps are local, where the couplings differ, and move a handful of bonds.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qcmethod.base.amounts import MANY, listed
from qcmethod.base.arguments import as_numbers, seed_of, whole_number
from qcmethod.base.types import Array
from qcmethod.coupling.system import System
from qcmethod.errors import InputError

Pair = tuple[Array, Array]


def interface_loops(system: System, n: int, seed: int) -> list[Pair]:
    """n pairs (p, q) of directions (n_k, 3) at the interface, the same for the same seed."""
    expected = "a number of loops, 1 or more, or pairs (p, q)"
    n = whole_number("loops", n, expected, least=1, most=MANY)
    random = np.random.default_rng(seed_of(seed))
    near = interface(system)
    cutoff = system.problem.crystal.potential.cutoff
    x = system.body.x_k
    pairs = []
    for _ in range(n):
        first = random.choice(near)
        apart = np.linalg.norm(x[near] - x[first], axis=1)
        others = near[(apart > 0.0) & (apart <= cutoff)]
        second = random.choice(others) if len(others) else first
        pairs.append((_bump(system, first, random), _bump(system, second, random)))
    return pairs


def require_loops(system: System, loops: object) -> list[Pair]:
    """The caller's pairs on the free directions, each scaled to a largest displacement of 1."""
    expected = f"pairs (p, q) of arrays {system.zero.shape} that move free repatoms"
    given = listed("loops", loops, f"a number of loops, or {expected}")
    pairs = [tuple(listed("loops", pair, expected)) for pair in given]
    if not pairs or any(len(pair) != 2 for pair in pairs):
        raise InputError("loops", f"{len(pairs)} entries", expected)
    return [(_scaled(system, p, expected), _scaled(system, q, expected)) for p, q in pairs]


def interface(system: System) -> NDArray[np.int64]:
    """Free nodes where atoms and continuum meet: 0 < beta < 1, or a cell with both at its corners.

    Without an interface (all atoms, all continuum): the free nodes within two cut-offs of the
    defect, where there is most to see.
    """
    beta, vertices = system.weights.beta_k, system.body.cells.vertices
    at_corners = beta[vertices]
    mixed = at_corners.max(axis=1) > at_corners.min(axis=1)
    on = np.zeros(system.body.n_nodes, dtype=bool)
    on[vertices[mixed]] = True
    if not mixed.any():
        distance = system.problem.euclidean(system.body.x_k)
        on = (distance <= 2.0 * system.problem.crystal.potential.cutoff) & ~system.body.is_bubble
    nodes: NDArray[np.int64] = np.flatnonzero(on & system.free.any(axis=1))
    if not len(nodes):
        raise InputError("system", system, "free repatoms at the interface", "a larger extent")
    ij = system.body.mesh.ij[nodes]
    ordered: NDArray[np.int64] = nodes[np.lexsort(ij.T)]  # the same on every mesh
    return ordered


def _bump(system: System, centre: int, random: np.random.Generator) -> Array:
    body, width = system.body, 0.5 * system.problem.crystal.potential.cutoff
    r = np.linalg.norm(body.x_k - body.x_k[centre], axis=1)
    direction = random.standard_normal(3) * system.free[centre]
    bump = np.zeros_like(system.zero)
    bump[~body.is_bubble] = np.outer(np.exp(-0.5 * (r / width) ** 2), direction)[~body.is_bubble]
    return _scaled(system, bump, "a direction that moves free repatoms")


def _scaled(system: System, direction: ArrayLike, expected: str) -> Array:
    values = as_numbers("loops", direction, expected)
    if values.shape != system.zero.shape or not np.isfinite(values).all():
        raise InputError("loops", f"array of shape {values.shape}", expected)
    values = np.where(system.free, values, 0.0)
    largest = float(np.linalg.norm(values, axis=1).max())
    if largest == 0.0:
        raise InputError("loops", "a direction without free components", expected)
    return values / largest
