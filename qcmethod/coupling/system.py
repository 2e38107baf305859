"""A coupled system: a problem, a mesh and a method, ready to be tested and solved.

`qcmethod.couple` makes one. The energy or the forces that it stands for are built in
`models`; methods with a frozen correction carry the ghost force of `ghost`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qcmethod.base.stored import stored
from qcmethod.base.types import Array
from qcmethod.coupling import models
from qcmethod.coupling import pristine as perfect
from qcmethod.coupling.energy import EnergyModel
from qcmethod.coupling.field import PADDING as PADDING
from qcmethod.coupling.field import site_reach as site_reach
from qcmethod.coupling.force import ForceModel
from qcmethod.coupling.ghost import frozen as frozen
from qcmethod.coupling.ghost import ghost_force as ghost_force
from qcmethod.coupling.methods import Method, find_method
from qcmethod.coupling.reconstruct.interface import reconstructed
from qcmethod.coupling.reconstruct.reconstruction import Reconstruction
from qcmethod.coupling.weights import Weights, weigh
from qcmethod.crystal.surface import SurfaceEnergy
from qcmethod.discretisation.resolve import Body
from qcmethod.problems.indenter import Pressed
from qcmethod.problems.problem import Problem
from qcmethod.problems.surface_layers import Relaxation


@stored
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
        return models.energy_model(self)

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
        return models.force_model(self)

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
        """Energy of each site (n_l,) in the homogeneous crystal, eV (see `models`)."""
        return models.reference_energies(self)

    @cached_property
    def reference_total(self) -> float:
        """Energy of the sites of this model in the homogeneous crystal, eV."""
        w = self.weights
        return float(w.w_l @ self.reference_energies + w.omega_c.sum() * self.reference_energy)

    @property
    def pressed(self) -> Pressed | None:
        """The indenter on the sites of the core, if there is one; the others must not feel it."""
        problem = self.problem
        if problem.indenter is None:
            return None
        inside = np.linalg.norm(self.body.x_l[:, :2], axis=1) <= problem.extent - problem.rim
        return Pressed(problem.indenter, inside & (self.weights.w_l == 1.0))

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
        return perfect.pristine(self, F)

    @cached_property
    def patch_number(self) -> float:
        """Largest ghost force on perfect crystal, eV/A: the cheap part of the patch test.

        At the problem's own F and, where the crystal bears it, 2 % stretched and 2 % sheared. Logs
        and files carry it; it is measured when it is first asked for.
        """
        return perfect.patch_number(self)

    def at_gradient(self, F: Array) -> System:
        """This pristine system with another homogeneous predictor (mesh, beta and g are kept)."""
        return perfect.at_gradient(self, F)
