"""What the tractions about a core add to the energy of a dislocation that is not alone.

    E_ct = -1/2 integral over |x| = r of u . sigma e_r dl,     the same for every r

The energy within a circle about one dislocation is K log(r/r0) + E_core: the work of the tractions
on a large circle and on a small one cancel. Two dislocations of opposite sign, d apart along the
cut that joins them, have no large circle, so (Clouet 2009, Phil. Mag. 89, 1565)

    E_dipole = 2 (K log(d/r0) + E_core + E_ct).

In an isotropic medium E_ct is 0 for a screw and -K (1 - 2 nu)/(4 (1 - nu)) for an edge. It depends
on the angle between the cut and b: here the cut lies in the glide plane.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from qcmethod.elasticity import matrix_function as mf
from qcmethod.elasticity.dislocation_field import DislocationField
from qcmethod.elasticity.stroh import Stroh

POINTS = 4096
"""Of the midpoint rule: u jumps across the cut, so that its error falls as 1/n^2, to 1e-6."""


def core_traction_energy(stroh: Stroh, b: ArrayLike) -> float:
    """E_ct, eV/A, of a dislocation with Burgers vector b (3,), A, cut along its glide plane y.

    Raises InputError (stroh, b).
    """
    burgers = mf.three_finite("b", b, "a finite Burgers vector (bx, by, bz) in A")
    field = DislocationField(stroh, (float(burgers[0]), float(burgers[1]), float(burgers[2])))
    angle = -np.pi + 2.0 * np.pi * (np.arange(POINTS) + 0.5) / POINTS
    x = np.stack([np.cos(angle), np.sin(angle), np.zeros(POINTS)], axis=1)
    work = np.einsum("na,naj,nj->n", field.displacement(x), field.stress(x), x)
    return -float(np.pi * work.mean())
