"""Half lists of linked cells: those of a tree in the plane, bond by bond, and of all pairs."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import cKDTree

from qcmethod.lattice import lattice
from qcmethod.lattice.linked_cells import PER_SITE, boxes
from qcmethod.lattice.neighbours import half_list


def of_columns(r, period, reach, active):
    """The same list by another way: pairs of columns of a tree in the plane, then their images."""
    near = cKDTree(r[:, :2]).query_pairs(reach, output_type="ndarray")
    bonds = []
    for i, j in near[active[near[:, 0]] | active[near[:, 1]]].tolist():
        d = r[j] - r[i]
        height = math.sqrt(max(reach**2 - d[0] ** 2 - d[1] ** 2, 0.0))
        if math.isinf(period):
            bonds += [(i, j, 0.0)] if abs(d[2]) <= height else []
            continue
        images = range(
            math.ceil((-height - d[2]) / period), math.floor((height - d[2]) / period) + 1
        )
        bonds += [(i, j, m * period) for m in images]
    if math.isfinite(period):
        m = range(1, int(reach / period) + 1)
        bonds += [(i, i, k * period) for i in np.flatnonzero(active).tolist() for k in m]
    bonds.sort()  # by owner, neighbour and image
    i, site, shift = np.array(bonds).reshape(-1, 3).T
    start = np.concatenate([[0], np.cumsum(np.bincount(i.astype(int), minlength=len(r)))])
    return start, site.astype(np.uint32), shift


def assert_same(r, period, reach, active):
    found, expected = half_list(r, period, reach, active), of_columns(r, period, reach, active)
    assert found.site.dtype == np.uint32 and found.start.dtype == np.int64
    for ours, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(ours, other)


@settings(max_examples=80, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    n=st.integers(1, 50),
    span=st.tuples(*[st.sampled_from([0.0, 1e-9, 1.0, 8.0, 60.0])] * 3),
    period=st.sampled_from([0.3, 0.9, 2.0, 7.0, 31.0, np.inf]),
    reach=st.floats(0.3, 3.0),
    share=st.floats(0.0, 1.0),
)
def test_any_cloud_and_period(seed, n, span, period, reach, share):
    """Planes, needles, clouds; sites in any period; the period shorter than the reach or longer."""
    rng = np.random.default_rng(seed)
    r = rng.uniform(-1.0, 1.0, (n, 3)) * span
    assert_same(r, period, reach, rng.random(n) < share)


@pytest.mark.parametrize("period", [10.0, 12.3, 40.0, np.inf])
def test_clusters_against_all_distances(period):
    """So many boxes that a site does not see all of them, up the z axis either."""
    rng = np.random.default_rng(3)
    high = min(period, 25.0)
    r, reach = rng.uniform(0.0, 1.0, (600, 3)) * [22.0, 25.0, high], 3.0
    active = rng.random(len(r)) < 0.7
    assert boxes(r, period, reach)[0].min() > 5
    d = r[None] - r[:, None]
    m = np.zeros(d.shape[:2]) if np.isinf(period) else -np.round(d[..., 2] / period)
    d[..., 2] += 0.0 if np.isinf(period) else m * period
    near = (np.linalg.norm(d, axis=2) <= reach) & (active[:, None] | active)
    i, j = np.nonzero(np.triu(near, 1))
    found = half_list(r, period, reach, active)
    np.testing.assert_array_equal(found.owner, i)
    np.testing.assert_array_equal(found.site, j)
    shift = np.zeros(len(i)) if np.isinf(period) else m[i, j] * period
    np.testing.assert_array_equal(found.shift, shift)


@pytest.mark.parametrize("copies", [1, 3, 12])
def test_columns_of_a_crystal(copies):
    """One repeat is shorter than the reach; several at once, and atoms in other periods."""
    crystal = lattice.cubic("fcc", 4.032, (1, 1, -2), (1, 1, 1), (1, -1, 0))
    grid = np.stack(np.meshgrid(*[np.arange(-5, 6)] * 2, indexing="ij"), axis=-1).reshape(-1, 2)
    x = crystal.positions(grid)
    x = np.concatenate([x + np.array([0.0, 0.0, k * crystal.period]) for k in range(copies)])
    rng = np.random.default_rng(copies)
    period = copies * crystal.period
    x[:, 2] += period * rng.integers(-3, 4, len(x))
    x += rng.uniform(-0.1, 0.1, x.shape)
    assert_same(x, period, 6.16, rng.random(len(x)) < 0.8)


def test_no_site_and_one():
    none, alone = np.zeros((0, 3)), np.array([[1.0, -2.0, 5.0]])
    assert [len(part) for part in half_list(none, 2.0, 3.0, np.zeros(0, bool))] == [1, 0, 0]
    on = np.ones(1, dtype=bool)
    assert len(half_list(alone, np.inf, 3.0, on).site) == 0
    np.testing.assert_array_equal(half_list(alone, 1.25, 3.0, on).shift, [1.25, 2.5])
    assert len(half_list(alone, 1.25, 3.0, ~on).site) == 0


def test_sites_far_apart_have_no_more_boxes_than_sites():
    r = np.array([[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [1e9, 1e9, -1e9], [1e9, 1e9, 1.0 - 1e9]])
    assert boxes(r, np.inf, 1.5)[0].prod() <= PER_SITE * len(r)
    assert_same(r, np.inf, 1.5, np.ones(4, dtype=bool))


def test_positions_that_are_no_numbers():
    with pytest.raises(ValueError, match="finite"):
        half_list(np.array([[0.0, 0.0, np.nan], [1.0, 0.0, 0.0]]), np.inf, 2.0, np.ones(2, bool))
