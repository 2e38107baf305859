"""The parts of a coupled system: a problem on a mesh, weighed by a method, and what follows.

`models` makes the energy and the forces of them, `system` the object that users hold.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from scipy.sparse import csr_array

from qcmethod.base.door import door
from qcmethod.base.linear import USUAL
from qcmethod.base.toml import Tables
from qcmethod.base.types import Array, Bools, Index
from qcmethod.coupling.elastic import Elastic
from qcmethod.coupling.field import site_reach
from qcmethod.coupling.method import Method
from qcmethod.coupling.partition import Partition
from qcmethod.coupling.weights import Weights
from qcmethod.crystal.law import CAUCHY_BORN
from qcmethod.crystal.stretched_surface import SurfaceEnergy
from qcmethod.discretisation.body import Body
from qcmethod.discretisation.resolve import healed
from qcmethod.errors import CouplingError
from qcmethod.problems.external import Pressed
from qcmethod.problems.problem import Problem
from qcmethod.problems.surface_layers import Relaxation


@dataclass(frozen=True, eq=False, repr=False)
class Parts:
    """Plain data; see `System`."""

    body: Body
    partition: Partition
    weights: Weights
    elastic: Elastic
    surface: SurfaceEnergy | None
    g: Array
    lattice_reach: float = 0.0
    solver: str = USUAL
    law: str = CAUCHY_BORN
    known_patch: float | None = None
    made: Tables | None = None

    @classmethod
    @door
    def of(
        cls,
        body: Body,
        partition: Partition,
        surface: SurfaceEnergy | None = None,
        lattice_reach: float = 0.0,
    ) -> Self:
        """The system of a body, weighed by a method; no ghost force is frozen in."""
        weights = partition.method.weigh(body, partition)
        if not isinstance(weights, Weights):
            expected = f"the Weights that {partition.method.name} gives to a body"
            raise CouplingError("weigh", weights, expected, "qcmethod.coupling.weights.by_sites")
        no_ghost = np.zeros((body.n_nodes, 3))
        elastic = Elastic.of(body, weights)
        return cls(body, partition, weights, elastic, surface, no_ghost, lattice_reach)

    @door
    def healed(self, F: Array) -> Body:
        """The body of perfect crystal at F on the mesh of this one, whose cuts are closed."""
        whole = self.problem.pristine(F)
        return healed(whole, self.body, site_reach(whole, self.partition))

    @property
    def problem(self) -> Problem:
        """The problem that was discretised."""
        return self.body.problem

    @property
    def method(self) -> Method:
        """The coupling method."""
        return self.partition.method

    @property
    def core(self) -> float:
        """Radius of the core, A."""
        return self.partition.core

    @property
    def blend(self) -> float:
        """Width of the blending zone, A."""
        return self.partition.blend

    @property
    def blending(self) -> str:
        """Name of the blending function."""
        return self.partition.blending

    @cached_property
    def reference_energy(self) -> float:
        """Energy of one site of the homogeneous crystal at the predictor's F, eV."""
        return self.problem.crystal.site_energy(self.problem.predictor.F)

    @property
    def is_continuum(self) -> Bools:
        """(n_c,) cells that the continuum of a force-based method consists of.

        Cells that no continuum row touches may be broken: they are not asked, and neither are those
        of the lower flank that have a corner no atom and no weighted cell holds in place.
        """
        w = self.weights
        touched = (w.continuum_k[self.body.cells.vertices] > 0.0).any(axis=1)
        loose = self.body.on_lower_flank & (w.omega_c == 0.0)
        asked: Bools = touched & ~loose
        return asked

    @property
    def relaxation(self) -> Relaxation | None:
        """The part of the predictor that moves the layers of a free surface, if it has one."""
        return None if self.surface is None else Relaxation(self.surface.relaxation, self.core)

    @property
    def pressed(self) -> Pressed | None:
        """What presses on the sites of the core, if anything does; the others must not feel it."""
        problem = self.problem
        if not problem.external:
            return None
        inside = problem.free.contains(self.body.x_l)
        return Pressed(problem.external, inside & (self.weights.w_l == 1.0))

    @cached_property
    def species(self) -> Index | None:
        """Of the listed sites (n_l,), where some are not of the crystal's; in the continuum and the
        blending zone all are (CouplingError)."""
        foreign = self.problem.foreign
        if foreign is None:
            return None
        species = foreign.at(self.body.ij_l)
        inside = np.count_nonzero(species[self.weights.w_l == 1.0])
        if inside < len(foreign.ij):
            given = f"{len(foreign.ij) - inside} sites of other species outside of the core"
            raise CouplingError("core", given, "all of them in it", "a larger core, fewer sites")
        return species

    @cached_property
    def free(self) -> Bools:
        """(n_k, 3) degrees of freedom.

        All atoms, and strips, end in vacuum at the extent, which a rim of two cut-offs keeps from
        what is free. A compressed crystal sees further: the rim widens by as much.
        """
        problem = self.problem
        if not self.method.all_atoms and problem.metric != "strip":
            return self.weights.free
        potential, lattice = problem.crystal.potential, problem.crystal.lattice
        seen = lattice.seen(potential.cutoff, problem.predictor.F)
        rim = problem.rim + potential.reach * max(0.0, seen - potential.cutoff)
        bulk = problem.within(problem.extent - rim).contains(self.body.x_k)
        return self.weights.free & bulk[:, None]

    @property
    def n_sites(self) -> int:
        """Lattice sites of the domain that was asked for (`Problem.n_sites`)."""
        return self.problem.n_sites

    @property
    def represented(self) -> float:
        """Lattice sites that atoms and cells stand for: sum w + sum omega.

        Cells that touch the domain count whole: the ragged rim of a coarse mesh adds 20 to 40 % to
        `n_sites`, clamped at the predictor.
        """
        return float(self.weights.w_l.sum() + self.weights.omega_c.sum())

    @property
    def n_repatoms(self) -> int:
        """Nodes and bubbles that carry the displacement, clamped and flank copies included."""
        return len(self.body.x_l) if self.method.all_atoms else int(self.body.used.sum())

    @property
    def n_dof(self) -> int:
        """Free components of displacement."""
        return int(self.free.sum())

    @property
    def zero(self) -> Array:
        """The corrector that leaves the predictor as it is, (n_k, 3)."""
        return np.zeros((self.body.n_nodes, 3))

    @property
    def elastic_stiffness(self) -> csr_array:
        """Cauchy-Born stiffness (3 n_k, 3 n_k) of the reference crystal on the whole mesh."""
        return self.elastic.stiffness
