"""Systems on given meshes: the mesh is refined, never built anew, so fields carry over exactly.

All meshes of one adaptive run come from the same macro mesh, which reaches far beyond the first
domain: the outer radius may grow without a new one. A corrector carries over by interpolation,
exact wherever the new mesh contains the old one (nested bisection).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_array

from qcmethod import mesh as meshing
from qcmethod.base.stored import stored
from qcmethod.base.types import Array, Bools, Index
from qcmethod.coupling.field import site_reach
from qcmethod.coupling.ghost import frozen
from qcmethod.coupling.method import Method
from qcmethod.coupling.partition import Partition
from qcmethod.coupling.system import System
from qcmethod.crystal.stretched_surface import SurfaceEnergy
from qcmethod.discretisation.resolve import on_mesh
from qcmethod.mesh import Mesh
from qcmethod.mesh.descent import finest_cell
from qcmethod.problems.problem import Problem
from qcmethod.problems.surface_layers import Relaxation
from qcmethod.studies.adapt.in_space import (
    FRONT,
    REACH,
    SLOPE,
    first_in_space,
    resolved_in_space,
)


@stored
@dataclass(frozen=True)
class Choice:
    """What stays the same through an adaptive run: method, core radius `pad` about each site of the
    zone and blending width, A, blending function, surface energy of crack flanks."""

    method: Method
    pad: float
    blend: float
    blending: str
    surface: SurfaceEnergy | None

    def resolved(self, problem: Problem) -> float:
        """Distance from the zone within which every site is a node, A."""
        step = problem.crystal.lattice.step
        return self.pad + self.blend + step


def first_mesh(problem: Problem, choice: Choice) -> Mesh:
    """The coarsest sensible mesh: resolved about the zone, then as coarse as SLOPE allows."""
    if problem.crystal.lattice.dim == 3:
        return first_in_space(problem, choice.resolved(problem))
    basis = problem.crystal.lattice.plane_basis
    base = meshing.macro_mesh(basis, REACH * problem.extent)
    seeds = problem.centres - problem.origin[:2]
    return meshing.refine_to_size(base, lambda x: coarsest(problem, choice, x), seeds=seeds)


def coarsest(problem: Problem, choice: Choice, x: Array) -> Array:
    """Edges (n,) of the first mesh at x (n, dim), from the lattice point 0, A; 0: resolved."""
    step = problem.crystal.lattice.step
    d = problem.distance(x + problem.origin[: x.shape[1]]) - choice.resolved(problem)
    return np.where(d <= 0.0, 0.0, FRONT * step + SLOPE * d)


def resolved(problem: Problem, mesh: Mesh, radius: float) -> Mesh:
    """The mesh with every site within a radius (A) of the zone a node."""
    if isinstance(mesh, meshing.Tetrahedra):
        return resolved_in_space(problem, mesh, radius)
    zone = problem.focus.grown(radius)

    def size(x: Array) -> Array:
        return np.where(zone.contains(x + problem.origin[:2]), 0.0, np.inf)

    return meshing.refine_to_size(mesh, size, seeds=problem.centres - problem.origin[:2])


def system_on(problem: Problem, mesh: Mesh, choice: Choice, method: Method | None = None) -> System:
    """The problem coupled on a mesh (without doubled nodes) that resolves its zone."""
    layers = choice.surface
    relaxation = None if layers is None else Relaxation(layers.relaxation, choice.pad)
    split = problem.opened(mesh)
    method = choice.method if method is None else method
    partition = Partition(method, choice.pad, choice.blend, choice.blending)
    body = on_mesh(problem, split, site_reach(problem, partition), relaxation)
    system = System.of(body, partition, layers)
    return frozen(replace(system, law=problem.crystal.potential.law), None)


def prolongation(old: System, new: System) -> csr_array:
    """Interpolation (n_new, n_old) to another mesh's nodes, no row beyond the old extent."""
    mesh = new.body.mesh
    inside = np.flatnonzero(new.problem.from_centre(new.body.x_k) <= old.problem.extent)
    lower = mesh.lower_of[inside] >= 0
    S = meshing.interpolation(old.body.mesh, mesh.ij[inside], lower=lower)
    start = np.zeros(new.body.n_nodes + 1, dtype=S.indptr.dtype)
    start[inside + 1] = np.diff(S.indptr)
    shape = (new.body.n_nodes, old.body.n_nodes)
    return csr_array((S.data, S.indices, np.cumsum(start)), shape=shape)


def carried(old: System, u: Array, new: System) -> Array:
    """The corrector u (n_k, 3) of a system on another's mesh, zero where it is not free."""
    return np.where(new.free, prolongation(old, new) @ u, 0.0)


def leaves_at(mesh: Mesh, ij: Index, lower: Bools) -> Index:
    """For each lattice point of ij (n, dim) a cell of a mesh without doubled nodes around it."""
    return np.searchsorted(mesh.first, finest_cell(mesh, ij, lower), side="right") - 1


def cells_at(mesh: Mesh, ij: Index, lower: Bools) -> Bools:
    """Cells (n_c,), not of the finest, of a mesh that hold the lattice points ij (n, dim)."""
    mask = np.zeros(mesh.n_cells, dtype=bool)
    mask[leaves_at(mesh, ij, lower)] = True
    return mask & ~mesh.is_finest
