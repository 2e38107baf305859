"""Regions and the sites in them: what a region says of a point, and a list of sites of a region."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from qcmethod.errors import InputError
from qcmethod.lattice.lattice import STRUCTURES, Lattice, chain, cubic, hex2d, unit
from qcmethod.lattice.plane import in_plane, radius
from qcmethod.lattice.region import Region
from qcmethod.lattice.shapes import Below, Box, Points, Segment, Tube
from qcmethod.lattice.sites import Sites, between, sites_in

NUMBER = st.floats(-20.0, 20.0)
POINT = st.tuples(NUMBER, NUMBER)
LENGTH = st.floats(0.0, 15.0)
LATTICES = {
    "chain": chain(2.8),
    "hex2d": hex2d(2.5),
    "fcc": cubic("fcc", 4.05, (1, 1, -2), (1, 1, 1), (1, -1, 0)),
    "bcc": cubic("bcc", 3.17, (1, -1, 0), (0, 0, 1), (-1, -1, 0)),
}


def boxes() -> st.SearchStrategy[Box]:
    def ordered(ends):
        return Box(*(tuple(f(e) for e in zip(*ends, strict=True)) for f in (min, max)))

    return st.tuples(POINT, POINT).map(ordered)


def shapes() -> st.SearchStrategy[Region]:
    """Bounded shapes, grown or not, and what of one lies in another or below a height."""
    plain = st.one_of(
        st.builds(Tube, LENGTH, POINT),
        boxes(),
        st.builds(Segment, POINT, POINT),
        st.lists(POINT, min_size=1, max_size=6).map(lambda p: Points(np.array(p))),
    )
    one = plain | st.tuples(plain, LENGTH).map(lambda r: r[0].grown(r[1]))
    cut = one | NUMBER.map(Below)
    return one | st.tuples(one, cut).map(lambda r: r[0] & r[1])


def points() -> st.SearchStrategy[np.ndarray]:
    return hnp.arrays(np.float64, (12, 3), elements=st.floats(-40.0, 40.0))


@given(region=shapes(), x=points())
def test_a_region_contains_what_is_at_no_distance_from_it(region, x):
    d = region.distance(x)
    assert d.shape == (len(x),) and (d >= 0.0).all()
    np.testing.assert_array_equal(region.contains(x), d == 0.0)
    np.testing.assert_array_equal(region.distance(in_plane(x)), d)  # z does not matter


@given(region=shapes(), x=points())
def test_bounds_and_chords_hold_the_region(region, x):
    low, high = region.bounds()
    held = x[region.contains(x)]
    slack = 1e-9
    assert ((held >= low - slack) & (held <= high + slack)).all()
    left, right = region.chords(held[:, 1])
    assert ((held[:, 0] >= left - slack) & (held[:, 0] <= right + slack)).all()


@given(region=shapes(), by=LENGTH, x=points())
def test_a_grown_region_is_what_is_near(region, by, x):
    grown = region.grown(by)
    np.testing.assert_array_equal(grown.contains(x), region.distance(x) <= by)
    assert (grown.contains(x) | ~region.contains(x)).all()


@given(one=shapes(), other=shapes(), x=points())
def test_both_is_what_is_in_one_and_in_the_other(one, other, x):
    both = one & other
    np.testing.assert_array_equal(both.contains(x), one.contains(x) & other.contains(x))


@given(first=POINT, last=POINT, x=points())
def test_distance_from_a_segment_is_the_least_over_its_points(first, last, x):
    s = np.linspace(0.0, 1.0, 2001)[:, None]
    line = np.array(first) * (1.0 - s) + np.array(last) * s
    least = Points(line).distance(x)
    spacing = np.linalg.norm(np.subtract(last, first)) / 2000.0
    found = Segment(first, last).distance(x)
    assert (found <= least + 1e-9).all() and (found >= least - spacing - 1e-9).all()


def all_sites(lattice: Lattice, region: Region, origin: np.ndarray) -> np.ndarray:
    """Those of a large box of integers that lie in the region, row by row."""
    reach = 70
    steps = np.arange(-reach, reach + 1)
    grid = np.meshgrid(*[steps] * lattice.dim, indexing="ij")
    ij = np.stack([g.ravel() for g in grid], axis=1)[:, ::-1]
    return ij[region.contains(lattice.positions(ij) + origin)]


@given(name=st.sampled_from(sorted(LATTICES)), region=shapes(), at=POINT)
def test_sites_of_a_region_are_all_of_them_row_by_row(name, region, at):
    lattice = LATTICES[name]
    origin = np.array([at[0], at[1] if lattice.dim == 2 else 0.0, 0.0])
    found = sites_in(lattice.basis[: lattice.dim], region, origin)
    np.testing.assert_array_equal(found.ij, all_sites(lattice, region, origin))


@given(name=st.sampled_from(sorted(LATTICES)), radius=st.floats(1.0, 30.0), less=st.integers(1, 50))
def test_a_list_may_be_as_long_as_the_limit(name, radius, less):
    lattice = LATTICES[name]
    basis, disc = lattice.basis[: lattice.dim], Tube(radius)
    n = len(sites_in(basis, disc))
    assert len(sites_in(basis, disc, limit=n)) == n
    with pytest.raises(InputError, match=r"region: got .* atoms.*at most"):
        sites_in(basis, disc, limit=n - min(less, n))


def test_sites_are_counted_before_they_are_listed():
    """A list of these would not fit into any memory."""
    with pytest.raises(InputError, match=r"a region of about 3.6e[+]11 atoms"):
        sites_in(hex2d(1.0).basis[:2], Tube(3.17e5))
    with pytest.raises(InputError, match=r"a region of about .* atoms"):
        sites_in(hex2d(1.0).basis[:2], Tube(1e12))
    with pytest.raises(InputError, match=r"region: .* bounded"):
        sites_in(hex2d(1.0).basis[:2], Below(0.0))


@given(
    ij=hnp.arrays(np.int64, st.tuples(st.integers(0, 40), st.just(2)), elements=st.integers(-9, 9)),
    dim=st.integers(1, 2),
    seed=st.integers(0, 99),
)
def test_find_inverts_a_list_in_any_order(ij, dim, seed):
    ij = np.random.default_rng(seed).permutation(np.unique(ij[:, :dim], axis=0))
    sites = Sites(ij)
    np.testing.assert_array_equal(sites.find(ij), np.arange(len(ij)))
    every = between(np.full(dim, -12), np.full(dim, 12)).ij
    place = sites.find(every)
    listed = {tuple(row) for row in ij.tolist()}
    assert [tuple(row) in listed for row in every.tolist()] == (place >= 0).tolist()
    np.testing.assert_array_equal(ij[place[place >= 0]], every[place >= 0])
    far = np.full((3, 2, dim), 2**62)  # no key overflows onto a site
    assert sites.find(far).shape == (3, 2) and (sites.find(far) == -1).all()


@pytest.mark.parametrize("name", STRUCTURES)
def test_neighbours_are_as_far_apart_as_in_the_unit_lattice(name):
    lattice = LATTICES[name]
    known = {"fcc": 0.5**0.5, "bcc": 0.75**0.5, "hex2d": 1.0, "chain": 1.0}[name]
    assert unit(name).neighbour == known
    assert lattice.neighbour == pytest.approx(known * lattice.constant, rel=1e-15)
    ij = lattice.steps(1.01 * lattice.neighbour)
    np.testing.assert_array_equal(np.unique(-ij, axis=0), ij)
    assert radius(lattice.positions(ij)).max() <= lattice.neighbour * (1.0 + 1e-15)
