"""What has happened in a state: a slip put in by hand is found, with its vector and place."""

from __future__ import annotations

import numpy as np
import pytest

import qcmethod as qc
from qcmethod.solve.solution import evaluated


@pytest.fixture(scope="module")
def aluminium():
    potential = qc.load_potential("Al-Ercolessi-1994")
    return qc.Crystal.fcc(potential, x=(1, 1, -2), y=(1, 1, 1), z=(1, -1, 0))


def state(problem, slipped):
    """All atoms at the predictor, those of a region moved besides: `slipped` of x_k gives u_k."""
    system = qc.couple(problem, "atomistic")
    return evaluated(system, slipped(system.body.x_k))


def sheared(crystal, length):
    """Slip by a/6[1 1 2] on (1 1 -1) from the tip, over a length: the corner above it moves."""
    n = crystal.lattice.axes @ (1, 1, -1) / np.sqrt(3.0)
    b = crystal.lattice.axes @ (1, 1, 2) * crystal.lattice_constant / 6.0
    along = b / np.linalg.norm(b)
    along = along if along[1] < 0.0 else -along  # downwards, ahead of the tip

    def slipped(x):
        s, h = x @ along, (x - (0.1, 0.0, 0.0)) @ n
        return np.outer((h > 0.0) & (s > 0.0) & (s < length), b)

    return slipped


def test_an_intact_tip_has_no_events(aluminium):
    solution = state(qc.crack(aluminium, KI=0.42, extent=40.0), np.zeros_like)
    assert solution.events() == ()
    assert "events" not in solution.summary() and "emission" not in repr(solution)


def test_a_partial_that_left_the_tip_is_named(aluminium):
    problem = qc.crack(aluminium, KI=0.42, extent=60.0)
    solution = state(problem, sheared(aluminium, 30.0))
    first = solution.events()[0]
    assert first.kind == "emission"
    assert (first.slip.name, first.slip.burgers) == ("Shockley partial", "a/6[1 1 2]")
    assert first.slip.plane == (1, 1, -1)
    expected = aluminium.lattice.axes @ (1, 1, 2) * aluminium.lattice_constant / 6.0
    np.testing.assert_allclose(first.slip.vector, expected, atol=0.05)
    assert np.hypot(*first.slip.end) == pytest.approx(30.0, abs=3.0)
    assert "emission: Shockley partial a/6[1 1 2]" in repr(solution)
    assert solution.summary()["events"].startswith("emission: Shockley partial")


def test_slip_without_a_crack_is_slip(aluminium):
    solution = state(qc.homogeneous(aluminium, extent=60.0), sheared(aluminium, 30.0))
    assert solution.tip is None
    assert solution.events()[0].kind == "slip"


def test_a_chain_has_no_slip_planes():
    problem = qc.homogeneous(qc.Crystal.chain(qc.load_potential("LJ")), extent=60.0)
    assert state(problem, np.zeros_like).events() == ()


@pytest.mark.slow
def test_all_atoms_above_the_load_of_emission_say_so(aluminium):
    """LAMMPS: a partial leaves this tip between 0.44625 and 0.44725 (docs/emission.md)."""
    system = qc.couple(qc.crack(aluminium, KI=0.455, extent=100.0), "atomistic")
    solution = qc.relax(system, fmax=1e-4)
    assert [event.kind for event in solution.events()] == ["emission"]
    assert solution.events()[0].slip.burgers == "a/6[1 1 2]"
