"""A point on a curve of equilibria, and its line in a log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from qcmethod.base.stored import stored

Fold = Literal["", "upper", "lower"]


@stored
@dataclass(frozen=True)
class ArcPoint:
    """An equilibrium on the curve.

    Attributes
    ----------
    number : position on the curve, from 0
    s : length along the curve, A
    load : stress intensity, MPa sqrt(m)
    tip : x at which the distance across the crack plane passes 1.35 nearest-neighbour distances,
        interpolated between columns, A
    energy : excess energy, eV per period (None for force methods)
    slope : dK/ds, MPa sqrt(m)/A
    unstable : negative eigenvalues of the Hessian; for a force method 1 where the determinant of
        its Jacobian is negative, else 0
    fold : "upper" where the load is largest, "lower" where it is smallest, else ""
    fmax : residual force, eV/A
    iterations : of the corrector
    """

    number: int
    s: float
    load: float
    tip: float
    energy: float | None
    slope: float
    unstable: int
    fold: Fold
    fmax: float
    iterations: int

    @property
    def stable(self) -> bool:
        """Whether this equilibrium is a minimum of the energy."""
        return self.unstable == 0


HEADER = "point      s (A)    K          tip (A)   excess energy (eV)   dK/ds     unstable  fold"


def line(point: ArcPoint) -> str:
    """A line of the log for people."""
    energy = "" if point.energy is None else f"{point.energy:.8f}"
    return (
        f"{point.number:5d}   {point.s:8.3f}   {point.load:9.6f}   {point.tip:7.3f}   "
        f"{energy:>18}   {point.slope:+.4f}   {point.unstable:6d}    {point.fold}"
    )
