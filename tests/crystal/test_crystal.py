"""Crystals from their potentials: constants against oracles; W, P, dP/dF; surfaces; stability."""

from __future__ import annotations

import json
import re
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles import lammps_table
from paths import DATA
from scipy.linalg import expm

import qcmethod as qc
from qcmethod.crystal.crystal import Crystal
from qcmethod.crystal.surface import surface_energy
from qcmethod.elasticity import griffith_K, stroh
from qcmethod.errors import InputError, InvertedCellError, OffTableError, UnstableCrystalError
from qcmethod.potentials.contract import Potential
from qcmethod.potentials.forms.lennard_jones import lennard_jones
from qcmethod.potentials.library import list_potentials, load_potential
from qcmethod.potentials.shells import perfect_crystal
from qcmethod.units import GPA, J_PER_M2, MPA_SQRT_M

ORACLES = json.loads((DATA / "potential_oracles.json").read_text())
GRIFFITH = {c["name"]: c for c in json.loads((DATA / "griffith_K.json").read_text())["crystals"]}
KEYS = [key for key in ORACLES if not key.startswith("_")]
OF_CARDS = [key for key in KEYS if "card" in ORACLES[key]]
CARDS = list_potentials()

# Surfaces normal to y, with the shortest repeat along z.
SURFACES = {
    "100": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "110": ((0, 0, 1), (1, 1, 0), (-1, 1, 0)),
    "111": ((1, 1, -2), (1, 1, 1), (1, -1, 0)),
}


@cache
def crystal_of(name, triad=SURFACES["100"]):
    """The relaxed crystal of a card in its own structure, or of an oracle's potential."""
    if name in ORACLES:
        oracle = ORACLES[name]
        source = oracle["card"] if "card" in oracle else lammps_table(oracle["table"])
        potential, structure = load_potential(source), oracle["structure"]
    else:
        potential = load_potential(name)
        structure = potential.structure
    if structure in ("hex2d", "chain"):
        return getattr(Crystal, structure)(potential)
    return getattr(Crystal, structure)(potential, *triad)


# --- constants -----------------------------------------------------------------------------------


@pytest.mark.parametrize("key", KEYS)
def test_lattice_constant_and_energy(key):
    crystal, values = crystal_of(key), ORACLES[key]["values"]
    assert crystal.lattice_constant == pytest.approx(values["a0"][0], rel=1e-7)
    assert crystal.cohesive == pytest.approx(values["E_atom"][0], rel=2e-8)
    assert crystal.cohesive_energy < -0.05
    assert np.abs(crystal.stress(np.eye(3))).max() < 1e-12


@pytest.mark.parametrize("key", KEYS)
def test_elastic_constants(key):
    """Lattice sums there and here, of the same functions or tables."""
    found = crystal_of(key).elastic_constants().gpa()
    expected = {name: ORACLES[key]["values"][name][0] for name in found}
    assert found == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("key", OF_CARDS[::3])
def test_elastic_constants_in_any_orientation(key):
    """The tensor turns with the axes; C11, C12, C44 refer to the crystal."""
    cube, turned = crystal_of(key), crystal_of(key, SURFACES["111"])
    a, b = cube.elastic_constants(), turned.elastic_constants()
    assert b.gpa() == pytest.approx(a.gpa(), rel=1e-10)
    R = turned.lattice.axes
    rotated = np.einsum("ai,bj,ck,dl,ijkl->abcd", R, R, R, R, a.tensor, optimize=True)
    np.testing.assert_allclose(b.tensor, rotated, rtol=0, atol=1e-10 * a.C11)
    C = b.voigt()
    np.testing.assert_allclose(C, C.T, rtol=0, atol=1e-12)
    assert C[0, 0] == b.tensor[0, 0, 0, 0] and C[5, 5] == b.tensor[0, 1, 0, 1]
    assert b.gpa()["C11"] == pytest.approx(b.C11 / GPA)


def test_a_given_lattice_constant_is_kept():
    crystal = Crystal.fcc(load_potential("Al-Ercolessi-1994"), a=4.1)
    assert crystal.lattice_constant == 4.1
    assert np.trace(crystal.stress(np.eye(3))) > 0.0  # stretched: pulls inwards


# --- energy, stress, tangent ---------------------------------------------------------------------


def gradient_near_one(crystal, numbers, size=0.03):
    """F = 1 + size * numbers in the components that the crystal has."""
    n = crystal.lattice.n_components
    F = np.eye(3)
    F[:n, :n] += size * np.reshape(numbers, (3, 3))[:n, :n]
    return F


NINE = st.lists(st.floats(-1.0, 1.0), min_size=9, max_size=9)


@settings(max_examples=4)
@given(numbers=NINE, direction=NINE)
@pytest.mark.parametrize("name", CARDS)
def test_stress_and_tangent_by_a_step_sweep(name, numbers, direction):
    crystal = crystal_of(name)
    F = gradient_near_one(crystal, numbers)
    v = gradient_near_one(crystal, np.add(direction, 1e-2), 1.0) - np.eye(3)
    P, Av = crystal.stress(F), np.einsum("aibj,bj->ai", crystal.tangent(F), v)
    modulus = np.abs(Av).max()

    def central(f, h):
        """Fourth-order difference along v."""
        return (8.0 * (f(F + h * v) - f(F - h * v)) - (f(F + 2 * h * v) - f(F - 2 * h * v))) / (
            12.0 * h
        )

    steps = 10.0 ** np.arange(-2.5, -5.6, -0.5)
    slope = min(abs(central(crystal.energy_density, h) - np.vdot(P, v)) for h in steps)
    # P may vanish: the scale of a change of stress is that of the modulus
    assert slope < 1e-8 * max(abs(np.vdot(P, v)), 0.01 * modulus)
    change = min(np.abs(central(crystal.stress, h) - Av).max() for h in steps)
    assert change < 1e-8 * modulus


@settings(max_examples=5)
@given(numbers=NINE, spin=st.tuples(*[st.floats(-2.0, 2.0)] * 3))
@pytest.mark.parametrize("name", CARDS)
def test_objectivity(name, numbers, spin):
    """W(R F) = W(F), P(R F) = R P(F), and P F^T is symmetric."""
    crystal = crystal_of(name)
    F = gradient_near_one(crystal, numbers)
    a, b, c = (0.0, 0.0, spin[2]) if crystal.lattice.n_components == 2 else spin
    R = expm(np.array([[0.0, -c, b], [c, 0.0, -a], [-b, a, 0.0]]))
    P = crystal.stress(F)
    scale = np.abs(crystal.tangent(F)).max()
    assert crystal.energy_density(R @ F) == pytest.approx(crystal.energy_density(F), rel=1e-11)
    np.testing.assert_allclose(crystal.stress(R @ F), R @ P, rtol=0, atol=1e-12 * scale)
    np.testing.assert_allclose(P @ F.T, F @ P.T, rtol=0, atol=1e-12 * scale)


@pytest.mark.parametrize("name", CARDS)
def test_tangent_has_the_symmetry_of_a_second_derivative(name):
    crystal = crystal_of(name)
    A = crystal.tangent(gradient_near_one(crystal, np.linspace(-1.0, 1.0, 9)))
    np.testing.assert_allclose(A, A.transpose(2, 3, 0, 1), rtol=0, atol=1e-13 * np.abs(A).max())
    C = crystal.elastic_constants().tensor  # no stress: the symmetries of Hooke's law
    for other in (C.transpose(1, 0, 2, 3), C.transpose(0, 1, 3, 2), C.transpose(2, 3, 0, 1)):
        np.testing.assert_allclose(C, other, rtol=0, atol=1e-12 * np.abs(C).max())


@pytest.mark.parametrize("name", [name for name in CARDS if not name.startswith("toy2d")])
def test_energy_in_another_orientation(name):
    """The laboratory axes are only axes: W(R F R^T) of the turned crystal is W(F)."""
    crystal = crystal_of(name)
    turned = crystal_of(name, SURFACES["111"])
    R = turned.lattice.axes
    F = gradient_near_one(crystal, np.linspace(-1.0, 1.0, 9))
    assert turned.energy_density(R @ F @ R.T) == pytest.approx(crystal.energy_density(F), rel=1e-12)


def test_energy_density_is_a_site_energy_over_its_volume():
    for name in ("Al-Ercolessi-1994", "W-Ackland-1987", "toy2d-c10"):
        crystal = crystal_of(name)
        F = gradient_near_one(crystal, np.linspace(0.0, 1.0, 9))
        density = crystal.site_energy(F) / crystal.lattice.site_volume
        assert crystal.energy_density(F) == pytest.approx(density, rel=1e-15)
    aluminium = crystal_of("Al-Ercolessi-1994")
    assert aluminium.lattice.site_volume == pytest.approx(aluminium.lattice_constant**3 / 4)
    # a strain of 1e-3 along x: C11 e^2 / 2 in eV/A^3, to the order of the next term
    F = np.diag([1.0 + 1e-4, 1.0, 1.0])
    rise = aluminium.energy_density(F) - aluminium.energy_density(np.eye(3))
    assert rise == pytest.approx(0.5 * 117.8745 * GPA * 1e-8, rel=2e-3)


# --- plane lattices and chains -------------------------------------------------------------------


@pytest.mark.parametrize(
    "name, a, energy",
    [
        ("toy2d-c10", 0.98380466644, -2.9055664838),
        ("toy2d-c20", 0.97255298575, -2.8344116991),
        ("toy2d-lov", 1.0, -3.0),
    ],
)
def test_model_potential_in_the_plane(name, a, energy):
    """Published stress-free states of the triangular lattice."""
    crystal = Crystal.hex2d(load_potential(name))
    assert crystal.lattice_constant == pytest.approx(a, abs=2e-10)
    assert crystal.cohesive == pytest.approx(energy, abs=2e-10)
    C = crystal.elastic_constants()
    assert abs(C.C11 - C.C12 - 2.0 * C.C44) < 1e-9 * C.C11  # isotropic in the plane
    assert crystal.energy_density(np.eye(2)) == crystal.energy_density(np.eye(3))
    assert crystal.is_stable(np.eye(2))


def test_lennard_jones_chain():
    """Nearest and next-nearest neighbours: a, W and W'' in closed form."""
    params = lennard_jones(epsilon=1.0, sigma=1.0, cutoff=2.7, treatment="cut")
    crystal = Crystal.chain(Potential("LJ", "X", params, "chain", 1.12))
    shells = 1.0 + 2.0**-12, 1.0 + 2.0**-6  # sum over two shells of 1/m^12 and 1/m^6
    a = (2.0 * shells[0] / shells[1]) ** (1.0 / 6.0)
    assert crystal.lattice_constant == pytest.approx(a, rel=1e-12)

    def W(s):
        return 4.0 * (shells[0] / (a * s) ** 12 - shells[1] / (a * s) ** 6)

    for s in (0.95, 1.0, 1.05):
        F = np.diag([s, 1.0, 1.0])
        assert crystal.site_energy(F) == pytest.approx(W(s), rel=1e-12)
        second = 4.0 * (156.0 * shells[0] / (a * s) ** 12 - 42.0 * shells[1] / (a * s) ** 6) / s**2
        assert crystal.tangent(F)[0, 0, 0, 0] == pytest.approx(second / a, rel=1e-11)
    assert crystal.is_stable(np.diag([1.05, 1.0, 1.0]))
    assert not crystal.is_stable(np.diag([1.13, 1.0, 1.0]))  # beyond the inflection, 1.1087


# --- surfaces ------------------------------------------------------------------------------------

DENSE = [(key, plane) for key in OF_CARDS for plane in SURFACES]


@pytest.mark.parametrize("key, plane", DENSE)
def test_surface_energies(key, plane):
    values = ORACLES[key]["values"]
    crystal = crystal_of(key, SURFACES[plane])
    surface = surface_energy(crystal)
    for name, energy in (("", surface.gamma), ("_unrelaxed", surface.unrelaxed)):
        expected, tolerance = values[f"gamma_{plane}{name}"]
        found = energy / surface.area / J_PER_M2
        assert abs(found - expected) <= tolerance, (name, found, expected)
    assert surface.gamma <= surface.unrelaxed


def test_surface_stress_and_stiffness_by_another_stretch():
    """gamma(eps) of a stretched half crystal, rebuilt with the stretched lattice itself."""
    surface = surface_energy(crystal_of("Al_EA94_knots", SURFACES["111"]))
    # a film under tension that is stiffer or softer than the bulk, of the order of one layer
    assert 0.5 < surface.tension / surface.area / J_PER_M2 < 2.0
    assert abs(surface.stiffness) < 5.0 * surface.bulk_stiffness
    # the relaxation decays into the bulk
    size = np.linalg.norm(surface.relaxation, axis=1)
    assert size[0] > 1e-3 and size[-1] < 1e-6 * size[0] + 1e-9
    assert np.abs(surface.relaxation[:, 2]).max() < 1e-9  # (1-10) is a mirror plane


@pytest.mark.parametrize("name", [key for key in OF_CARDS if key in GRIFFITH])
def test_griffith_K(name):
    """From the card to K_G: moduli, relaxed surface energy and the Stroh tensors are ours."""
    for system, expected in GRIFFITH[name]["K_G_MPa_sqrt_m"].items():
        y, x = ([int(d) for d in re.findall(r"-?\d", part)] for part in system.split(")"))
        plane = "".join(str(abs(h)) for h in sorted(y, key=abs, reverse=True))
        if plane not in SURFACES:
            continue
        surface = surface_energy(crystal_of(name, SURFACES[plane]))
        z = np.cross(x, y)
        crystal = crystal_of(name, (tuple(x), tuple(y), tuple((z // np.gcd.reduce(z)).tolist())))
        s = stroh(crystal.elastic_constants().tensor)
        found = griffith_K(s, surface.gamma / surface.area) / MPA_SQRT_M
        assert found == pytest.approx(expected, rel=1e-7), system


# --- stability and refusals ----------------------------------------------------------------------


@pytest.mark.parametrize("name", CARDS)
def test_stability(name):
    """Relaxed crystals are strongly elliptic; all lose it before a stretch of 1.3 all round."""
    crystal = crystal_of(name)
    n = crystal.lattice.n_components
    assert crystal.is_stable(np.eye(3))
    stretches = np.linspace(1.0, 1.3, 13)
    states = [np.diag([s if i < n else 1.0 for i in range(3)]) for s in stretches]
    lowest = np.array([crystal.acoustic_minimum(F) for F in states])
    first = int(np.argmax(lowest < 0.0))
    assert lowest[first] < 0.0, lowest
    assert [crystal.is_stable(F) for F in states] == [value > 0.0 for value in lowest]
    crystal.require_stable(states[first - 1])
    with pytest.raises(UnstableCrystalError, match="smallest acoustic eigenvalue"):
        crystal.require_stable(states[first])


def test_acoustic_minimum_is_that_of_the_wave_speeds():
    """Cubic crystal, no stress: the slowest wave of Al is the [1-10] shear along [110]."""
    crystal = crystal_of("Al-Ercolessi-1994")
    C = crystal.elastic_constants()
    expected = min(C.C44, 0.5 * (C.C11 - C.C12))
    assert crystal.acoustic_minimum(np.eye(3)) == pytest.approx(expected, rel=1e-2)
    assert crystal.acoustic_minimum(np.eye(3)) >= expected * (1.0 - 1e-12)


@pytest.mark.parametrize(
    "call, argument",
    [
        (lambda c: c.stress(np.eye(2)), "F"),
        (lambda c: c.energy_density(np.full((3, 3), np.nan)), "F"),
        (lambda c: c.tangent("one"), None),
        (lambda c: Crystal.fcc("Al-Ercolessi-1994"), "potential"),
        (lambda c: Crystal.fcc(c.potential, a=-4.0), "a"),
        (lambda c: Crystal.fcc(c.potential, a=True), "a"),
        (lambda c: Crystal.fcc(c.potential, a=10**400), "a"),
        (lambda c: Crystal.fcc(c.potential, a=1e-300), "a"),
        (lambda c: Crystal.bcc(c.potential, a=1e-5), "a"),
        (lambda c: Crystal.hex2d(c.potential, a=1e-3), "a"),
        (lambda c: Crystal.chain(c.potential, a=1e-7), "a"),
        (lambda c: Crystal.fcc(c.potential, a=1e200), "a"),
        (lambda c: Crystal.fcc(c.potential, a="4"), "a"),
        (lambda c: c.stress(1e-4 * np.eye(3)), "radius"),
        (lambda c: Crystal.bcc(c.potential, a=float("nan")), "a"),
    ],
)
def test_refusals_name_the_argument(call, argument):
    crystal = crystal_of("Al-Ercolessi-1994")
    with pytest.raises((InputError, ValueError)) as refused:
        call(crystal)
    if argument:
        assert refused.value.argument == argument and refused.value.expected


def test_states_without_an_energy_are_refused():
    crystal = crystal_of("Al-Ercolessi-1994")
    with pytest.raises(InvertedCellError, match="det F <= 0"):
        crystal.stress(np.diag([-1.0, 1.0, 1.0]))
    with pytest.raises(InvertedCellError):
        crystal.stress(np.diag([0.0, 1.0, 1.0]))
    with pytest.raises(OffTableError, match="density"):
        crystal.stress(np.eye(3) * 0.7)
    with pytest.raises(OffTableError, match="distance"):
        crystal_of("W-Ackland-1987").stress(np.eye(3) * 0.7)
    table = crystal_of("Al_ZWJ01")
    with pytest.raises(OffTableError, match="density"):
        table.stress(np.eye(3) * 0.7)


def test_no_stress_free_crystal_is_an_error():
    """A repulsive potential holds nothing together."""
    params = lennard_jones(epsilon=0.01, sigma=3.0, cutoff=3.3, treatment="shift")
    with pytest.raises(UnstableCrystalError, match="no stress-free"):
        Crystal.fcc(Potential("repulsive", "X", params, "fcc", 3.0))


def test_relaxation_equals_a_plain_lattice_sum():
    for name in ("Cu-Zhou-2004", "W-Zhou-2004"):
        crystal = crystal_of(name)
        params, a = crystal.potential.params, crystal.lattice_constant
        structure = crystal.lattice.structure
        _, energy = perfect_crystal(params, structure, a)
        assert crystal.cohesive == pytest.approx(energy, rel=1e-13)
        for nearby in (0.999 * a, 1.001 * a):
            assert perfect_crystal(params, structure, nearby)[1] > energy


def test_short_representations():
    """What a notebook shows fits a line."""
    aluminium = qc.Crystal.fcc(qc.load_potential("Al-Ercolessi-1994"))
    assert repr(aluminium) == "Crystal(fcc Al-Ercolessi-1994, a=4.03208 A)"
    moduli = "ElasticConstants(C11=117.9, C12=62.12, C44=36.69 GPa)"
    assert repr(aluminium.elastic_constants()) == moduli
    plane = qc.Crystal.hex2d(qc.load_potential("toy2d-c10"))
    assert repr(plane.elastic_constants()).endswith("in eV and A)")
    problem = qc.vacancy(plane, extent=30.0)
    system = qc.couple(problem, "bgfc", core=4.0, blend=4.0)
    shown = [aluminium.potential, problem, system, qc.relax(system)]
    assert all(len(repr(item)) < 140 for item in shown)
