"""A rigid, frictionless indenter: an external potential on the sites that it touches.

    phi(y) = k/3 <g(y)>^3,    <g> = max(g, 0)

per site and period, with g how far a site is inside of the indenter: phi is C2, so Newton's method
sees a continuous Hessian when sites come into contact. The pressed force k <g>^2 is normal to the
surface of the indenter.

    cylinder   g = R - |y - c|           the potential of LAMMPS' `fix indent`; Kelchner, Plimpton
                                         and Hamilton 1998, Phys. Rev. B 58, 11085, with k = 10
    flat       g = y_2 - h(y_1),  h = tip for |y_1| <= a,  tip + s^3/e^2 for s = |y_1| - a > 0

The edge of the flat punch is rounded over a length e: a step in y_1 would leave phi without a
force, and any C1 edge without a Hessian. With s^3 the profile h, and so phi, is C2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from qcmethod.base.stored import stored
from qcmethod.base.types import Array, Bools
from qcmethod.lattice.plane import in_plane

Shape = Literal["cylinder", "flat", "sphere"]


@stored
@dataclass(frozen=True)
class Indenter:
    """A cylinder along z, or a flat punch; in space see `round_indenter`.

    Attributes
    ----------
    shape : "cylinder" or "flat"
    size : radius of the cylinder, or half width of the flat punch, A
    contact : y of the lowest point at the first contact, A
    depth : how far the lowest point is below that, A (negative: lifted off)
    stiffness : k, eV/A^3
    edge : length e over which the edges of a flat punch are rounded, A
    """

    shape: Shape
    size: float
    contact: float
    depth: float
    stiffness: float
    edge: float

    @property
    def tip(self) -> float:
        """y of the lowest point, A."""
        return self.contact - self.depth

    @property
    def numbers(self) -> list[float | str]:
        """What makes two indenters the same."""
        return [self.shape, self.size, self.contact, self.depth, self.stiffness, self.edge]

    @property
    def form(self) -> str:
        """What makes them the same at another depth, for files."""
        rounded = f", edge={self.edge:g} A" if self.shape == "flat" else ""
        return f"{self.shape}, {self.size:g} A, k={self.stiffness:g} eV/A^3{rounded}"

    @property
    def text(self) -> str:
        """Its load, for pictures."""
        return f"depth {self.depth:g} \N{ANGSTROM SIGN}"

    @property
    def chord(self) -> float:
        """Half width of the indenter at the undeformed surface, A: no contact is wider, as long as
        the surface does not pile up."""
        if self.depth <= 0.0:
            return self.size if self.shape == "flat" else 0.0
        if self.shape != "flat":
            return float(np.sqrt(self.depth * (2.0 * self.size - self.depth)))
        return self.size + float(np.cbrt(self.depth * self.edge**2))

    def overlap(self, y: Array) -> Array:
        """g (n,) of points y (n, 2) or (n, 3): how far they are inside, A; negative outside."""
        if self.shape != "flat":
            return self.size - np.hypot(y[:, 0], y[:, 1] - self.tip - self.size)
        return np.asarray(y[:, 1] - self.profile(y[:, 0]))

    def touches(self, y: Array) -> Bools:
        """Which points y (n, 3) are inside, (n,)."""
        return np.asarray(self.overlap(y) > 0.0)

    def energy(self, y: Array) -> float:
        """Sum of phi over points y (n, 3) inside, eV."""
        return float(self.stiffness / 3.0 * (self.overlap(y) ** 3).sum())

    def gradient(self, y: Array) -> Array:
        """d phi/dy (n, 3) at points y (n, 3) inside, eV/A."""
        return (self.stiffness * self.overlap(y) ** 2)[:, None] * self.slopes(y)[0]

    def hessian(self, y: Array) -> Array:
        """d^2 phi/dy^2 (n, 3, 3) at points y (n, 3) inside, eV/A^2."""
        g, k = self.overlap(y)[:, None, None], self.stiffness
        first, second = self.slopes(y)
        return 2.0 * k * g * first[:, :, None] * first[:, None] + k * g**2 * second

    def profile(self, x: Array) -> Array:
        """y (n,) of the lower surface over x (n,), A; nan beside a cylinder."""
        if self.shape != "flat":
            with np.errstate(invalid="ignore"):
                return np.asarray(self.tip + self.size - np.sqrt(self.size**2 - x**2))
        s = np.maximum(np.abs(x) - self.size, 0.0)
        return np.asarray(self.tip + s**3 / self.edge**2)

    def slopes(self, y: Array) -> tuple[Array, Array]:
        """dg/dy (n, 3) and d^2 g/dy^2 (n, 3, 3) at y (n, 3)."""
        first, second = np.zeros((len(y), 3)), np.zeros((len(y), 3, 3))
        if self.shape != "flat":
            d = in_plane(y) - [0.0, self.tip + self.size]
            r = np.linalg.norm(d, axis=1)
            n = d / r[:, None]
            in_plane(first)[:] = -n
            second[:, :2, :2] = (n[:, :, None] * n[:, None] - np.eye(2)) / r[:, None, None]
        else:
            s = np.maximum(np.abs(y[:, 0]) - self.size, 0.0)
            first[:, 0] = -3.0 * np.sign(y[:, 0]) * s**2 / self.edge**2
            first[:, 1] = 1.0
            second[:, 0, 0] = -6.0 * s / self.edge**2
        return first, second
