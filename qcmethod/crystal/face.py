r"""A free surface of a crystal in space: its energy, its stress as a tensor, its relaxed layers.

    gamma(E) = gamma + tau_ab E_ab,      tau = tau_1 e_1 e_1 + tau_2 e_2 e_2

E is the strain of the plane normal to y, and tau_1, tau_2 follow from the stretch of two plane
crystals (`stretched_surface`) along the principal axes: e_1 is normal to a mirror plane of the
crystal, {100} or {110}, that holds y, and e_2 lies in it. Planes {100} and {111} have more mirrors,
and tau_1 = tau_2.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import lru_cache

import numpy as np

from qcmethod.base.stored import stored
from qcmethod.base.types import Array
from qcmethod.crystal.crystal import Crystal
from qcmethod.crystal.stretched_surface import SurfaceEnergy, stretched_surface
from qcmethod.errors import OrientationError
from qcmethod.lattice.lattice import cubic
from qcmethod.lattice.miller import Miller, along, cross, dot, variants


@stored
@dataclass(frozen=True, eq=False)
class FaceEnergy(SurfaceEnergy):
    """`SurfaceEnergy` of a crystal in space, stretched along the first principal axis; surface
    stress (3, 3) in the laboratory, eV per surface site."""

    stress: Array


@lru_cache(maxsize=16)
def face_energy(crystal: Crystal) -> FaceEnergy:
    """Relaxed energy and stress of the surface normal to y of a crystal in space.

    Raises OrientationError: y in no mirror plane of the crystal; else as `stretched_surface`.
    """
    lattice = crystal.lattice
    y = along(lattice.axes[1])
    first = _mirror(y)
    second = cross(first, y)
    one = stretched_surface(_plane(crystal, first, y))
    across = one.tension
    if sorted(map(abs, y)) not in ([0, 0, 1], [1, 1, 1]):
        across = stretched_surface(_plane(crystal, second, y)).tension
    e = np.array([_unit(v) for v in (first, y, second)]) @ lattice.axes.T
    known = {f.name: getattr(one, f.name) for f in fields(SurfaceEnergy)}
    stress = one.tension * np.outer(e[0], e[0]) + across * np.outer(e[2], e[2])
    return FaceEnergy(**known | {"relaxation": one.relaxation @ e}, stress=stress)


def _mirror(y: Miller) -> Miller:
    """The normal of a mirror plane that holds y (OrientationError)."""
    for h in (*variants((1, 0, 0)), *variants((1, 1, 0))):
        if dot(h, y) == 0:
            return h
    raise OrientationError("y", y, "a normal in a mirror plane of the crystal, {100} or {110}")


def _plane(crystal: Crystal, x: Miller, y: Miller) -> Crystal:
    """The same crystal as columns of atoms, seen along x and y."""
    lattice = crystal.lattice
    return Crystal(crystal.potential, cubic(lattice.structure, lattice.constant, x, y, cross(x, y)))


def _unit(v: Miller) -> Array:
    return np.array(v, dtype=np.float64) / np.sqrt(float(dot(v, v)))
