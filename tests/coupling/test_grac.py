"""Reconstructed interfaces: grac by a linear program, qnl in closed form.

They are the energies without a ghost force at any gradient (Shimokawa et al. 2004; E, Lu and Yang
2006; Ortner and Zhang 2012, 2014). Gradients, Hessians and rotations of grac are tested with those
of all methods in test_consistency.py.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import chains
import model_problem as mp
import numpy as np
import pytest
from scipy.sparse import csr_array

import qcmethod as qc
from qcmethod import mesh as meshing
from qcmethod.coupling.ghost import ghost_force
from qcmethod.coupling.method import find_method
from qcmethod.coupling.reconstruct import grac
from qcmethod.coupling.reconstruct.balance import Program
from qcmethod.coupling.reconstruct.interface import reconstructed
from qcmethod.coupling.reconstruct.shell import SHELL_FACTOR, Columns, Interface
from qcmethod.coupling.system import System
from qcmethod.errors import CouplingError, InvertedCellError, OffTableError
from qcmethod.lattice.sites import Sites
from qcmethod.potentials.forms.lennard_jones import lennard_jones

TRIADS = {
    "fcc": ((1, 1, -2), (1, 1, 1), (1, -1, 0)),
    "cube": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "bcc": ((1, -1, 0), (0, 0, 1), (-1, -1, 0)),
}
# name: potential, lattice, problem, core in cut-offs, options
CASES = {
    "toy hexagon": ("toy2d-c10", "hex2d", "vacancy", 4.0, {"metric": "hops"}),
    "toy disc": ("toy2d-c10", "hex2d", "vacancy", 4.3, {}),
    "toy P2": ("toy2d-c10", "hex2d", "vacancy", 4.0, {"elements": "P2"}),
    "toy row": ("toy2d-c20", "hex2d", "row", 3.5, {"metric": "hops"}),
    "LJ disc": ("plane", "hex2d", "vacancy", 2.5, {}),
    "LJ hexagon": ("plane", "hex2d", "vacancy", 2.5, {"metric": "hops"}),
    "Al disc": ("Al-Ercolessi-1994", "fcc", "vacancy", 2.4, {}),
    "Al hexagon": ("Al-Ercolessi-1994", "fcc", "vacancy", 2.4, {"metric": "hops"}),
    "Al strip": ("Al-Ercolessi-1994", "fcc", "vacancy", 2.2, {"metric": "strip"}),
    "Al cube": ("Al-Ercolessi-1994", "cube", "vacancy", 1.8, {}),
    "Al crack": ("Al-Ercolessi-1994", "fcc", "crack", 3.6, {}),
    "Cu": ("Cu-Zhou-2004", "fcc", "vacancy", 1.8, {"metric": "hops"}),
    "W": ("W-Ackland-1987", "bcc", "row", 2.4, {}),
    "W crack": ("W-Ackland-1987", "bcc", "crack", 3.0, {"metric": "hops"}),
    "Fe": ("Fe-Finnis-1984", "bcc", "vacancy", 2.4, {"metric": "hops"}),
    "chain": ("chain", "chain", "vacancy", 3.5, {}),
}


@cache
def crystal_of(potential: str, lattice: str) -> qc.Crystal:
    if potential == "chain":
        return chains.crystal()
    if potential == "plane":  # third neighbours interact
        params = lennard_jones(epsilon=1.0, sigma=1.0, cutoff=2.6, treatment="force-shift")
        return qc.Crystal.hex2d(qc.Potential("plane", "X", params, "hex2d", 1.1))
    if lattice == "hex2d":
        return qc.Crystal.hex2d(qc.load_potential(potential))
    build = qc.Crystal.bcc if lattice == "bcc" else qc.Crystal.fcc
    return build(qc.load_potential(potential), *TRIADS[lattice])


@cache
def system_of(case: str, method: str = "grac") -> qc.System:
    potential, lattice, kind, core, options = CASES[case]
    crystal = crystal_of(potential, lattice)
    extent = (core + 6.0) * crystal.potential.cutoff
    if kind == "crack":
        problem = qc.crack(crystal, KI=0.42 if lattice == "fcc" else 2.0, extent=extent)
    elif kind == "row":
        problem = qc.microcrack(crystal, 3, extent=extent)
    else:
        problem = qc.vacancy(crystal, extent=extent)
    return qc.couple(problem, method, core=core * crystal.potential.cutoff, **options)


def test_what_has_no_balance_is_refused_before_a_program_is_solved(monkeypatch) -> None:
    """Rows so dense that no steps near a site balance its bonds."""
    monkeypatch.setattr(Program, "solve", lambda self: pytest.fail("a program was solved"))
    al = qc.load_potential("Al-Ercolessi-1994")
    turned = qc.Crystal.fcc(al, (5, -1, -1), (2, 5, 5), (0, -1, 1))
    problem = qc.homogeneous(turned, extent=9.0 * al.cutoff)
    with pytest.raises(CouplingError, match=r"^core: .*whose interface can be balanced"):
        qc.couple(problem, "grac", core=2.34 * al.cutoff)


def test_what_would_take_minutes_is_refused_before_a_program_is_solved(monkeypatch) -> None:
    monkeypatch.setattr(Program, "solve", lambda self: pytest.fail("a program was solved"))
    iron = qc.load_potential("Fe-Zhou-2004")
    turned = qc.Crystal.bcc(iron, (1, -3, 0), (3, 1, 2), (-3, -1, 5))
    problem = qc.homogeneous(turned, extent=15.0 * iron.cutoff)
    with pytest.raises(CouplingError, match=r"^core: .*fewer bonds: \d+ linear programs of about"):
        qc.couple(problem, "grac", core=6.0 * iron.cutoff)


def test_a_balance_exists_or_not() -> None:
    """On rows without one, and with more than one: A X = b by hand."""
    none = np.zeros((0, 1), dtype=np.int64)
    for b, expected in (([1.0, 2.0], True), ([1.0, 1.0], False)):
        A = csr_array(np.array([[1.0, 1.0, 0.0], [2.0, 2.0, 0.0]]))
        program = Program(none[:, 0], none, A, np.array(b), 1)
        assert program.is_consistent() is expected


def test_progress_is_in_the_log(caplog) -> None:
    grac_of = crystal_of("chain", "chain")
    with caplog.at_level("INFO", logger="qcmethod"):
        qc.couple(qc.homogeneous(grac_of, extent=41.7), "grac", core=11.1)
    assert any("bonds 1 of" in line for line in caplog.messages)


SLOW = ("toy row", "LJ hexagon", "Al cube", "Cu", "W crack", "Fe")


@pytest.mark.parametrize(
    "case", [pytest.param(c, marks=pytest.mark.slow) if c in SLOW else c for c in CASES]
)
def test_there_is_no_ghost_force_at_any_gradient(case: str) -> None:
    """Forces below 1e-12 eV/A where qce has 3e-3 to 0.7, and the exact energy of every site."""
    system = system_of(case)
    assert system.reconstruction is not None
    assert system.reconstruction.residual < 1e-13
    report = qc.patch_test(system, magnitude=0.03)
    assert report.passes and report.worst < 1e-12
    # nearest neighbours have no ghost force where they have no force
    assert report.vacuous == (("reference", "rotation") if case.startswith("toy") else ())
    for row in report.rows:
        assert row.name in report.vacuous or row.uncorrected > 3e-3
    patch = system.pristine(system.problem.predictor.F)
    for row in report.rows:
        at_F = patch.at_gradient(row.F)
        assert abs(at_F.model.at(at_F.zero).energy) < 1e-14 * at_F.n_sites + 1e-11


@pytest.mark.parametrize("case", ["toy hexagon", "Al disc", "Al crack", "chain"])
def test_stencils_reproduce_uniform_gradients(case: str) -> None:
    """sum_s C_(l,r,s) s = r for every bond, and nothing depends on the gradient or the load."""
    found = system_of(case).reconstruction
    assert found is not None
    n_i, m = found.on.shape
    total = np.zeros((n_i, m, found.ij.shape[1]))
    np.add.at(total, (found.site, found.column), found.value[:, None] * found.offset)
    np.testing.assert_allclose(
        total, np.broadcast_to(found.columns.ij, total.shape), rtol=0, atol=1e-13
    )
    patch = system_of(case).pristine(np.eye(3))
    other = patch.at_gradient(np.diag([1.01, 1.0, 1.0]))
    assert other.reconstruction is patch.reconstruction


def test_columns_hold_every_bond_of_the_shell_once() -> None:
    crystal = crystal_of("Al-Ercolessi-1994", "fcc")
    radius = SHELL_FACTOR * crystal.potential.cutoff
    columns = Columns.within(crystal, radius)
    z = np.array([[0.0, 0.0, 1.0]])
    bonds = np.concatenate(
        [
            columns.vectors[c] + columns.shift[columns.start[c] : columns.start[c + 1], None] * z
            for c in range(len(columns.ij))
        ]
    )
    half = crystal.lattice.shell(radius)
    both = np.concatenate([half, -half])
    assert len(bonds) == len(both)
    for r in both:
        assert np.linalg.norm(bonds - r, axis=1).min() < 1e-12
    for plus, minus in columns.pairs:
        np.testing.assert_array_equal(columns.ij[plus], -columns.ij[minus])


@pytest.mark.parametrize("method", ["qnl", "grac"])
def test_chain_is_as_stable_as_its_continuum(method: str) -> None:
    """inf <E''u, u>/|Du|^2 = A = phi''(F) + 4 phi''(2F) (Dobson, Luskin and Ortner 2010)."""
    for F in (1.0, 1.05):
        A = chains.d2phi(F) + 4.0 * chains.d2phi(2.0 * F)
        H = chains.dense(chains.resolved(chains.crystal(), F, method, 50, 20))
        assert chains.clamped_constant(H) == pytest.approx(A, abs=1e-10 * chains.d2phi(F))


@pytest.mark.parametrize("method", ["qnl", "grac"])
@pytest.mark.parametrize("n", [50, 100, 200])
def test_spectrum_of_qcf_is_that_of_qnl(method: str, n: int) -> None:
    """With one core |l| <= K for both; the linear program finds qnl by itself."""
    F, K = chains.stretch_of_ratio(-0.2), n // 8
    unit = chains.d2phi(F)
    force = np.linalg.eigvals(chains.periodic(chains.crystal(), F, "qcf", n, K)) / unit
    energy = np.linalg.eigvalsh(chains.periodic(chains.crystal(), F, method, n, K)) / unit
    assert np.abs(force.imag).max() < 1e-6
    np.testing.assert_allclose(np.sort(force.real), energy, rtol=0, atol=1e-12)


def test_qnl_keeps_the_next_nearest_bonds_centred_in_the_core() -> None:
    """E'' on a chain is that of the bonds with centre |c| <= K, Cauchy-Born terms for the rest."""
    N, K, F = 30, 10, 1.03
    H = chains.dense(chains.resolved(chains.crystal(), F, "qnl", N, K))
    p1, p2 = chains.d2phi(F), chains.d2phi(2.0 * F)
    atoms = np.arange(-N - 4, N + 5)
    D = np.eye(len(atoms))[1:] - np.eye(len(atoms))[:-1]
    expected = p1 * D.T @ D
    for c in range(1, len(atoms) - 1):
        if abs(atoms[c]) <= K:
            b = D[c - 1] + D[c]
            expected += p2 * np.outer(b, b)
        else:
            expected += 2.0 * p2 * sum(np.outer(D[k], D[k]) for k in (c - 1, c))
    free = np.flatnonzero(np.abs(atoms) <= N)
    np.testing.assert_allclose(H, expected[np.ix_(free, free)], rtol=0, atol=1e-11 * p1)


def test_qnl_of_a_plane_interface_is_an_energy_without_ghost_force() -> None:
    """Al, strip along (111): two planes within the cut-off. Forces by differences of the energy."""
    system = system_of("Al strip", "qnl")
    report = qc.patch_test(system)
    assert report.passes and report.worst < 1e-12 and not report.vacuous
    rng = np.random.default_rng(3)
    u, v = (np.where(system.free, rng.uniform(-0.02, 0.02, system.zero.shape), 0.0) for _ in "uv")
    slope = -float(np.vdot(system.model.at(u).forces, v))
    errors = []
    for h in (1e-1, 1e-2, 1e-3, 1e-4):
        e = [system.model.at(u + k * h * v).energy for k in (1.0, -1.0, 2.0, -2.0)]
        difference = (8.0 * (e[0] - e[1]) - (e[2] - e[3])) / (12.0 * h)
        errors.append(abs(difference / slope - 1.0))
    assert min(errors) < 1e-8
    K = system.model.stiffness(system.model.at(u))
    a, b = u.ravel(), v.ravel()
    assert abs(a @ K.matvec(b) - b @ K.matvec(a)) < 1e-13 * np.linalg.norm(a) * np.linalg.norm(b)


def test_vacancy_energy_of_strips_and_discs() -> None:
    """Al, unlike qce (0.47 eV) all within 0.3 meV of the fully atomistic energy."""
    system = system_of("Al strip")
    atomistic = qc.relax(qc.couple(system.problem, "atomistic")).excess_energy
    assert atomistic == pytest.approx(0.69235, abs=2e-4)
    for case, method in (("Al strip", "grac"), ("Al strip", "qnl"), ("Al disc", "grac")):
        energy = qc.relax(system_of(case, method)).excess_energy
        assert energy == pytest.approx(atomistic, abs=3e-4)


@pytest.mark.parametrize("case", ["toy hexagon", "Al hexagon"])
def test_the_twin_of_an_energy_is_itself(case: str) -> None:
    system = system_of(case)
    assert system.conservative_twin(system.zero) is system
    plain = replace(system, partition=system.partition.by(find_method("qce")))
    assert plain.reconstruction is None
    assert plain.energy_model.interface is None


def test_crack_flanks_are_corrected_at_the_predictor() -> None:
    """What is left where interface and flank meet is frozen in; elsewhere nothing is.

    Tip field against the atomistic one within 20 A: as good as gfc, four times as good as qce.
    """
    crystal = crystal_of("Al-Ercolessi-1994", "fcc")
    problem = qc.crack(crystal, KI=0.42, extent=90.0)
    reference = qc.relax(qc.couple(problem, "atomistic"), fmax=1e-4)
    sites = Sites(reference.system.body.ij_l)
    y_ref = reference.system.body.positions(reference.u)
    error = {}
    for method in ("qce", "gfc", "grac"):
        system = qc.couple(problem, method, core=30.0)
        solution = qc.relax(system, fmax=1e-4)
        body = system.body
        near = np.linalg.norm(body.x_l[:, :2], axis=1) < 20.0
        y = body.positions(solution.u)[near]
        error[method] = np.abs(y - y_ref[sites.find(body.ij_l[near])]).max()
    assert error["grac"] < 0.006 and error["grac"] < 1.2 * error["gfc"] < 0.5 * error["qce"]
    corrected = np.flatnonzero(np.abs(system.g).max(axis=1))
    x = system.body.x_k[corrected]
    assert len(corrected) and (x[:, 0] < 0.0).all()
    assert (np.abs(x[:, 1]) < 2.0 * crystal.potential.cutoff).all()
    left = ghost_force(system, system.zero)
    assert np.abs(left[corrected]).max() < 1e-13
    assert not np.abs(system.pristine(np.eye(3)).g).any()


def test_error_of_the_model_problem() -> None:
    """Case A, cores of K0 + 2 hops: within 10 % of the published error at the same K0."""
    coupled = mp.Reference.build("A", core=24, blend=8, extent=1000)
    table = mp.CASES["A"]
    for K0, error in ((4, 0.0585), (8, 0.0237)):
        found = coupled.error(mp.solve("A", "grac", K0, core=K0 + 2 + mp.EDGE, blend=0))
        assert found == pytest.approx(error, rel=0.02)
        assert found == pytest.approx(table["error"]["grac"][table["K0"].index(K0)], rel=0.1)


def test_what_cannot_be_served_is_refused() -> None:
    al, problem = crystal_of("Al-Ercolessi-1994", "fcc"), system_of("Al disc").problem
    c = al.potential.cutoff
    for metric in ("euclid", "hops"):  # corners
        with pytest.raises(CouplingError, match=r"plane interface.*grac"):
            qc.couple(problem, "qnl", core=2.2 * c, metric=metric)
    with pytest.raises(CouplingError, match=r"interface that needs the site.*missing"):
        qc.couple(problem, "grac", core=1.05 * c)
    tungsten = crystal_of("W-Zhou-2004", "bcc")  # (001) planes: three within the cut-off
    c = tungsten.potential.cutoff
    with pytest.raises(CouplingError, match="two rows"):
        qc.couple(qc.vacancy(tungsten, extent=9 * c), "qnl", core=2.2 * c, metric="strip")
    toy = qc.load_potential("toy2d-c10")  # rows so near that all three of the core reach its edge
    close = qc.vacancy(qc.Crystal.hex2d(toy, a=0.95), extent=30.0)
    with pytest.raises(CouplingError, match=r"core: got 1\.45.*out of reach of its edge"):
        qc.couple(close, "qnl", core=toy.cutoff, metric="strip")
    long = lennard_jones(epsilon=1.0, sigma=1.0, cutoff=3.6, treatment="force-shift")
    chain = qc.Crystal.chain(qc.Potential("long", "X", long, "chain", 1.1))
    with pytest.raises(CouplingError, match="two rows"):
        qc.couple(qc.vacancy(chain, extent=60.0), "qnl", core=10.0)
    with pytest.raises(CouplingError, match="metric"):
        qc.couple(system_of("Al crack").problem, "grac", core=20.0, metric="strip")


def test_an_infeasible_program_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A net force cannot be balanced: the rows of all nodes add up to nothing."""
    system = system_of("toy disc")
    pristine = system.pristine(np.eye(3))
    omega = pristine.weights.omega_c
    columns = Columns.within(pristine.problem.crystal, 1.5)
    face = Interface.find(pristine.body, system.core, columns)
    program = Program.build(face, pristine.body, columns.ij[0], omega, ring=1)
    assert program.solve() is not None
    b = program.b.copy()
    b[-1] += 1.0
    assert replace(program, b=b).solve() is None
    monkeypatch.setattr(Program, "solve", lambda self: None)
    with pytest.raises(CouplingError, match=r"core: .*no bonds do that for r = .*bgfc"):
        grac.balanced(pristine.body, system.core, omega)


def test_a_kept_reconstruction_belongs_to_its_interface() -> None:
    """Another core or another method on the same mesh is another reconstruction."""
    system = system_of("Al strip")
    omega, body = system.weights.omega_c, system.body
    first = reconstructed(body, system.method, system.core, omega)
    assert reconstructed(body, system.method, system.core, omega) is first
    other = reconstructed(body, find_method("qnl"), system.core, omega)
    assert other is not first
    smaller = System.of(system.body, replace(system.partition, core=system.core - 3.0))
    assert smaller.reconstruction is not None
    assert len(smaller.reconstruction.ij) > 0
    assert smaller.reconstruction is not first


def test_an_interface_compressed_beyond_its_shell_is_refused() -> None:
    system = system_of("toy disc").pristine(np.eye(3))
    x = system.body.x_k
    with pytest.raises((InvertedCellError, OffTableError)):
        system.energy_model.interface.at(0.8 * system.body.x_l)
    ok = system.energy_model.interface.at(0.9 * system.body.x_l)
    assert np.isfinite(ok.energy) and len(x)


def test_cores_of_any_shape() -> None:
    """An L and two separate parts: the program knows sites and cells only."""
    al = crystal_of("Al-Ercolessi-1994", "fcc")
    c = al.potential.cutoff
    arm, none = np.linspace(0.0, 3.0 * c, 25), np.zeros(25)
    shapes = {
        "L": np.concatenate([np.stack([arm, none], axis=1), np.stack([none, arm], axis=1)]),
        "two": np.array([[-3.0 * c, 0.0], [3.0 * c, 0.0]]),
    }
    problem = qc.homogeneous(al, extent=14.0 * c)
    for zone in shapes.values():
        report = qc.patch_test(qc.couple(replace(problem, zone=zone), "grac", core=1.2 * c))
        assert report.passes and report.worst < 1e-12 and not report.vacuous


def test_tungsten_far_from_the_reference_state() -> None:
    """2 % stretch and shear: as accurate as gfc corrected at this strain, 20 times gfc at none."""
    crystal = crystal_of("W-Ackland-1987", "bcc")
    c, F = crystal.potential.cutoff, np.eye(3)
    F[0, 1], F[1, 1] = 0.02, 1.02
    best = qc.relax(qc.couple(qc.vacancy(crystal, F, extent=300.0), "bgfc", 30.0, 15.0))
    mesh = best.system.body.mesh
    vacant = (mesh.ij == 0).all(axis=1)[meshing.canonical(mesh)].any(axis=1)
    reference = mp.Reference(best, ~vacant)
    problem = qc.vacancy(crystal, F, extent=30.0 * c)
    error = {}
    for name, method, options in (
        ("grac", "grac", {}),
        ("gfc", "gfc", {}),
        ("far", "gfc", {"reference": np.eye(3)}),
    ):
        system = qc.couple(problem, method, core=3.0 * c, **options)
        error[name] = reference.error(qc.relax(system))
    assert error["grac"] == pytest.approx(0.0100, rel=0.1)
    assert error["grac"] < error["gfc"]
    assert error["far"] > 20.0 * error["grac"]
