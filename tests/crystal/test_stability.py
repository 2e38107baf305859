"""Stability and phonons of deformed lattices, against LAMMPS, wave speeds and published values.

Phonons of the Cu potential of Mishin et al.: Phys. Rev. B 63, 224106 (2001).
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import chains
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles import lammps_table, new_lammps
from scipy.linalg import expm

import qcmethod as qc
from qcmethod.crystal.cauchy_born import energy_stress
from qcmethod.crystal.stability import margin, waves
from qcmethod.crystal.stability.phonons import THZ, force_constants
from qcmethod.errors import InputError, InvertedCellError, OffTableError, UnstableCrystalError
from qcmethod.potentials.site import embed, pair

CRYSTALS = {
    "fcc": "Al-Ercolessi-1994",
    "bcc": "W-Ackland-1987",
    "hex2d": "toy2d-c10",
    "chain": "LJ",
}
KINDS = sorted(CRYSTALS)


@cache
def crystal(kind: str, **axes: tuple[int, int, int]) -> qc.Crystal:
    return getattr(qc.Crystal, kind)(qc.load_potential(CRYSTALS[kind]), **axes)


def gradient(kind: str, seed: int, size: float = 0.04) -> np.ndarray:
    """A gradient of the components of this crystal, about 4 % from 1."""
    n = {"hex2d": 2, "chain": 1}.get(kind, 3)
    F = np.eye(3)
    F[:n, :n] += size / np.sqrt(n) * np.random.default_rng(seed).normal(size=(n, n))
    return F


def constants(c: qc.Crystal, F: np.ndarray):
    shell = c.lattice.shell(1.4 * c.potential.cutoff)
    density = energy_stress(c.potential.params, F[None], shell)[2][0]
    p, n = c.potential.params, c.lattice.n_components
    return force_constants(p, F, shell, density, n)


# --- the dynamical matrix ------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=20)
@given(seed=st.integers(0, 10**6))
def test_symmetries_of_the_dynamical_matrix(kind: str, seed: int) -> None:
    c, F, rng = crystal(kind), gradient(kind, seed), np.random.default_rng(seed)
    found, n = constants(c, F), c.lattice.n_components
    B = waves.reciprocal(c.lattice)
    k = rng.normal(size=(5, len(B))) @ B
    D = found.matrix(k)
    size = np.abs(D).max()
    np.testing.assert_allclose(D, D.transpose(0, 2, 1), atol=1e-13 * size)
    np.testing.assert_allclose(found.matrix(-k), D, atol=1e-13 * size)
    np.testing.assert_allclose(found.matrix(k + B[0] - 2.0 * B[-1]), D, atol=1e-12 * size)
    assert np.abs(found.matrix(np.zeros((1, 3)))).max() == 0.0
    skew = rng.normal(size=(n, n))
    Q = np.eye(3)
    Q[:n, :n] = expm(skew - skew.T)
    q = Q[:n, :n]
    np.testing.assert_allclose(constants(c, Q @ F).matrix(k), q @ D @ q.T, atol=1e-12 * size)


@pytest.mark.parametrize("kind", KINDS)
def test_the_slope_of_a_branch(kind: str) -> None:
    c = crystal(kind)
    found, rng = constants(c, gradient(kind, 3)), np.random.default_rng(3)
    k, e = rng.normal(size=3), rng.normal(size=found.n)
    step = 1e-5 * np.eye(3)
    forward, backward = (
        np.einsum("kab,a,b->k", found.matrix(k + s * step), e, e) for s in (1.0, -1.0)
    )
    slope = found.expectation_slope(k, e)
    np.testing.assert_allclose(slope, (forward - backward) / 2e-5, atol=1e-7 * np.abs(slope).max())


@pytest.mark.parametrize("kind", KINDS)
def test_long_waves_are_those_of_the_continuum(kind: str) -> None:
    """D(k) -> site volume times Q(k), for any F; and N(k) -> |k|^2."""
    c, F = crystal(kind), gradient(kind, 7)
    B, n = waves.reciprocal(c.lattice), c.lattice.n_components
    k = 1e-3 * np.random.default_rng(7).normal(size=(6, len(B))) @ B
    Q = np.einsum("aibj,ki,kj->kab", c.tangent(F)[:n, :, :n, :], k, k) * c.lattice.site_volume
    error = np.abs(constants(c, F).matrix(k) - Q).max(axis=(1, 2))
    assert np.all(error < 2e-4 * np.abs(Q).max(axis=(1, 2)))
    np.testing.assert_allclose(waves.laplacian(k, c.lattice), (k**2).sum(axis=1), rtol=1e-4)


def test_sound_travels_with_the_speeds_of_the_elastic_constants() -> None:
    c = crystal("fcc")
    C, volume, mass = c.elastic_constants(), c.lattice.site_volume, c.potential.mass
    k = 1e-3
    speeds = {
        (1, 0, 0): (C.C44, C.C44, C.C11),
        (1, 1, 0): ((C.C11 - C.C12) / 2, C.C44, (C.C11 + C.C12) / 2 + C.C44),
        (1, 1, 1): ((C.C11 - C.C12 + C.C44) / 3,) * 2 + ((C.C11 + 2 * C.C12 + 4 * C.C44) / 3,),
    }
    for direction, moduli in speeds.items():
        n = np.array(direction) / np.linalg.norm(direction)
        expected = THZ * k * np.sqrt(np.array(moduli) * volume / mass)
        np.testing.assert_allclose(c.phonons(k * n).frequencies[0], expected, rtol=1e-6)
    assert pytest.approx(15.633302, rel=2e-7) == THZ  # the factor of phonopy, older constants


def test_lammps_forces_give_the_same_dynamical_matrix() -> None:
    """Central differences of the forces in a deformed supercell of 108 atoms, at its own waves."""
    table = lammps_table("Cu_mishin1.eam.alloy")
    c, m = qc.Crystal.fcc(qc.load_potential(table)), 3
    a = c.lattice_constant
    F = np.array([[1.03, 0.02, -0.01], [0.0, 0.98, 0.015], [0.0, 0.0, 1.01]])
    base = 0.5 * np.array([[0, 0, 0], [0, 1, 1], [1, 0, 1], [1, 1, 0]])
    corner = np.stack(np.meshgrid(*[np.arange(m)] * 3, indexing="ij"), -1).reshape(-1, 1, 3)
    X = a * (corner + base).reshape(-1, 3)
    box = m * a * F
    lmp = new_lammps()
    edges = [f"0 {box[i, i]:.15g}" for i in range(3)]
    for line in (
        "units metal",
        "atom_modify map array sort 0 0",
        "box tilt large",
        f"region b prism {' '.join(edges)} {box[0, 1]:.15g} {box[0, 2]:.15g} {box[1, 2]:.15g}",
        "create_box 1 b",
    ):
        lmp.command(line)
    x = X @ F.T
    lmp.create_atoms(len(x), list(range(1, len(x) + 1)), [1] * len(x), x.ravel().tolist())
    assert lmp.get_natoms() == len(x)
    for line in ("mass 1 63.546", "pair_style eam/alloy", f"pair_coeff * * {table} Cu"):
        lmp.command(line)
    lmp.command("run 0 post no")
    pointer = lmp.numpy.extract_atom("x")
    first = int(np.flatnonzero(lmp.numpy.extract_atom("id") == 1)[0])
    h, rows = 1e-4, []
    for axis in range(3):
        both = []
        for sign in (1.0, -1.0):
            pointer[first, axis] += sign * h
            lmp.command("run 0 post no")
            both.append(np.array(lmp.gather_atoms("f", 1, 3)).reshape(-1, 3))
            pointer = lmp.numpy.extract_atom("x")
            first = int(np.flatnonzero(lmp.numpy.extract_atom("id") == 1)[0])
            pointer[first, axis] -= sign * h
        rows.append(-(both[0] - both[1]) / (2.0 * h))
    lmp.close()
    hessian = np.array(rows)  # (3, n, 3): force constants between atom 1 and all others
    index = np.array([[1, 0, 0], [0, 1, 0], [1, 1, 0], [1, 2, 0], [1, 1, 1], [0, 1, 2], [3, 0, 0]])
    k = 2.0 * np.pi / (m * a) * index
    expected = np.einsum("ajb,kj->kab", hessian, np.exp(1j * k @ (X - X[0]).T))
    D = constants(c, F).matrix(k)
    assert np.abs(expected.imag).max() < 1e-6 * np.abs(D).max()
    assert np.abs(D - expected.real).max() < 2e-6 * np.abs(D).max()


@pytest.mark.parametrize(
    ("kind", "axes"),
    [
        ("fcc", {"x": (1, 1, -2), "y": (1, 1, 1), "z": (1, -1, 0)}),
        ("bcc", {"x": (1, 0, 0), "y": (0, 1, 1), "z": (0, -1, 1)}),
        ("hex2d", {}),
        ("chain", {}),
    ],
)
def test_a_plane_wave_in_the_atomistic_model_of_a_problem(kind: str, axes: dict) -> None:
    """The Hessian of the coupled model (another kernel) on cos(k.x), at the site in the centre."""
    c, F = crystal(kind, **axes), gradient(kind, 11, 0.02)
    F[:, 2] = np.eye(3)[2]
    cutoff, n = c.potential.cutoff, c.lattice.n_components
    system = qc.couple(qc.homogeneous(c, F, extent=3.2 * cutoff, rim=cutoff), "atomistic")
    product = system.model.stiffness(system.model.at(system.zero))
    x = system.body.x_k
    centre = int(np.argmin(np.linalg.norm(x, axis=1)))
    k = np.array([0.7, 0.4 if c.lattice.dim == 2 else 0.0, 0.0]) / c.lattice_constant
    D = constants(c, F).matrix(k[None])[0]
    for axis in range(n):
        u = np.zeros_like(x)
        u[:, axis] = np.cos(x @ k)
        found = product.matvec(u.ravel()).reshape(-1, 3)[centre]
        np.testing.assert_allclose(found[:n], D[:, axis], atol=1e-11 * np.abs(D).max())


# --- frequencies ---------------------------------------------------------------------------------


def test_phonons_of_copper_as_published() -> None:
    c = qc.Crystal.fcc(qc.load_potential(lammps_table("Cu_mishin1.eam.alloy")))
    unit = 2.0 * np.pi / c.lattice_constant
    points = {  # X, L, K, THz
        (1.0, 0.0, 0.0): (5.20, 5.20, 7.82),
        (0.5, 0.5, 0.5): (3.32, 3.32, 7.78),
        (0.75, 0.75, 0.0): (4.65, 6.22, 7.17),
    }
    found = c.phonons(unit * np.array(list(points)))
    np.testing.assert_allclose(found.frequencies, list(points.values()), atol=0.006)


def test_chain_dispersion() -> None:
    """w^2 = 4 p1 sin^2(k/2) + 4 p2 sin^2 k."""
    chain, k = chains.crystal(), np.linspace(0.0, np.pi, 9)
    for F in (1.0, 1.05, 1.12):
        p1, p2 = chains.d2phi(F), chains.d2phi(2.0 * F)
        w2 = 4.0 * p1 * np.sin(0.5 * k) ** 2 + 4.0 * p2 * np.sin(k) ** 2
        found = chain.phonons(np.outer(k, [1.0, 0.0, 0.0]), chains.gradient(F))
        stiffness = found.frequencies[:, 0] / THZ
        np.testing.assert_allclose(
            stiffness * np.abs(stiffness), w2 / chain.potential.mass, atol=1e-11 * abs(p1)
        )
    assert found.frequencies[1:4].max() < 0.0  # beyond the critical stretch


def test_paths_of_special_points_do_not_depend_on_the_orientation() -> None:
    straight = crystal("fcc").phonons("GXWLGK", points=50)
    turned = crystal("fcc", x=(1, 1, -2), y=(1, 1, 1), z=(1, -1, 0)).phonons("GXWLGK", points=50)
    np.testing.assert_allclose(turned.frequencies, straight.frequencies, atol=1e-5)
    np.testing.assert_allclose(turned.distance, straight.distance)
    assert [name for _, name in straight.labels] == ["G", "X", "W", "L", "G", "K"]
    corner = dict(zip("GXWL", (x for x, _ in straight.labels), strict=False))
    at = {name: int(np.argmin(abs(straight.distance - x))) for name, x in corner.items()}
    np.testing.assert_allclose(straight.frequencies[at["X"]], [5.800, 5.800, 9.289], atol=5e-4)
    np.testing.assert_allclose(straight.frequencies[at["L"]], [4.024, 4.024, 9.506], atol=5e-4)
    norm = np.linalg.norm(straight.modes, axis=2)
    np.testing.assert_allclose(norm, 1.0)
    assert straight.stable and "200" not in repr(straight)


@pytest.mark.parametrize(("kind", "corner"), [("bcc", "H"), ("fcc", "X")])
def test_a_distance_along_a_path_is_a_length_in_1_over_A(kind: str, corner: str) -> None:
    """H of bcc and X of fcc are 2 pi/a from the centre."""
    c = crystal(kind)
    found = c.phonons(f"G{corner}", points=5)
    length = 2.0 * np.pi / c.lattice_constant
    assert found.distance[-1] == pytest.approx(length) == np.linalg.norm(found.k[-1])
    assert found.labels[-1] == (pytest.approx(length), corner)


@pytest.mark.parametrize("kind", KINDS)
def test_default_paths_and_pictures(kind: str, tmp_path: Path) -> None:
    c = crystal(kind)
    file = c.plot_phonons(tmp_path / "p.png", points=24, dpi=50)
    assert file.stat().st_size > 3000
    F = np.diag([1.25, 1.25 if c.lattice.dim == 2 else 1.0, 1.0])
    unstable = c.phonons(F=F, points=24)
    assert not unstable.stable and unstable.title.endswith("deformed")
    assert unstable.frequencies.min() < 0.0
    red = "#d62728"  # only imaginary frequencies are marked in red
    assert red in unstable.plot(tmp_path / "u.svg").read_text()
    assert red not in c.phonons(points=24).plot(tmp_path / "s.svg").read_text()
    c.phonons(np.array([[0.1, 0.0, 0.0]])).plot(tmp_path / "one.png", dpi=50)
    with pytest.raises(InputError, match="suffix"):
        c.plot_phonons(tmp_path / "p.gif", points=24)


# --- stability -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=6)
@given(seed=st.integers(0, 10**6))
def test_no_wave_is_softer_than_the_softest(kind: str, seed: int) -> None:
    c, F, rng = crystal(kind), gradient(kind, seed), np.random.default_rng(seed)
    report = c.stability(F)
    assert report.lattice_margin <= report.continuum_margin
    found, volume = constants(c, F), c.lattice.site_volume
    B = waves.reciprocal(c.lattice)
    k = rng.uniform(size=(300, len(B))) @ B
    others = np.linalg.eigvalsh(found.matrix(k))[:, 0] / waves.laplacian(k, c.lattice) / volume
    assert report.lattice_margin <= others.min() + 1e-9 * abs(others).max()
    n = waves.directions(c.lattice, order=5)
    d = c.lattice.n_components
    Q = np.einsum("aibj,ki,kj->kab", c.tangent(F)[:d, :, :d, :], n, n)
    assert report.continuum_margin <= np.linalg.eigvalsh(Q).min() + 1e-9 * abs(Q).max()
    # what is said of the wave is true
    e, k = report.mode[:d], report.k
    assert np.linalg.norm(e) == pytest.approx(1.0)
    assert e @ found.matrix(k[None])[0] @ e == pytest.approx(report.stiffness, rel=1e-9, abs=1e-12)
    if k.any():
        N = float(waves.laplacian(k[None], c.lattice)[0])
        assert report.stiffness / (N * volume) == pytest.approx(report.lattice_margin, rel=1e-7)
        np.testing.assert_allclose(report.fractional @ B, k, atol=1e-7)
        assert report.frequency == pytest.approx(c.phonons(k, F).frequencies[0, 0], rel=1e-6)


@pytest.mark.parametrize("seed", range(4))
def test_stability_does_not_depend_on_the_axes(seed: int) -> None:
    """The same deformation in another triad, and after a rotation."""
    straight = crystal("fcc")
    turned = crystal("fcc", x=(1, 1, -2), y=(1, 1, 1), z=(1, -1, 0))
    R, F = turned.lattice.axes, gradient("fcc", seed)
    a, b = straight.stability(F), turned.stability(R @ F @ R.T)
    Q = expm(np.array([[0.0, 0.3, -0.1], [-0.3, 0.0, 0.4], [0.1, -0.4, 0.0]]))
    for other in (b, straight.stability(Q @ F)):
        assert other.continuum_margin == pytest.approx(a.continuum_margin, abs=1e-9)
        assert other.lattice_margin == pytest.approx(a.lattice_margin, abs=1e-8)


@pytest.mark.parametrize(
    ("kind", "continuum", "lattice", "verdict"),
    [
        ("fcc", 0.17399115, 0.1477531, "period doubling along [11-1] polarised along [101]"),
        ("bcc", 0.9924733, 0.8036596, "waves of 3.779 A along"),
        ("hex2d", 16.0205227, 16.0205227, "long waves along x polarised along y"),
        ("chain", 63.9676058, 63.9676058, "long waves along x"),
    ],
)
def test_relaxed_crystals_are_stable(kind, continuum, lattice, verdict) -> None:
    c = crystal(kind)
    report = c.stability()
    assert report.stable and not report.cauchy_born_fails
    assert report.verdict.startswith(f"stable, softest: {verdict}")
    assert report.verdict in repr(report)
    assert report.continuum_margin == pytest.approx(continuum, rel=2e-7)
    assert report.lattice_margin == pytest.approx(lattice, rel=3e-7)
    C = c.elastic_constants()  # without stress the continuum's margin is that of a shear
    shear = C.C11 if kind == "chain" else min(C.C44, 0.5 * (C.C11 - C.C12))
    assert report.continuum_margin == pytest.approx(shear, rel=1e-9)


def test_aluminium_compressed_along_111_doubles_its_period() -> None:
    """The Cauchy-Born rule fails in a real metal; the energy of the doubled crystal is lower."""
    c = crystal("fcc")
    n = np.ones(3) / np.sqrt(3.0)
    F = np.eye(3) - 0.12 * np.outer(n, n)
    report = c.stability(F)
    assert report.cauchy_born_fails and not report.stable
    assert report.verdict.startswith("Cauchy-Born fails") and "period doubling" in report.verdict
    assert report.continuum_margin == pytest.approx(0.04027, abs=1e-5)
    assert report.lattice_margin == pytest.approx(-0.007777, abs=1e-6)
    assert report.frequency < 0.0
    assert c.is_stable(F)  # strong ellipticity does not see it
    c.require_stable(F)
    # the energy of two atoms a cell by a plain sum of the site energy, displaced by +-h e
    p, h = c.potential.params, 0.02
    shell = c.lattice.shell(1.4 * c.potential.cutoff)
    both = np.concatenate([shell, -shell])
    d0 = both @ F.T
    odd = np.abs(np.cos(both @ report.k) + 1.0) < 1e-6
    energies = []
    for amplitude in (0.0, h):
        d = d0 - 2.0 * amplitude * report.mode * odd[:, None]
        r = np.linalg.norm(d, axis=1)
        pairs = [pair(p, x) for x in r if x < p.cutoff]
        n_i = sum(v[2] for v in pairs)
        energies.append(0.5 * sum(v[0] for v in pairs) + embed(p, n_i)[0])
    # 1/2 h^2 e.D e a site
    assert energies[1] - energies[0] == pytest.approx(0.5 * h * h * report.stiffness, rel=0.05)


def test_loss_of_ellipticity_is_named() -> None:
    c = crystal("fcc")
    report = c.stability(1.1 * np.eye(3))
    axes = ("100", "010", "001")  # all pairs are one by symmetry: rounding chooses
    assert report.verdict in {
        f"unstable: long waves along [{k}] polarised along [{e}]"
        for k in axes
        for e in axes
        if e != k
    }
    assert not report.stable and not report.k.any() and report.frequency == 0.0
    with pytest.raises(UnstableCrystalError, match="smallest acoustic eigenvalue"):
        c.require_stable(1.1 * np.eye(3))
    n = np.array([1.0, 1.0, 0.0]) / np.sqrt(2.0)
    both = crystal("bcc").stability(np.eye(3) - 0.07 * np.outer(n, n))
    assert both.verdict == (
        "unstable: period doubling along [110] polarised along [1-10], and so is the continuum"
    )


def test_waves_of_a_quasi_two_dimensional_problem() -> None:
    """Waves uniform along z are a subset: the margins can only be larger."""
    c, F = crystal("fcc", x=(1, 1, -2), y=(1, 1, 1), z=(1, -1, 0)), gradient("fcc", 5)
    everything, plane = c.stability(F), c.stability(F, plane=True)
    assert plane.k[2] == 0.0 and plane.direction[2] == 0.0
    assert plane.lattice_margin > everything.lattice_margin
    assert plane.continuum_margin > everything.continuum_margin
    assert margin(c, F[None], plane=True)[0] == pytest.approx(plane.lattice_margin, rel=0.02)


# --- many gradients ------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_margins_of_many_cells(kind: str) -> None:
    c = crystal(kind)
    F_q = np.array([gradient(kind, seed) for seed in range(25)])
    exact = [c.stability(F) for F in F_q]
    scale = c.stability().lattice_margin
    for values, long in (
        ([s.lattice_margin for s in exact], False),
        ([s.continuum_margin for s in exact], True),
    ):
        excess = (margin(c, F_q, long=long) - values) / scale
        assert excess.min() > -1e-8
        assert excess.max() < 0.03
        assert np.median(excess) < 0.01
    assert np.array_equal(margin(c, F_q[[4, 2]]), margin(c, F_q)[[4, 2]])
    assert margin(c, np.zeros((0, 3, 3))).shape == (0,)


# --- refusals ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "argument"),
    [
        (lambda c: c.stability(np.eye(2)), "F"),
        (lambda c: c.stability(np.full((3, 3), np.nan)), "F"),
        (lambda c: c.phonons("GXWLGK", F=np.eye(4)), "F"),
        (lambda c: c.stability("none"), "F"),
        (lambda c: c.phonons("GQ"), "path"),
        (lambda c: c.phonons(","), "path"),
        (lambda c: c.phonons([[1, 2], [3]]), "path"),
        (lambda c: c.plot_phonons("a.png", "GX", dpi=0), "dpi"),
        (lambda c: c.phonons(""), None),
        (lambda c: c.phonons(np.ones((4, 2))), "path"),
        (lambda c: c.phonons(np.full((1, 3), np.inf)), "path"),
        (lambda c: c.phonons("GX", points=1), "points"),
        (lambda c: margin(c, np.eye(3)), "F_q"),
        (lambda c: margin(c, "none"), "F_q"),
        (lambda c: margin(c, np.full((2, 3, 3), np.nan)), "F_q"),
    ],
)
def test_refusals_name_the_argument(call, argument) -> None:
    if argument is None:
        assert len(call(crystal("fcc")).labels) == 6  # nothing: the default path
        return
    with pytest.raises(InputError) as refused:
        call(crystal("fcc"))
    assert refused.value.argument == argument and refused.value.expected


def test_a_crystal_without_bonds_has_no_margin() -> None:
    """Beyond the cut-off every value is 0, and none of them a nan."""
    far = crystal("hex2d").stability(np.diag([9.0, 9.0, 1.0]))
    assert far.lattice_margin == far.continuum_margin == 0.0 and not far.stable


def test_states_without_an_energy_are_refused() -> None:
    c = crystal("fcc")
    for call in (c.stability, lambda F: c.phonons("GX", F=F), lambda F: margin(c, F[None])):
        with pytest.raises(InvertedCellError):
            call(np.diag([-1.0, 1.0, 1.0]))
        with pytest.raises(OffTableError):
            call(0.7 * np.eye(3))
