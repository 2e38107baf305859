"""Sets of nodes in space: refinement, coarsening, union, and what carries over between them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qcmethod import mesh as meshing
from qcmethod.errors import MeshError
from qcmethod.mesh.space.bricks import parents, point_of
from qcmethod.mesh.space.core import graded_in_space
from qcmethod.mesh.space.nodes import closed
from qcmethod.mesh.space.sets import coarsened, refined, refined_to, united

A = 4.05
FCC = np.array([[1.0, 0.0, 1.0], [-1.0, 0.0, 1.0], [0.0, 1.0, 1.0]]) * A / 2.0


@pytest.fixture(scope="module")
def mesh():
    def wish(centre, ball):
        d = np.linalg.norm(centre, axis=1)
        return np.where(d - ball < 4.0, 0.0, 4.0 + 0.8 * d)

    return graded_in_space(FCC, 60.0, wish)


def parts_of(seed, n):
    return np.random.default_rng(seed).random(n) < 0.05


def is_whole(mesh):
    """Conforming, all of the volume, every face between two cells or on the boundary."""
    cells = meshing.canonical(mesh)
    assert meshing.gradients(mesh)[1].sum() == pytest.approx(mesh.n_sites, rel=1e-12)
    faces = np.sort(np.concatenate([np.delete(cells, v, axis=1) for v in range(4)]), axis=1)
    face, count = np.unique(faces, axis=0, return_counts=True)
    assert count.max() <= 2
    h = np.abs(mesh.ij @ np.array([[2, 0, 0], [0, 2, 0], [1, 1, 1]]))[face[count == 1]]
    assert ((h == mesh.step).all(axis=1)).any(axis=1).all()  # on a side of the cube
    grid = mesh.grid
    h = point_of(mesh.keys)
    needed = parents(h[~grid.is_macro(h)])
    assert np.isin(needed[grid.holds(needed)] @ [1, 10**4, 10**8], h @ [1, 10**4, 10**8]).all()


@settings(max_examples=5)
@given(seed=st.integers(0, 10**6))
def test_marked_cells_are_cut_and_the_mesh_stays_whole(mesh, seed):
    marked = parts_of(seed, mesh.n_cells)
    finer = refined(mesh, marked)
    is_whole(finer)
    assert np.isin(mesh.keys, finer.keys).all()
    # each marked cell is at least halved, no cell of the finest level is
    parent = np.searchsorted(mesh.first, finer.first, side="right") - 1
    deeper = np.zeros(mesh.n_cells, dtype=np.int64)
    np.maximum.at(deeper, parent, finer.level - mesh.level[parent])
    assert (deeper[marked & ~mesh.is_finest] >= 1).all() and (deeper[mesh.is_finest] == 0).all()
    # linear fields carry over, to nodes of both
    S = meshing.interpolation(mesh, finer.ij)
    np.testing.assert_allclose(S @ mesh.ij, finer.ij, atol=1e-9)


@settings(max_examples=5)
@given(seed=st.integers(0, 10**6))
def test_what_was_cut_is_undone(mesh, seed):
    finer = refined(mesh, parts_of(seed, mesh.n_cells))
    while True:
        leaf = np.searchsorted(mesh.first, finer.first, side="right") - 1
        coarser = coarsened(finer, finer.level > mesh.level[leaf])
        is_whole(coarser)
        if coarser.n_nodes == finer.n_nodes:
            break
        finer = coarser
    np.testing.assert_array_equal(finer.keys, mesh.keys)


def test_all_coarsening_ends_at_the_macro_cells(mesh):
    now = mesh
    while True:
        coarser = meshing.coarsen(now, np.ones(now.n_cells, dtype=bool))
        if coarser is now:
            break
        now = coarser
    assert now.n_cells == 48 and (now.level == 0).all()


def test_a_union_is_the_least_refinement_of_both(mesh):
    one, other = (refined(mesh, parts_of(seed, mesh.n_cells)) for seed in (3, 4))
    both = united(one, other)
    is_whole(both)
    np.testing.assert_array_equal(both.keys, np.union1d(one.keys, other.keys))
    np.testing.assert_array_equal(united(other, one).cells, both.cells)
    assert meshing.refine(mesh, []) is mesh


def test_a_wish_is_met_on_top_of_what_is_there(mesh):
    place = np.array([20.0, 5.0, -9.0])

    def wish(centre, ball):
        return np.where(np.linalg.norm(centre - place, axis=1) - ball < 5.0, 0.0, np.inf)

    finer = refined_to(mesh, wish)
    is_whole(finer)
    assert np.isin(mesh.keys, finer.keys).all()
    near = np.linalg.norm(finer.x[finer.cells].mean(axis=1) - place, axis=1) < 4.0
    assert near.any() and finer.is_finest[near].all()


def test_refusals(mesh):
    with pytest.raises(MeshError, match="the same lattice and cubes"):
        united(mesh, graded_in_space(FCC, 10.0, lambda c, b: np.full(len(c), 5.0)))
    with pytest.raises(MeshError, match="cell indices below"):
        refined(mesh, [mesh.n_cells])
    assert len(closed(mesh.keys, mesh.grid)) == mesh.n_nodes
