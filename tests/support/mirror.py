"""An engine that is a mirror: the site energies of a native form of one element, by brute force.

    V_i = 1/2 sum phi(r) + F(sum rho(r))

over all images within the cut-off, in NumPy with the radial functions of the form. What the package
makes of an engine must be what it makes of the form itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

import qcmethod as qc
from qcmethod.potentials.can import Can
from qcmethod.potentials.site import embed, pair
from qcmethod.potentials.sums.sites import SiteSum

ALL = Can.FORCES | Can.SITE_ENERGY | Can.STRESS
FORCES = Can.FORCES | Can.STRESS


@dataclass(frozen=True)
class Mirror:
    """The engine of a native potential; `calls` counts what is asked."""

    of: qc.Potential
    can: Can = ALL
    calls: list = None

    name = property(lambda self: f"mirror of {self.of.name}")
    elements = property(lambda self: (self.of.element,))
    masses = property(lambda self: (self.of.mass,))
    cutoff = property(lambda self: self.of.cutoff)
    reach = property(lambda self: self.of.reach)
    isolated = property(lambda self: self.of.isolated)
    numbers = property(lambda self: ["mirror", *self.of.numbers])

    def session(self, y, cell, periodic, species, weights=None):
        if not any(periodic[:2]):
            period = float(cell[2, 2]) if periodic[2] else np.inf
            w = np.ones(len(y)) if weights is None else weights
            return Columns(self, self.of.site_sum(period, w, np.zeros(len(y))), weights is None)
        return Images(self, np.array(cell, dtype=float), periodic, weights)


def mirrored(potential: qc.Potential, can: Can = ALL) -> qc.Potential:
    """The same potential through the door of engines."""
    engine = Mirror(potential, can, [])
    return qc.Potential.of_engine(engine, potential.structure, potential.lattice_constant)


@dataclass
class Columns:
    """Columns along z: the native sum itself."""

    engine: Mirror
    sum: SiteSum
    whole: bool

    def at(self, y, cell=None):
        assert cell is None
        self.engine.calls.append(len(y))
        state = self.sum.at(y)
        return state.energy, state.gradient

    def energies(self, y):
        return self.sum.energies(y)

    def virial(self):
        raise NotImplementedError

    def close(self):
        pass


class Images:
    """Atoms in a periodic box, each with all images of all others."""

    def __init__(self, engine, cell, periodic, weights):
        self.engine, self.cell, self.periodic, self.w = engine, cell, periodic, weights

    def at(self, y, cell=None):
        self.engine.calls.append(len(y))
        if cell is not None:
            self.cell = cell
        p, rc = self.engine.of.params, self.engine.cutoff
        up = np.linalg.inv(self.cell)
        span = np.ptp(y @ up, axis=0) if len(y) > 1 else np.zeros(3)
        most = [
            int(np.ceil(rc * np.linalg.norm(up[:, a]) + span[a])) if self.periodic[a] else 0
            for a in range(3)
        ]
        grid = np.meshgrid(*[np.arange(-m, m + 1) for m in most], indexing="ij")
        shifts = np.stack([g.ravel() for g in grid], axis=1) @ self.cell
        i, j, s = np.meshgrid(*map(np.arange, (len(y), len(y), len(shifts))), indexing="ij")
        i, j, s = i.ravel(), j.ravel(), s.ravel()
        d = y[j] + shifts[s] - y[i]
        r = np.linalg.norm(d, axis=1)
        on = (r > 1e-9) & (r < rc)
        i, j, d, r = i[on], j[on], d[on], r[on]
        phi, dphi, rho, drho = np.array([pair(p, float(x)) for x in r]).T
        n = np.bincount(i, rho, len(y))
        F, dF = np.array([embed(p, float(x))[:2] for x in n]).T
        w = np.ones(len(y)) if self.w is None else self.w
        self.V = 0.5 * np.bincount(i, phi, len(y)) + F
        t = (w[i] * (0.5 * dphi + dF[i] * drho) / r)[:, None] * d
        g = np.zeros((len(y), 3))
        np.add.at(g, j, t)
        np.add.at(g, i, -t)
        self.X = np.einsum("ba,bc->ac", t, d)
        return float(w @ self.V), g

    def energies(self, y):
        self.at(y)
        return self.V

    def virial(self):
        return self.X

    def close(self):
        pass
