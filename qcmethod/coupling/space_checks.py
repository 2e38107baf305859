"""What has a meaning in the plane only, refused by name for a crystal in space.

Reconstructed bonds (`grac`, `qnl`) are those of lines of sites that an interface cuts, clusters and
hops are of the six lines of a plane lattice, strips and round rims of a disc.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qcmethod.coupling.blend import MIN_HESSIAN
from qcmethod.coupling.method import METHODS, Method
from qcmethod.errors import CouplingError
from qcmethod.problems.problem import Problem

if TYPE_CHECKING:
    from qcmethod.coupling.choice import Coupling


def in_the_plane_only(method: Method) -> bool:
    """Whether a method is one of plane meshes."""
    return bool(method.reconstruct) or method.sampled


def require_in_space(problem: Problem, method: Method, choice: Coupling) -> None:
    """CouplingError for a method or a word that has no meaning on a mesh of tetrahedra."""
    if problem.crystal.lattice.dim < 3:
        return
    if in_the_plane_only(method):
        served = ", ".join(name for name, other in METHODS.items() if not in_the_plane_only(other))
        expected = "a method for crystals in space: this one is of plane meshes"
        raise CouplingError("method", method.name, expected, served)
    words = (
        ("metric", choice.metric, "euclid"),
        ("blending", None if choice.blending != MIN_HESSIAN else MIN_HESSIAN, None),
        ("edge_ratio", choice.edge_ratio, None),
        ("round_rim", choice.round_rim, False),
        ("lattice_reach", choice.lattice_reach, 0.0),
    )
    for name, given, usual in words:
        if given != usual:
            expected = "a word of meshes in space: it has a meaning in the plane only"
            raise CouplingError(name, given, expected, f"leave {name} out")
