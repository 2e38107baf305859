"""Energy of a crack flank as a function of its stretch, from the potential itself.

A half crystal with surface normal y is stretched by lambda along x, its bulk free of traction on
the plane (F e_y solves P(F) e_y = 0), and its layers relax rigidly (vectors w_m, m = 0, 1, ...):

    gamma(lambda) = min_w sum_m [V_m(lambda, w) - W*(lambda)],    W* = W(F*(lambda))

per surface site. To second order in eps = lambda - 1

    gamma = gamma_0 + tau eps + 1/2 S eps^2,     W* = W_0 + 1/2 S_bulk eps^2

with tau the surface stress (Shuttleworth 1950; Cammarata 1994). The Cauchy-Born continuum has no
surface energy of its own; without this term a flank would end, at the rim of the atomistic core,
with an unbalanced film tension tau that displaces the crack tip (the surface Cauchy-Born model of
Park, Klein and Wagner 2006 and Jayawardana et al. 2013 serves the same purpose without relaxation).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qcmethod.blend import blending
from qcmethod.crystal import Crystal, require_crystal
from qcmethod.errors import ConvergenceError, InputError
from qcmethod.problem import Problem
from qcmethod.sites import SiteSum
from qcmethod.units import J_PER_M2

Array = NDArray[np.float64]
STRAIN = 2e-3
"""Half width of the central differences in lambda."""


@dataclass(frozen=True)
class SurfaceEnergy:
    """Coefficients per surface site, eV; `area` of a surface site, A^2; relaxation (m, 3), A, of
    the layers of a half crystal that fills y > 0."""

    gamma: float
    unrelaxed: float
    tension: float
    stiffness: float
    bulk_stiffness: float
    area: float
    relaxation: Array

    @property
    def per_area(self) -> float:
        """Relaxed surface energy, eV/A^2."""
        return self.gamma / self.area

    @property
    def j_per_m2(self) -> float:
        """Relaxed surface energy, J/m^2."""
        return self.per_area / J_PER_M2


def surface_energy(crystal: Crystal) -> SurfaceEnergy:
    """Relaxed energy, stress and stiffness of the surface normal to y, stretched along x.

    Raises ConvergenceError when the layers find no equilibrium (a reconstructing surface).
    """
    require_crystal(crystal)
    if crystal.lattice.n_components != 3:
        raise InputError("crystal", crystal.lattice.structure, "an fcc or bcc crystal")
    stretches = 1.0 + STRAIN * np.array([-1.0, 0.0, 1.0])
    halves = [_half_crystal(crystal, s) for s in stretches]
    gamma, bulk, unrelaxed = np.array([half[:3] for half in halves]).T
    basis = crystal.lattice.basis
    return SurfaceEnergy(
        gamma=float(gamma[1]),
        unrelaxed=float(unrelaxed[1]),
        tension=float(gamma[2] - gamma[0]) / (2.0 * STRAIN),
        stiffness=float(gamma[2] - 2.0 * gamma[1] + gamma[0]) / STRAIN**2,
        bulk_stiffness=float(bulk[2] - 2.0 * bulk[1] + bulk[0]) / STRAIN**2,
        area=float(basis[0, 0] * basis[2, 2]),
        relaxation=halves[1][3],
    )


def _half_crystal(crystal: Crystal, stretch: float) -> tuple[float, float, float, Array]:
    """Excess energy of the relaxed layers, W*, the unrelaxed excess energy (eV a site), and w."""
    F = _traction_free(crystal, stretch)
    W = crystal.site_energy(F)
    lattice, cutoff = crystal.lattice, crystal.potential.cutoff
    spacing = float(lattice.basis[1, 1])
    n_free = int(3.0 * cutoff / spacing) + 2
    n_rows = n_free + 2 * (int(cutoff / spacing) + 2)
    n_columns = int((1.3 * cutoff + 0.5 * n_rows * lattice.basis[0, 0]) / lattice.basis[0, 0]) + 2
    i, j = np.meshgrid(np.arange(-n_columns, n_columns + 1), np.arange(n_rows), indexing="ij")
    ij = np.stack([i.ravel(), j.ravel()], axis=1)
    y = lattice.positions(ij) @ F.T
    # one column of sites stands for all: it has weight, the others move with their layer
    summed = (ij[:, 0] == 0) & (ij[:, 1] < n_free + int(cutoff / spacing) + 1)
    energy = SiteSum.build(
        crystal.potential.params, lattice.period, summed.astype(float), np.full(len(y), W)
    )
    layer = np.where(ij[:, 1] < n_free, ij[:, 1], n_free)

    def at(w: Array) -> tuple[float, Array, Array]:
        state = energy.at(y + np.vstack([w, np.zeros(3)])[layer])
        return (
            state.energy,
            _by_layer(state.gradient, layer, n_free),
            _hessian(energy.hessian(state), layer, n_free),
        )

    w = np.zeros((n_free, 3))
    value, g, H = at(w)
    unrelaxed = value
    for _ in range(50):
        if np.abs(g).max() < 1e-11:
            return value, W, unrelaxed, w
        step = -np.linalg.solve(H, g.ravel()).reshape(w.shape)
        step *= min(1.0, 0.1 / max(np.abs(step).max(), 1e-300))
        new = at(w + step)
        if not np.abs(new[1]).max() < 1e-9 and not new[0] <= value + 1e-12:
            break
        w, (value, g, H) = w + step, new
        if np.abs(step).max() < 1e-12:
            return value, W, unrelaxed, w
    raise ConvergenceError(
        f"surface of {crystal.potential.name}: the layers along y do not relax (residual "
        f"{np.abs(g).max():.2e} eV/A). Try surface=False in couple()."
    )


def _traction_free(crystal: Crystal, stretch: float) -> Array:
    """F with F e_x = stretch e_x, F e_z = e_z and P(F) e_y = 0 (Newton)."""
    F = np.diag([stretch, 1.0, 1.0])
    for _ in range(30):
        t = crystal.stress(F)[:, 1]
        if np.abs(t).max() < 1e-14:
            break
        F = F.copy()
        F[:, 1] -= np.linalg.solve(crystal.tangent(F)[:, 1, :, 1], t)
    return F


def _by_layer(g: Array, layer: NDArray[np.int64], n_free: int) -> Array:
    total = np.zeros((n_free + 1, 3))
    np.add.at(total, layer, g)
    return total[:n_free]


def _hessian(action, layer: NDArray[np.int64], n_free: int) -> Array:  # type: ignore[no-untyped-def]
    """Dense Hessian in the layer displacements (3 n_free, 3 n_free)."""
    H = np.zeros((3 * n_free, 3 * n_free))
    for m in range(n_free):
        for a in range(3):
            v = np.zeros((len(layer), 3))
            v[layer == m, a] = 1.0
            H[:, 3 * m + a] = _by_layer(action(v), layer, n_free).ravel()
    return 0.5 * (H + H.T)


@dataclass(frozen=True)
class Relaxation:
    """Relaxation of the surface layers as a part of the predictor.

    The sites of layer m under a flank move by s(r/radius) R w_m, with R the local rotation of the
    flank and w_m the relaxation of a free surface; the lower flank, its image under the inversion
    of the lattice, by -R w_m. The taper s vanishes at the tip and is 1 beyond `radius`, which lies
    in the atomistic core: there the corrector is free on every site. So the corrector, a P1 field
    on a coarse mesh, need not represent what only a few layers do, and atoms in the blending zone
    carry the same film tension as the continuum next to them.
    """

    layers: Array
    radius: float

    def displacement(self, problem: Problem, ij: NDArray[np.int64], x: Array) -> Array:
        """Displacements (n, 3) of the sites ij (n, 2) at x (n, 3), A."""
        upper = ij[:, 1] >= 0
        layer = np.where(upper, ij[:, 1], -1 - ij[:, 1])
        moved = np.flatnonzero((layer < len(self.layers)) & (x[:, 0] < 0.0))
        w = np.where(upper[moved, None], 1.0, -1.0) * self.layers[layer[moved]]
        side = np.zeros(len(moved), dtype=np.int8)
        tangent = problem.predictor.gradient(x[moved], side)[:, :, 0]
        c, s = (tangent[:, :2] / np.linalg.norm(tangent[:, :2], axis=1)[:, None]).T
        taper = blending(-x[moved, 0], 0.0, self.radius)
        out = np.zeros((len(x), 3))
        out[moved] = taper[:, None] * np.stack(
            [c * w[:, 0] - s * w[:, 1], s * w[:, 0] + c * w[:, 1], w[:, 2]], axis=1
        )
        return out
