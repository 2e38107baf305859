"""Every element is one, and an element is one file: P2 with three points as an example."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import qcmethod as qc
from qcmethod.errors import InputError
from qcmethod.mesh.element import ELEMENTS, element
from qcmethod.mesh.elements.p2 import P2
from qcmethod.testing import check_element

# --- an element in one file: from here ----------------------------------------------------------


def midpoints(dim):
    """Degree 2: the middles of the edges of a triangle, two points of Gauss on an interval."""
    if dim == 2:
        return 0.5 * (1.0 - np.eye(3)), np.full(3, 1.0 / 3.0)
    s = 0.5 / np.sqrt(3.0)
    return np.array([[0.5 - s, 0.5 + s], [0.5 + s, 0.5 - s]]), np.full(2, 0.5)


FEWER = replace(P2, name="P2 at midpoints", rule=midpoints, degree=2)


# --- to here --------------------------------------------------------------------------------------


@pytest.fixture
def registered(monkeypatch):
    monkeypatch.setattr(ELEMENTS, "_known", {**ELEMENTS})
    return element(FEWER)


@pytest.mark.parametrize("name", ELEMENTS)
def test_every_element_is_one(name):
    assert len(check_element(name)) == 14


def test_an_element_of_a_user(registered):
    """It is checked, coupled by its name, and as good as the one that it resembles."""
    check_element("P2 at midpoints")
    crystal = qc.Crystal.hex2d(qc.load_potential("toy2d-c10"))
    problem = qc.vacancy(crystal, [[1.0, 0.02], [0.0, 1.03]], extent=40.0)
    energies = {}
    for name in ("P2", "P2 at midpoints", "P1"):
        system = qc.couple(problem, "bgfc", 4.0, 4.0, elements=name)
        assert system.body.elements == name
        qc.testing.assert_patch_test(system, at="reference")
        energies[name] = qc.relax(system, fmax=1e-8).energy
    assert energies["P2 at midpoints"] != energies["P2"]
    assert energies["P2 at midpoints"] == pytest.approx(energies["P2"], abs=1e-6)
    with pytest.raises(qc.errors.CouplingError, match="P2 at midpoints"):
        qc.couple(problem, "bgfc", 4.0, 4.0, elements="P3")


def test_a_file_whose_element_is_not_there_says_so(registered, tmp_path, monkeypatch):
    """The file is whole: what is missing is the script that added the element."""
    crystal = qc.Crystal.hex2d(qc.load_potential("toy2d-c10"))
    problem = qc.vacancy(crystal, [[1.0, 0.02], [0.0, 1.03]], extent=25.0)
    solution = qc.relax(qc.couple(problem, "bgfc", 4.0, 4.0, elements="P2 at midpoints"))
    file = solution.write(tmp_path / "a.npz")
    assert repr(qc.load(file)) == repr(solution)
    monkeypatch.setattr(ELEMENTS, "_known", {"P1": ELEMENTS["P1"], "P2": P2})
    with pytest.raises(InputError, match=r"elements: got 'P2 at midpoints'.*run the script"):
        qc.load(file)


def lame_slopes(barycentric, gradients):
    return 1.001 * P2.slopes(barycentric, gradients)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (replace(P2, slopes=lame_slopes), "slopes"),
        (replace(P2, order=3), "order"),
        (replace(FEWER, degree=4), "quadrature"),
        (replace(ELEMENTS["P1"], order=2), "order"),
        (replace(P2, values=lambda b: 2.0 * P2.values(b)), "unity"),
    ],
)
def test_what_is_no_element_is_found(wrong, message):
    with pytest.raises(AssertionError, match=message):
        check_element(wrong)
