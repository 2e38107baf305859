"""How the energy of a circular dislocation loop grows: the factor of R ln R.

    E(R) = e R ln(R/r0) + O(R),     e = int_0^2pi b . L(t) b/(4 pi) dtheta,     t(theta) tangent

Each piece of a large loop is a straight dislocation of its direction, with the prelogarithmic
energy of an anisotropic medium; curvature adds to the term of order R only. In an isotropic medium

    prismatic   mu b^2/(2 (1 - nu)),      shear   mu b^2 (2 - nu)/(4 (1 - nu))

Hirth and Lothe 1982, ch. 6 and 13. L: `stroh`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from qcmethod.base.types import Array
from qcmethod.elasticity.dislocation_field import prelogarithmic_energy
from qcmethod.elasticity.great_circle import positive_stiffness
from qcmethod.elasticity.indentation_modulus import surface_frame
from qcmethod.elasticity.matrix_function import three_finite
from qcmethod.elasticity.stiffness import rotate_stiffness
from qcmethod.elasticity.stroh import stroh

POINTS = 96
"""Directions on half a turn: the integrand is smooth and does not know the sense of the line."""


def loop_energy_factor(C: ArrayLike, b: ArrayLike, normal: ArrayLike) -> float:
    """e, eV/A, of a circular loop with Burgers vector b (3,), A, in the plane of a normal (3,).

    C : (3, 3, 3, 3), eV/A^3. Raises InputError (C, b, normal) and UnstableCrystalError.
    """
    angles = np.pi * np.arange(POINTS) / POINTS
    return float(2.0 * np.pi * np.mean(line_energies(C, b, normal, angles)))


def line_energies(C: ArrayLike, b: ArrayLike, normal: ArrayLike, angles: ArrayLike) -> Array:
    """b . L b/(4 pi) (n,), eV/A, of straight lines in a plane, at angles (n,) from `surface_frame`.

    Raises as `loop_energy_factor`.
    """
    frame = surface_frame(normal)
    local = rotate_stiffness(positive_stiffness(C), frame)
    vector = frame @ three_finite("b", b, "a finite Burgers vector (bx, by, bz) in A")
    found = []
    for angle in np.atleast_1d(np.asarray(angles, dtype=float)):
        c, s = np.cos(angle), np.sin(angle)
        turn = np.array([[-s, c, 0.0], [0.0, 0.0, 1.0], [c, s, 0.0]])  # rows x, y and the line
        found.append(prelogarithmic_energy(stroh(rotate_stiffness(local, turn)), turn @ vector))
    return np.array(found)
