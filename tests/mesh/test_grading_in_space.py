"""How many nodes a ball of atoms in space costs, and that the laboratory's axes do not matter."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import qcmethod as qc
from qcmethod import mesh as meshing
from qcmethod.discretisation.grading_in_space import usual_exponent
from qcmethod.discretisation.resolve import resolve
from qcmethod.lattice.bricked import bricked
from qcmethod.mesh.element import ELEMENTS

POTENTIALS = {"fcc": "Al-Ercolessi-1994", "bcc": "W-Ackland-1987"}
CUBE = ((1, 0, 0), (0, 1, 0), (0, 0, 1))
# the edge of the bricks that is along z is the same
TURNED = (((1, 1, 0), (-1, 1, 0), (0, 0, 1)), ((3, 1, 0), (-1, 3, 0), (0, 0, 1)))


def body_of(structure, axes, extent, resolved):
    crystal = getattr(qc.Crystal, structure)(
        qc.load_potential(POTENTIALS[structure]), *axes, dimensions=3
    )
    problem = qc.homogeneous(crystal, extent=extent)
    return resolve(problem, resolved, resolved, usual_exponent(problem, ELEMENTS["P1"]))


@cache
def ball(structure):
    """Of 10 A in a domain of 300 A."""
    return body_of(structure, CUBE, 300.0, 10.0)


@pytest.mark.parametrize(("sites", "most"), [(1e6, 20_700), (1e9, 22_100), (1e12, 22_900)])
def test_nodes_of_a_ball_of_30_A_in_aluminium(sites, most):
    """A million times the sites costs a tenth more nodes; the numbers are those of this grading."""
    volume = sites * 4.032**3 / 4.0
    body = body_of("fcc", CUBE, (0.75 * volume / np.pi) ** (1.0 / 3.0), 30.0)
    inner = int((np.linalg.norm(body.mesh.x, axis=1) <= 30.0).sum())
    assert 6_800 < inner < body.mesh.n_nodes < 1.1 * most
    assert meshing.quality(body.mesh).min() > 0.5


@pytest.mark.parametrize("structure", POTENTIALS)
def test_all_sites_of_the_ball_are_nodes_that_own_themselves(structure):
    body = ball(structure)
    inner = np.linalg.norm(body.x_k, axis=1) <= 10.0
    volume = body.problem.crystal.lattice.site_volume
    assert inner.sum() == pytest.approx(4.0 / 3.0 * np.pi * 1e3 / volume, rel=0.1)
    sites = body.problem.points(body.problem.within(10.0))
    assert inner.sum() == len(sites) and (meshing.find_nodes(body.mesh, sites) >= 0).all()
    share = np.zeros(body.mesh.n_nodes)
    cells, size = meshing.canonical(body.mesh), meshing.gradients(body.mesh)[1]
    np.add.at(share, cells.ravel(), np.repeat(0.25 * size, 4))
    assert share[inner] == pytest.approx(1.0, abs=1e-12)
    assert share.sum() == pytest.approx(body.mesh.n_sites, rel=1e-12)


@pytest.mark.parametrize("structure", POTENTIALS)
def test_edges_grow_no_faster_than_asked(structure):
    """h(d) = 0 up to R, then (d/R)^g times 3/2 of a brick's edge; a cell is as far as its nearest
    corner, and bisection halves."""
    mesh = ball(structure).mesh
    x = mesh.x[mesh.cells]
    edge = np.linalg.norm(x[:, :, None] - x[:, None], axis=-1).max(axis=(1, 2))
    d = np.linalg.norm(x, axis=2).max(axis=1)
    step = 1.5 * meshing.shape.finest_edge(mesh.basis)
    near = np.maximum(d, 10.0)
    h = np.maximum(np.minimum(step * (near / 10.0) ** 1.6, step + near - 10.0), step)
    rough = edge > h + 1e-9
    assert not rough[d < 300.0].any()
    assert edge.max() > 50.0  # and they do grow


@pytest.mark.parametrize("structure", POTENTIALS)
@pytest.mark.parametrize("axes", TURNED)
def test_the_mesh_does_not_turn_with_the_laboratory(structure, axes):
    """The distance from a point is the same in any frame, and so is the mesh in the lattice."""
    one, other = ball(structure).mesh, body_of(structure, axes, 300.0, 10.0).mesh
    same_bricks = one.basis @ one.basis.T, other.basis @ other.basis.T
    np.testing.assert_allclose(*same_bricks, atol=1e-9)
    np.testing.assert_array_equal(one.keys, other.keys)
    np.testing.assert_array_equal(one.cells, other.cells)
    # canonical cells are turned to a positive volume: the same corners
    np.testing.assert_array_equal(
        np.sort(meshing.canonical(one), axis=1), np.sort(meshing.canonical(other), axis=1)
    )
    for mesh in (one, other):
        x = mesh.x[meshing.canonical(mesh)]
        assert (np.linalg.det(x[:, 1:] - x[:, :1]) > 0.0).all()


TRIADS = st.sampled_from(
    [
        CUBE,
        ((1, 1, -2), (1, 1, 1), (1, -1, 0)),
        ((1, -1, 0), (0, 0, 1), (-1, -1, 0)),
        ((2, 1, 0), (-1, 2, 3), (3, -6, 5)),
    ]
)


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(["fcc", "bcc"]), TRIADS, st.integers(0, 10**6))
def test_a_point_is_located_in_integers_in_any_frame(structure, axes, seed):
    """A small mesh; sites far from the origin keep their weights to the last digit."""
    mesh = small(structure, axes)
    rng = np.random.default_rng(seed)
    ij = rng.integers(-40, 41, (50, 3))
    ij = ij[meshing.covers(mesh, ij)]
    cell, weights = meshing.locate(mesh, ij)
    corner = mesh.corners(meshing.canonical(mesh)[cell])
    d = corner - ij[:, None]
    # numerators of barycentric coordinates by Cramer's rule, exact in integers
    found = np.stack([_det(np.delete(d, v, axis=1)) for v in range(4)], axis=1)
    found = found * np.array([1, -1, 1, -1])
    found = found * np.sign(found.sum(axis=1, keepdims=True))
    assert (found >= 0).all()
    np.testing.assert_allclose(weights, found / found.sum(axis=1, keepdims=True), atol=1e-15)


@cache
def small(structure, axes):
    lattice = bricked(structure, 4.0, *axes)

    def wish(centre, size):
        d = np.linalg.norm(centre - [3.0, 1.0, -2.0], axis=1)
        return np.where(d - size < 7.0, 0.0, np.maximum(4.0, 0.6 * d))

    return meshing.graded_in_space(lattice.basis, 50.0, wish)


def _det(m):
    """Determinants (n,) of integer matrices (n, 3, 3)."""
    a, b, c = m[:, 0], m[:, 1], m[:, 2]
    return (
        a[:, 0] * (b[:, 1] * c[:, 2] - b[:, 2] * c[:, 1])
        - a[:, 1] * (b[:, 0] * c[:, 2] - b[:, 2] * c[:, 0])
        + a[:, 2] * (b[:, 0] * c[:, 1] - b[:, 1] * c[:, 0])
    )
