"""Meshes of tetrahedra: nodes closed under parents, conforming cells, one site a node, location."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qcmethod import mesh as meshing
from qcmethod.errors import MeshError
from qcmethod.lattice.bricked import bricked, repeated
from qcmethod.mesh.quadrature import four_points, fourteen_points
from qcmethod.mesh.space.births import births
from qcmethod.mesh.space.bricks import halves, key_of, parents, point_of, sites_at
from qcmethod.mesh.space.core import closing
from qcmethod.mesh.space.simplex import radius_ratio

CUBE = ((1, 0, 0), (0, 1, 0), (0, 0, 1))
LINE = ((1, 1, 0), (0, 0, 1), (1, -1, 0))


def wish(resolved, extent, step):
    def wanted(centre, ball):
        d = np.linalg.norm(centre, axis=1)
        near = np.maximum(d - 0.5 * ball, resolved)
        h = np.maximum(np.minimum(step * (near / resolved) ** 1.6, step + near - resolved), step)
        h[d - ball > extent] = np.inf
        h[d - ball <= resolved] = 0.0
        return h

    return wanted


def along_z(resolved):
    def wanted(centre, ball):
        d = np.hypot(centre[:, 0], centre[:, 1])
        h = np.maximum(6.0, 0.5 * d)
        h[d - ball < resolved] = 0.0
        return h

    return wanted


@cache
def ball(structure="fcc", resolved=10.0, extent=200.0):
    lattice = bricked(structure, 4.03, *CUBE)
    step = 1.5 * meshing.shape.finest_edge(lattice.basis)
    return meshing.graded_in_space(lattice.basis, extent, wish(resolved, extent, step))


@cache
def tube(repeats=8):
    lattice = repeated(bricked("fcc", 4.03, *LINE), repeats)
    return lattice, meshing.graded_in_space(lattice.basis, 60.0, along_z(8.0), repeats=repeats)


def faces(cells):
    every = [cells[:, [1, 2, 3]], cells[:, [0, 2, 3]], cells[:, [0, 1, 3]], cells[:, [0, 1, 2]]]
    return np.unique(np.sort(np.concatenate(every), axis=1), axis=0, return_counts=True)


@pytest.mark.parametrize("structure", ["fcc", "bcc"])
def test_every_node_has_its_parents(structure):
    mesh = ball(structure)
    h = point_of(mesh.keys)
    needed = parents(h[~mesh.grid.is_macro(h)])
    assert np.isin(key_of(needed[mesh.grid.holds(needed)]), mesh.keys).all()


@pytest.mark.parametrize("structure", ["fcc", "bcc"])
def test_cells_share_faces_two_by_two(structure):
    mesh = ball(structure)
    for cells in (mesh.cells, meshing.canonical(mesh)):
        face, count = faces(cells)
        assert count.max() == 2
        outer = np.abs(halves(mesh.ij)[face[count == 1]]) == mesh.step
        assert outer.all(axis=1).any(axis=1).all()


@pytest.mark.parametrize(("structure", "least"), [("fcc", 0.5), ("bcc", 0.6)])
def test_cells_fill_space_and_are_well_shaped(structure, least):
    mesh = ball(structure)
    gradients, volume = meshing.gradients(mesh)
    assert volume.sum() == pytest.approx(mesh.n_sites, rel=1e-12)
    assert meshing.quality(mesh).min() > least
    # the gradients of barycentric coordinates: sum_v x_v grad N_v = 1
    one = np.einsum("cvi,cvj->cij", mesh.x[meshing.canonical(mesh)], gradients)
    assert np.abs(one - np.eye(3)).max() < 1e-9


@pytest.mark.parametrize("structure", ["fcc", "bcc"])
def test_a_resolved_node_owns_one_site(structure):
    mesh = ball(structure, 14.0)
    _, volume = meshing.gradients(mesh)
    share = np.zeros(mesh.n_nodes)
    np.add.at(share, meshing.canonical(mesh).ravel(), np.repeat(0.25 * volume, 4))
    inner = np.linalg.norm(mesh.x, axis=1) < 9.0
    assert inner.sum() > 50
    assert share[inner] == pytest.approx(1.0, abs=1e-12)


def test_every_site_of_the_core_is_a_node():
    mesh = ball()
    steps = np.arange(-8, 9)
    ij = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1).reshape(-1, 3)
    ij = ij[np.linalg.norm(ij @ mesh.basis, axis=1) <= 10.0]
    assert (meshing.find_nodes(mesh, ij) >= 0).all()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(*[st.integers(-60, 60)] * 3), min_size=1, max_size=30))
def test_sites_are_located_without_rounding(points):
    mesh, ij = ball(), np.array(points)
    ij = ij[meshing.covers(mesh, ij)]
    cell, weights = meshing.locate(mesh, ij)
    assert weights.min(initial=0.0) >= 0.0
    there = np.einsum("nv,nva->na", weights, mesh.ij[meshing.canonical(mesh)[cell]])
    assert np.abs(there - ij).max(initial=0.0) < 1e-9


def test_points_between_sites_are_located():
    mesh = ball()
    x = np.random.default_rng(0).uniform(-20.0, 20.0, (500, 3))
    cell, weights = meshing.locate(mesh, x)
    there = np.einsum("nv,nva->na", weights, mesh.ij[meshing.canonical(mesh)[cell]])
    assert weights.min() > -1e-9
    assert np.abs(there - x).max() < 1e-9


def test_linear_fields_are_interpolated_exactly():
    mesh, rng = ball(), np.random.default_rng(1)
    ij = rng.integers(-40, 40, (300, 3))
    ij = ij[meshing.covers(mesh, ij)]
    slope = rng.standard_normal((3, 3))
    u = meshing.interpolation(mesh, ij) @ (mesh.x @ slope)
    assert u == pytest.approx(ij @ mesh.basis @ slope, abs=1e-9)


def test_a_point_outside_is_refused():
    with pytest.raises(MeshError, match="outside the mesh"):
        meshing.locate(ball(), np.array([[10**6, 0, 0]]))


@pytest.mark.parametrize("repeats", [8, 12])
def test_a_mesh_closes_on_itself(repeats):
    lattice, mesh = tube(repeats)
    cells = meshing.canonical(mesh)
    face, count = faces(cells)
    assert count.max() == 2
    outer = halves(mesh.ij)[face[count == 1]][:, :, :2]
    ends = np.stack([mesh.grid.low[:2], mesh.grid.high[:2]])
    assert (outer[:, :, None] == ends).all(axis=1).any(axis=(1, 2)).all()  # none across z
    gradients, volume = meshing.gradients(mesh)
    assert volume.sum() == pytest.approx(mesh.n_sites)
    share = np.zeros(mesh.n_nodes)
    np.add.at(share, cells.ravel(), np.repeat(0.25 * volume, 4))
    x = lattice.positions(mesh.ij)
    assert share[np.hypot(x[:, 0], x[:, 1]) < 5.0] == pytest.approx(1.0)
    across = mesh.x[cells][:, :, 2]
    assert np.ptp(across, axis=1).max() > 0.5 * lattice.period  # some cells do pass the end


def test_points_are_located_across_the_end_of_a_period():
    lattice, mesh = tube()
    x = np.random.default_rng(2).uniform(-6.0, 6.0, (400, 3))
    x = x[meshing.covers(mesh, x)]
    cell, weights = meshing.locate(mesh, x)
    corner = mesh.corners(meshing.canonical(mesh)[cell])
    there = np.einsum("nv,nva->na", weights, corner)
    assert weights.min() > -1e-9
    assert np.abs(there - mesh.beside(x, corner)).max() < 1e-9


@pytest.mark.parametrize(("asked", "found"), [(5, 8), (10, 8), (15, 16), (25, 24), (40, 48)])
def test_a_period_is_rounded_to_what_a_mesh_closes_on(asked, found):
    assert abs(closing(asked) - asked) <= abs(found - asked)
    assert bin(closing(asked)).count("1") in (1, 2)


def test_a_period_that_does_not_close_is_refused():
    lattice = bricked("fcc", 4.03, *LINE)
    with pytest.raises(MeshError, match="repeats"):
        meshing.graded_in_space(lattice.basis, 60.0, along_z(8.0), repeats=7)


def test_an_extent_beyond_the_keys_is_refused():
    with pytest.raises(MeshError, match="extent"):
        meshing.graded_in_space(bricked("fcc", 4.03, *CUBE).basis, 1e7, along_z(8.0))


def test_a_node_is_the_middle_of_the_edge_it_was_born_on():
    mesh = ball()
    found = births(mesh, np.arange(mesh.n_nodes))
    h = halves(mesh.ij)
    born = ~found.root
    assert (found.parents[born] >= 0).all()
    assert (h[found.parents[born]].sum(axis=1) == 2 * h[born]).all()
    older = found.generation[found.parents[born]]
    assert (older > found.generation[born][:, None])[~found.root[found.parents[born]]].all()


def test_sites_and_halves_are_one_to_one():
    ij = np.random.default_rng(3).integers(-1000, 1000, (200, 3))
    h = halves(ij)
    assert (sites_at(h) == ij).all()
    assert ((h & 1) == (h[:, :1] & 1)).all()  # all even or all odd
    assert (point_of(key_of(h)) == h).all()


def test_a_regular_tetrahedron_has_the_radius_ratio_one():
    corner = np.array([[[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]]], dtype=float)
    assert radius_ratio(corner) == pytest.approx(1.0)


@pytest.mark.parametrize(("rule", "degree"), [(four_points, 2), (fourteen_points, 5)])
def test_quadrature_is_exact_to_its_degree(rule, degree):
    from math import factorial

    points, weights = rule()
    for a in range(degree + 1):
        for b in range(degree + 1 - a):
            for c in range(degree + 1 - a - b):
                exact = 6 * factorial(a) * factorial(b) * factorial(c) / factorial(3 + a + b + c)
                mean = weights @ (points[:, 0] ** a * points[:, 1] ** b * points[:, 2] ** c)
                assert mean == pytest.approx(exact, rel=1e-12), (a, b, c)
    assert (weights > 0.0).all()
