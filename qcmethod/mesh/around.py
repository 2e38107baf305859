"""Lattice points around nodes, and a P1 field on points that may lie beyond the mesh."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array, eye_array
from scipy.spatial import cKDTree

from qcmethod.base.types import Index
from qcmethod.lattice.shapes import Tube
from qcmethod.lattice.sites import sites_in
from qcmethod.mesh.core import Mesh, lattice_key
from qcmethod.mesh.descent import covers
from qcmethod.mesh.interpolate import interpolation
from qcmethod.mesh.slit import boundary_nodes


def points_around(mesh: Mesh, nodes: Index, radius: float) -> Index:
    """Lattice points ij (n, dim) within a radius, Angstrom, of any of the nodes; row by row."""
    offset = sites_in(mesh.basis, Tube(radius)).ij
    ij = (mesh.ij[nodes][:, None] + offset).reshape(-1, mesh.dim)
    key = lattice_key(ij[:, ::-1], int(np.abs(ij).max()))
    return ij[np.unique(key, return_index=True)[1]]


def interpolation_beyond(mesh: Mesh, ij: Index) -> csr_array:
    """As `interpolation` to the lattice points ij (n, dim), which may be outside the mesh.

    There it is the mean over the two nearest boundary nodes: it follows a translation.
    """
    held = covers(mesh, ij)
    inside, outside = np.flatnonzero(held), np.flatnonzero(~held)
    rows = eye_array(len(ij), format="csr")
    S = rows[:, inside] @ interpolation(mesh, ij[inside])
    if not len(outside):
        return S
    rim = boundary_nodes(mesh)
    nearest = rim[cKDTree(mesh.x[rim]).query(ij[outside] @ mesh.basis, k=2)[1]]
    mean = np.full(nearest.size, 0.5), (np.repeat(outside, 2), nearest.ravel())
    return csr_array(S + csr_array(mean, shape=S.shape))
