"""What every run says of itself, in its log, its files, and to tell whether it is the same run."""

from __future__ import annotations

from qcmethod.base.digest import digest
from qcmethod.base.types import Facts
from qcmethod.base.version import __version__
from qcmethod.mesh import Mesh
from qcmethod.potentials.digest import potential_digest
from qcmethod.problems.problem import Problem


def facts_of(problem: Problem, mesh: Mesh) -> Facts:
    """Version, problem, potential, domain and mesh; a run adds what is its own."""
    potential = problem.crystal.potential
    return {
        "version": __version__,
        "problem": problem.name,
        "potential": potential.name,
        "potential_digest": potential_digest(potential),
        "extent": problem.extent,
        "mesh": digest([mesh.ij, mesh.cells]),
    }
