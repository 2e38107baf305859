"""Every shipped potential is one, and a form is one file: Buckingham's as an example."""

from __future__ import annotations

import tomllib
from math import exp
from typing import NamedTuple

import numpy as np
import pytest

import qcmethod as qc
from qcmethod.coupling.field import PADDING
from qcmethod.errors import InputError
from qcmethod.potentials.can import Can
from qcmethod.potentials.forms.checks import inner_radius, positive
from qcmethod.potentials.forms.lennard_jones import lennard_jones
from qcmethod.potentials.forms.taper import tapered
from qcmethod.potentials.site import FORMS, form, is_pair, pair, pair2, site
from qcmethod.testing import check_potential

SMOOTH = {
    "SplineEAM": 1,  # of the cards: Ercolessi and Adams end with zero slope
    "Zhou": 2,
    "FinnisSinclair": 1,
    "LennardJones": 1,  # force-shift
    "Morse": 0,  # shift
    "Toy2D": -1,  # a sharp cut-off that no bond reaches
}
"""Continuous derivatives at the cut-off, as the forms of the cards state."""


# --- a functional form in one file: from here ---------------------------------------------------


class Buckingham(NamedTuple):
    """phi = A exp(-r/l) - C/r^6, tapered from `inner` to the cut-off."""

    cutoff: float
    r_min: float
    n_max: float
    A: float  # eV
    l: float  # A
    C: float  # eV A^6
    inner: float  # A


@form("buckingham")
def buckingham(*, A: float, l: float, C: float, cutoff: float, inner: float) -> Buckingham:
    positive(A=A, l=l, C=C, cutoff=cutoff)
    # below r_min the attraction wins again
    return Buckingham(cutoff, 6.0 * l, np.inf, A, l, C, inner_radius(inner, cutoff))


@pair2.register(Buckingham)
def _pair2(p, x):
    e, d = p.A * exp(-x / p.l), p.C / x**6
    phi, dphi = e - d, -e / p.l + 6.0 * d / x
    d2phi = e / (p.l * p.l) - 42.0 * d / (x * x)
    phi, dphi, d2phi = tapered(phi, dphi, d2phi, x, p.inner, p.cutoff)
    return phi, dphi, d2phi, 0.0, 0.0, 0.0


# --- to here --------------------------------------------------------------------------------------
# --- a many-body form in one file: from here ------------------------------------------------------


class Polar(NamedTuple):
    """Morse's pairs, and 1/2 m.m with the dipole m = sum h(r) d, h = H exp(-r/l), all tapered."""

    cutoff: float
    r_min: float
    n_max: float
    D: float  # eV
    alpha: float  # 1/A
    r0: float  # A
    H: float  # eV^(1/2)/A
    l: float  # A
    inner: float  # A


@form("polar")
def polar(
    *, D: float, alpha: float, r0: float, H: float, l: float, cutoff: float, inner: float
) -> Polar:
    positive(D=D, alpha=alpha, r0=r0, l=l, cutoff=cutoff)
    return Polar(cutoff, 0.3 * r0, np.inf, D, alpha, r0, H, l, inner_radius(inner, cutoff))


@site.register(Polar)
def _site(p, x, s):  # x (k, 3): the vectors to all neighbours within the cut-off
    k = x.shape[0]
    V, m, f = 0.0, np.zeros(3), np.zeros((k, 4))
    for j in range(k):
        r = np.sqrt((x[j] * x[j]).sum())
        e, h = exp(-p.alpha * (r - p.r0)), p.H * exp(-r / p.l)
        phi, dphi = p.D * e * (e - 2.0), -2.0 * p.D * p.alpha * e * (e - 1.0)
        phi, dphi, _ = tapered(phi, dphi, 0.0, r, p.inner, p.cutoff)
        h, dh, _ = tapered(h, -h / p.l, 0.0, r, p.inner, p.cutoff)
        f[j, 0], f[j, 1], f[j, 2], f[j, 3] = r, dphi, h, dh
        V += 0.5 * phi
        m += h * x[j]
    g = np.zeros((k, 3))
    for j in range(k):
        along = 0.5 * f[j, 1] + f[j, 3] * (m * x[j]).sum()
        g[j] = along / f[j, 0] * x[j] + f[j, 2] * m
    return V + 0.5 * (m * m).sum(), g, 0.0


# --- to here --------------------------------------------------------------------------------------
# --- a parametrisation in one file: from here -----------------------------------------------------

CARD = """
name = "Ar-Buckingham"
form = "buckingham"
element = "Ar"
structure = "fcc"
lattice_constant = 5.3
doi = "none"
citation = "numbers of a test"

[parameters]
A = 6300.0
l = 0.273
C = 63.0
cutoff = 8.5
inner = 6.5
"""


def test_a_card_of_a_user(tmp_path):
    (tmp_path / "Ar.toml").write_text(CARD)
    potential = qc.load_potential(tmp_path / "Ar.toml")
    assert check_potential(potential, smooth=2)["smooth"] == 2


# --- to here --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", qc.list_potentials())
def test_every_shipped_potential_is_one(name):
    potential = qc.load_potential(name)
    check_potential(potential, smooth=SMOOTH[potential.form])
    # sites are listed as far beyond the blending zone as a force can see, and half a cut-off more
    assert potential.reach + 0.5 <= PADDING
    assert potential.reach == (1 if is_pair(potential.params, 0) else 2)
    everything = Can.FORCES | Can.SITE_ENERGY | Can.STRESS | Can.HESSIAN | Can.CENTRAL
    assert potential.can == everything == Can(~Can(0))


def test_every_form_of_a_card_is_registered():
    """The forms are those of the folder, found without a table, and those of users."""
    shipped = {"eam-knots", "eam-table", "finnis-sinclair", "lennard-jones", "morse", "toy-2d"}
    assert {*shipped, "zhou-johnson-wadley", "buckingham", "polar"} == set(FORMS)


def test_a_form_of_a_user():
    """A card names it; it has no density, and holds a crystal together."""
    potential = qc.load_potential(tomllib.loads(CARD))
    assert potential.reach == 1 and is_pair(potential.params, 0)
    assert pair(potential.params, 3.8) == (*pair2(potential.params, 3.8)[:2], 0.0, 0.0)
    crystal = qc.Crystal.fcc(potential, (1, 1, -2), (1, 1, 1), (1, -1, 0))
    assert crystal.stability().stable
    solution = qc.relax(qc.couple(qc.vacancy(crystal, extent=60.0), "bgfc", 10.0, 8.0), fmax=1e-6)
    assert solution.fmax <= 1e-6


POLAR = {
    "name": "Cu-polar", "form": "polar", "element": "Cu", "structure": "fcc",
    "lattice_constant": 3.6, "doi": "none", "citation": "numbers of a test",
    "parameters": {"D": 0.34, "alpha": 1.36, "r0": 2.87, "H": 0.1, "l": 1.5, "cutoff": 6.0,
                   "inner": 4.5},
}  # fmt: skip


def test_a_many_body_form_of_a_user_is_a_potential():
    potential = qc.load_potential(POLAR)
    assert potential.reach == 2 and potential.isolated == 0.0
    with pytest.raises(InputError, match=r"phi, rho and F alone"):
        qc.write_setfl("never", potential)


@pytest.mark.slow
def test_a_many_body_form_of_a_user_is_coupled():
    """A site energy and its gradient are enough: Hessians are differences of gradients."""
    potential = qc.load_potential(POLAR)
    assert check_potential(potential, smooth=2)["reach"] == 0.0
    pairs = qc.load_potential({**POLAR, "parameters": {**POLAR["parameters"], "H": 0.0}})
    energies = []
    for one in (potential, pairs):
        crystal = qc.Crystal.fcc(one, (1, 1, -2), (1, 1, 1), (1, -1, 0))
        assert crystal.stability().stable
        system = qc.couple(qc.vacancy(crystal, extent=60.0), "bgfc", 12.0, 8.0)
        energies.append(qc.relax(system, fmax=1e-6).excess_energy)
    assert 1e-3 < energies[0] - energies[1] < 0.1  # neighbours of a vacancy have a dipole


def test_a_table_is_one(tmp_path):
    table = qc.write_setfl(tmp_path / "Al.eam.alloy", qc.load_potential("Al-Ercolessi-1994"))
    check_potential(qc.load_potential(table), tolerance=1e-5)


@pytest.mark.parametrize(
    ("treatment", "smooth"),
    [("cut", -1), ("shift", 0), ("force-shift", 1), ("taper", 2), ("smooth", 2)],
)
def test_treatments_are_as_smooth_as_they_say(treatment, smooth):
    inner = {"inner": 6.5} if treatment in ("taper", "smooth") else {}
    params = lennard_jones(epsilon=0.01, sigma=3.4, cutoff=8.5, treatment=treatment, **inner)
    potential = qc.Potential(treatment, "Ar", params, "fcc", 5.3)
    check_potential(potential, smooth=smooth)
    with pytest.raises(AssertionError, match=f"{smooth} continuous derivatives"):
        check_potential(potential, smooth=smooth - 1)


class Wrong(NamedTuple):
    """Morse's form whose force is a permille too large."""

    cutoff: float
    r_min: float
    n_max: float


@pair2.register(Wrong)
def _wrong(p, x):
    e = exp(-1.4 * (x - 2.8))
    return e * (e - 2.0), -2.8028 * e * (e - 1.0), 3.92 * e * (2.0 * e - 1.0), 0.0, 0.0, 0.0


def test_what_is_no_potential_is_found():
    wrong = qc.Potential("wrong", "X", Wrong(6.0, 0.5, np.inf), "fcc", 4.0)
    with pytest.raises(AssertionError, match="wrong: phi', rho'"):
        check_potential(wrong)


class Unregistered(NamedTuple):
    """No form: it has no bodies."""

    cutoff: float
    r_min: float
    n_max: float


def test_a_tuple_without_a_body_is_named():
    with pytest.raises(TypeError, match="Unregistered has no such body"):
        pair2(Unregistered(1.0, 0.1, np.inf), 0.5)
