"""Where the crack tip is: the last open pair of sites across the crack plane.

Along the rows j = 0 and j = -1 a site of the upper row is open when its nearest neighbour on the
lower row is further than 1.35 nearest-neighbour distances away. The tip lies between the last open
site behind and the next one. A tip in or next to the blending zone is no result: the continuum can
neither break nor heal a bond, and holds the tip where the atoms end.
"""

from __future__ import annotations

import numpy as np

from qcmethod.base.types import Array, Index
from qcmethod.errors import CouplingError, TipError
from qcmethod.lattice.plane import radius
from qcmethod.problems.coupled import Coupled, State
from qcmethod.problems.problem import Problem

OPEN = 1.35
"""A bond longer than this many nearest-neighbour distances is open."""
FAR = 0.25
"""How far a tip may move in a system of atoms alone, in radii of the free part of the cylinder."""
MARGIN = 0.25
"""How far from the end of the core a tip must stay: a cut-off, or this part of a small core."""


def tip_position(system: Coupled, u: Array) -> float | None:
    """x of the tip of a crack in the reference configuration, A; None where there are no atoms."""
    body = system.body
    if not len(body.ij_l):
        return None
    x, ratio = across(system, body.positions(u))
    closed = np.flatnonzero(ratio < OPEN)
    half_column = 0.5 * system.problem.crystal.lattice.basis[0, 0]
    return float(x[closed[0]] - half_column) if len(closed) else float(x[-1] + half_column)


def across(system: Coupled, y: Array) -> tuple[Array, Array]:
    """Columns x (n,), A, of the row above the crack plane, from behind the tip to the front, and
    how far each is from the row below, over the nearest-neighbour distance; sites at y (n_l, 3)."""
    body, lattice = system.body, system.problem.crystal.lattice
    upper = np.flatnonzero(body.ij_l[:, 1] == 0)
    upper = upper[np.argsort(body.x_l[upper, 0])]
    lower = np.flatnonzero(body.ij_l[:, 1] == -1)
    d = y[lower][None] - y[upper][:, None]
    d[..., 2] -= lattice.period * np.round(d[..., 2] / lattice.period)
    nearest = np.sqrt((d**2).sum(axis=2)).min(axis=1)
    return body.x_l[upper, 0], nearest / lattice.neighbour


def front_position(system: Coupled, y: Array) -> float:
    """x of the tip, A, as a number that changes continuously with the positions y (n_l, 3): where
    the distance across the crack plane, linear between columns, passes the threshold."""
    x, ratio = across(system, y)
    closed = np.flatnonzero(ratio < OPEN)
    if not len(closed) or closed[0] == 0:
        return float(x[0] if len(closed) else x[-1])
    ahead = int(closed[0])
    return float(np.interp(-OPEN, -ratio[[ahead - 1, ahead]], x[[ahead - 1, ahead]]))


def flanks_apart(problem: Problem, column: Index) -> Array:
    """From the row below the crack plane to that above it, at the predictor: vectors (n, 3), A, of
    columns i (n,)."""
    y = []
    for row in (0, -1):
        x = problem.position(np.stack([column, np.full(len(column), row)], axis=1))
        y.append(x + problem.predictor.displacement(x, np.zeros(len(x), dtype=np.int8)))
    return y[0] - y[1]


def require_open(system: Coupled) -> None:
    """Raise CouplingError unless the flanks outside the core are out of each other's reach.

    No bond is cut: where the K-field has not opened the crack, atoms interact across it, which
    the continuum with its two free flanks knows nothing of.
    """
    problem = system.problem
    if not system.method.coupled:
        return
    opening = float(radius(flanks_apart(problem, _first_beyond_core(system)))[0])
    cutoff = problem.crystal.potential.cutoff
    if opening < cutoff:
        expected = (
            f"a core outside of which the crack is open (its flanks are {opening:.2f} A apart "
            f"there, within the cut-off of {cutoff:.2f} A, at {problem.loads} MPa sqrt(m))"
        )
        hint = "a larger core, a larger KI, or method='atomistic'"
        raise CouplingError("core", system.core, expected, hint)


def _first_beyond_core(system: Coupled) -> Index:
    """The first column behind the tip, (1,), that the core leaves out."""
    problem, a1 = system.problem, system.problem.crystal.lattice.basis[0, 0]
    end = float(np.linalg.norm(problem.centres, axis=1).max()) + system.core
    i = -np.arange(1, int(end / a1) + 3)
    beyond = problem.distance(np.stack([i * a1, np.zeros(len(i))], axis=1)) > system.core
    # behind the last one inside: a zone may have gaps
    first = np.flatnonzero(~beyond)[-1] + 1 if not beyond.all() else 0
    return i[first : first + 1]


def require_tip_in_core(system: Coupled, state: State) -> None:
    """Raise TipError when the tip of a crack has come to the end of the atomistic core (`MARGIN`),
    or in a system of atoms alone has left the inner part of the cylinder (`FAR`): there the
    continuum or the rim decides, not the load."""
    tip = tip_position(system, state.u)
    if tip is None or not system.method.core:
        return
    problem = system.problem
    resolved = system.method.all_atoms
    margin = min(problem.crystal.potential.cutoff, MARGIN * system.core)
    limit = FAR * problem.free.radius if resolved else system.core - margin
    if problem.distance(np.array([[tip, 0.0]]))[0] <= limit:
        return
    healed = "healed: the load is too low" if tip < 0.0 else "advanced: the load is too high"
    zone = "the cylinder" if resolved else f"the core of {system.core:.1f} A"
    where = f"the inner {limit:.1f} A of {zone}"
    raise TipError(
        f"relax({system.method.name}): the crack has {healed}. Its tip is at x = {tip:.1f} A, "
        f"outside of {where}, at {problem.loads} MPa sqrt(m). Try another KI (the Griffith load is "
        "qcmethod.griffith_load(crystal)), a larger core, or one along the path of the tip "
        "(crack(..., path=)).",
        best=state,
    )
