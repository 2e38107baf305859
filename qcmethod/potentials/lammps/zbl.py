"""The universal screened repulsion of Ziegler, Biersack and Littmark, weighted by site.

    V_i = 1/2 sum_j E(r_ij),    E(r) = k Z^2/r sum_n c_n exp(-d_n r/a) + S(r)
    a = 0.4685/(2 Z^0.23)
    S = C,  r < r_1;    S = A/3 (r - r_1)^3 + B/4 (r - r_1)^4 + C,  r_1 < r < r_c

with A, B and C such that E, E' and E'' vanish at r_c (Ziegler, Biersack, Littmark 1985, *The
Stopping and Range of Ions in Matter*). It is the part of many machine-learned potentials that their
coefficients do not hold, so it is weighted apart from them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qcmethod.base.types import Array
from qcmethod.lattice.neighbours import VerletList

COULOMB = 14.399645
"""e^2/(4 pi eps_0), eV A, as LAMMPS has it in its units metal."""
SCREENING = 0.46850
SHARE = (0.02817, 0.28022, 0.50986, 0.18175)
DECAY = (0.20162, 0.40290, 0.94229, 3.19980)


@dataclass(frozen=True)
class Zbl:
    """Atoms of one atomic number Z, switched off between r_1 and r_c, A."""

    Z: float
    inner: float
    cutoff: float

    def at(self, r: Array) -> tuple[Array, Array]:
        """E (n,), eV, and E' (n,), eV/A, at distances r (n,), A; zero beyond the cut-off."""
        E, slope, _ = self._bare(r)
        A, B, C = self._switch
        t = np.maximum(r - self.inner, 0.0)
        E = E + C + t**3 * (A / 3.0 + B / 4.0 * t)
        slope = slope + t**2 * (A + B * t)
        on = r < self.cutoff
        return np.where(on, E, 0.0), np.where(on, slope, 0.0)

    @property
    def _switch(self) -> tuple[float, float, float]:
        E, slope, bend = (float(x[0]) for x in self._bare(np.array([self.cutoff])))
        t = self.cutoff - self.inner
        A = (-3.0 * slope + t * bend) / t**2
        B = (2.0 * slope - t * bend) / t**3
        return A, B, -E + 0.5 * t * slope - t**2 / 12.0 * bend

    def _bare(self, r: Array) -> tuple[Array, Array, Array]:
        """E, E' and E'' without the switch."""
        a = SCREENING / (2.0 * self.Z**0.23)
        k = COULOMB * self.Z**2
        phi, dphi, d2phi = np.zeros_like(r), np.zeros_like(r), np.zeros_like(r)
        for c, d in zip(SHARE, DECAY, strict=True):
            e = c * np.exp(-d * r / a)
            phi, dphi, d2phi = phi + e, dphi - d / a * e, d2phi + (d / a) ** 2 * e
        E = k * phi / r
        slope = k * dphi / r - E / r
        return E, slope, k * d2phi / r - 2.0 * slope / r


class WeightedPairs:
    """sum_i w_i V_i over columns that are periodic along z (A), weights w (n,)."""

    def __init__(self, pair: Zbl, period: float, w: Array) -> None:
        self.pair, self.w = pair, w
        self.list = VerletList(period, pair.cutoff, w != 0.0)

    def at(self, y: Array) -> tuple[float, Array]:
        """The sum, eV, and its gradient (n, 3), eV/A, at y (n, 3), A."""
        near = self.list.at(y)
        i, j = near.owner, near.site.astype(np.int64)
        d = y[j] - y[i]
        d[:, 2] += near.shift
        r = np.linalg.norm(d, axis=1)
        E, slope = self.pair.at(r)
        w = 0.5 * (self.w[i] + self.w[j])
        t = (w * slope / r)[:, None] * d
        g = np.zeros_like(y)
        np.add.at(g, j, t)
        np.subtract.at(g, i, t)
        return float(w @ E), g
