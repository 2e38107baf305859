"""Lattice-exact meshes: integer nodes, newest-vertex bisection, exact location, slits."""

from qcmethod.mesh.around import interpolation_beyond, points_around
from qcmethod.mesh.bisection import refine
from qcmethod.mesh.bubbles import Bubbles, edge_bubbles
from qcmethod.mesh.coarsening import coarsen
from qcmethod.mesh.core import Mesh, cell_edges
from qcmethod.mesh.descent import covers
from qcmethod.mesh.graded import graded, refine_to_size
from qcmethod.mesh.interpolate import interpolation
from qcmethod.mesh.locate import find_nodes, locate
from qcmethod.mesh.macro import macro_mesh
from qcmethod.mesh.shape import canonical, gradients, quality
from qcmethod.mesh.slit import boundary_nodes, join_flank, split_flank
from qcmethod.mesh.space import place, recut
from qcmethod.mesh.space.core import Tetrahedra, graded_in_space
from qcmethod.mesh.space.sets import coarsened, refined, refined_to, united

__all__ = [
    "Bubbles",
    "Mesh",
    "Tetrahedra",
    "boundary_nodes",
    "canonical",
    "cell_edges",
    "coarsen",
    "coarsened",
    "covers",
    "edge_bubbles",
    "find_nodes",
    "graded",
    "graded_in_space",
    "gradients",
    "interpolation",
    "interpolation_beyond",
    "join_flank",
    "locate",
    "macro_mesh",
    "place",
    "points_around",
    "quality",
    "recut",
    "refine",
    "refine_to_size",
    "refined",
    "refined_to",
    "split_flank",
    "united",
]
