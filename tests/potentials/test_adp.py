"""ADP: equal to LAMMPS, to EAM where its angles are zero, and a potential like others."""

from __future__ import annotations

import warnings
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from angular import angular, written
from oracles import lammps_table, new_lammps

import qcmethod as qc
from qcmethod.crystal.stability import margin
from qcmethod.errors import PotentialWarning
from qcmethod.testing import check_law, check_potential
from qcmethod.units import GPA

TABLES = [("Ni.adp", "Ni"), ("AlCu.adp", "Al"), ("own.adp", "Al")]
"""u and w of pure Al are zero in AlCu.adp (its angles are between unlike atoms)."""
FOLDER = TemporaryDirectory()
TRIAD = ((1, 1, -2), (1, 1, 1), (1, -1, 0))


@cache
def path_of(file):
    if file != "own.adp":
        return lammps_table(file)
    return written(Path(FOLDER.name) / file)


@cache
def potential_of(file, element):
    with warnings.catch_warnings():  # the header of Ni.adp says bcc
        warnings.simplefilter("ignore", PotentialWarning)
        return qc.load_potential(path_of(file), element=element)


@cache
def crystal_of(file, element):
    return qc.Crystal.fcc(potential_of(file, element), *TRIAD)


def lammps_with(box, boundary, x, file, element):
    """LAMMPS with atoms at x (n, 3) in a prism of the edges `box` (xx yy zz xy xz yz), A."""
    lammps, path = new_lammps(), path_of(file)
    xx, yy, zz, xy, xz, yz = (f"{value:.17g}" for value in box)
    lammps.commands_list(
        [
            "units metal",
            "atom_modify map array sort 0 0",
            f"boundary {boundary}",
            f"region box prism 0 {xx} 0 {yy} 0 {zz} {xy} {xz} {yz} units box",
            "create_box 1 box",
            "mass 1 1.0",
        ]
    )
    n = len(x)
    lammps.create_atoms(n, list(range(1, n + 1)), [1] * n, x.ravel().tolist())
    assert lammps.get_natoms() == n
    lammps.commands_list(
        [
            "pair_style adp",
            f"pair_coeff * * {path} {element}",
            "compute e all pe/atom",
            "compute s all stress/atom NULL",
            "compute sum all reduce sum c_e c_s[1]",
            "thermo_style custom pe pxx pyy pzz pxy pxz pyz c_sum[1]",
            "thermo_modify norm no",
            "run 0 post no",
        ]
    )
    return lammps


@pytest.mark.parametrize(("file", "element"), TABLES)
def test_a_cluster_in_disorder_is_that_of_lammps(file, element):
    """Energy of each atom, forces and virials, to rounding; all terms are there."""
    potential = potential_of(file, element)
    a, rng = potential.lattice_constant, np.random.default_rng(3)
    corner = np.stack(np.meshgrid(*[np.arange(4)] * 3, indexing="ij"), -1).reshape(-1, 1, 3)
    basis = np.array([[0, 0, 0], [0.5, 0.5, 0], [0.5, 0, 0.5], [0, 0.5, 0.5]])
    x = a * (corner + basis).reshape(-1, 3) + 10.0
    x += rng.uniform(-0.25, 0.25, x.shape)
    sites = potential.site_sum(np.inf, np.ones(len(x)), np.zeros(len(x)))
    state, V, X = sites.at(x), sites.energies(x), sites.virials(x)
    edge = 4.0 * a + 20.0
    lammps = lammps_with((edge, edge, edge, 0, 0, 0), "f f f", x, file, element)
    energies = lammps.numpy.extract_compute("e", 1, 1)[: len(x)]
    force = np.ctypeslib.as_array(lammps.gather_atoms("f", 1, 3)).reshape(-1, 3)
    virial = lammps.numpy.extract_compute("s", 1, 2)[: len(x)] / 1602176.634  # bar A^3
    np.testing.assert_allclose(V, energies, rtol=0, atol=1e-10)
    assert state.energy / len(x) == pytest.approx(lammps.get_thermo("pe") / len(x), abs=1e-10)
    # between the last row and the cut-off LAMMPS keeps a slope, that of no energy
    distance = np.linalg.norm(x[:, None] - x[None], axis=2)
    last = (distance > potential.cutoff - 1e-3) & (distance < potential.cutoff)
    kept = ~last.any(axis=1)
    assert kept.mean() > 0.9
    np.testing.assert_allclose(-state.gradient[kept], force[kept], rtol=0, atol=1e-10)
    np.testing.assert_allclose(X.sum(axis=0), X.sum(axis=0).T, atol=1e-9)
    # LAMMPS's nktv2p has seven digits; it keeps dx fy of the off-diagonal parts
    pairs = [(0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2)]
    mine = np.stack([X[:, b, a] for a, b in pairs], axis=1)
    np.testing.assert_allclose(mine[kept], virial[kept], rtol=1e-6, atol=1e-7)
    lammps.close()
    eam = potential.params.radial[:, :8]
    without = potential.params._replace(radial=np.hstack([eam, np.zeros_like(eam)]))
    bare = qc.Potential("bare", element, without).site_sum(np.inf, sites.w, sites.reference)
    cost = np.abs(bare.energies(x) - V).max()  # eV, of the angles
    assert cost > 0.1 if file != "AlCu.adp" else cost == 0.0


@pytest.mark.parametrize(("file", "element"), TABLES)
def test_a_strained_crystal_is_that_of_lammps(file, element):
    """Energy and Cauchy stress at gradients up to 8 %, upper triangles as LAMMPS has its boxes."""
    crystal = qc.Crystal.fcc(potential_of(file, element))
    a, rng = crystal.lattice_constant, np.random.default_rng(5)
    basis = a * np.array([[0, 0, 0], [0.5, 0.5, 0], [0.5, 0, 0.5], [0, 0.5, 0.5]])
    for _ in range(3):
        F = np.eye(3) + np.triu(rng.uniform(-0.08, 0.08, (3, 3)))
        box = a * np.array([F[0, 0], F[1, 1], F[2, 2], F[0, 1], F[0, 2], F[1, 2]])
        lammps = lammps_with(box, "p p p", basis @ F.T, file, element)
        assert crystal.site_energy(F) == pytest.approx(lammps.get_thermo("pe") / 4.0, abs=1e-10)
        cauchy = crystal.stress(F) @ F.T / np.linalg.det(F)
        np.testing.assert_allclose(cauchy, cauchy.T, atol=1e-12)
        pressure = [lammps.get_thermo(f"p{xy}") for xy in ("xx", "yy", "zz", "xy", "xz", "yz")]
        mine = -cauchy[[0, 1, 2, 0, 0, 1], [0, 1, 2, 1, 2, 2]] * 1602176.634
        np.testing.assert_allclose(mine, pressure, rtol=1e-6, atol=1e-3)  # bar
        lammps.close()


def test_moduli_are_differences_of_the_stress():
    """And the shear moduli, unlike C11 and C12, feel the angular functions."""
    crystal = qc.Crystal.fcc(potential_of("Ni.adp", "Ni"))
    moduli, h, C = crystal.elastic_constants(), 1e-5, {}
    for name, (i, j), (k, m) in (
        ("C11", (0, 0), (0, 0)),
        ("C12", (0, 0), (1, 1)),
        ("C44", (1, 2), (1, 2)),
    ):
        dF = np.zeros((3, 3))
        dF[k, m] = h
        slope = crystal.stress(np.eye(3) + dF) - crystal.stress(np.eye(3) - dF)
        C[name] = slope[i, j] / (2.0 * h * GPA)
    assert moduli.gpa() == pytest.approx(C, rel=1e-6)


@cache
def twins():
    """EAM, and ADP whose angular functions are zero."""
    eam = qc.Crystal.fcc(qc.load_potential("Al-Ercolessi-1994"), *TRIAD)
    # on the same lattice: the program that reconstructs bonds has many solutions
    return [eam, qc.Crystal.fcc(angular(0.0, 0.0), *TRIAD, a=eam.lattice_constant)]


STRAIN = np.array([[1.01, 0.02, 0.0], [-0.01, 1.03, 0.0], [0.0, 0.0, 1.0]])


def test_without_angles_it_is_eam():
    """Every sum of a many-body form against that of the central one."""
    one, other = twins()
    at_rest = qc.Crystal.fcc(other.potential)
    assert at_rest.lattice_constant == pytest.approx(one.lattice_constant, rel=1e-12)
    np.testing.assert_allclose(other.stress(STRAIN), one.stress(STRAIN), atol=1e-14)
    np.testing.assert_allclose(other.tangent(STRAIN), one.tangent(STRAIN), atol=1e-12)
    k = np.random.default_rng(1).uniform(-2.0, 2.0, (20, 3))
    mine, theirs = (c.phonons(k, STRAIN).frequencies for c in (other, one))
    np.testing.assert_allclose(mine, theirs, atol=1e-9)
    F_q = np.stack([np.eye(3), STRAIN, STRAIN @ STRAIN])
    for how in ({}, {"plane": True}, {"long": True}):
        assert margin(other, F_q, **how) == pytest.approx(margin(one, F_q, **how), rel=1e-9)
    assert other.stability(STRAIN).lattice_margin == pytest.approx(
        one.stability(STRAIN).lattice_margin, rel=1e-6
    )
    gammas = [qc.surface_energy(crystal).j_per_m2 for crystal in (other, one)]
    assert gammas[0] == pytest.approx(gammas[1], rel=1e-9)


@pytest.mark.parametrize("method", ["bgfc", "bqcf", "grac"])
def test_a_coupled_problem_without_angles_is_that_of_eam(method):
    """Forces, stiffness and its matrix, virials; for grac the sums over given bonds."""
    systems = [
        qc.couple(qc.crack(crystal, KI=0.3, extent=60.0), method, core=10.0, blend=6.0)
        for crystal in twins()
    ]
    u = np.random.default_rng(2).uniform(-0.02, 0.02, systems[0].zero.shape)
    v = np.random.default_rng(3).uniform(-1.0, 1.0, u.size)
    states = [system.model.at(u) for system in systems]
    np.testing.assert_allclose(states[1].forces, states[0].forces, atol=1e-10)
    pairs = list(zip(systems, states, strict=True))
    products = [system.model.stiffness(state).matvec(v) for system, state in pairs]
    np.testing.assert_allclose(products[1], products[0], atol=1e-9)
    sums = [system.model.sites for system in systems]
    matrices = [system.model.sites.hessian_matrix(state.sites) for system, state in pairs]
    assert abs(matrices[1] - matrices[0]).max() < 1e-9
    y = systems[0].body.positions(u)
    near = sums[0].w > 0.0
    np.testing.assert_allclose(sums[1].virials(y)[near], sums[0].virials(y)[near], atol=1e-10)


@pytest.mark.parametrize(
    ("file", "element"),
    [TABLES[0], *(pytest.param(*one, marks=pytest.mark.slow) for one in TABLES[1:])],
)
def test_it_is_a_potential(file, element):
    crystal = crystal_of(file, element)
    errors = check_potential(potential_of(file, element), crystal, tolerance=1e-5)
    assert errors["E'' symmetric"] < 1e-12 and errors["reach"] == 0.0


@cache
def with_angles():
    return qc.Crystal.fcc(angular(), *TRIAD)


def test_a_smooth_one_holds_to_every_digit():
    """Gradient, Hessian, a law with its tangent, where tables of LAMMPS are piecewise."""
    crystal = with_angles()
    errors = check_potential(angular(), crystal, smooth=1, tolerance=1e-8)
    assert max(errors["dE/dx"], errors["E'' v"]) < 5e-9
    check_law("cauchy-born", crystal, tolerance=1e-8)
    one, bare = (c.elastic_constants().gpa() for c in (crystal, twins()[0]))
    assert abs(one["C44"] / bare["C44"] - 1.0) > 0.01  # the angles are there


@pytest.mark.parametrize("method", ["bgfc", "bqcf", "gfc", "qcf", "grac", "qce"])
def test_patch_test(method):
    """No ghost forces where a method claims none, at strains that bend angles; else there are."""
    problem = qc.vacancy(with_angles(), extent=70.0)
    system = qc.couple(problem, method, core=12.0, blend=6.0 if method[0] == "b" else None)
    report, passes = qc.patch_test(system), system.method.passes
    if passes == "every gradient":
        assert report.worst < 1e-12
    else:
        assert report.worst > 1e-3  # no vacuous gradients
        assert passes == "no" or report.rows[0].worst < 1e-12


@pytest.mark.slow
def test_a_dislocation_relaxes():
    """With energies and with forces, to one state; cells and atoms have the same law."""
    crystal = crystal_of("Ni.adp", "Ni")
    problem = qc.dislocation(crystal, (0.5, -0.5, 0), (1, 1, 1), (1, 1, -2), extent=80.0)
    u = []
    for method in ("bgfc", "bqcf"):
        found = qc.relax(qc.couple(problem, method, core=16.0, blend=10.0), fmax=1e-6)
        assert found.fmax <= 1e-6
        u.append(found.u)
    assert np.abs(u[0] - u[1]).max() < 0.02  # A
