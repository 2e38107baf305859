"""Crystals of an engine that gives forces alone are those of the form that it mirrors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from mirror import ALL, FORCES, Mirror, mirrored

import qcmethod as qc
from qcmethod.crystal.stability import margin
from qcmethod.errors import EngineError, InputError, UnstableCrystalError

AXES = {
    "fcc": {"x": (1, 1, -2), "y": (1, 1, 1), "z": (1, -1, 0)},
    "bcc": {"x": (1, -1, 0), "y": (1, 1, 0), "z": (0, 0, 1)},
}


@pytest.fixture(scope="module", params=["Al-Ercolessi-1994", "W-Zhou-2004"])
def pair(request):
    native = qc.load_potential(request.param)
    made = getattr(qc.Crystal, native.structure)
    axes = AXES[native.structure]
    return made(native, **axes), made(mirrored(native, FORCES), **axes)


def test_at_rest_in_a_few_cells(pair):
    native, other = pair
    assert abs(native.lattice_constant - other.lattice_constant) < 1e-10
    again = mirrored(native.potential, FORCES)
    getattr(qc.Crystal, native.lattice.structure)(again)
    assert len(again.engine.calls) <= 12


def test_at_rest_without_a_guess():
    native = qc.load_potential("Cu-Zhou-2004")
    told = mirrored(native)
    blind = qc.Potential.of_engine(told.engine, "fcc")
    found = qc.Crystal.fcc(blind).lattice_constant
    assert abs(found - qc.Crystal.fcc(native).lattice_constant) < 1e-10
    with pytest.raises(UnstableCrystalError, match="no stress-free fcc crystal"):
        qc.Crystal.fcc(qc.Potential.of_engine(told.engine, "fcc", 2.2))
    with pytest.raises(EngineError, match="no unit cell in space"):
        qc.Crystal.hex2d(told)


def test_moduli_and_margins(pair):
    native, other = pair
    a, b = native.elastic_constants(), other.elastic_constants()
    assert np.abs(a.tensor - b.tensor).max() < 1e-6 * a.C11
    F = np.eye(3)[None]
    for long in (True, False):
        one, two = (float(margin(c, F, long=long)[0]) for c in pair)
        assert abs(one - two) < 1e-6 * one


def test_phonons_from_displaced_atoms(pair):
    native, other = (c.phonons(points=6) for c in pair)
    assert np.abs(native.frequencies - other.frequencies).max() < 1e-5


def test_surfaces_and_faults_of_a_film(pair):
    native, other = pair
    a, b = qc.surface_energy(native), qc.surface_energy(other)
    assert abs(a.gamma - b.gamma) < 1e-10 and abs(a.unrelaxed - b.unrelaxed) < 1e-10
    assert abs(a.tension - b.tension) < 1e-8
    assert np.abs(a.relaxation - b.relaxation).max() < 1e-8
    one, two = (qc.gamma_line(c, points=5) for c in pair)
    assert np.abs(one.energy - two.energy).max() < 1e-10
    assert np.abs(one.slope - two.slope).max() < 1e-8


def test_loads_of_a_crack(pair):
    native, other = pair
    for load in (qc.griffith_load, qc.rice_load):
        assert load(other) == pytest.approx(load(native), rel=1e-8)


# --- is it a potential ----------------------------------------------------------------------------


@pytest.mark.parametrize("can", [FORCES, ALL], ids=["forces", "energies"])
def test_a_mirror_is_a_potential(can):
    found = qc.testing.check_potential(mirrored(qc.load_potential("W-Zhou-2004"), can))
    assert ("E = sum w V" in found) == (can == ALL) and "E'' v" not in found
    assert found["reach"] == 0.0 and found["A = dP/dF"] < 1e-7


@dataclass(frozen=True)
class Lying(Mirror):
    """A mirror that is wrong in one thing."""

    wrong: str = ""

    reach = property(lambda self: 1 if self.wrong == "reach" else self.of.reach)

    def session(self, y, cell, periodic, species, weights=None):
        session = super().session(y, cell, periodic, species, weights)
        honest = session.at

        def at(y, cell=None):
            E, g = honest(y, cell)
            if self.wrong == "energy":
                return 1.001 * E, g
            if self.wrong == "frame":
                return E + 1e-3 * float(y[:, 0].sum()), g + np.array([1e-3, 0.0, 0.0])
            return E, g

        session.at = at
        return session


@pytest.mark.parametrize(
    ("wrong", "what"), [("reach", "reach"), ("energy", "dE/dx"), ("frame", "Q dE/dx")]
)
def test_a_wrong_engine_is_found(wrong, what):
    engine = Lying(qc.load_potential("Al-Ercolessi-1994"), FORCES, [], wrong)
    potential = qc.Potential.of_engine(engine, "fcc", 4.03)
    with pytest.raises(AssertionError, match=f"{what}: .*expected at most"):
        qc.testing.check_potential(potential)


def test_smoothness_of_an_engine_is_not_seen(pair):
    with pytest.raises(
        InputError, match=r"smooth: got 1, expected None: mirror of .* is an engine"
    ):
        qc.testing.check_potential(pair[1].potential, smooth=1)
