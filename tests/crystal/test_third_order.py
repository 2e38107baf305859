"""Elastic constants of third order against energies, moduli under pressure, and symmetries."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from mirror import mirrored

import qcmethod as qc
from qcmethod.crystal.laws.tabulated import tabulated
from qcmethod.crystal.third_order import CUBIC, _differences
from qcmethod.errors import InputError
from qcmethod.units import GPA

SMOOTH = ["W-Zhou-2004", "Cu-Zhou-2004", "Ar-Bernardes-1958"]
TURNED = {
    "fcc": {"x": (1, 1, -2), "y": (1, 1, 1), "z": (1, -1, 0)},
    "bcc": {"x": (1, -1, 0), "y": (1, 1, 0), "z": (0, 0, 1)},
}


def made(name, **options):
    potential = qc.load_potential(name)
    return getattr(qc.Crystal, potential.structure)(potential, **options)


def gradient(E):
    """The symmetric F of a Green strain."""
    values, modes = np.linalg.eigh(np.eye(3) + 2.0 * E)
    return (modes * np.sqrt(values)) @ modes.T


@pytest.mark.parametrize("name", SMOOTH)
def test_third_derivatives_of_energies(name):
    """d^3 W(t N)/dt^3 = C_ijklmn N_ij N_kl N_mn, by differences of energies in other directions."""
    crystal = made(name, **TURNED[qc.load_potential(name).structure])
    C = crystal.elastic_constants(order=3)
    rng = np.random.default_rng(7)
    for _ in range(4):
        N = rng.normal(size=(3, 3))
        N = (N + N.T) / np.linalg.norm(N + N.T)

        def third(h, N=N):
            W = [crystal.energy_density(gradient(s * h * N)) for s in (2.0, 1.0, -1.0, -2.0)]
            return np.dot([1.0, -2.0, 2.0, -1.0], W) / (2.0 * h**3)

        expected = (4.0 * third(5e-3) - third(1e-2)) / 3.0
        found = np.einsum("ijklmn,ij,kl,mn->", C.tensor, N, N, N)
        assert found == pytest.approx(expected, abs=1e-3 * np.abs(C.tensor).max())


@pytest.mark.parametrize("name", SMOOTH)
def test_moduli_under_pressure(name):
    """Moduli of the same crystal at other lattice constants, s a: with eta = (s^2 - 1)/2

    dC11/deta = C111 + 2 C112,    dC12/deta = 2 C112 + C123,    dC44/deta = C144 + 2 C166
    """
    a = made(name).lattice_constant
    third = made(name).elastic_constants(3).gpa()

    def second(s):
        crystal = made(name, a=s * a)
        # a site of the crystal at rest that is strained by s, over its volume at rest: with
        # F = s F' the tangent is A' s^3/s^2 and the stress P' s^3/s, of which S is 1/s
        A = crystal.tangent(np.eye(3)) * s
        S = crystal.stress(np.eye(3)) * s
        C = (A - np.einsum("ab,ij->aibj", np.eye(3), S)) / s**2
        return np.array([C[0, 0, 0, 0], C[0, 0, 1, 1], C[1, 2, 1, 2]])

    def slope(h):
        ahead, behind = (second(np.sqrt(1.0 + 2.0 * eta)) for eta in (h, -h))
        return (ahead - behind) / (2.0 * h)

    found = (4.0 * slope(1e-3) - slope(2e-3)) / 3.0 / GPA
    expected = [
        third["C111"] + 2.0 * third["C112"],
        2.0 * third["C112"] + third["C123"],
        third["C144"] + 2.0 * third["C166"],
    ]
    np.testing.assert_allclose(found, expected, rtol=1e-3)


@pytest.mark.parametrize("name", ["W-Zhou-2004", "Al-Ercolessi-1994"])
def test_symmetries(name):
    """All orders of pairs and of the indices of a pair; six constants in the axes of the cube,
    the same in whatever axes the crystal lies."""
    structure = qc.load_potential(name).structure
    C = made(name, **TURNED[structure]).elastic_constants(order=3)
    T, scale = C.tensor, np.abs(C.tensor).max()
    for i, j, k in permutations([(0, 1), (2, 3), (4, 5)]):
        assert np.abs(T - T.transpose(*i, *j, *k)).max() < 1e-12 * scale
    assert np.abs(T - T.transpose(1, 0, 2, 3, 4, 5)).max() < 1e-12 * scale
    assert C.voigt().shape == (6, 6, 6)
    straight = made(name).elastic_constants(order=3)
    if name == "W-Zhou-2004":  # the mean of two sides is no tensor
        assert np.abs(C.in_crystal - straight.tensor).max() < C.error + straight.error
    others = straight.voigt().copy()
    images = [(0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)]
    for v in CUBIC.values():
        for turn in images:
            place = [*turn, *(3 + t for t in turn)]
            for order in permutations(place[u] for u in v):
                others[order] = 0.0
    assert np.abs(others).max() < max(straight.error, 1e-9 * scale)


def test_a_pair_potential_has_three_constants():
    """Every index may change its place in a sum of R R R R R R: C112 = C166, C123 = C144 = C456
    (Cauchy's relations of third order)."""
    third = made("Ar-Bernardes-1958").elastic_constants(order=3).gpa()
    scale = 1e-5 * abs(third["C111"])
    assert third["C112"] == pytest.approx(third["C166"], abs=scale)
    assert third["C123"] == pytest.approx(third["C144"], abs=scale)
    assert third["C123"] == pytest.approx(third["C456"], abs=scale)
    assert abs(third["C112"] - third["C123"]) > 100.0 * scale


@pytest.mark.parametrize("name", ["W-Zhou-2004", "Cu-Zhou-2004", "Al-Ercolessi-1994"])
def test_the_table_has_the_same(name):
    """The cubic coefficients of the fitted polynomial: within what is said of an engine's."""
    native = made(name)
    other = qc.Crystal(mirrored(native.potential), native.lattice)
    own, fitted = (c.elastic_constants(order=3) for c in (native, other))
    assert np.isnan(fitted.kink)
    differ = np.abs(own.tensor - fitted.tensor).max()
    assert 0.0 < differ < own.error + fitted.error
    assert fitted.error < 0.25 * np.abs(own.tensor).max()


def test_a_kink_is_told():
    """Splines whose knots lie on distances of neighbours have two third derivatives."""
    names = ("W-Zhou-2004", "W-Ackland-1987")
    smooth, spline = (made(n, **TURNED["bcc"]).elastic_constants(order=3) for n in names)
    assert smooth.kink < 1e-5 * np.abs(smooth.tensor).max() and smooth.error < 1e-3
    assert spline.kink > 0.1 * np.abs(spline.tensor).max()


def test_it_reads_well_and_refuses():
    crystal = made("W-Zhou-2004")
    third = crystal.elastic_constants(order=3)
    assert list(third.gpa()) == ["C111", "C112", "C123", "C144", "C166", "C456"]
    assert repr(third).startswith("ThirdOrderConstants(C111=-4128, C112=-1146, C123=-1123")
    for order in (1, 4, "3", True):
        with pytest.raises(InputError, match=r"^order: "):
            crystal.elastic_constants(order=order)
    plane = qc.Crystal.hex2d(qc.load_potential("toy2d-c10"))
    with pytest.raises(InputError, match=r"^order: got 3, expected 2: a hex2d crystal"):
        plane.elastic_constants(order=3)


def test_the_error_of_the_differences_is_one():
    """A table knows its cubic terms exactly: what differences make of them is within the error."""
    law = tabulated(made("W-Zhou-2004"))
    C, error, kink = _differences(law)
    for v in CUBIC.values():
        x = np.bincount(v, minlength=6)
        (m,) = np.flatnonzero((law.table.exponents == x).all(axis=1))
        factorial = np.prod([1.0 if n < 2 else 2.0 if n == 2 else 6.0 for n in x])
        assert C[v] == pytest.approx(law.table.c[m] * factorial, abs=error)
    assert kink < 1e-4 * np.abs(C).max()
