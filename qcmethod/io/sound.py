"""How the parts of an object fit each other, where a file says what they are.

    mesh     cells = leaves of binary trees: [first, first + 2^(D - level)) one after another,
             vertices of each where its way down the tree leads, in whole numbers
    lattice  rows that span what they should; not more sites in a cut-off than a potential sums

Objects that this package makes are so by construction; compiled code relies on it, and looks at no
index twice. A class of a room above registers its own with `codec.sound`.
"""

from __future__ import annotations

import json
import math

import numpy as np

from qcmethod.base.told import plain
from qcmethod.base.toml import Tables
from qcmethod.base.types import Index
from qcmethod.coupling.partition import Partition
from qcmethod.crystal.crystal import Crystal
from qcmethod.elasticity.predictor import Predictor
from qcmethod.elasticity.stroh import Stroh, stroh
from qcmethod.io.codec import sound
from qcmethod.io.declared import fits
from qcmethod.lattice.lattice import STRUCTURES, Lattice, unit
from qcmethod.mesh.core import Mesh
from qcmethod.mesh.trees import vertices_of_places
from qcmethod.potentials.contract import Potential
from qcmethod.potentials.digest import potential_digest
from qcmethod.potentials.lammps.engine import Lammps
from qcmethod.potentials.lammps.text import files_of
from qcmethod.problems import load as loads
from qcmethod.problems.problem import Problem
from qcmethod.problems.start import Start
from qcmethod.solve.solution import Solution

FARTHEST = 2**31
"""Integer coordinates of nodes: their products are exact."""
SMALLEST = 1e-6
"""No lattice constant is below, A, nor above its inverse."""
SHELL = 1e5
"""Sites within a cut-off."""
SPARSE = 100
"""Squares in the bounding box of a domain, for one that a macro cell is in."""
STRETCH = 10.0
"""No crystal is stretched, and no cell of a lattice drawn out, by more."""


def require(holds: object, what: str) -> None:
    """ValueError unless something holds."""
    if not holds:
        raise ValueError(f"not {what}")


@sound(Mesh)
def _mesh(mesh: Mesh) -> None:
    require(mesh.ij.ndim == 2 and mesh.ij.shape[1] in (1, 2), "nodes (n, 1) or (n, 2)")
    n, dim, step = mesh.n_nodes, mesh.dim, mesh.step
    require(mesh.basis.shape == (dim, dim) and np.linalg.det(mesh.basis) != 0.0, "a basis")
    require(n and np.abs(mesh.ij).max() < FARTHEST, "nodes within reach")
    require(0 < step < FARTHEST and step & (step - 1) == 0, "a step 2^k")
    one = mesh.cells.shape == (len(mesh.cells), dim + 1) and len(mesh.cells) > 0
    require(one and mesh.cells.min() >= 0 and mesh.cells.max() < n, "cells of nodes")
    twins = mesh.lower_of
    require(twins.shape == (n,) and twins.min() >= -1 and twins.max() < n, "twins of nodes")
    require(np.array_equal(mesh.ij[twins >= 0], mesh.ij[twins[twins >= 0]]), "twins at one site")
    shape = mesh.macro.shape
    require(mesh.macro.ndim == 3 and shape[1:] == (dim + 1, dim) and shape[0], "macro cells")
    require(np.abs(mesh.macro).max() < FARTHEST, "macro cells within reach")
    wide = np.ptp(mesh.macro.reshape(-1, dim), axis=0) / step + 1.0
    require(np.prod(wide) < SPARSE * len(mesh.macro), "macro cells side by side")
    level = mesh.level
    require(level.shape == mesh.first.shape == (len(mesh.cells),), "a place a cell")
    require(level.min() >= 0 and level.max() <= mesh.depth, "generations of cells")
    size = np.int64(1) << (mesh.depth - level)
    ends = np.cumsum(size)
    require(np.array_equal(mesh.first, ends - size), "cells one after another")
    require(ends[-1] == shape[0] << mesh.depth, "cells that fill the macro cells")
    places = vertices_of_places(mesh)
    require(np.array_equal(mesh.ij[mesh.cells], places), "cells of the vertices of their places")


@sound(Lattice)
def _lattice(lattice: Lattice) -> None:
    known = (lattice.dim, lattice.n_components) in ((1, 1), (2, 2), (2, 3), (3, 3))
    require(known and lattice.structure in STRUCTURES, "a structure that is known")
    require(SMALLEST < lattice.constant < 1.0 / SMALLEST, "a lattice constant")
    require(lattice.basis.shape == lattice.axes.shape == (3, 3), "a basis and axes (3, 3)")
    n = lattice.n_components
    width = np.linalg.svd(lattice.basis[:n, :n], compute_uv=False)
    longest = np.linalg.norm(lattice.basis[:n, :n], axis=1).max()
    require(width[-1] > 1e-3 * lattice.constant, "a basis that spans a lattice")
    require(longest < 1e3 * lattice.constant, "a basis of short vectors")
    volume = unit(lattice.structure).site_volume * lattice.constant**n
    require(np.isclose(lattice.site_volume, volume, rtol=1e-6), "one site in its volume")
    require(np.allclose(lattice.axes @ lattice.axes.T, np.eye(3), atol=1e-9), "orthogonal axes")
    require(lattice.dim < 3 or lattice.structure in ("fcc", "bcc"), "a lattice of bricks")
    require(lattice.dim == 3 or lattice.repeats == 0, "a lattice whose period is its own")
    require(0 <= lattice.repeats < FARTHEST, "bricks of a period")


@sound(Potential)
def _potential(potential: Potential) -> None:
    p = potential.params
    require(0.0 <= p.r_min < p.cutoff < math.inf and p.n_max > 0.0, "a range")
    require(0.0 < potential.mass < math.inf, "a mass")
    require(all(_finite(number) for number in list(p)[3:]), "finite numbers")


RUNNING = ("python", "mliap", "kim", "quip", "plugin")
"""Styles that load code, or objects that hold code, from what their words name."""


@sound(Lammps)
def _lammps(engine: Lammps) -> None:
    texts = (engine.style, *engine.coeff)
    require(texts[1:] and all(text.isprintable() for text in texts), "words of a style")
    words = {part for word in engine.style.split() for part in word.split("/")}
    require(not words & {*RUNNING}, "a style of numbers alone: give potential=")
    require(len(files_of(engine.coeff)) == len(engine.digests), "a digest a file")
    n = len(engine.elements)
    require(0 < n == len(engine.masses) and min(engine.masses) > 0.0, "a mass an element")
    require(0.0 < engine.cutoff < FARTHEST and 0 < engine.reach < SPARSE, "a range")


def _finite(number: object) -> bool:
    return isinstance(number, bool) or bool(np.isfinite(np.asarray(number)).all())


@sound(Crystal)
def _crystal(crystal: Crystal) -> None:
    lattice, n = crystal.lattice, crystal.lattice.n_components
    ball = math.pi ** (n / 2) / math.gamma(n / 2 + 1) * crystal.potential.cutoff**n
    require(ball < SHELL * lattice.site_volume, "a cut-off with so many sites in it")


@sound(Stroh)
def _stroh(found: Stroh) -> None:
    again = stroh(found.C)
    for name in ("p", "A", "B", "T", "S", "H", "L"):
        one, other = getattr(found, name), getattr(again, name)
        require(one.shape == other.shape, f"{name} of the stiffness")
    require(np.allclose(found.p, again.p), "the roots of the stiffness")


@sound(Predictor)
def _predictor(predictor: Predictor) -> None:
    require(predictor.F.shape == (3, 3), "a gradient (3, 3)")
    widths = np.linalg.svd(predictor.F, compute_uv=False)
    require(widths[-1] > 1.0 / STRETCH and widths[0] < STRETCH, "a gradient of a crystal")


@sound(Problem)
def _problem(problem: Problem) -> None:
    lattice, removed, zone = problem.crystal.lattice, problem.removed, problem.zone
    dim, across = lattice.dim, 3 if lattice.is_space else 2
    row = problem.row.shape in ((2, 2), (2, across))
    require(problem.origin.shape == (3,) and row, "an origin and a row")
    one = removed is None or (removed.ndim == 2 and removed.shape[1] == dim)
    require(one, "missing sites (m, dim)")
    one = zone is None or (zone.ndim == 2 and zone.shape[1] == across and len(zone))
    require(one, f"a zone (m, {across})")
    start = problem.start
    require(start is None or start.ij.shape[1] == dim, "a start of its sites")
    require(loads.whole(problem), "all loads of a kind")
    require(problem.extent / problem.crystal.lattice.step < FARTHEST, "an extent within reach")


@sound(Start)
def _start(start: Start) -> None:
    n = len(start.ij)
    one = start.ij.ndim == 2 and start.x.shape == start.v.shape == (n, 3) and n > 0
    require(one and start.fade > 0.0, "sites with displacements")
    require(len(np.unique(start.ij, axis=0)) == n, "each site once")


@sound(Partition)
def _partition(partition: Partition) -> None:
    require(partition.core >= 0.0 and 0.0 <= partition.blend < math.inf, "lengths")


@sound(Solution)
def _solution(solution: Solution) -> None:
    shape = solution.system.zero.shape
    require(solution.u.shape == solution.forces.shape == shape, f"a state of shape {shape}")


def require_facts(facts: object) -> None:
    """ValueError or TypeError unless these are facts as JSON has them: no number without a value,
    no object."""
    require(isinstance(facts, dict) and json.dumps(facts, allow_nan=False), "facts")


def require_steps(steps: Index | None, dim: int) -> None:
    """ValueError unless these are steps (m, dim) to sites within reach, or None."""
    if steps is not None:
        require(steps.ndim == 2 and steps.shape[1] == dim, "steps to sites of a cluster")
        require(np.abs(steps).max(initial=0) < SHELL, "steps within reach")


def require_tables(made: object) -> None:
    """ValueError or TypeError unless these are the tables of a call, or None: plain values."""
    require(made is None or (fits(made, Tables) and plain(made) == made), "tables of plain values")


def require_digest(potential: Potential, known: str) -> None:
    """ValueError for a potential whose numbers are not those of the file."""
    require(potential_digest(potential) == known, "the potential of its digest")
