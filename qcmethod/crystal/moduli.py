"""Small-strain moduli C_ijkl of a crystal (Born and Huang 1954), in both frames."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from qcmethod.base.door import door
from qcmethod.base.types import Array
from qcmethod.base.voigt import matrix
from qcmethod.errors import InputError
from qcmethod.units import GPA

STRESSED = 1e-3
"""Of the largest modulus: an asymmetry beyond it is that of a crystal under stress."""
ROUNDED = 1e-9
"""The same of moduli that are symmetric but for rounding."""


@dataclass(frozen=True, eq=False, repr=False)
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
    def at_rest(self) -> Array:
        """The tensor of the crystal without stress (3, 3, 3, 3), eV/A^3, for linear elasticity.

        A reference state under stress makes C_ijkl differ from C_jikl by that stress: a lattice
        constant typed to six digits by 1e-7 eV/A^3. The mean over the symmetries is right up to
        it. Raises InputError in the name of a= where the stress is large.
        """
        C = self.tensor
        under = float(np.abs(C - C.transpose(1, 0, 2, 3)).max() / np.abs(C).max())
        if under > STRESSED:
            given = f"moduli that a stress makes asymmetric, by {under:.2g} of the largest"
            raise InputError("a", given, "the lattice constant of the crystal at rest", "no a=")
        if under < ROUNDED:
            return C
        C = 0.5 * (C + C.transpose(1, 0, 2, 3))
        C = 0.5 * (C + C.transpose(0, 1, 3, 2))
        mean: Array = 0.5 * (C + C.transpose(2, 3, 0, 1))
        return mean

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

    @door
    def voigt(self) -> Array:
        """(6, 6) in the laboratory frame, order xx yy zz yz xz xy, eV/A^3."""
        return matrix(self.tensor)

    @door
    def gpa(self) -> dict[str, float]:
        """C11, C12, C44 in GPa."""
        return {"C11": self.C11 / GPA, "C12": self.C12 / GPA, "C44": self.C44 / GPA}
