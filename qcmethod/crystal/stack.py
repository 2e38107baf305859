"""A crystal as a stack of layers normal to y, each of which moves as one body.

    E(w) = sum_m [V_m(w) - W],    y_l = F x_l + w_{m(l)}

The sites of a layer are equal to one another, so one of each stands for all: E is the energy of a
column of sites, and its derivatives in w sum over the sites that move with a layer. With the layers
free in what a plane defect leaves them, w minimises E: surfaces (`crystal.surface`), stacking
faults (`crystal.faults`). Far layers are bound together in groups that hold perfect crystal.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from qcmethod.base.types import Array, Bools, Index
from qcmethod.crystal.crystal import Crystal
from qcmethod.errors import ConvergenceError, UnstableCrystalError
from qcmethod.lattice.shapes import Box
from qcmethod.lattice.sites import sites_in
from qcmethod.potentials.site import embed, is_many_body, pair, site
from qcmethod.potentials.sums.protocol import Sum

LONGEST = 0.1
"""Longest component of a Newton step, A."""
FORCE, STEP = 1e-11, 1e-12
"""A minimum is reached below this force (eV/A) or this step (A)."""
AT_REST, RESTING, RATTLING = 20, 1e-9, 1e-3
"""At a step of the force: so many states within so many eV, the last Newton step so short, A."""
TRACTION = 1e-9
"""On the plane of a crystal that is free of it, at most, eV/A^3."""


@dataclass(frozen=True, eq=False)
class LayersState:
    """One evaluation: energy (eV a site of the plane), its gradient (n, 3) in w, and for the
    components that are True in a mask (n, 3) the Hessian."""

    energy: float
    gradient: Array
    hessian: Callable[[Bools], Array]


@dataclass(frozen=True, eq=False)
class Layers:
    """Sites of a stack: the sum over one of each row, positions (n, 3) A, group of each site.

    A group is a row of the lattice, or all rows beyond the first or the last that is free.
    """

    sum: Sum
    x: Array
    group: Index
    n_groups: int

    @classmethod
    def build(
        cls, crystal: Crystal, F: Array, rows: tuple[int, int], bottom: bool, slide: float = 0.0
    ) -> Layers:
        """Free rows first to last of a crystal at F, perfect crystal above them.

        rows : the lattice rows that may move each on its own
        bottom : whether perfect crystal lies below them too (group 0), or nothing
        slide : how far groups will be displaced along x, A
        """
        lattice, cutoff = crystal.lattice, float(crystal.potential.cutoff)
        first, last = rows
        (step, slant), rise = lattice.basis[:2, 0], float(lattice.basis[1, 1])
        beyond, below = int(1.2 * cutoff / rise) + 2, int(bottom)
        summed = first - beyond * below, last + beyond
        width = slide + cutoff + 2.0 + step
        lowest, highest = summed[0] - beyond * below, summed[1] + beyond
        around = Box((-width, (lowest - 0.5) * rise), (width, (highest + 0.5) * rise))
        sites = sites_in(lattice.basis[:2], around).ij
        # the site of a row that is nearest to x = 0
        middle = np.round(-sites[:, 1] * slant / step).astype(np.int64)
        on = (sites[:, 0] == middle) & (sites[:, 1] >= summed[0]) & (sites[:, 1] <= summed[1])
        W = np.full(len(sites), crystal.site_energy(F))
        group = np.clip(sites[:, 1], first - int(bottom), last + 1) - (first - int(bottom))
        return cls(
            sum=crystal.potential.site_sum(lattice.period, on.astype(float), W),
            x=lattice.positions(sites) @ F.T,
            group=group,
            n_groups=last - first + 2 + int(bottom),
        )

    def at(self, w: Array) -> LayersState:
        """The stack with its groups displaced by w (n_groups, 3), A. Raises OffTableError."""
        state = self.sum.at(self.x + w[self.group])

        def hessian(free: Bools) -> Array:
            action, columns = self.sum.hessian(state), []
            for m, a in np.argwhere(free):
                v = np.zeros_like(self.x)
                v[self.group == m, a] = 1.0
                columns.append(self._by_group(action(v))[free])
            H = np.array(columns)
            return 0.5 * (H + H.T)

        return LayersState(state.energy, self._by_group(state.gradient), hessian)

    def relax(self, w: Array, free: Bools, what: str) -> tuple[Array, LayersState]:
        """Minimise E over the components of w that are True in free, both (n_groups, 3).

        Newton's method; where E is not convex along the curvature's absolute values. Returns w and
        the state there. A potential whose force steps where the minimum lies has no state of small
        gradient: there it is the lowest one, once the energy has come to rest. Raises
        ConvergenceError, which begins with `what`.
        """
        state = self.at(w)
        lowest_yet, energies = (w, state), [state.energy]
        for _ in range(100):
            g = state.gradient[free]
            if np.abs(g).max(initial=0.0) < FORCE:
                return w, state
            curvature, modes = np.linalg.eigh(state.hessian(free))
            lowest = 1e-6 * float(curvature[-1])
            stiffness = np.maximum(np.abs(curvature), lowest)
            step = np.zeros_like(w)
            step[free] = -modes @ ((modes.T @ g) / stiffness)
            step *= min(1.0, LONGEST / float(np.abs(step).max()))
            while True:
                new = self.at(w + step)
                if new.energy <= state.energy + 1e-12 or np.abs(new.gradient[free]).max() < 1e-9:
                    break
                step *= 0.5
                if np.abs(step).max() < STEP:
                    break
            if np.abs(step).max() < STEP:
                return w, state
            w, state = w + step, new
            energies.append(state.energy)
            if state.energy <= lowest_yet[1].energy:
                lowest_yet = w, state
        if np.ptp(energies[-AT_REST:]) < RESTING and np.abs(step).max() < RATTLING:
            return lowest_yet
        raise ConvergenceError(
            f"{what}: the layers do not relax (residual {np.abs(state.gradient[free]).max():.2e} "
            "eV/A). Try another plane, or layers that stay (surface=False in couple())."
        )

    def _by_group(self, g: Array) -> Array:
        total = np.zeros((self.n_groups, 3))
        np.add.at(total, self.group, g)
        return total


def jump_at_cutoff(crystal: Crystal) -> float:
    """How much the stress jumps, eV/A^3, where a shell of neighbours crosses the cut-off.

    Zero where no shell lies within 1e-4 of it; else m rc |phi'(rc) + 2 F'(n) rho'(rc)| / 2 Omega
    for the m neighbours there, as each of them may be inside or outside.
    """
    if crystal.potential.engine is not None:
        return 0.0  # not known: an engine is taken to be smooth
    p, lattice = crystal.potential.params, crystal.lattice
    shell = lattice.shell(1.001 * p.cutoff)
    r = np.linalg.norm(shell, axis=1)
    at_cutoff = np.abs(r / p.cutoff - 1.0) < 1e-4
    there = 2 * np.count_nonzero(at_cutoff)
    if is_many_body(p):
        d = np.where(at_cutoff, (1.0 - 1e-9) * p.cutoff / r, 1.0)[:, None] * shell
        d = np.concatenate([d, -d])[np.tile((r < p.cutoff) | at_cutoff, 2)]
        force = np.linalg.norm(site(p, d, np.zeros(len(d) + 1, dtype=np.int64))[1], axis=1)
        last = np.linalg.norm(d, axis=1) > (1.0 - 1e-6) * p.cutoff
        return float(p.cutoff * force[last].sum() / lattice.site_volume)
    n = 2.0 * sum(pair(p, float(x))[2] for x in r if x < p.cutoff)
    _, slope, _, decay = pair(p, p.cutoff * (1.0 - 1e-9))
    kink = abs(slope) + 2.0 * abs(embed(p, n)[1] * decay)
    return float(0.5 * there * p.cutoff * kink / lattice.site_volume)


def traction_free(crystal: Crystal, stretch: float = 1.0) -> Array:
    """F with F e_x = stretch e_x, F e_z = e_z and P(F) e_y = 0 (Newton).

    Raises UnstableCrystalError, OffTableError: no such crystal is stable.
    """
    F = np.diag([stretch, 1.0, 1.0])
    for _ in range(30):
        t = crystal.stress(F)[:, 1]
        if np.abs(t).max() < 1e-14:
            break
        crystal.require_stable(F)
        F = F.copy()
        F[:, 1] -= np.linalg.solve(crystal.tangent(F)[:, 1, :, 1], t)
    crystal.require_stable(F)
    left = float(np.abs(t).max())
    if left > TRACTION + jump_at_cutoff(crystal):
        raise UnstableCrystalError(
            f"crystal: its plane keeps a traction of {left:.2g} eV/A^3 at a stretch of {stretch:g}."
            " Try: a lattice constant nearer to the relaxed one"
        )
    return F
