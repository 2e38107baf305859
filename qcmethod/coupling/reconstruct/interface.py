"""The interface of a coupling: which reconstruction, solved for once.

A reconstruction depends on the mesh, the core and the lattice alone, not on deformation and load:
it is kept, so that the same mesh at another gradient or load does not solve for it again.
"""

from __future__ import annotations

import hashlib

import numpy as np

from qcmethod.base.types import Array
from qcmethod.coupling.method import Method
from qcmethod.coupling.reconstruct.reconstruction import Reconstruction
from qcmethod.discretisation.body import Body

KEPT = 32
"""Reconstructions that are kept, a few hundred kB each."""
_kept: dict[str, Reconstruction] = {}


def reconstructed(body: Body, method: Method, core: float, omega: Array) -> Reconstruction:
    """The reconstructed bonds of a method on a perfect crystal; core in A, omega (n_c,) in sites.

    Raises CouplingError when the method cannot serve this interface.
    """
    key = _key(body, method, core, omega)
    if key not in _kept:
        assert method.reconstruct is not None
        found = method.reconstruct(body, core, omega)
        while len(_kept) >= KEPT:
            _kept.pop(next(iter(_kept)))
        _kept[key] = found
    return _kept[key]


def _key(body: Body, method: Method, core: float, omega: Array) -> str:
    """Digest of all that the reconstruction is computed from."""
    problem, mesh = body.problem, body.mesh
    numbers = (problem.extent, problem.rim, core, problem.crystal.potential.cutoff)
    zone = problem.row if problem.zone is None else problem.zone
    arrays = (np.array(numbers), problem.origin, zone, problem.crystal.lattice.basis)
    digest = hashlib.sha256(f"{method.name} {problem.metric} {body.elements}".encode())
    for array in (*arrays, mesh.ij, mesh.cells, omega):
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()
