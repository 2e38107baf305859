"""The tabulated law against the cells that it stands for, on disk and in a crack."""

from __future__ import annotations

import json

import numpy as np
import pytest
from mirror import mirrored

import qcmethod as qc
from qcmethod.crystal.law import LAWS
from qcmethod.crystal.laws import tabulated as module
from qcmethod.crystal.laws.tabulated import BEGINS, ORDER, TOLERANCE, Tabulated, tabulated
from qcmethod.crystal.table import cache
from qcmethod.crystal.table.fit import fitted_within
from qcmethod.crystal.table.polynomial import monomials, orbits
from qcmethod.errors import CouplingError, InvertedCellError
from qcmethod.testing import check_law

CRYSTALS = {
    "Al-Ercolessi-1994": ("fcc", (1, 1, -2), (1, 1, 1), (1, -1, 0)),
    "W-Ackland-1987": ("bcc", (1, -1, 0), (1, 1, 0), (0, 0, 1)),
    "W-Zhou-2004": ("bcc", (1, -1, 0), (1, 1, 0), (0, 0, 1)),
    "Cu-Zhou-2004": ("fcc", (1, 1, -2), (1, 1, 1), (1, -1, 0)),
}
SPLINES = ("Al-Ercolessi-1994", "W-Ackland-1987")
AXES = CRYSTALS["W-Zhou-2004"][1:]


def made(name):
    structure, *axes = CRYSTALS[name]
    return getattr(qc.Crystal, structure)(qc.load_potential(name), *axes)


def of_order(crystal, order, within):
    """The law of one order and one range, whatever its error."""
    usual = tabulated(crystal)
    table = fitted_within(usual.true, usual.axes, order, within)
    return Tabulated(table, usual.true, usual.axes, usual.at_rest)


@pytest.fixture(scope="module")
def tungsten():
    return made("W-Zhou-2004")


def largest(P):
    return float(np.linalg.norm(P, axis=(1, 2)).max())


def norms(F):
    return np.linalg.norm(0.5 * (np.swapaxes(F, 1, 2) @ F - np.eye(3)), axis=(1, 2))


def test_a_cube_has_3_6_and_11_invariants():
    """Independent elastic constants of second, third and fourth order of a cubic crystal of the
    higher class (Brugger 1964)."""
    exponents = monomials(4)
    orbit, _ = orbits(exponents)
    degree = exponents.sum(axis=1)
    counts = [len(set(orbit[(degree == d) & (orbit >= 0)])) for d in (2, 3, 4)]
    assert counts == [3, 6, 11]


@pytest.mark.parametrize("name", CRYSTALS)
def test_gradients_up_to_one_percent(name):
    """What is asked of the stress on other gradients: 5e-3 of splines, 1e-3 of smooth forms, of one
    table for all of them and of the usual law."""
    crystal = made(name)
    F = np.eye(3) + np.random.default_rng(11).uniform(-0.01, 0.01, (500, 3, 3))
    usual = tabulated(crystal)
    P = usual.true.at(F).P
    for one in (of_order(crystal, ORDER, 0.02), usual):
        assert largest(one.at(F).P - P) < (5e-3 if name in SPLINES else 1e-3) * largest(P)
    assert usual.error <= TOLERANCE
    assert (usual.range < 0.02) == (name in SPLINES)  # kinks of their third derivatives


@pytest.mark.parametrize("name", ["Al-Ercolessi-1994", "W-Zhou-2004"])
def test_the_error_is_that_of_other_cells(name):
    """What the law says of itself holds at other strains, up to the luck of a draw."""
    one = tabulated(made(name))
    G = np.random.default_rng(5).normal(size=(400, 3, 3))
    F = np.eye(3) + 0.8 * one.range * G / np.linalg.norm(G, axis=(1, 2))[:, None, None]
    F = F[norms(F) ** 2 < BEGINS * one.range**2]
    P = one.true.at(F).P
    assert 0.0 < largest(one.at(F).P - P) < 2.0 * one.error * largest(P)


def test_beyond_its_range_it_is_the_true_law(tungsten):
    one = tabulated(tungsten)
    far = np.diag([1.05, 1.0, 0.95])[None]
    assert norms(far) > one.range
    found, true = one.at(far), one.true.at(far)
    A = one.true.tangent(far, true)
    np.testing.assert_allclose(found.W, true.W, rtol=1e-14)
    np.testing.assert_allclose(found.P, true.P, atol=1e-13)
    np.testing.assert_allclose(one.tangent(far, found), A, atol=1e-12 * np.abs(A).max())
    np.testing.assert_array_equal(one.trust(far), one.true.trust(far))
    with pytest.raises(InvertedCellError):
        one.at(np.diag([-1.0, 1.0, 1.0])[None])


@pytest.mark.parametrize("strain", [0.03, 0.009, 0.002])
@pytest.mark.parametrize("name", ["Al-Ercolessi-1994", "W-Zhou-2004"])
def test_it_is_a_law_inside_of_its_range_on_the_ramp_and_beyond(name, strain):
    crystal = made(name)
    check_law(of_order(crystal, 4, 0.02), crystal, strain=strain, tolerance=1e-6)


def test_on_the_ramp_it_is_one_energy(tungsten):
    """Along a line through both ends W is the integral of P. A cubic table makes it felt."""
    one = of_order(tungsten, 3, 0.02)
    G = np.array([[0.6, 0.3, 0.1], [-0.2, 0.5, 0.2], [0.1, 0.4, -0.7]])
    t = np.linspace(0.0, 0.02, 2001)
    F = np.eye(3) + t[:, None, None] * G
    assert norms(F).min() < BEGINS**0.5 * one.range < one.range < norms(F).max()
    found, true = one.at(F), one.true.at(F)
    work = np.einsum("qai,ai->q", found.P, G)
    rise = np.cumsum(0.5 * (work[1:] + work[:-1]) * np.diff(t))
    np.testing.assert_allclose(found.W[1:] - found.W[0], rise, atol=1e-8)
    assert np.abs(found.W - true.W).max() > 1e-7
    assert np.abs(np.diff(found.P, axis=0)).max() < 2.0 * np.abs(np.diff(true.P, axis=0)).max()


def test_its_moduli_are_those_of_the_crystal(tungsten):
    one, F = tabulated(tungsten), np.eye(3)[None]
    A = one.tangent(F, one.at(F))[0] / tungsten.lattice.site_volume
    C = tungsten.elastic_constants()
    assert np.abs(A - C.tensor).max() < 1e-8 * C.C11
    np.testing.assert_allclose(A, A.transpose(1, 0, 2, 3), atol=1e-9 * C.C11)


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    """An empty folder of tables, and what was fitted since."""
    fits, fitted = [], module.fitted

    def counted(*args):
        fits.append(args)
        return fitted(*args)

    monkeypatch.setattr(module, "fitted", counted)
    monkeypatch.setenv("QCMETHOD_CACHE", str(tmp_path))
    module._of.cache_clear()
    yield tmp_path / "laws", fits
    module._of.cache_clear()


def test_it_is_kept_on_disk(tungsten, shelf):
    folder, fits = shelf
    one = tabulated(tungsten)
    module._of.cache_clear()
    two = tabulated(tungsten)
    assert len(fits) == 1 and len(list(folder.glob("*.json"))) == 1
    np.testing.assert_array_equal(one.table.c, two.table.c)
    np.testing.assert_array_equal(one.table.exponents, two.table.exponents)
    assert (one.error, one.range, one.at_rest) == (two.error, two.range, two.at_rest)


@pytest.mark.parametrize(
    "other",
    [
        lambda: made("Al-Ercolessi-1994"),
        lambda: qc.Crystal.bcc(qc.load_potential("W-Zhou-2004")),
        lambda: qc.Crystal.bcc(qc.load_potential("W-Zhou-2004"), *AXES, a=3.17),
    ],
    ids=["potential", "axes", "constant"],
)
def test_another_crystal_is_another_table(tungsten, shelf, other):
    folder, fits = shelf
    tabulated(tungsten)
    tabulated(other())
    assert len(fits) == 2 and len(list(folder.glob("*.json"))) == 2


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[:200],
        lambda text: "",
        lambda text: text.replace("1", "2", 1),
        lambda text: json.dumps({"sha256": "0"}),
    ],
    ids=["cut", "empty", "a digit", "nothing"],
)
def test_a_damaged_file_is_made_anew(tungsten, shelf, damage):
    folder, fits = shelf
    one = tabulated(tungsten)
    (path,) = folder.glob("*.json")
    sound = path.read_text()
    path.write_text(damage(sound))
    module._of.cache_clear()
    two = tabulated(tungsten)
    assert len(fits) == 2 and path.read_text() == sound
    np.testing.assert_array_equal(one.table.c, two.table.c)


def test_a_disk_that_takes_nothing_costs_time_alone(tungsten, shelf, monkeypatch):
    monkeypatch.setenv("QCMETHOD_CACHE", "/proc/none")
    assert tabulated(tungsten).error < TOLERANCE


def test_the_folder_is_that_of_caches(monkeypatch, tmp_path):
    monkeypatch.delenv("QCMETHOD_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache.folder() == tmp_path / "qcmethod" / "laws"


def test_the_law_is_a_word_of_couple(tungsten):
    problem = qc.crack(tungsten, KI=1.5, extent=200.0)
    system = qc.couple(problem, "bgfc", 15.0, 10.0, law="tabulated")
    assert system.law == "tabulated" and system.told()["coupling"]["law"] == "tabulated"
    assert system.pristine(np.eye(3)).law == system.at_load(KI=1.4).law == "tabulated"
    assert qc.couple(problem, "bgfc", 15.0, 10.0).law == "cauchy-born"
    with pytest.raises(CouplingError, match=r"^law: got 'tabulate', .*Try: tabulated"):
        qc.couple(problem, "bgfc", 15.0, 10.0, law="tabulate")
    plane = qc.vacancy(qc.Crystal.hex2d(qc.load_potential("toy2d-c10")), extent=40.0)
    with pytest.raises(CouplingError, match=r"^law: got 'tabulated', .*hex2d"):
        qc.couple(plane, "bgfc", 6.0, 4.0, law="tabulated")
    assert set(LAWS) >= {"cauchy-born", "tabulated"}


def test_the_law_is_kept_in_files(tungsten, tmp_path):
    problem = qc.crack(tungsten, KI=1.5, extent=200.0)
    solution = qc.relax(qc.couple(problem, "bgfc", 15.0, 10.0, law="tabulated"))
    read = qc.load(solution.write(tmp_path / "crack.npz"))
    assert read.system.law == "tabulated"
    found, known = (s.system.model.at(s.u).forces for s in (read, solution))
    np.testing.assert_allclose(found, known, atol=1e-12)


CRACKS = {"Al-Ercolessi-1994": 0.41, "W-Ackland-1987": 1.5, "W-Zhou-2004": 1.5}


@pytest.mark.parametrize("name", CRACKS)
def test_a_crack_is_that_of_cauchy_born(name):
    """Within 1e-3 A."""
    problem = qc.crack(made(name), KI=CRACKS[name], extent=1000.0)
    laws = ("cauchy-born", "tabulated")
    one, two = (qc.relax(qc.couple(problem, "bqcf", 15.0, 10.0, law=word)) for word in laws)
    assert 0.0 < np.linalg.norm(one.u - two.u, axis=1).max() < 1e-3


def test_an_engine_has_it_by_default(shelf):
    """The table of what an engine computes is that of the form that it mirrors."""
    native = made("W-Zhou-2004")
    other = qc.Crystal.bcc(mirrored(native.potential), *AXES, a=native.lattice_constant)
    system = qc.couple(qc.crack(other, KI=1.5, extent=100.0), "bqcf", 15.0, 10.0)
    assert system.law == "tabulated"
    one, two = tabulated(native), tabulated(other)
    assert (two.range, two.error) == pytest.approx((one.range, one.error), rel=1e-3)
    F = np.eye(3) + np.random.default_rng(2).uniform(-4e-3, 4e-3, (20, 3, 3))
    np.testing.assert_allclose(two.at(F).P, one.at(F).P, atol=1e-6)
