"""What the lattice makes of the predictor beyond Cauchy and Born: a dead load on the continuum.

    d_k = beta_k t_k [ -sum_l N_k(x_l) dE_a/dy_l(y0) + dE_c/du_k(0) ]

is the force of all atoms at the closed-form predictor y0 on the node k less that of the continuum,
there. A gradient that varies over a cut-off loads the lattice in a way that no energy of F alone
knows (strain-gradient or dispersive terms, of relative size (spacing/r)^2 for a homogeneous
singular field at the distance r: Blanc, Le Bris and Lions 2002, Arch. Ration. Mech. Anal. 164,
341). With d the continuum is exact at y0, and what it misses is of the order of the corrector. It
is a constant of the predictor: it leaves the Jacobian as it is, and costs one evaluation.

The factor t_k leaves out what is next to a crack flank, whose layers the predictor does not know,
and what is further from the defect than a range.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qcmethod import mesh as meshing
from qcmethod.base.types import Array
from qcmethod.discretisation.body import Body
from qcmethod.discretisation.continuum import Continuum
from qcmethod.lattice.plane import radius
from qcmethod.lattice.shapes import Tube
from qcmethod.lattice.sites import MOST

FLANK, RAMP = 2.0, 0.7
"""Nodes behind the tip count from FLANK cut-offs off the flank on, wholly after RAMP more."""


def lattice_force(body: Body, continuum: Continuum, beta_k: Array, reach: float) -> Array:
    """d (n_k, 3), eV/A, on the nodes within `reach` (A) of the tip or the centre of the problem."""
    problem = body.problem
    crystal, cutoff = problem.crystal, float(problem.crystal.potential.cutoff)
    sees = (max(2, crystal.potential.reach) + 0.2) * cutoff
    r, patch = radius(body.x_k), _patch(body)
    # beyond the extent there are no atoms, and beside nodes drawn to the rim the shape functions
    # are not those of the mesh
    known = (r + patch + sees <= problem.extent) & ~_beside_moved(body)
    t_k = np.where(known & (r <= reach), _off_flank(body, cutoff), 0.0)
    on = (t_k > 0.0) & (beta_k > 0.0)
    d = np.zeros((body.n_nodes, 3))
    if not on.any():
        return d
    seen = Tube(float((r + patch)[on].max()) + sees)
    ij = problem.sites(seen, limit=MOST)  # once: as many as the range asks for
    x = problem.position(ij)
    y0 = x + problem.predictor.displacement(x, np.zeros(len(x), dtype=np.int8))
    one, zero = np.ones(len(x)), np.zeros(len(x))
    atoms = crystal.potential.site_sum(crystal.lattice.period, one, zero)
    S = meshing.interpolation(body.mesh, ij, bubbles=body.bubbles)
    at_rest = np.zeros((body.n_nodes, 3))
    missing = continuum.at(at_rest).gradient - S.T @ atoms.at(y0).gradient
    d[on] = (beta_k * t_k)[on, None] * missing[on]
    return d


def _patch(body: Body) -> Array:
    """For each node the longest edge of the cells around it (n_k,), A."""
    corner = body.x_k[body.cells.nodes][:, :3, :2]
    longest = np.linalg.norm(corner - np.roll(corner, 1, axis=1), axis=2).max(axis=1)
    patch = np.zeros(body.n_nodes)
    for v in range(body.cells.nodes.shape[1]):
        np.maximum.at(patch, body.cells.nodes[:, v], longest)
    return patch


def _beside_moved(body: Body) -> NDArray[np.bool_]:
    """Nodes (n_k,) of cells with a corner that was drawn to the rim."""
    beside = np.zeros(body.n_nodes, dtype=bool)
    beside[body.cells.nodes[body.moved[body.cells.vertices].any(axis=1)]] = True
    return beside


def _off_flank(body: Body, cutoff: float) -> Array:
    """t (n_k,): 1, falling to 0 towards a crack flank and on it."""
    t = np.ones(body.n_nodes)
    for cut in body.problem.cuts:
        off = (cut.distance(body.x_k) - FLANK * cutoff) / (RAMP * cutoff)
        t = np.minimum(t, np.maximum(off, 0.0))
    return t
