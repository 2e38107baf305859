r"""The contact of an indenter in space: its force, its radius, and whether it stayed in the core.

    P = sum_l k <g_l>^2 n_l . e_y,      a^2 = 5/2 sum_l f_l r_l^2 / sum_l f_l

The radius a follows from the second moment of the pressed forces f_l: with Hertz's pressure
sqrt(1 - r^2/a^2) the mean of r^2 is 2 a^2/5, and a changes continuously where a count of touched
sites would jump.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from qcmethod.base.stored import stored
from qcmethod.base.types import Array
from qcmethod.lattice.shapes import Ball
from qcmethod.problems.contact import ContactWatch
from qcmethod.problems.coupled import Coupled
from qcmethod.problems.problem import Problem
from qcmethod.units import NANONEWTON


@dataclass(frozen=True, eq=False)
class FaceContact:
    """The contact of an indenter with the sites of the core.

    Attributes
    ----------
    depth : below the first contact, A
    total : force of the indenter, eV/A, pointing into the crystal
    force : the same in nN
    radius : of Hertz's pressure with the same second moment, A (0: no contact)
    x, push : (n, 2) x and z of the touched sites, A, and the force on each along -y, eV/A, from the
        axis outwards
    """

    depth: float
    total: float
    force: float
    radius: float
    x: Array
    push: Array


def face_contact(system: Coupled, u: Array) -> FaceContact | None:
    """The contact at the corrector u (n_k, 3); None where nothing presses."""
    pressed = system.pressed
    if pressed is None:
        return None
    y = system.body.positions(u)
    at = pressed.touched(y)
    at = at[np.argsort(np.hypot(y[at, 0], y[at, 2]), kind="stable")]
    x, push = y[at][:, [0, 2]], pressed.gradient(y)[at, 1]
    total = float(push.sum())
    moment = float(push @ (x**2).sum(axis=1)) / total if total else 0.0
    return FaceContact(
        depth=system.problem.loads["depth"],
        total=total,
        force=total / NANONEWTON,
        radius=float(np.sqrt(2.5 * max(moment, 0.0))),
        x=x,
        push=push,
    )


@stored
@dataclass(frozen=True)
class FaceContactWatch(ContactWatch):
    """Of the contact of an indenter in space; see `Watch`."""

    force_unit: ClassVar[str] = "nN"

    def reading(self, system: Coupled, u: Array) -> Mapping[str, Any]:
        """The "contact", a `FaceContact`."""
        return {"contact": face_contact(system, u)}

    def zone(self, problem: Problem, pad: float) -> Array:
        """The sites of the surface below what presses, as wide as its chord."""
        return below(problem, max(one.chord for one in problem.external))


def below(problem: Problem, radius: float) -> Array:
    """Positions (m, 3) of the sites of the surface within a distance of the axis, A; the point on
    the axis where there are none."""
    ij = problem.points(problem.bounded(Ball(radius)))
    x = problem.position(ij[problem.is_last(ij)])
    return x if len(x) else np.zeros((1, 3))
