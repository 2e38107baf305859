"""The contact of an indenter: its force, its width, and whether it has stayed in the core.

    P = sum_l k <g_l>^2 n_l . e_y / period,      a^2 = 4 sum_l f_l x_l^2 / sum_l f_l

P is a force per length of the indenter. The half width a follows from the second moment of the
pressed forces f_l: with Hertz's pressure sqrt(1 - x^2/a^2) the mean of x^2 is a^2/4, and a changes
continuously where a count of touched sites would jump.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from qcmethod.base.stored import stored
from qcmethod.base.types import Array
from qcmethod.errors import ConvergenceError
from qcmethod.problems.coupled import Coupled, State
from qcmethod.problems.external import Pressed
from qcmethod.problems.problem import Problem
from qcmethod.problems.watch import Watch
from qcmethod.units import J_PER_M2


@dataclass(frozen=True, eq=False)
class Contact:
    """The contact of an indenter with the sites of the core.

    Attributes
    ----------
    depth : below the first contact, A
    per_period : force of the indenter, eV/A per period along z, pointing into the crystal
    force : the same per length of the indenter, N/m
    half_width : of Hertz's pressure with the same second moment, A (0: no contact)
    x, push : (n,) x of the touched sites, A, and the force on each along -y, eV/A, from left to
        right
    """

    depth: float
    per_period: float
    force: float
    half_width: float
    x: Array
    push: Array


def contact_of(system: Coupled, u: Array) -> Contact | None:
    """The contact at the corrector u (n_k, 3); None where nothing presses."""
    pressed = system.pressed
    if pressed is None:
        return None
    y = system.body.positions(u)
    at = pressed.touched(y)
    at = at[np.argsort(y[at, 0])]
    x, push = y[at, 0], pressed.gradient(y)[at, 1]
    total = float(push.sum())
    moment = float(push @ x**2) / total if total else 0.0
    return Contact(
        depth=system.problem.loads["depth"],
        per_period=total,
        force=total / system.problem.crystal.lattice.period / J_PER_M2,
        half_width=2.0 * float(np.sqrt(max(moment, 0.0))),
        x=x,
        push=push,
    )


def require_contact_in_core(system: Coupled, state: State) -> None:
    """Raise ConvergenceError when the indenter reaches sites outside of the core, or clamped."""
    pressed = system.pressed
    if pressed is None:
        return
    x = _outside(system, pressed, state)
    if len(x):
        depth = system.problem.loads["depth"]
        left, larger = f"left the core of {system.core:.1f} A", "a larger core"
        if system.method.all_atoms:
            left, larger = "reached the clamped rim", "a larger extent"
        site = f"x = {x[0, 0]:.1f} A"
        if system.problem.crystal.lattice.is_space:
            site += f", z = {x[0, 2]:.1f} A"
        raise ConvergenceError(
            f"relax({system.method.name}): the contact has {left}: the indenter presses on the "
            f"site at {site} at depth = {depth:g} A. Try {larger}, or a smaller depth.",
            best=state,
        )


def _outside(system: Coupled, pressed: Pressed, state: State) -> Array:
    """Reference positions (n, 3) of sites and surface nodes beyond the core that are inside the
    indenter."""
    body = system.body
    stray = pressed.stray(body.positions(state.u))
    surface = np.flatnonzero(body.used & (np.arange(body.n_nodes) < body.mesh.n_nodes))
    surface = surface[system.problem.is_last(body.mesh.ij[surface])]
    y = body.y0_k[surface] + state.u[surface]
    far = surface[(body.site_of_node[surface] < 0) & pressed.touches(y)]
    return np.concatenate([body.x_l[stray], body.x_k[far]])


@stored
@dataclass(frozen=True)
class ContactWatch(Watch):
    """Of the contact of an indenter; see `Watch`."""

    force_unit: ClassVar[str] = "N/m"

    def after(self, system: Coupled, state: State) -> None:
        """ConvergenceError where the contact has left the core."""
        require_contact_in_core(system, state)

    def reading(self, system: Coupled, u: Array) -> Mapping[str, Any]:
        """The "contact", a `Contact`."""
        return {"contact": contact_of(system, u)}

    def zone(self, problem: Problem, pad: float) -> Array:
        """The surface below what presses, as wide as its chord."""
        lattice = problem.crystal.lattice
        step = float((lattice.along_x @ lattice.basis[: lattice.dim])[0])
        n = int(np.ceil(max(one.chord for one in problem.external) / step))
        return np.stack([step * np.arange(-n, n + 1), np.zeros(2 * n + 1)], axis=1)
