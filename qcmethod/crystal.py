"""A crystal: a lattice and a potential, relaxed, with its continuum properties.

The lattice constant is the zero of the hydrostatic stress tr P(1) of the perfect lattice; moduli
are C_ijkl = A_ijkl / Omega at the stress-free state (Born and Huang 1954). Stability of a
homogeneous deformation is strong ellipticity: the acoustic tensor

    Q_ab(k) = A_aibj k_i k_j                      (Hill 1962)

is positive definite for every direction k of the plane of the problem (all directions for a
three-dimensional crystal).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from numbers import Real

import numpy as np
from numpy.typing import NDArray

from qcmethod import cauchy_born, lattice
from qcmethod.errors import InputError, InvertedCellError, OffTableError, UnstableCrystalError
from qcmethod.lattice import Lattice, Triplet
from qcmethod.potentials.site import Potential, embed
from qcmethod.units import GPA

Array = NDArray[np.float64]
_CUBIC = {"x": (1, 0, 0), "y": (0, 1, 0), "z": (0, 0, 1)}


@dataclass(frozen=True, repr=False)
class ElasticConstants:
    """Moduli C_ijkl (3, 3, 3, 3) in the laboratory frame, eV/A^3, and in crystal axes."""

    tensor: Array
    axes: Array

    def __repr__(self) -> str:
        solid = abs(self.tensor[2, 2, 2, 2]) > 0.0  # of a plane crystal or a chain it is 0
        unit, scale = ("GPa", 1.0 / GPA) if solid else ("in eV and A", 1.0)
        values = (f"{name}={getattr(self, name) * scale:.4g}" for name in ("C11", "C12", "C44"))
        return f"ElasticConstants({', '.join(values)} {unit})"

    @cached_property
    def in_crystal(self) -> Array:
        """(3, 3, 3, 3) in the crystal's cubic axes, eV/A^3."""
        R = self.axes
        return np.einsum("ijkl,ia,jb,kc,ld->abcd", self.tensor, R, R, R, R, optimize=True)

    @property
    def C11(self) -> float:
        """C_1111 in crystal axes, eV/A^3."""
        return float(self.in_crystal[0, 0, 0, 0])

    @property
    def C12(self) -> float:
        """C_1122 in crystal axes, eV/A^3."""
        return float(self.in_crystal[0, 0, 1, 1])

    @property
    def C44(self) -> float:
        """C_2323 in crystal axes, eV/A^3 (C_1212 of a plane crystal)."""
        C = self.in_crystal
        return float(C[1, 2, 1, 2] if C[1, 2, 1, 2] else C[0, 1, 0, 1])

    def voigt(self) -> Array:
        """(6, 6) in the laboratory frame, order xx yy zz yz xz xy, eV/A^3."""
        i, j = np.array([0, 1, 2, 1, 0, 0]), np.array([0, 1, 2, 2, 2, 1])
        return self.tensor[i[:, None], j[:, None], i[None], j[None]]

    def gpa(self) -> dict[str, float]:
        """C11, C12, C44 in GPa."""
        return {"C11": self.C11 / GPA, "C12": self.C12 / GPA, "C44": self.C44 / GPA}


@dataclass(frozen=True, repr=False)
class Crystal:
    """A Bravais crystal of one element; build it with `fcc`, `bcc`, `hex2d` or `chain`."""

    potential: Potential
    lattice: Lattice

    def __repr__(self) -> str:
        lattice = self.lattice
        return f"Crystal({lattice.structure} {self.potential.name}, a={lattice.constant:.6g} A)"

    @classmethod
    def fcc(
        cls,
        potential: Potential,
        x: Triplet = (1, 0, 0),
        y: Triplet = (0, 1, 0),
        z: Triplet = (0, 0, 1),
        a: float | None = None,
    ) -> Crystal:
        """Face-centred cubic crystal with laboratory axes along the Miller directions x, y, z.

        a : lattice constant, A (default: relaxed with the potential)

        Raises OrientationError for triplets that are not orthogonal and right-handed, and
        UnstableCrystalError when the potential has no stress-free fcc crystal near its guess.
        """
        return _relaxed(potential, "fcc", lambda c: lattice.cubic("fcc", c, x, y, z), a)

    @classmethod
    def bcc(
        cls,
        potential: Potential,
        x: Triplet = (1, 0, 0),
        y: Triplet = (0, 1, 0),
        z: Triplet = (0, 0, 1),
        a: float | None = None,
    ) -> Crystal:
        """Body-centred cubic crystal; arguments and errors as for `fcc`."""
        return _relaxed(potential, "bcc", lambda c: lattice.cubic("bcc", c, x, y, z), a)

    @classmethod
    def hex2d(cls, potential: Potential, a: float | None = None) -> Crystal:
        """Triangular plane lattice (A1 along x); two displacement components."""
        return _relaxed(potential, "hex2d", lattice.hex2d, a)

    @classmethod
    def chain(cls, potential: Potential, a: float | None = None) -> Crystal:
        """Chain on the x axis; one displacement component."""
        return _relaxed(potential, "chain", lattice.chain, a)

    @cached_property
    def cohesive(self) -> float:
        """Energy per site of the undeformed lattice, eV, with the potential's own zero."""
        return self.site_energy(np.eye(3))

    @property
    def lattice_constant(self) -> float:
        """Lattice constant, A (spacing of neighbours for hex2d and chain)."""
        return self.lattice.constant

    @cached_property
    def cohesive_energy(self) -> float:
        """Energy per atom against the isolated atom of the same potential, eV (negative)."""
        return self.cohesive - float(embed(self.potential.params, 0.0)[0])

    def site_energy(self, F: Array) -> float:
        """Cauchy-Born energy of one site at the gradient F (3, 3), eV."""
        return float(self._evaluate(F)[0][0])

    def energy_density(self, F: Array) -> float:
        """W(F), eV/A^3 (eV/A^2 for hex2d, eV/A for a chain), per undeformed volume."""
        return self.site_energy(F) / self.lattice.site_volume

    def stress(self, F: Array) -> Array:
        """First Piola-Kirchhoff stress P = dW/dF, (3, 3), eV/A^3."""
        return self._evaluate(F)[1][0] / self.lattice.site_volume

    def tangent(self, F: Array) -> Array:
        """dP/dF, (3, 3, 3, 3) with [a, i, b, j] = dP_ai/dF_bj, eV/A^3."""
        F_q = self._gradient(F)
        _, _, density, _, shell = self._evaluate(F)
        A = cauchy_born.tangent(self.potential.params, F_q, shell, density)
        return A[0] / self.lattice.site_volume

    def elastic_constants(self) -> ElasticConstants:
        """Small-strain moduli of the undeformed lattice, eV/A^3 (2-D: eV/A^2, 1-D: eV/A)."""
        return ElasticConstants(self.tangent(np.eye(3)), self.lattice.axes)

    def acoustic_minimum(self, F: Array) -> float:
        """Smallest eigenvalue of the acoustic tensor over directions, eV/A^3."""
        A, n = self.tangent(F), self.lattice.n_components
        k = _directions(n)
        Q = np.einsum("aibj,ni,nj->nab", A[:n, :n, :n, :n], k, k)
        return float(np.linalg.eigvalsh(0.5 * (Q + Q.transpose(0, 2, 1))).min())

    def is_stable(self, F: Array) -> bool:
        """Strong ellipticity at F: every long wave of the deformed lattice is stable."""
        return self.acoustic_minimum(F) > 0.0

    def require_stable(self, F: Array) -> None:
        """Raise UnstableCrystalError when the crystal at F is not strongly elliptic."""
        lowest = self.acoustic_minimum(F)
        if not lowest > 0.0:
            raise UnstableCrystalError(
                f"F: the homogeneous crystal is unstable at {np.asarray(F).tolist()} (smallest "
                f"acoustic eigenvalue {lowest:.4g} eV/A^3, expected > 0). Try a smaller load."
            )

    def _gradient(self, F: Array) -> Array:
        F_q = np.asarray(F, dtype=np.float64)
        if F_q.shape == (2, 2) and self.lattice.n_components == 2:
            F_q = in_space(F_q)
        if F_q.shape != (3, 3) or not np.isfinite(F_q).all():
            raise InputError("F", F, "a finite (3, 3) deformation gradient")
        return F_q[None]

    def _evaluate(self, F: Array) -> tuple[Array, Array, Array, Array, Array]:
        F_q, p = self._gradient(F), self.potential.params
        radius = cauchy_born.covering_radius(p.cutoff, F_q)
        shell = self.lattice.shell(radius)
        W, P, density, shortest = cauchy_born.energy_stress(p, F_q, shell)
        cauchy_born.check(p, radius, F_q, density, shortest)
        return W, P, density, shortest, shell


def require_crystal(crystal: object, example: str = "fcc(potential, ...)") -> None:
    """Raise InputError unless the argument `crystal` is a Crystal."""
    if not isinstance(crystal, Crystal):
        raise InputError("crystal", crystal, "a Crystal", f"qcmethod.Crystal.{example}")


def in_space(F: Array) -> Array:
    """A plane gradient (2, 2) completed with F_zz = 1 to (3, 3)."""
    return np.block([[F, np.zeros((2, 1))], [np.zeros((1, 2)), np.eye(1)]])


def _directions(n: int) -> Array:
    """Unit vectors covering half of the circle or sphere, (m, n)."""
    if n == 1:
        return np.ones((1, 1))
    theta = np.linspace(0.0, np.pi, 90, endpoint=False)
    if n == 2:
        return np.stack([np.cos(theta), np.sin(theta)], axis=1)
    polar, azimuth = np.meshgrid(np.linspace(0.0, np.pi, 46), theta[::2], indexing="ij")
    s = np.sin(polar)
    return np.stack([s * np.cos(azimuth), s * np.sin(azimuth), np.cos(polar)], -1).reshape(-1, 3)


# nearest-neighbour distance over lattice constant
_NEIGHBOUR = {"fcc": 0.5**0.5, "bcc": 0.75**0.5, "hex2d": 1.0, "chain": 1.0}


def _relaxed(
    potential: Potential, structure: str, build: Callable[[float], Lattice], a: float | None
) -> Crystal:
    """The crystal at the given or the stress-free lattice constant."""
    if not isinstance(potential, Potential):
        raise InputError("potential", potential, "a Potential", "qcmethod.load_potential(name)")
    if a is not None:
        if not isinstance(a, Real) or not 0.0 < float(a) < np.inf:
            raise InputError("a", a, "a positive lattice constant, A")
        return Crystal(potential, build(float(a)))
    neighbour = 0.5 * potential.cutoff
    if potential.lattice_constant and potential.structure in _NEIGHBOUR:
        neighbour = potential.lattice_constant * _NEIGHBOUR[potential.structure]
    guess = neighbour / _NEIGHBOUR[structure]
    return Crystal(potential, build(guess * _equilibrium_stretch(potential, build(guess))))


def _equilibrium_stretch(potential: Potential, reference: Lattice) -> float:
    """Stretch s with tr P(s 1) = 0 nearest to 1 that is a minimum of the energy."""
    from scipy.optimize import brentq

    crystal, n = Crystal(potential, reference), reference.n_components

    def pressure(s: float) -> float:
        F = np.diag([s if i < n else 1.0 for i in range(3)])
        return float(np.trace(crystal.stress(F)[:n, :n]))

    grid = np.linspace(0.8, 1.2505, 46)  # no point of it is exactly 1
    values = []
    for s in grid:
        try:
            values.append(pressure(float(s)))
        except (InvertedCellError, OffTableError):
            values.append(np.nan)
    # strictly: beyond the cut-off of a repulsive potential the stress is 0 as well
    rising = [i for i in range(len(grid) - 1) if values[i] < 0.0 < values[i + 1]]
    if not rising:
        raise UnstableCrystalError(
            f"potential: {potential.name} has no stress-free {reference.structure} crystal with "
            f"lattice constant within 20 % of {reference.constant:.4f} A. Try another structure."
        )
    i = min(rising, key=lambda k: abs(grid[k] - 1.0))
    return float(brentq(pressure, grid[i], grid[i + 1], xtol=1e-15, rtol=1e-14))
