"""Bricked lattices and regions in space: the same crystal, all of its sites, each counted once."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from qcmethod.errors import InputError, OrientationError
from qcmethod.lattice.bricked import bricked, columns, repeated
from qcmethod.lattice.counting import count
from qcmethod.lattice.lattice import cubic
from qcmethod.lattice.shapes import Ball, Below, Ellipsoid, Points, Segment, Slab, Tube
from qcmethod.lattice.sites import Sites, sites_in

TRIADS = [
    ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    ((1, 1, -2), (1, 1, 1), (1, -1, 0)),
    ((1, -1, 0), (0, 0, 1), (-1, -1, 0)),
    ((2, 1, 0), (-1, 2, 3), (3, -6, 5)),
]
LATTICES = st.builds(
    lambda structure, triad: bricked(structure, 4.0, *triad),
    st.sampled_from(["fcc", "bcc"]),
    st.sampled_from(TRIADS),
)
NUMBER = st.floats(-9.0, 9.0)
POINT = st.tuples(NUMBER, NUMBER, NUMBER)
LENGTH = st.floats(0.0, 6.0)
AXIS = st.floats(0.5, 8.0)
FARTHEST = 3.0**0.5 * (9.0 + 9.0 + 8.0 + 6.0)
"""Of a point of a region, from an origin that is not at 0."""
PLAIN = st.one_of(
    st.builds(Ball, LENGTH, POINT),
    st.builds(Ellipsoid, st.tuples(AXIS, AXIS, AXIS), POINT),
    st.builds(Segment, POINT, POINT),
    st.lists(POINT, min_size=1, max_size=5).map(lambda p: Points(np.array(p))),
)
GROWN = PLAIN | st.tuples(PLAIN, LENGTH).map(lambda r: r[0].grown(r[1]))
HALVES = NUMBER.map(Below) | st.tuples(NUMBER, LENGTH).map(lambda s: Slab(s[0], s[0] + s[1]))
REGIONS = GROWN | st.tuples(GROWN, GROWN | HALVES).map(lambda r: r[0] & r[1])
X = hnp.arrays(np.float64, (15, 3), elements=st.floats(-30.0, 30.0))


@pytest.mark.parametrize("structure", ["fcc", "bcc"])
@pytest.mark.parametrize("triad", TRIADS)
def test_bricks_carry_the_crystal_and_no_other_site(structure, triad):
    """The vectors of both cubic lattices in the same laboratory, one by one, and their volume."""
    space, plane = bricked(structure, 4.0, *triad), cubic(structure, 4.0, *triad)
    assert space.site_volume == pytest.approx(plane.site_volume, rel=1e-12)
    np.testing.assert_allclose(space.axes, plane.axes, atol=1e-15)
    one, other = (np.concatenate([s, -s]) for s in (space.shell(9.0), plane.shell(9.0)))
    assert len(one) == len(other)
    for vectors, basis in ((one, plane.basis), (other, space.basis)):
        steps = vectors @ np.linalg.inv(basis)
        assert np.abs(steps - np.rint(steps)).max() < 1e-9  # whole numbers of each other
    lengths = (np.sort(np.linalg.norm(s, axis=1)) for s in (one, other))
    np.testing.assert_allclose(*lengths, rtol=1e-12)
    again = columns(space)
    np.testing.assert_allclose(again.basis, plane.basis, atol=1e-9)


@pytest.mark.parametrize("triad", TRIADS)
@pytest.mark.parametrize("structure", ["fcc", "bcc"])
def test_edges_of_bricks_are_orthogonal(structure, triad):
    lattice = bricked(structure, 4.0, *triad)
    edges = np.array([*lattice.basis[:2], [-1.0, -1.0, 2.0] @ lattice.basis])
    G = edges @ edges.T
    assert np.abs(G - np.diag(np.diag(G))).max() < 1e-9
    squares = sorted(np.diag(G) / 16.0)
    assert squares == pytest.approx([1.0] * 3 if structure == "bcc" else [0.5, 0.5, 1.0])


def test_what_has_no_bricks_or_no_line_is_refused():
    with pytest.raises(InputError, match="structure"):
        bricked("hex2d", 4.0, *TRIADS[0])
    with pytest.raises(OrientationError, match="z: got"):
        repeated(bricked("fcc", 4.0, *TRIADS[3]), 8)
    line = repeated(bricked("fcc", 4.0, *TRIADS[1]), 8)
    assert line.period == pytest.approx(8 * 4.0 / 2.0**0.5) and not line.is_space


@given(region=REGIONS, x=X)
def test_a_region_contains_what_is_at_no_distance_within_its_bounds(region, x):
    d = region.distance(x)
    assert d.shape == (len(x),) and (d >= 0.0).all()
    held = region.contains(x)
    np.testing.assert_array_equal(held, d == 0.0)
    low, high = region.bounds()
    assert ((x[held] >= low - 1e-9) & (x[held] <= high + 1e-9)).all()


@given(region=PLAIN, by=LENGTH, x=X, shift=POINT)
def test_a_grown_region_is_what_is_near_and_distances_change_no_more_than_places(
    region, by, x, shift
):
    np.testing.assert_array_equal(region.grown(by).contains(x), region.distance(x) <= by)
    change = np.abs(region.distance(x + shift) - region.distance(x))
    assert change.max() <= np.linalg.norm(shift) + 1e-9


@given(first=POINT, last=POINT, x=X)
def test_distance_from_a_segment_is_the_least_over_its_points(first, last, x):
    s = np.linspace(0.0, 1.0, 1001)[:, None]
    least = Points(np.array(first) * (1.0 - s) + np.array(last) * s).distance(x)
    spacing = np.linalg.norm(np.subtract(last, first)) / 1000.0
    found = Segment(first, last).distance(x)
    assert (found <= least + 1e-9).all() and (found >= least - spacing - 1e-9).all()


@given(axes=st.tuples(AXIS, AXIS, AXIS), x=X)
def test_distance_from_an_ellipsoid_is_the_least_over_its_surface(axes, x):
    """By the points of a fine net, whose nearest is at most half a mesh from the nearest of all."""
    u, v = (g.ravel()[:, None] for g in np.meshgrid(np.linspace(0, np.pi, 91), np.arange(180)))
    v = v * np.pi / 90.0
    net = np.hstack([np.sin(u) * np.cos(v), np.sin(u) * np.sin(v), np.cos(u)]) * axes
    body = Ellipsoid(axes)
    outside = x[~body.contains(x)]
    least = Points(net).distance(outside)
    found = body.distance(outside)
    assert (found <= least + 1e-9).all() and (found >= least - 0.025 * max(axes)).all()


@pytest.mark.parametrize("thin", [1.0, 1e-1, 1e-3])
def test_the_nearest_point_of_needles_and_discs(thin):
    """Along its axes in closed form; of a point off the normal of a known point of the surface."""
    axes = np.array([thin, 1.0, 2.0])
    body = Ellipsoid(tuple(axes))
    along = np.concatenate([(axes + 3.0) * np.eye(3)[i] for i in range(3)]).reshape(3, 3)
    assert body.distance(along) == pytest.approx(3.0, rel=1e-9)
    t = np.random.default_rng(0).standard_normal((200, 3))
    p = t / np.linalg.norm(t, axis=1)[:, None] * axes
    normal = p / axes**2
    normal /= np.linalg.norm(normal, axis=1)[:, None]
    for height in (1e-3, 1.0, 1e3):
        assert body.distance(p + height * normal) == pytest.approx(height, rel=1e-6)


@settings(deadline=None)
@given(lattice=LATTICES, region=REGIONS, at=POINT)
def test_sites_of_a_region_are_all_of_them_and_counted(lattice, region, at):
    origin = np.array(at)
    found = sites_in(lattice.basis, region, origin)
    expected = all_sites(lattice.basis, region, origin)
    np.testing.assert_array_equal(found.ij, expected)  # rows of i, one after another
    assert count(lattice.basis, region, origin) == len(found)


def all_sites(basis, region, origin):
    """Those of a large box of whole numbers that lie in the region, by j, k and i."""
    most = np.ceil(FARTHEST * np.linalg.norm(np.linalg.inv(basis), axis=0)).astype(int)
    steps = [np.arange(-n, n + 1) for n in most]
    j, k, i = (g.ravel() for g in np.meshgrid(steps[1], steps[2], steps[0], indexing="ij"))
    ij = np.stack([i, j, k], axis=1)
    return ij[region.contains(ij @ basis + origin)]


@pytest.mark.parametrize("triad", TRIADS)
def test_a_long_region_askew_in_the_lattice_costs_what_it_holds(triad):
    """The parallelepiped of lattice vectors about it may hold 1e5 times as many."""
    lattice = bricked("fcc", 4.0, *triad)
    reach = 1e4
    tube = Segment((-reach, 0.0, 0.0), (reach, 0.0, 0.0)).grown(8.0)
    volume = np.pi * 64.0 * (2.0 * reach + 4.0 / 3.0 * 8.0)
    n = len(sites_in(lattice.basis, tube))
    assert n == pytest.approx(volume / lattice.site_volume, rel=0.2)


def test_sites_are_counted_before_they_are_listed_and_no_region_is_without_end():
    basis = bricked("fcc", 4.0, *TRIADS[0]).basis
    with pytest.raises(InputError, match=r"a region of about .* atoms"):
        sites_in(basis, Ball(1e6))
    with pytest.raises(InputError, match="bounded"):
        sites_in(basis, Tube(5.0))
    n = len(sites_in(basis, Ball(20.0)))
    assert len(sites_in(basis, Ball(20.0), limit=n)) == n
    with pytest.raises(InputError, match="at most"):
        sites_in(basis, Ball(20.0), limit=n - 1)
    assert len(sites_in(basis, Ball(5.0) & Ball(5.0, (30.0, 0.0, 0.0)))) == 0


def test_more_sites_than_can_be_listed_are_counted_by_their_volume():
    basis = bricked("bcc", 3.0, *TRIADS[1]).basis
    n = 4.0 / 3.0 * np.pi * 1e9 / 13.5
    assert count(basis, Ball(1e3), np.zeros(3)) == pytest.approx(n, rel=1e-3)


@given(
    ij=hnp.arrays(np.int64, st.tuples(st.integers(0, 40), st.just(3)), elements=st.integers(-9, 9)),
    seed=st.integers(0, 99),
)
def test_find_inverts_a_list_in_any_order(ij, seed):
    ij = np.random.default_rng(seed).permutation(np.unique(ij, axis=0))
    sites = Sites(ij)
    np.testing.assert_array_equal(sites.find(ij), np.arange(len(ij)))
    asked = np.random.default_rng(seed).integers(-12, 13, (200, 3))
    listed = {tuple(row) for row in ij.tolist()}
    place = sites.find(asked)
    assert [tuple(row) in listed for row in asked.tolist()] == (place >= 0).tolist()
    assert (sites.find(np.full((3, 2, 3), 2**62)) == -1).all()
