"""Births of nodes in space: the edges that they cut are edges of the mesh without them."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pytest

from qcmethod.mesh.space.births import births
from qcmethod.mesh.space.bricks import halves, key_of
from qcmethod.mesh.space.core import Tetrahedra
from qcmethod.mesh.space.grid import Grid

GRIDS = {"ball": Grid(8), "plate": Grid(4, (3, 3, 2), periodic=True)}
BASIS = np.array([[2.0, 0.0, 0.0], [0.0, 2.0, 0.0], [1.0, 1.0, 1.0]])


def sites(grid, scale=1):
    """All points of the body-centred bricks of a scale in a grid: all even or all odd, by keys."""
    lines = [
        np.arange(low // scale, high // scale + (axis < 2 or not grid.periodic))
        for axis, (low, high) in enumerate(zip(grid.low, grid.high, strict=True))
    ]
    h = np.array(list(product(*lines)))
    h = scale * h[(h % 2 == h[:, :1] % 2).all(axis=1)]
    return np.unique(key_of(grid.wrapped(h)))


def edges_of(mesh):
    """The edges of the cells, as pairs of keys in a set."""
    keys = mesh.keys[mesh.cells]
    pairs = [keys[:, pair] for pair in combinations(range(4), 2)]
    return {tuple(pair) for pair in np.sort(np.concatenate(pairs), axis=1).tolist()}


@pytest.fixture(params=list(GRIDS))
def uniform(request):
    grid = GRIDS[request.param]
    return Tetrahedra.of(sites(grid), BASIS, grid)


def test_a_uniform_set_is_a_mesh_of_finest_cells(uniform):
    """Quarters of octahedra about faces: 3 faces a brick of two sites, 4 cells each."""
    assert (uniform.level == uniform.depth).all()
    assert len(uniform.cells) == 6 * uniform.n_sites


def test_nodes_cut_edges_of_the_mesh_without_them(uniform):
    """Generation by generation, from the youngest on: what is left is a mesh each time."""
    found, keys = births(uniform, np.arange(uniform.n_nodes)), uniform.keys
    for generation in range(int(found.generation[~found.root].max()) + 1):
        old = found.root | (found.generation > generation)
        older = Tetrahedra.of(keys[old], BASIS, uniform.grid)
        assert len(np.unique(older.cells)) == older.n_nodes  # closed: each is a corner of cells
        edges = edges_of(older)
        young = np.flatnonzero(~found.root & (found.generation == generation))
        parents = np.sort(keys[found.parents[young]], axis=1)
        assert {tuple(pair) for pair in parents.tolist()} <= edges
    assert (found.parents[found.root] == -1).all()
    assert found.root.sum() == uniform.grid.is_macro(halves(uniform.ij)).sum()


def test_three_generations_are_an_octave(uniform):
    found, grid = births(uniform, np.arange(uniform.n_nodes)), uniform.grid
    for octave in range(1, grid.reach.bit_length() - 1):
        kept = found.root | (found.generation >= 3 * octave)
        np.testing.assert_array_equal(uniform.keys[kept], every_even(grid, octave))


def every_even(grid, octave):
    """Corners, edges' middles, faces' and bricks' centres: every point at the scale 2^octave."""
    s = 1 << octave
    lines = [np.arange(low, high + 1, s) for low, high in zip(grid.low, grid.high, strict=True)]
    return np.unique(key_of(grid.wrapped(np.array(list(product(*lines))))))


def test_parents_that_are_not_asked_for_are_clamped(uniform):
    """The same edges in other numbers, or -1."""
    whole = births(uniform, np.arange(uniform.n_nodes))
    some = np.flatnonzero(np.random.default_rng(0).random(uniform.n_nodes) < 0.6)
    part, number = births(uniform, some), np.full(uniform.n_nodes, -1)
    number[some] = np.arange(len(some))
    expected = np.where(whole.parents[some] < 0, -1, number[whole.parents[some]])
    np.testing.assert_array_equal(part.parents, expected)
    np.testing.assert_array_equal(part.generation, whole.generation[some])
    np.testing.assert_array_equal(part.root, whole.root[some])
    assert (part.parents[~part.root] < 0).any()
