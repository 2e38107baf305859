"""Sums over weighted sites: equal to LAMMPS, consistent derivatives, invariant, images, skins.

Crystals are discs about the z axis, free at their rim and periodic along z with one lattice
repeat, which is shorter than every cut-off here: an atom is its own neighbour.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles import lammps_table
from paths import ROOT
from reference_energy import energy_forces, lammps_energy_forces

from qcmethod.errors import OffTableError
from qcmethod.lattice import lattice
from qcmethod.lattice.neighbours import VerletList, half_list
from qcmethod.potentials.contract import Potential
from qcmethod.potentials.forms.lennard_jones import lennard_jones
from qcmethod.potentials.forms.morse import morse
from qcmethod.potentials.library import load_potential
from qcmethod.potentials.sums.sites import SiteSum

LJ = {"epsilon": 0.0104, "sigma": 3.4, "cutoff": 8.5}
MORSE = {"D": 0.3429, "alpha": 1.3588, "r0": 2.866, "cutoff": 7.0}
CRACK = ((1, 1, -2), (1, 1, 1), (1, -1, 0))  # x, y, z: the shortest repeat of fcc along z
CUBE = ((1, 0, 0), (0, 1, 0), (0, 0, 1))
SCREW = ((1, -1, 0), (1, 1, -2), (1, 1, 1))  # the shortest repeat of bcc along z
CARDS = [
    "Al-Ercolessi-1994",
    "Cu-Zhou-2004",
    "W-Ackland-1987",
    "Ar-Bernardes-1958",
    "Cu-Girifalco-1959",
    "toy2d-c10",
]


def disc(structure, a, triad=CRACK, radius=12.0, shake=0.15, seed=1):
    """Shaken sites (n, 3) of a disc and the period along z, A; plane lattices lie at z = 0."""
    if structure == "hex2d":
        crystal, components = lattice.hex2d(a), 2
    else:
        crystal, components = lattice.cubic(structure, a, *triad), 3
    reach = int(3.0 * radius / a)
    grid = np.meshgrid(*[np.arange(-reach, reach + 1)] * 2, indexing="ij")
    x = crystal.positions(np.stack([g.ravel() for g in grid], axis=1))
    x = x[np.linalg.norm(x[:, :2], axis=1) < radius]
    push = np.random.default_rng(seed).uniform(-shake, shake, x.shape)
    push[:, components:] = 0.0
    return x + push, crystal.period


def disc_of(name, **options):
    """The disc of a card's own lattice; the cut-off of the model potential counts its bonds."""
    potential = load_potential(name)
    a, structure = potential.lattice_constant, potential.structure
    if structure == "hex2d":
        options = {"radius": 5.0 * a, "shake": 0.05 * a, **options}
    triad = SCREW if structure == "bcc" else CRACK
    return potential, *disc(structure, a, triad, **options)


def evaluate(potential, x, period, w=None, reference=0.0):
    """SiteSum and its state with weights w (all 1 by default)."""
    w = np.ones(len(x)) if w is None else w
    sites = SiteSum.build(potential.params, period, w, np.full(len(x), reference))
    return sites, sites.at(x)


def least_over_steps(error, steps):
    """Least of error(h) over a sweep of steps."""
    return min(error(h) for h in steps)


# --- LAMMPS --------------------------------------------------------------------------------------


def assert_equals_lammps(potential, x, period, lammps, *commands):
    """Energy to 1e-10 relative and forces to 1e-8 eV/A; x and y far from their images."""
    _, state = evaluate(potential, x, period)
    margin = 2.0 * potential.cutoff
    low = x.min(axis=0) - margin
    boxed = x - [low[0], low[1], 0.0]
    boxed[:, 2] %= period
    cell = [*(np.ptp(x[:, :2], axis=0) + 2.0 * margin), period]
    energy, forces = lammps_energy_forces(lammps, boxed, cell, 1.0, *commands)
    assert state.energy == pytest.approx(energy, rel=1e-10)
    np.testing.assert_allclose(-state.gradient, forces, rtol=0, atol=1e-8)
    assert np.abs(forces).max() > 0.1  # a perfect crystal would agree by symmetry


@pytest.mark.parametrize("triad", [CRACK, CUBE], ids=["crack", "cube"])
@pytest.mark.parametrize(
    "name, element",
    [
        ("Al_zhou.eam.alloy", "Al"),
        ("Cu_mishin1.eam.alloy", "Cu"),
        ("CuTa.eam.alloy", "Ta"),
        ("W_zhou.eam.alloy", "W"),
        ("Fe_mm.eam.fs", "Fe"),
        ("AlFe_mm.eam.fs", "Fe"),
        ("AlFe_mm.eam.fs", "Al"),
        ("Cu_u3.eam", "Cu"),
        ("Al_jnp.eam", "Al"),
    ],
)
def test_tables_equal_lammps(name, element, triad, lammps_factory):
    path = lammps_table(name)
    potential = load_potential(path, element=element)
    style = {".alloy": "eam/alloy", ".fs": "eam/fs", ".eam": "eam"}[path.suffix]
    coefficients = f"1 1 {path}" if style == "eam" else f"* * {path} {element}"
    if potential.structure == "bcc" and triad is CRACK:
        triad = SCREW
    x, period = disc(potential.structure, potential.lattice_constant, triad)
    assert period < potential.cutoff
    commands = (f"pair_style {style}", f"pair_coeff {coefficients}")
    assert_equals_lammps(potential, x, period, lammps_factory(), *commands)


@pytest.mark.parametrize(
    "params, commands",
    [
        (
            lennard_jones(**LJ, treatment="cut"),
            ("pair_style lj/cut 8.5", "pair_coeff 1 1 0.0104 3.4"),
        ),
        (
            lennard_jones(**LJ, treatment="force-shift"),
            ("pair_style lj/smooth/linear 8.5", "pair_coeff 1 1 0.0104 3.4"),
        ),
        (
            lennard_jones(**LJ, treatment="smooth", inner=7.0),
            (
                "pair_style lj/smooth 7.0 8.5",
                "pair_coeff 1 1 0.0104 3.4",
                "pair_modify shift yes",
            ),
        ),
        (
            morse(**MORSE, treatment="force-shift"),
            ("pair_style morse/smooth/linear 7.0", "pair_coeff 1 1 0.3429 1.3588 2.866"),
        ),
    ],
    ids=["lj cut", "lj force-shift", "lj smooth", "morse force-shift"],
)
def test_pair_forms_equal_lammps(params, commands, lammps_factory):
    lammps, style = lammps_factory(), commands[0].split()[1]
    if not lammps.has_style("pair", style):
        pytest.skip(f"this LAMMPS has no pair_style {style}")
    a = 5.25 if "lj" in style else 3.6
    x, period = disc("fcc", a, radius=20.0, shake=0.3)
    assert_equals_lammps(Potential(style, "X", params), x, period, lammps, *commands)


# --- the plain double loop -----------------------------------------------------------------------


@pytest.mark.parametrize("name", CARDS)
def test_cards_equal_the_double_loop(name):
    """Every functional form, with the images along z that the double loop adds by itself."""
    potential, x, period = disc_of(name, radius=8.0 if name != "toy2d-c10" else 4.0)
    _, state = evaluate(potential, x, period)
    far = 1e3 * potential.cutoff
    cell = [far, far, period if np.isfinite(period) else far]
    energy, forces = energy_forces(potential, x, cell)
    assert state.energy == pytest.approx(energy, rel=1e-12)
    np.testing.assert_allclose(-state.gradient, forces, rtol=0, atol=1e-11)


@pytest.mark.parametrize("copies", [2, 3])
def test_a_repeated_period_changes_nothing(copies):
    """The same crystal described with 2 or 3 periods of atoms: images and atoms are one thing."""
    potential, x, period = disc_of("Al-Ercolessi-1994")
    _, once = evaluate(potential, x, period)
    more = np.concatenate([x + np.array([0.0, 0.0, k * period]) for k in range(copies)])
    _, repeated = evaluate(potential, more, copies * period)
    assert repeated.energy == pytest.approx(copies * once.energy, rel=1e-13)
    for part in np.split(repeated.gradient, copies):
        np.testing.assert_allclose(part, once.gradient, rtol=0, atol=1e-12)


def test_atoms_may_lie_in_any_period():
    potential, x, period = disc_of("Al-Ercolessi-1994")
    _, state = evaluate(potential, x, period)
    shifts = np.random.default_rng(3).integers(-4, 5, len(x))
    _, shifted = evaluate(potential, x + shifts[:, None] * [0.0, 0.0, period], period)
    assert shifted.energy == pytest.approx(state.energy, rel=1e-13)
    np.testing.assert_allclose(shifted.gradient, state.gradient, rtol=0, atol=1e-11)


# --- neighbours ----------------------------------------------------------------------------------


@settings(max_examples=40)
@given(
    seed=st.integers(0, 10_000),
    period=st.sampled_from([0.7, 1.1, 2.0, 5.0, np.inf]),
    reach=st.floats(0.5, 2.5),
    share=st.floats(0.0, 1.0),
)
def test_half_list_against_brute_force(seed, period, reach, share):
    rng = np.random.default_rng(seed)
    r = rng.uniform(-2.0, 2.0, (20, 3)) * [1.0, 1.0, 3.0]
    active = rng.random(20) < share
    found = half_list(r, period, reach, active)
    i = np.repeat(np.arange(20), np.diff(found.start))
    bonds = set()
    for a, b, shift in zip(i.tolist(), found.site.tolist(), found.shift.tolist(), strict=True):
        m = round(shift / period) if np.isfinite(period) else 0
        bonds |= {(a, b, m), (b, a, -m)}
    assert len(bonds) == 2 * len(i)  # no bond twice
    images = range(-40, 41) if np.isfinite(period) else (0,)
    expected = set()
    for m in images:
        up = np.array([0.0, 0.0, m * period if m else 0.0])
        near = np.linalg.norm(r[None] + up - r[:, None], axis=2) <= reach
        near &= active[:, None] | active[None]
        expected |= {(a, b, m) for a, b in np.argwhere(near).tolist() if m or a != b}
    # the list is built on cylinders of that height: it may hold a little more, never less
    assert expected <= bonds
    for a, b, m in bonds - expected:
        up = np.array([0.0, 0.0, m * period if m else 0.0])
        assert np.linalg.norm(r[b] + up - r[a]) <= reach * (1.0 + 1e-12) + 1e-12


def test_verlet_list_is_kept_over_its_skin_and_rebuilt_beyond():
    potential, x, period = disc_of("Al-Ercolessi-1994")
    active = np.ones(len(x), dtype=bool)
    verlet = VerletList(period, potential.cutoff, active)
    first = verlet.at(x)
    inside = x.copy()
    inside[7, 0] += 0.499 * verlet.skin
    assert verlet.at(inside) is first
    beyond = x.copy()
    beyond[7, 0] += 0.501 * verlet.skin
    assert verlet.at(beyond) is not first
    assert verlet.at(x) is not first  # the list now belongs to `beyond`


@pytest.mark.parametrize("name", ["Al-Ercolessi-1994", "Ar-Bernardes-1958", "toy2d-c10"])
def test_a_kept_list_gives_what_a_new_one_gives(name):
    """Any walk: rebuilt or not, the energy and the forces are those of a fresh list."""
    potential, x, period = disc_of(name)
    rng, w = np.random.default_rng(5), np.ones(len(x))
    plane = np.isinf(period)
    kept, _ = evaluate(potential, x, period)
    lists = set()
    for _ in range(12):
        step = rng.uniform(-0.05, 0.05, x.shape)
        step[:, 2 if plane else 3 :] = 0.0
        x = x + step * (0.2 if plane else 1.0)
        state = kept.at(x)
        lists.add(id(state.neighbours))
        _, fresh = evaluate(potential, x, period, w)
        assert state.energy == pytest.approx(fresh.energy, rel=1e-13)
        np.testing.assert_allclose(state.gradient, fresh.gradient, rtol=0, atol=1e-12)
    assert len(lists) < 12  # at least one list served twice


# --- derivatives of weighted sums ----------------------------------------------------------------


def weighted(name, seed=2):
    """A disc, its sum with random weights (a third of them zero) and a random direction."""
    potential, x, period = disc_of(name, radius=9.0 if name != "toy2d-c10" else 5.0)
    rng = np.random.default_rng(seed)
    w = rng.random(len(x)) * (rng.random(len(x)) < 2.0 / 3.0)
    v = rng.standard_normal(x.shape)
    if np.isinf(period):
        v[:, 2] = 0.0
    return *evaluate(potential, x, period, w, reference=-3.0), w, v


@pytest.mark.parametrize("name", CARDS)
def test_gradient_of_a_weighted_sum_by_a_step_sweep(name):
    sites, state, w, v = weighted(name)
    exact = float(np.vdot(state.gradient, v))

    def error(h):
        low, high = (sites.at(state.y + s * h * v).energy for s in (-1.0, 1.0))
        return abs((high - low) / (2.0 * h) - exact) / abs(exact)

    assert least_over_steps(error, 10.0 ** np.arange(-3.0, -6.1, -0.5)) < 1e-8


@pytest.mark.parametrize("name", CARDS)
def test_hessian_action_by_a_step_sweep(name):
    """Fourth-order differences of the gradient; the kernel's product is exact."""
    sites, state, w, v = weighted(name)
    product = sites.hessian(state)(v)
    scale = np.linalg.norm(product)

    def error(h):
        g = {s: sites.at(state.y + s * h * v).gradient for s in (-2, -1, 1, 2)}
        difference = (8.0 * (g[1] - g[-1]) - (g[2] - g[-2])) / (12.0 * h)
        return np.linalg.norm(difference - product) / scale

    assert least_over_steps(error, 10.0 ** np.arange(-2.5, -6.1, -0.5)) < 1e-8


@pytest.mark.parametrize("name", CARDS)
def test_hessian_is_symmetric_and_linear(name):
    sites, state, w, v = weighted(name)
    u = np.random.default_rng(8).standard_normal(v.shape)
    action = sites.hessian(state)
    scale = np.linalg.norm(action(u)) * np.linalg.norm(v)
    assert abs(np.vdot(u, action(v)) - np.vdot(v, action(u))) < 1e-14 * scale
    both = action(2.0 * u - 3.0 * v)
    np.testing.assert_allclose(both, 2.0 * action(u) - 3.0 * action(v), rtol=0, atol=1e-12 * scale)
    # a rigid translation costs nothing
    shift = np.ones_like(v) * [0.3, -0.2, 0.5]
    assert np.abs(action(shift)).max() < 1e-12 * np.abs(action(v)).max()


@pytest.mark.parametrize("table", ["Al_zhou.eam.alloy", "Fe_mm.eam.fs"])
def test_hessian_of_a_lammps_table(table):
    """LAMMPS's Hermite cubics are C1: second derivatives jump at the knots, some 1e-3 A apart.

    A difference quotient over h is wrong for the bonds and densities that cross a knot within h:
    its error falls from 1e-3 at h = 1e-3 A only until h is so small that none does. The product
    of the kernel is the derivative between the knots.
    """
    potential = load_potential(lammps_table(table))
    triad = SCREW if potential.structure == "bcc" else CRACK
    x, period = disc(potential.structure, potential.lattice_constant, triad, radius=8.0)
    sites, state = evaluate(potential, x, period)
    v = np.random.default_rng(4).standard_normal(x.shape)
    product = sites.hessian(state)(v)

    def error(h):
        low, high = (sites.at(x + s * h * v).gradient for s in (-1.0, 1.0))
        return np.linalg.norm((high - low) / (2.0 * h) - product) / np.linalg.norm(product)

    assert least_over_steps(error, 10.0 ** np.arange(-4.0, -7.6, -0.5)) < 1e-8


def test_reference_energy_is_only_a_shift():
    potential, x, period = disc_of("Al-Ercolessi-1994")
    w = np.random.default_rng(0).random(len(x))
    _, plain = evaluate(potential, x, period, w)
    _, shifted = evaluate(potential, x, period, w, reference=-3.36)
    assert shifted.energy == pytest.approx(plain.energy + 3.36 * w.sum(), rel=1e-13)
    np.testing.assert_array_equal(shifted.gradient, plain.gradient)


def test_sites_without_weight_may_be_anywhere():
    """Two unweighted atoms on top of each other, far from every weighted one, cost nothing."""
    potential, x, period = disc_of("Al-Ercolessi-1994")
    y = np.concatenate([x, [[60.0, 0.0, 0.0], [60.01, 0.0, 0.0]]])
    w = np.concatenate([np.ones(len(x)), [0.0, 0.0]])
    _, alone = evaluate(potential, x, period)
    _, with_ghosts = evaluate(potential, y, period, w)
    assert with_ghosts.energy == pytest.approx(alone.energy, rel=1e-14)
    assert not with_ghosts.gradient[-2:].any()
    with pytest.raises(OffTableError):
        evaluate(potential, y, period, np.ones(len(y)))


# --- invariance ----------------------------------------------------------------------------------


@settings(max_examples=15)
@given(
    seed=st.integers(0, 1000),
    shift=st.tuples(*[st.floats(-50.0, 50.0)] * 3),
    angle=st.floats(-np.pi, np.pi),
)
@pytest.mark.parametrize("name", ["Al-Ercolessi-1994", "W-Zhou-2004", "Ar-Bernardes-1958"])
def test_translation_and_rotation(name, seed, shift, angle):
    """About the periodic axis: the energy stays and the forces turn; no net force or torque."""
    potential, x, period = disc_of(name, radius=8.0, seed=seed)
    c, s = np.cos(angle), np.sin(angle)
    R = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])
    _, state = evaluate(potential, x, period)
    _, moved = evaluate(potential, x @ R.T + shift, period)
    g, largest = state.gradient, np.abs(state.gradient).max()
    assert moved.energy == pytest.approx(state.energy, rel=1e-12)
    np.testing.assert_allclose(moved.gradient, g @ R.T, rtol=0, atol=1e-10 * max(1.0, largest))
    assert np.abs(g.sum(axis=0)).max() < 1e-12 * len(x) * largest
    torque = (x[:, 0] * g[:, 1] - x[:, 1] * g[:, 0]).sum()
    assert abs(torque) < 1e-12 * len(x) * largest * 8.0


def test_rotation_in_space_of_a_cluster():
    """Without a period any rotation leaves the energy alone."""
    potential, x, _ = disc_of("Cu-Zhou-2004", radius=7.0)
    up = np.array([0.0, 0.0, 2.556])
    x = np.concatenate([x, x + up])
    R, _ = np.linalg.qr(np.random.default_rng(1).standard_normal((3, 3)))
    _, state = evaluate(potential, x, np.inf)
    _, turned = evaluate(potential, x @ R.T, np.inf)
    assert turned.energy == pytest.approx(state.energy, rel=1e-12)
    np.testing.assert_allclose(turned.gradient, state.gradient @ R.T, rtol=0, atol=1e-11)


# --- plain Python --------------------------------------------------------------------------------

PLAIN = """
import sys
import numpy as np
from test_kernels import plain_numbers
np.savez(sys.argv[1], **plain_numbers())
"""


def plain_numbers():
    """Energy, gradient, Hessian product, W, P and A of small systems, one of each form."""
    from qcmethod.crystal import cauchy_born

    out = {}
    for name in CARDS:
        potential, x, period = disc_of(name, radius=3.4 if name != "toy2d-c10" else 2.0)
        w = np.linspace(0.0, 1.0, len(x))
        sites, state = evaluate(potential, x, period, w)
        v = np.random.default_rng(6).standard_normal(x.shape)
        structure, a = potential.structure, potential.lattice_constant
        crystal = lattice.hex2d(a) if structure == "hex2d" else lattice.cubic(structure, a, *CRACK)
        F = np.array([np.eye(3) + 0.01 * np.arange(9).reshape(3, 3)])
        shell = crystal.shell(1.15 * potential.cutoff)
        W, P, density, _ = cauchy_born.energy_stress(potential.params, F, shell)
        out |= {
            f"{name} energy": state.energy,
            f"{name} gradient": state.gradient,
            f"{name} Hessian": sites.hessian(state)(v),
            f"{name} W": W,
            f"{name} P": P,
            f"{name} A": cauchy_born.tangent(potential.params, F, shell, density),
        }
    return out


def test_compiled_equals_plain_python(tmp_path):
    """The kernels are valid Python: a process with NUMBA_DISABLE_JIT=1 finds the same numbers."""
    here = Path(__file__).parent
    paths = [
        str(here),
        str(ROOT / "tests" / "support"),
        str(ROOT),
        os.environ.get("PYTHONPATH", ""),
    ]
    environment = {
        **os.environ,
        "NUMBA_DISABLE_JIT": "1",
        "PYTHONPATH": os.pathsep.join(p for p in paths if p),
    }
    file = tmp_path / "plain.npz"
    command = [sys.executable, "-c", PLAIN, str(file)]
    subprocess.run(command, env=environment, check=True, timeout=300)
    plain, compiled = np.load(file), plain_numbers()
    assert set(plain) == set(compiled)
    for key, value in compiled.items():
        scale = max(1.0, float(np.abs(value).max()))
        np.testing.assert_allclose(plain[key], value, rtol=0, atol=1e-13 * scale, err_msg=key)
