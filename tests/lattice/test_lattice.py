"""Lattices in integer coordinates: bases, orientations, projection, positions, shells, refusals."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from qcmethod.errors import InputError, OrientationError, QCError
from qcmethod.lattice import lattice
from qcmethod.lattice.compact import compact
from qcmethod.lattice.oriented import orientation

A = 3.7
PRIMITIVE = {  # rows of a primitive cell, in units of the lattice constant
    "fcc": np.array([[0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]]),
    "bcc": np.array([[-0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0.5, 0.5, -0.5]]),
}
KNOWN = [  # growth or line direction, plane normal, front; A1, row spacing, period in units of a
    ("fcc", (1, 1, -2), (1, 1, 1), (1, -1, 0), 0.375**0.5, 3**-0.5, 0.5**0.5),
    ("fcc", (1, -1, 0), (1, 1, 1), (-1, -1, 2), 0.125**0.5, 3**-0.5, 1.5**0.5),
    ("fcc", (1, 1, 0), (0, 0, 1), (1, -1, 0), 0.5**0.5, 0.5, 0.5**0.5),
    ("fcc", (1, 0, 0), (0, 1, 0), (0, 0, 1), 0.5, 0.5, 1.0),
    ("fcc", (0, 0, 1), (1, 1, 0), (-1, 1, 0), 1.0, 0.125**0.5, 0.5**0.5),
    ("bcc", (1, 0, 0), (0, 1, 0), (0, 0, 1), 1.0, 0.5, 1.0),
    ("bcc", (1, -1, 0), (1, 1, -2), (1, 1, 1), 2**0.5, 6**0.5 / 6, 0.75**0.5),
    ("bcc", (1, 1, 0), (0, 0, 1), (1, -1, 0), 0.5**0.5, 0.5, 2**0.5),
]


@st.composite
def triads(draw, largest=3):
    """Right-handed orthogonal Miller triplets without common divisors."""
    index = st.integers(-largest, largest)
    x = np.array(draw(st.tuples(index, index, index)))
    other = np.array(draw(st.tuples(index, index, index)))
    z = np.cross(x, other)
    assume(z.any())
    y = np.cross(z, x)
    return tuple(tuple((v // np.gcd.reduce(v)).tolist()) for v in (x, y, z))


def sorted_rows(vectors):
    """Rows rounded and ordered, to compare sets of vectors."""
    rounded = np.round(vectors, 8) + 0.0
    return rounded[np.lexsort(rounded.T)]


def assert_is_a_basis_of(crystal, structure):
    """Every row is a lattice vector, and the cell is a primitive one (unimodular)."""
    in_crystal = crystal.basis @ crystal.axes / crystal.constant  # rows in units of a
    integer = in_crystal @ np.linalg.inv(PRIMITIVE[structure])
    np.testing.assert_allclose(integer, np.round(integer), rtol=0, atol=1e-9)
    assert round(np.linalg.det(np.round(integer))) in (-1, 1)
    per_cell = {"fcc": 4, "bcc": 2}[structure]
    assert crystal.site_volume == pytest.approx(crystal.constant**3 / per_cell, rel=1e-12)


@pytest.mark.parametrize("structure, x, y, z, first, spacing, period", KNOWN)
def test_known_orientations(structure, x, y, z, first, spacing, period):
    crystal = lattice.cubic(structure, A, x, y, z)
    assert_is_a_basis_of(crystal, structure)
    assert crystal.basis[0, 0] == pytest.approx(first * A, rel=1e-12)
    assert crystal.basis[1, 1] == pytest.approx(spacing * A, rel=1e-12)
    assert crystal.period == pytest.approx(period * A, rel=1e-12)


@settings(max_examples=30)
@given(structure=st.sampled_from(["fcc", "bcc"]), triad=triads(2))
def test_any_orientation(structure, triad):
    crystal = lattice.cubic(structure, A, *triad)
    np.testing.assert_allclose(crystal.axes @ crystal.axes.T, np.eye(3), rtol=0, atol=1e-14)
    assert np.linalg.det(crystal.axes) == pytest.approx(1.0, rel=1e-12)
    for row, triplet in zip(crystal.axes, triad, strict=True):
        np.testing.assert_allclose(row, np.array(triplet) / np.linalg.norm(triplet), atol=1e-15)
    assert_is_a_basis_of(crystal, structure)
    a1, a2, a3 = crystal.basis
    assert a1[1] == 0.0 and a1[0] > 0.0  # the first vector runs along x when projected
    assert a3[0] == a3[1] == 0.0 and a3[2] > 0.0  # the third is the repeat along z
    assert a2[1] > 0.0 and abs(a2[0]) <= 0.5 * a1[0] * (1.0 + 1e-12)  # reduced against the first
    assert crystal.plane_basis.shape == (2, 2)
    area = crystal.site_volume / crystal.period
    assert np.linalg.det(crystal.plane_basis) == pytest.approx(area, rel=1e-12)


@settings(max_examples=15)
@given(structure=st.sampled_from(["fcc", "bcc"]), triad=triads(2))
def test_columns_and_images_are_all_sites(structure, triad):
    """Positions (i, j) with their images along z are the lattice: none missing, none twice."""
    crystal = lattice.cubic(structure, A, *triad)
    radius = 1.3 * A
    reach = 25
    grid = np.meshgrid(*[np.arange(-reach, reach + 1)] * 2, indexing="ij")
    ij = np.stack([g.ravel() for g in grid], axis=1)
    x = crystal.positions(ij)
    assert (x[:, 2] >= 0.0).all() and (x[:, 2] <= crystal.period).all()
    turns = np.arange(-int(radius / crystal.period) - 2, int(radius / crystal.period) + 2)
    ups = turns[:, None] * [0.0, 0.0, crystal.period]
    sites = (x[None] + ups[:, None]).reshape(-1, 3)
    near = sites[np.linalg.norm(sites, axis=1) < radius]
    n = np.arange(-4, 5)
    index = np.stack([g.ravel() for g in np.meshgrid(n, n, n, indexing="ij")], axis=1)
    expected = A * index @ PRIMITIVE[structure] @ crystal.axes.T
    expected = expected[np.linalg.norm(expected, axis=1) < radius]
    np.testing.assert_allclose(sorted_rows(near), sorted_rows(expected), rtol=0, atol=1e-6)


@pytest.mark.parametrize("structure, x, y, z, first, spacing, period", KNOWN)
@pytest.mark.parametrize("radius", [1.2, 2.3])
def test_shell_against_brute_force(structure, x, y, z, first, spacing, period, radius):
    crystal = lattice.cubic(structure, A, x, y, z)
    half = crystal.shell(radius * A)
    n = np.arange(-8, 9)
    index = np.stack([g.ravel() for g in np.meshgrid(n, n, n, indexing="ij")], axis=1)
    every = A * index @ PRIMITIVE[structure] @ crystal.axes.T
    length = np.linalg.norm(every, axis=1)
    every = every[(length > 1e-9) & (length < radius * A)]
    assert 2 * len(half) == len(every)
    both = sorted_rows(np.concatenate([half, -half]))
    np.testing.assert_allclose(both, sorted_rows(every), rtol=0, atol=1e-7)
    assert (np.diff(np.linalg.norm(half, axis=1)) > -1e-9).all()  # nearest first


def test_shells_of_a_plane_and_a_line():
    plane = lattice.hex2d(1.1)
    assert [len(plane.shell(1.1 * r)) for r in (1.01, 1.74, 2.01, 2.66)] == [3, 6, 9, 15]
    assert not plane.shell(5.0)[:, 2].any()
    line = lattice.chain(0.9)
    np.testing.assert_allclose(line.shell(3.0)[:, 0], [0.9, 1.8, 2.7])
    assert not line.shell(5.0)[:, 1:].any()


def test_plane_and_line_lattices():
    plane, line = lattice.hex2d(1.1), lattice.chain(0.9)
    assert (plane.dim, plane.n_components, line.dim, line.n_components) == (2, 2, 1, 1)
    assert math.isinf(plane.period) and math.isinf(line.period)
    assert plane.site_volume == pytest.approx(1.1**2 * 0.75**0.5, rel=1e-14)
    assert line.site_volume == 0.9
    np.testing.assert_allclose(
        plane.positions(np.array([[2, 0], [0, 2]])), [[2.2, 0, 0], [1.1, 1.1 * 3**0.5, 0]]
    )
    np.testing.assert_allclose(line.positions(np.array([[-3]])), [[-2.7, 0, 0]])


# --- refusals ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "triad, argument",
    [
        (((1, 1, 0), (1, 0, 0), (0, 0, 1)), "x, y"),
        (((1, 0, 0), (0, 1, 0), (0, 1, 1)), "y, z"),
        (((1, 0, 0), (0, 1, 0), (1, 0, 1)), "x, z"),
        (((0, 1, 0), (1, 0, 0), (0, 0, 1)), "x, y, z"),
        (((1, 0, 0), (0, 0, 0), (0, 0, 1)), "y"),
        (((1, 0), (0, 1, 0), (0, 0, 1)), "x"),
        (((1, 0, 0), (0, 1, 0), (0, 0, 0.5)), "z"),
    ],
    ids=["x.y", "y.z", "x.z", "left-handed", "zero", "two numbers", "not integer"],
)
@pytest.mark.parametrize("structure", ["fcc", "bcc"])
def test_impossible_orientations(structure, triad, argument):
    with pytest.raises(OrientationError) as refused:
        lattice.cubic(structure, A, *triad)
    assert refused.value.argument == argument
    assert refused.value.expected and refused.value.hint
    assert isinstance(refused.value, (QCError, ValueError))


def test_left_handed_hint_is_right_handed():
    with pytest.raises(OrientationError) as refused:
        orientation((1, 1, -2), (1, 1, 1), (-1, 1, 0))
    assert refused.value.hint == "z=(1, -1, 0)"
    assert np.linalg.det(orientation((1, 1, -2), (1, 1, 1), (1, -1, 0))) > 0.0


def test_indices_are_counted_in_lowest_terms():
    same = lattice.cubic("fcc", A, (1000, 0, 0), (0, 7000, 0), (0, 0, 30))
    np.testing.assert_array_equal(same.basis, lattice.cubic("fcc", A, *np.eye(3, dtype=int)).basis)
    with pytest.raises(OrientationError, match=r"^x, y, z: .*up to 60 in lowest terms"):
        lattice.cubic("fcc", A, (61, 1, 0), (-1, 61, 0), (0, 0, 1))


def test_unknown_structure():
    with pytest.raises(InputError) as refused:
        lattice.cubic("hcp", A, (1, 0, 0), (0, 1, 0), (0, 0, 1))
    assert refused.value.argument == "structure" and refused.value.given == "hcp"


@pytest.mark.parametrize(
    "triplet",
    [
        (float("nan"), 0, 0),
        (float("inf"), 0, 1),
        "abc",
        None,
        ((1, 0, 0),),
        ("1", "1", "1"),
        [[1, 2], [3]],
        (True, False, False),
        {1: 0, 0: 0, 2: 0},
        np.eye(3),
        (10**400, 0.5, 0),
        7,
    ],
)
def test_directions_that_are_none(triplet):
    with pytest.raises(OrientationError):
        orientation(triplet, (0, 1, 0), (0, 0, 1))


@settings(max_examples=60)
@given(triad=triads(4), power=st.integers(20, 400), pair=st.sampled_from([(0, 1), (1, 2), (0, 2)]))
def test_products_of_directions_do_not_overflow(triad, power, pair):
    """Multiples of a direction, as far as numbers go, are that direction; what is not orthogonal
    stays so, whatever power of two its product is a multiple of."""
    assume(max(abs(h) for row in triad for h in row) <= 60)
    n = 2**power
    multiples = [tuple(n * h for h in row) for row in triad]
    assert orientation(*multiples) == orientation(*triad)
    one, other = pair
    skew = list(multiples)
    skew[other] = tuple(a + b for a, b in zip(multiples[one], multiples[other], strict=True))
    with pytest.raises(OrientationError, match="expected orthogonal directions"):
        orientation(*skew)


def test_whole_numbers_of_any_type_are_directions():
    exact = orientation((1, 1, -2), (1, 1, 1), (1, -1, 0))
    for kind in (np.int8, np.int64, np.float64):
        x, y, z = (np.array(row, dtype=kind) for row in exact)
        assert orientation(x, list(y), tuple(z)) == exact


@settings(max_examples=40)
@given(structure=st.sampled_from(["fcc", "bcc"]), triad=triads(4), radius=st.floats(0.5, 2.0))
def test_a_shell_in_a_frame_of_high_indices_is_that_of_the_cube(structure, triad, radius):
    """As many vectors of the same lengths, in a compact basis of the same lattice."""
    assume(max(abs(h) for row in triad for h in row) <= 60)
    turned = lattice.cubic(structure, A, *triad)
    cube = lattice.cubic(structure, A, (1, 0, 0), (0, 1, 0), (0, 0, 1))
    shell, expected = turned.shell(radius * A), cube.shell(radius * A)
    assume(abs(np.linalg.norm(cube.shell(2.1 * A), axis=1) - radius * A).min() > 1e-9)
    np.testing.assert_allclose(np.linalg.norm(shell, axis=1), np.linalg.norm(expected, axis=1))
    steps = compact(turned.basis)
    assert round(abs(np.linalg.det(steps))) == 1
    short = np.linalg.norm(steps @ turned.basis, axis=1)
    assert short.max() <= 1.5 * A  # the edge of the cube is A


@pytest.mark.parametrize("radius", [1e4, 1e12, 1e300])
def test_a_shell_of_too_many_vectors_is_refused(radius):
    for crystal in (lattice.cubic("fcc", A, *np.eye(3, dtype=int)), lattice.hex2d(1e-3)):
        with pytest.raises(InputError, match=r"^radius: .*fewer than 1e\+07 lattice vectors"):
            crystal.shell(radius)


@settings(max_examples=30)
@given(structure=st.sampled_from(["fcc", "bcc"]), triad=triads(3), squeeze=st.floats(0.85, 1.1))
def test_how_far_columns_see_each_other(structure, triad, squeeze):
    """Against all vectors in a ball: at F a bond is a cut-off long, before F it may be longer."""
    assume(max(abs(h) for row in triad for h in row) <= 60)
    crystal, cutoff = lattice.cubic(structure, A, *triad), 1.4 * A
    F = np.array([[squeeze, 0.04, 0.0], [-0.02, 1.01, 0.0], [0.0, 0.0, 1.0]])
    every = crystal.shell(2.0 * cutoff)
    bonds = every[np.linalg.norm(every @ F.T, axis=1) < cutoff]
    assert crystal.seen(cutoff, F) == pytest.approx(np.hypot(*bonds[:, :2].T).max(), rel=1e-12)
