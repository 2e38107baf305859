"""Elastic constants of third order of a crystal at F = 1, in both frames.

    C_ijklmn = d^3 W / dE_ij dE_kl dE_mn / Omega = [C_ijkl(+h) - C_ijkl(-h)] / 2h
    C_kilj = F^-1_ka (A_aibj - delta_ab S_ij) F^-1_lb,    E = 1/2 (F^T F - 1)

(Brugger 1964, Phys. Rev. 133, A1611), by central differences of moduli along the six strains with
two steps, extrapolated. A potential made of cubic splines has no third derivative where a distance
of neighbours lies on a knot: it has one from either side. What is given is their mean, and `kink`
says by how much they differ, along strains of the laboratory: neither is a tensor then. An engine,
whose moduli are differences already, has those of its table.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import permutations
from typing import TYPE_CHECKING

import numpy as np

from qcmethod.base.door import door
from qcmethod.base.types import Array
from qcmethod.base.voigt import COLUMN, NUMBER, ROW
from qcmethod.crystal.law import Law
from qcmethod.crystal.laws.cauchy_born import true_law
from qcmethod.crystal.laws.tabulated import tabulated
from qcmethod.errors import InputError
from qcmethod.units import GPA

if TYPE_CHECKING:
    from qcmethod.crystal.crystal import Crystal

STEP = 1e-3
"""Of a strain; its half is the other."""
SHARE = np.array([1.0, 1.0, 1.0, 0.5, 0.5, 0.5])
"""What each component has of a step along it: a shear has two that are equal."""
CUBIC = {
    "C111": (0, 0, 0),
    "C112": (0, 0, 1),
    "C123": (0, 1, 2),
    "C144": (0, 3, 3),
    "C166": (0, 5, 5),
    "C456": (3, 4, 5),
}
"""The independent constants of a cubic crystal of the higher class, in Voigt's numbers from 0."""


@dataclass(frozen=True, eq=False, repr=False)
class ThirdOrderConstants:
    """C_ijklmn (3, 3, 3, 3, 3, 3) in the laboratory frame, eV/A^3.

    Attributes
    ----------
    tensor, axes : the constants; rows are x, y, z of the laboratory in crystal axes
    error : of the differences, as two steps and the symmetries tell it, and of a table, eV/A^3
    kink : largest difference between the derivatives from either side, eV/A^3: next to nothing of
        a smooth potential; nan where a table was asked, which has none
    """

    tensor: Array
    axes: Array
    error: float
    kink: float

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={value:.4g}" for name, value in self.gpa().items())
        return f"ThirdOrderConstants({values} GPa)"

    @cached_property
    def in_crystal(self) -> Array:
        """(3, 3, 3, 3, 3, 3) in the crystal's cubic axes, eV/A^3."""
        R, C = self.axes, self.tensor
        for _ in range(6):  # the first index goes, its turned one is the last
            C = np.tensordot(C, R, axes=(0, 0))
        return C

    @door
    def voigt(self) -> Array:
        """(6, 6, 6) in the laboratory frame, order xx yy zz yz xz xy, eV/A^3."""
        return _voigt(self.tensor)

    @door
    def gpa(self) -> dict[str, float]:
        """C111, C112, C123, C144, C166 and C456 in GPa."""
        C = _voigt(self.in_crystal)
        return {name: float(C[v]) / GPA for name, v in CUBIC.items()}


def third_order(crystal: Crystal) -> ThirdOrderConstants:
    """The constants of a crystal in space. Raises InputError for a plane or a chain."""
    lattice, potential = crystal.lattice, crystal.potential
    if lattice.n_components != 3:
        raise InputError("order", 3, f"2: a {lattice.structure} crystal has moduli alone")
    if potential.engine is None:
        C, error, kink = _differences(true_law(potential, lattice))
    else:
        table = tabulated(crystal)
        C, error, _ = _differences(table)
        # S, of size C2 |E| at the end of the range, is wrong by a part of it, and C3 E^2/2 with it
        largest = float(np.abs(_moduli(table, np.zeros((1, 6)))).max())
        error, kink = error + 4.0 * table.error * largest / table.range, np.nan
    volume = lattice.site_volume
    return ThirdOrderConstants(_tensor(C / volume), lattice.axes, error / volume, kink / volume)


def _differences(law: Law) -> tuple[Array, float, float]:
    """C (6, 6, 6), eV a site, the error of the differences, and the jump between the sides."""
    here = _moduli(law, np.zeros((1, 6)))[0]
    central, sides = [], []
    for h in (STEP, 0.5 * STEP):
        ahead, behind = (_moduli(law, s * h * np.diag(SHARE)) for s in (1.0, -1.0))
        central.append((ahead - behind) / (2.0 * h))
        sides.append((ahead + behind - 2.0 * here) / h)
    coarse, fine = central
    C = fine + (fine - coarse) / 3.0
    jump = np.abs(2.0 * sides[1] - sides[0])  # without what a fourth derivative makes of it
    asymmetry = np.abs(C - _symmetric(C)).max()
    error = float(max(np.abs(fine - coarse).max() / 3.0, asymmetry))
    return _symmetric(C), error, float(jump.max())


def _moduli(law: Law, e: Array) -> Array:
    """dS/dE (n, 6, 6), eV a site, at strains of components e (n, 6)."""
    values, modes = np.linalg.eigh(np.eye(3) + 2.0 * e[:, NUMBER])
    F = np.ascontiguousarray((modes * np.sqrt(values)[:, None, :]) @ modes.transpose(0, 2, 1))
    found = law.at(F)
    A, G = law.tangent(F, found), np.linalg.inv(F)
    A = A - np.einsum("ab,qij->qaibj", np.eye(3), G @ found.P)
    C = np.einsum("qka,qaibj,qlb->qkilj", G, A, G, optimize=True)
    return C[:, ROW[:, None], COLUMN[:, None], ROW[None], COLUMN[None]]


def _symmetric(C: Array) -> Array:
    """The mean (6, 6, 6) over all orders of the three indices."""
    return np.asarray(np.mean([C.transpose(order) for order in permutations(range(3))], axis=0))


def _tensor(C: Array) -> Array:
    """(3, 3, 3, 3, 3, 3) of Voigt's (6, 6, 6)."""
    return C[NUMBER][:, :, NUMBER][:, :, :, :, NUMBER]


def _voigt(C: Array) -> Array:
    """(6, 6, 6) of C_ijklmn (3, 3, 3, 3, 3, 3)."""
    i, j = (v[:, None, None] for v in (ROW, COLUMN))
    k, l = (v[:, None] for v in (ROW, COLUMN))
    return C[i, j, k, l, ROW, COLUMN]
