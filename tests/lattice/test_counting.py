"""Sites are counted without a list, and the count is that of the list."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import qcmethod as qc
from qcmethod.errors import InputError
from qcmethod.lattice import counting
from qcmethod.lattice.counting import count
from qcmethod.lattice.lattice import chain, cubic, hex2d
from qcmethod.lattice.shapes import Below, Box, Tube
from qcmethod.lattice.sites import sites_in
from qcmethod.problems.example import EXAMPLES

LATTICES = [
    chain(1.1),
    hex2d(1.0),
    cubic("fcc", 4.03, (1, 1, -2), (1, 1, 1), (1, -1, 0)),
    cubic("bcc", 3.16, (1, -1, 0), (1, 1, -2), (1, 1, 1)),
]


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from(LATTICES),
    st.floats(0.01, 60.0),
    st.tuples(st.floats(-3.0, 3.0), st.floats(-3.0, 3.0)),
    st.floats(-70.0, 70.0),
)
def test_the_count_is_that_of_the_list(lattice, radius, place, height) -> None:
    basis, origin = lattice.basis[: lattice.dim], np.array([*place, 0.0])
    for region in (Tube(radius), Tube(radius, place), Tube(radius) & Below(height)):
        if lattice.dim == 1:
            origin[1] = 0.0
        assert count(basis, region, origin) == len(sites_in(basis, region, origin))


def test_sites_on_the_rim_belong_to_it() -> None:
    """Gauss: points of the square lattice with x^2 + y^2 <= r^2, r = 0 ... 10, and r = 1000."""
    square = np.eye(3)[:2]
    counts = [count(square, Tube(float(r)), np.zeros(3)) for r in range(11)]
    assert counts == [1, 5, 13, 29, 49, 81, 113, 149, 197, 253, 317]
    assert count(square, Tube(1000.0), np.zeros(3)) == 3141549


def test_blocks_and_regions_without_chords(monkeypatch) -> None:
    square, box = np.eye(3)[:2], Box((-3.2, -2.1), (4.7, 5.0))
    assert count(square, box, np.zeros(3)) == 8 * 8
    monkeypatch.setattr(counting, "BLOCK", 7)
    assert count(square, Tube(10.0), np.zeros(3)) == 317
    # a chord of the box, of which the ends are not in the region
    assert count(square, box & Tube(2.0).grown(0.5), np.zeros(3)) == 21
    with pytest.raises(InputError, match="bounded"):
        count(square, Below(0.0), np.zeros(3))


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_problem_counts_its_domain(name: str) -> None:
    problem = EXAMPLES[name]()
    assert problem.n_sites == len(problem.sites(problem.domain))
    assert type(problem.n_sites) is int


def test_a_micrometre_of_aluminium() -> None:
    """pi R^2 over the area of a column is 54,655,769: sum w + sum omega is 29 % more."""
    crystal = qc.Crystal.fcc(
        qc.load_potential("Al-Ercolessi-1994"), x=(1, 1, -2), y=(1, 1, 1), z=(1, -1, 0)
    )
    system = qc.couple(qc.crack(crystal, KI=0.42, extent=1e4), "bgfc", core=25.0, blend=15.0)
    assert system.n_sites == 54_655_801
    assert system.represented == pytest.approx(7.025e7, rel=1e-3)
    column = abs(np.linalg.det(crystal.lattice.plane_basis))
    assert system.n_sites == pytest.approx(np.pi * 1e8 / column, rel=1e-6)
