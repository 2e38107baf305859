"""A coupled system: a problem, a mesh and a method, ready to be tested and solved.

`qcmethod.assembly.couple` makes one. Methods with a frozen correction carry the ghost force

    g = dE(y*)/du + f_force(y*)

with y* the predictor (default), the homogeneous lattice at a given F (the published choice,
Ortner and Zhang 2016), or any corrector, for instance the last load step.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qcmethod.body import Body, healed, healed_dofs
from qcmethod.cells import CellSum
from qcmethod.continuum import Continuum
from qcmethod.coupling.energy import EnergyModel
from qcmethod.coupling.force import ForceModel
from qcmethod.coupling.interface import reconstructed
from qcmethod.coupling.lattice_force import lattice_force
from qcmethod.coupling.methods import Method, find_method
from qcmethod.coupling.reconstruction import Reconstruction
from qcmethod.coupling.weights import Weights, weigh
from qcmethod.errors import (
    CouplingError,
    InvertedCellError,
    OffTableError,
    UnstableCrystalError,
)
from qcmethod.flank import FlankSum
from qcmethod.indenter import Pressed
from qcmethod.problem import Problem
from qcmethod.sites import SiteSum
from qcmethod.surface import Relaxation, SurfaceEnergy

Array = NDArray[np.float64]
PROBES = (((0.0, 0.0), (0.0, 0.0)), ((0.02, 0.0), (0.0, 0.0)), ((0.0, 0.02), (0.0, 0.0)))
"""Displacement gradients at which every system is tested: none, a stretch along x, a shear."""
PADDING = 2.5
"""Sites are listed this many cut-offs beyond the blending zone (an EAM force sees two)."""


@dataclass(frozen=True, repr=False)
class System:
    """A problem coupled by one method; make it with `couple`.

    Attributes
    ----------
    body : mesh, sites and cells
    method : row of the table of methods
    core, blend : core radius and blending width, A
    blending : name of the blending function
    surface : surface energy of the continuum part of a free surface, if it has one
    g : (n_k, 3) frozen ghost force, eV/A (zero unless the method has one)
    lattice_reach : how far from the defect the continuum carries the force of the lattice on the
        predictor, A (`coupling.lattice_force`); 0: nowhere
    """

    body: Body
    method: Method
    core: float
    blend: float
    blending: str
    surface: SurfaceEnergy | None
    g: Array
    lattice_reach: float = 0.0

    def __repr__(self) -> str:
        zone = f"core={self.core:g} A, blend={self.blend:g} A"
        return (
            f"System({self.problem.name}, {self.method.name}, {zone}, {self.n_repatoms} repatoms)"
        )

    @property
    def problem(self) -> Problem:
        """The problem that was discretised."""
        return self.body.problem

    @cached_property
    def weights(self) -> Weights:
        """Weights of sites, cells and rows."""
        return weigh(self.body, self.method, self.core, self.blend, self.blending)

    @cached_property
    def reference_energy(self) -> float:
        """Energy of one site of the homogeneous crystal at the predictor's F, eV."""
        return self.problem.crystal.site_energy(self.problem.predictor.F)

    @cached_property
    def model(self) -> EnergyModel | ForceModel:
        """The energy or the force field that the solvers work on."""
        return self.force_model if self.method.kind == "force" else self.energy_model

    @cached_property
    def energy_model(self) -> EnergyModel:
        """The weighted energy with the frozen correction."""
        w, found, interface = self.weights, self.reconstruction, None
        w_l = w.w_l
        if found is not None:
            interface = found.sum_on(self.body, self.reference_energy)
            w_l = found.without(self.body, w_l)
        continuum = self._continuum(w.omega_c, w.beta_k)
        return EnergyModel(self.body, self._sites(w_l), continuum, self.g, interface)

    @cached_property
    def reconstruction(self) -> Reconstruction | None:
        """Bonds of the interface sites of `qnl` and `grac`, None for other methods.

        Those of a crack are found on the healed crystal. Raises CouplingError.
        """
        if not self.method.reconstruct:
            return None
        if self.problem.flank:
            closed = self.pristine(self.problem.predictor.F).reconstruction
            return None if closed is None else closed.opened(self.problem)
        return reconstructed(self.body, self.method, self.core, self.weights.omega_c)

    @cached_property
    def force_model(self) -> ForceModel:
        """The force mixture with the same beta (of an energy method: its ghost-force-free twin)."""
        w, cells = self.weights, self.body.cells
        volume = np.where(self.is_continuum, cells.volume, 0.0)
        continuum = self._continuum(volume, np.ones(self.body.n_nodes))
        sites = self._sites(w.needed_l)
        missing = None
        if self.lattice_reach > 0.0 and self.problem.predictor.singular is not None:
            missing = lattice_force(self.body, continuum, w.continuum_k, self.lattice_reach)
            missing = np.where(self.free, missing, 0.0)
        return ForceModel(self.body, w.rows, w.continuum_k, sites, continuum, missing)

    @property
    def is_continuum(self) -> NDArray[np.bool_]:
        """(n_c,) cells that the continuum of a force-based method consists of.

        Cells that no continuum row touches may be broken: they are not asked, and neither are those
        of the lower flank that have a corner no atom and no weighted cell holds in place.
        """
        w = self.weights
        touched = (w.continuum_k[self.body.cells.vertices] > 0.0).any(axis=1)
        loose = self.body.on_lower_flank & (w.omega_c == 0.0)
        asked: NDArray[np.bool_] = touched & ~loose
        return asked

    @property
    def elastic_volume(self) -> Array:
        """Volumes (n_c,) of the cells of the elastic stiffness, in sites.

        Nodes of the lower flank have no site under them: their cells count as weighted.
        """
        return np.where(self.body.on_lower_flank, self.weights.omega_c, self.body.cells.volume)

    @property
    def relaxation(self) -> Relaxation | None:
        """The part of the predictor that moves the layers of a free surface, if it has one."""
        return None if self.surface is None else Relaxation(self.surface.relaxation, self.core)

    @cached_property
    def reference_energies(self) -> Array:
        """Energy of each site (n_l,) in the homogeneous crystal, eV.

        Only the fully atomistic model ends in vacuum at its extent: there the sites of the outer
        surface keep the energy that they have in a homogeneous cylinder.
        """
        energies = np.full(len(self.body.x_l), self.reference_energy)
        if self.method.beta == "zero":
            reach = 1.2 * self.problem.crystal.potential.cutoff
            r = np.linalg.norm(self.body.x_l[:, :2], axis=1)
            outer = r > self.problem.extent - reach
            cylinder = self._site_sum(np.ones(len(r)), np.zeros(len(r)))
            V = cylinder.energies(self.body.x_l @ self.problem.predictor.F.T)
            energies[outer] = V[outer]
        return energies

    @cached_property
    def reference_total(self) -> float:
        """Energy of the sites of this model in the homogeneous crystal, eV."""
        w = self.weights
        return float(w.w_l @ self.reference_energies + w.omega_c.sum() * self.reference_energy)

    def _sites(self, w: Array) -> SiteSum:
        return self._site_sum(w, self.reference_energies, self.pressed)

    @property
    def pressed(self) -> Pressed | None:
        """The indenter on the sites of the core, if there is one; the others must not feel it."""
        indenter = self.problem.indenter
        return None if indenter is None else Pressed(indenter, self.weights.w_l == 1.0)

    def _site_sum(self, w: Array, reference: Array, external: Pressed | None = None) -> SiteSum:
        crystal = self.problem.crystal
        period = crystal.lattice.period
        return SiteSum.build(crystal.potential.params, period, w, reference, external)

    def _continuum(self, omega: Array, beta_k: Array) -> Continuum:
        crystal = self.problem.crystal
        cells = CellSum.build(crystal, self.body.cells, omega, self.reference_energy)
        flank = None
        if self.surface is not None and self.problem.flank:
            flank = FlankSum.build(self.body, self.surface, beta_k)
        return Continuum(self.body, cells, flank)

    @property
    def free(self) -> NDArray[np.bool_]:
        """(n_k, 3) degrees of freedom."""
        return self.weights.free

    @property
    def n_sites(self) -> float:
        """Lattice sites that the model represents: sum w + sum omega.

        Cells that touch the domain count whole: the ragged rim of a coarse mesh adds 20 to 40 %.
        """
        return float(self.weights.w_l.sum() + self.weights.omega_c.sum())

    @property
    def n_repatoms(self) -> int:
        """Nodes and bubbles that carry the displacement, clamped and flank copies included."""
        if self.method.beta == "zero":
            return len(self.body.x_l)
        return int(self.body.used.sum())

    @property
    def n_dof(self) -> int:
        """Free components of displacement."""
        return int(self.free.sum())

    @property
    def zero(self) -> Array:
        """The corrector that leaves the predictor as it is, (n_k, 3)."""
        return np.zeros((self.body.n_nodes, 3))

    @cached_property
    def elastic_stiffness(self) -> Any:
        """Cauchy-Born stiffness (3 n_k, 3 n_k) of the reference crystal on the whole mesh."""
        crystal, cells = self.problem.crystal, self.body.cells
        A = crystal.tangent(self.problem.predictor.F) * crystal.lattice.site_volume
        return cells.elastic(A, self.elastic_volume)

    def conservative_twin(self, u: Array) -> System:
        """The energy method with this beta whose forces at the corrector u are this system's."""
        if self.method.kind == "energy":
            return self
        row = find_method({"sharp": "gfc", "cluster": "cluster"}.get(self.method.beta, "bgfc"))
        return replace(self, method=row, g=ghost_force(replace(self, method=row), u))

    def pristine(self, F: Array) -> System:
        """The same coupling on perfect crystal at the gradient F; the reference of g stays."""
        problem = self.problem.pristine(self.problem.predictor.F)
        body = healed(problem, self.body, site_reach(problem, self.method, self.core, self.blend))
        at_reference = frozen(replace(self, body=body, g=np.zeros((body.n_nodes, 3))), None)
        return at_reference.at_gradient(F)

    @cached_property
    def patch_number(self) -> float:
        """Largest ghost force on perfect crystal, eV/A: the cheap part of the patch test.

        At the problem's own F and, where the crystal bears it, 2 % stretched and 2 % sheared. Logs
        and files carry it; it is measured when it is first asked for.
        """
        F_ref, n = self.problem.predictor.F, self.problem.crystal.lattice.n_components
        patch, worst = self.pristine(F_ref), 0.0
        for probe in PROBES:
            G = np.eye(3)
            G[: min(n, 2), : min(n, 2)] += np.array(probe)[: min(n, 2), : min(n, 2)]
            try:
                at_F = patch.at_gradient(G @ F_ref)
                f = np.where(at_F.free, at_F.model.at(at_F.zero).forces, 0.0)
            except (UnstableCrystalError, OffTableError, InvertedCellError):
                continue
            worst = max(worst, float(np.linalg.norm(f, axis=1).max()))
        return worst

    def at_gradient(self, F: Array) -> System:
        """This pristine system with another homogeneous predictor (mesh, beta and g are kept)."""
        problem = self.problem.pristine(F)
        F = problem.predictor.F
        body = replace(
            self.body,
            problem=problem,
            F0_q=np.broadcast_to(F, self.body.F0_q.shape).copy(),
            y0_l=self.body.x_l @ F.T,
        )
        return replace(self, body=body)


def frozen(system: System, reference: Array | None) -> System:
    """The system with its ghost force at the reference state frozen in."""
    corrected = _corrected(system)
    if not corrected.any():
        return system
    if reference is not None and reference.shape == (3, 3):
        if system.lattice_reach > 0.0:
            expected = "'predictor' or a corrector: lattice_reach is about the predictor"
            raise CouplingError("reference", reference.tolist(), expected)
        problem = system.problem.pristine(reference)
        reach = site_reach(problem, system.method, system.core, system.blend)
        body = healed(problem, system.body, reach)
        twin = replace(system, body=body, g=np.zeros((body.n_nodes, 3)))
        g = np.zeros_like(system.zero)
        g[healed_dofs(system.body, body)] = ghost_force(twin, twin.zero)
        return replace(system, g=g)
    u = system.zero if reference is None else reference
    if u.shape != system.zero.shape:
        raise CouplingError(
            "reference", f"shape {u.shape}", f"'predictor', (3, 3) or {system.zero.shape}"
        )
    return replace(system, g=np.where(corrected[:, None], ghost_force(system, u), 0.0))


def _corrected(system: System) -> NDArray[np.bool_]:
    """(n_k,) nodes whose ghost force is frozen in.

    All for a method with a frozen correction. A reconstruction balances bonds of the bulk: what its
    interface leaves where it meets a free surface, within two cut-offs of it, is frozen in as well.
    """
    body, problem = system.body, system.problem
    if system.method.frozen or not (system.method.reconstruct and problem.flank):
        return np.full(body.n_nodes, system.method.frozen)
    x = body.x_k
    near = np.abs(x[:, 1]) < 2.0 * problem.crystal.potential.cutoff
    return np.asarray(near & ((x[:, 0] < 0.0) | (problem.flank == "surface")))


def ghost_force(system: System, u: Array) -> Array:
    """Ghost force (n_k, 3) of a method at the corrector u, eV/A, zero on what is not free.

    g = f_force(u) - f_method(u): what must be added to the method's forces to make them the blended
    forces with the same beta, which have no ghost force.
    """
    if system.method.kind == "force":
        return system.zero
    g = system.force_model.at(u).forces - system.energy_model.at(u).forces
    return np.where(system.free, g, 0.0)


def site_reach(problem: Problem, row: Method, core: float, blend: float) -> float:
    """Distance from the defect up to which sites are listed, A."""
    if row.beta == "zero":
        return np.inf
    if row.beta == "cluster":  # from every cluster
        return PADDING * problem.crystal.potential.cutoff
    return (core + blend) * problem.stretch + PADDING * problem.crystal.potential.cutoff
