"""What a force field costs: work around loops, drift of undamped runs; and repatoms in ASE."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from ase import units
from ase.calculators.calculator import PropertyNotImplementedError
from ase.io import Trajectory
from ase.md.langevin import Langevin
from ase.md.verlet import VelocityVerlet
from ase.optimize import BFGS, FIRE, LBFGS, BFGSLineSearch, GPMin
from ase.optimize.precon import PreconLBFGS
from figures import panel_alone
from hypothesis import given, settings
from hypothesis import strategies as st

import qcmethod as qc
from qcmethod.analysis.conservation import LoopWork
from qcmethod.analysis.conservation.curl import Jacobian
from qcmethod.analysis.conservation.drift import Drift
from qcmethod.analysis.conservation.loops import interface, interface_loops
from qcmethod.coupling.ghost import ghost_force
from qcmethod.errors import ConvergenceError, CouplingError, InputError, NoEnergyError
from qcmethod.solve.repatoms.precon import ElasticPrecon

CASE_A = [[1.0, 0.02], [0.0, 1.03]]
FCC = ((1, 1, -2), (1, 1, 1), (1, -1, 0))
ENERGY = ("local", "qce", "gfc", "bqce", "bgfc")
FORCE = ("qcf", "bqcf")


@cache
def problem(name: str) -> qc.Problem:
    if name == "model":
        crystal = qc.Crystal.hex2d(qc.load_potential("toy2d-c10"))
        return qc.vacancy(crystal, CASE_A, extent=20.0, rim=3.1)
    if name in ("small", "tiny"):
        crystal = qc.Crystal.hex2d(qc.load_potential("toy2d-c10"))
        return qc.vacancy(crystal, CASE_A, extent=12.0 if name == "small" else 8.5, rim=3.1)
    crystal = qc.Crystal.fcc(qc.load_potential("Al-Ercolessi-1994"), *FCC)
    if name == "crack":
        return qc.crack(crystal, KI=0.42, extent=60.0)
    return qc.vacancy(crystal, extent=45.0)


WIDTHS = {
    "model": (4.0, 4.0),
    "small": (2.0, 3.0),
    "tiny": (1.5, 1.5),
    "crack": (15.0, 10.0),
    "vacancy": (8.0, 8.0),
}
LOOPS = {"model": 3, "vacancy": 1, "crack": 1}


@cache
def system_of(name: str, method: str) -> qc.System:
    return qc.couple(problem(name), method, *WIDTHS[name])


@cache
def work_of(name: str, method: str) -> LoopWork:
    return qc.loop_work(system_of(name, method), loops=LOOPS[name])


# --- the work around a loop ---


@pytest.mark.parametrize("name", ["model", "vacancy", "crack"])
@pytest.mark.parametrize("method", ["qce", "bgfc"])
def test_an_energy_returns_the_work(name: str, method: str) -> None:
    found = work_of(name, method)
    assert found.worst < 1e-9 and found.largest_curl == 0.0
    assert np.abs(found.curl).max() < 1e-12
    assert found.gross.min() > 1e-3  # there was work to return


# worst of the loops (eV), of the work exchanged, largest curl (eV/A^2): measured
MEASURED = {
    ("model", "qcf"): (1.7980e-02, 2.481e-02, 6.2637),
    ("model", "bqcf"): (1.7824e-03, 2.224e-03, 3.3778),
    ("vacancy", "qcf"): (1.0201e-04, 4.042e-03, 0.6150),
    ("vacancy", "bqcf"): (2.5306e-04, 7.158e-03, 0.3574),
    ("crack", "qcf"): (2.1584e-04, 5.568e-03, 1.0736),
    ("crack", "bqcf"): (6.7239e-05, 2.521e-03, 0.6039),
}


@pytest.mark.parametrize(("name", "method"), MEASURED)
def test_a_force_field_does_not(name: str, method: str) -> None:
    found = work_of(name, method)
    worst, relative, largest = MEASURED[name, method]
    assert found.worst == pytest.approx(worst, rel=1e-3)
    assert found.relative == pytest.approx(relative, rel=1e-2)
    assert found.largest_curl == pytest.approx(largest, rel=1e-3)
    assert found.error.max() <= max(5e-10, 1e-6 * found.worst)


@settings(max_examples=8)
@given(seed=st.integers(0, 10**6), amplitude=st.floats(1e-3, 0.05), method=st.sampled_from(ENERGY))
def test_every_loop_of_every_energy_closes(seed: int, amplitude: float, method: str) -> None:
    found = qc.loop_work(system_of("small", method), amplitude=amplitude, loops=1, seed=seed)
    assert found.worst < 1e-12 and found.gross[0] > 0.0


def test_the_work_of_a_small_loop_is_curl_times_area() -> None:
    system = system_of("small", "bqcf")
    pair = interface_loops(system, 1, 3)
    misses = []
    for a in (0.01, 0.005, 0.0025):
        found = qc.loop_work(system, loops=pair, amplitude=a, tolerance=1e-15)
        misses.append(abs(found.work[0] / (np.pi * a**2) - found.curl[0]))
    assert misses[0] < 0.1 * abs(found.curl[0])
    np.testing.assert_allclose(np.divide(misses[:-1], misses[1:]), 2.0, rtol=0.03)


def test_curl_is_that_of_the_dense_jacobian() -> None:
    """Against central differences of the forces, and its norm against a dense decomposition."""
    system = system_of("small", "qcf")
    u = qc.relax(system, 1e-8).u
    K = Jacobian(system, u)
    dense = K.dense()
    index = np.flatnonzero(system.free.ravel())
    for column in range(0, len(index), 37):
        step = np.zeros(system.free.size)
        step[index[column]] = 1e-5
        f = [system.model.at(u + s * step.reshape(u.shape)).forces for s in (1.0, -1.0)]
        np.testing.assert_allclose((f[1] - f[0]).ravel()[index] / 2e-5, dense[:, column], atol=1e-7)
    antisymmetric = dense - dense.T
    assert K.largest_curl() == pytest.approx(np.linalg.norm(antisymmetric, 2), rel=1e-5)
    np.testing.assert_allclose(K.rmatvec(dense[:, 5]), dense.T @ dense[:, 5], atol=1e-11)
    p, q = interface_loops(system, 1, 0)[0]
    expected = p.ravel()[index] @ antisymmetric @ q.ravel()[index]
    assert K.curl(p, q) == pytest.approx(expected, abs=1e-12)
    assert abs(K.curl(p, q)) <= K.largest_curl() * np.linalg.norm(p) * np.linalg.norm(q)


def test_the_work_is_the_circulation_of_the_ghost_force() -> None:
    """f_bqcf = f_bqce + g(u), and the first part returns its work."""
    force, energy = system_of("model", "bqcf"), system_of("model", "bqce")
    pairs = interface_loops(force, 1, 0)
    (p, q), n, a = pairs[0], 64, 0.05
    t = 2.0 * np.pi * np.arange(n) / n
    path = [a * ((np.cos(s) - 1.0) * p + np.sin(s) * q) for s in t]
    rate = [a * (np.cos(s) * q - np.sin(s) * p) for s in t]
    circulation = sum(np.vdot(ghost_force(energy, v), d) for v, d in zip(path, rate, strict=True))
    found = qc.loop_work(force, loops=pairs, amplitude=a)
    assert found.work[0] == pytest.approx(2.0 * np.pi * circulation / n, abs=1e-13)


def test_the_other_way_round_takes_the_work_back() -> None:
    system = system_of("small", "qcf")
    p, q = interface_loops(system, 1, 1)[0]
    there, back = (qc.loop_work(system, loops=[(p, s * q)]).work[0] for s in (1.0, -1.0))
    assert abs(there) > 1e-4 and there == pytest.approx(-back, rel=1e-10)


def test_quadrature_converges_spectrally_for_a_smooth_potential() -> None:
    """16, 32, 64 points: the model potential is analytic, the change falls below rounding."""
    found = qc.loop_work(system_of("small", "bqcf"), loops=1, tolerance=1e-14)
    assert found.points[0] == 64 and found.error[0] < 1e-14
    # aluminium is tabulated: kinks of the third derivatives of the energy cost more points
    tight, loose = (
        qc.loop_work(system_of("vacancy", "bgfc"), loops=1, tolerance=t) for t in (1e-11, 1e-8)
    )
    assert tight.points[0] > 64 and tight.points[0] > loose.points[0]
    assert abs(tight.work[0]) < 1e-11 and abs(loose.work[0]) < 1e-8


def test_quadrature_that_does_not_converge_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qcmethod.analysis.conservation.work.MOST_POINTS", 32)
    with pytest.raises(ConvergenceError, match="with 32 points") as caught:
        qc.loop_work(system_of("vacancy", "bgfc"), loops=1, tolerance=1e-14)
    assert isinstance(caught.value.best, LoopWork) and caught.value.best.error[0] > 1e-14


def test_loops_lie_at_the_interface_and_are_repeatable() -> None:
    system = system_of("model", "bqcf")
    d, step = system.problem.distance(system.body.x_k[interface(system)]), 1.75
    assert 4.0 - step < d.min() < 4.0 < 8.0 < d.max() < 8.0 + step
    first, again = (interface_loops(system, 2, 5) for _ in range(2))
    for (p, q), (r, s) in zip(first, again, strict=True):
        np.testing.assert_array_equal(np.stack([p, q]), np.stack([r, s]))
        assert np.linalg.norm(p, axis=1).max() == pytest.approx(1.0)
        assert not p[~system.free].any() and abs(np.vdot(p, q)) < 0.999 * np.vdot(p, p)


def test_a_report_reads_and_serialises(tmp_path: Path) -> None:
    found = work_of("model", "qcf")
    text = str(found)
    assert "Loop work of qcf (force method), amplitude 0.05 A" in text
    assert len(text.splitlines()) == 2 + 3 and f"{found.work[0]:.3e}" in text
    assert found.as_dict()["worst"] == found.worst and len(found.as_dict()["points"]) == 3
    assert json.loads(found.write(tmp_path / "loops.json").read_text()) == found.as_dict()


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"amplitude": 0.0}, "amplitude"),
        ({"amplitude": np.nan}, "amplitude"),
        ({"amplitude": "0.1"}, "amplitude"),
        ({"tolerance": -1.0}, "tolerance"),
        ({"loops": 0}, "loops"),
        ({"loops": True}, "loops"),
        ({"loops": []}, "loops"),
        ({"loops": "many"}, "loops"),
        ({"loops": [(np.zeros(3), np.zeros(3))]}, "loops"),
        ({"loops": [(1.0,)]}, "loops"),
        ({"loops": [("a", "b")]}, "loops"),
        ({"seed": -1}, "seed"),
        ({"seed": 0.5}, "seed"),
        ({"u": np.zeros((2, 3))}, "u"),
        ({"u": "relaxed"}, "u"),
    ],
)
def test_loop_work_refuses(options: dict, named: str) -> None:
    with pytest.raises(InputError) as caught:
        qc.loop_work(system_of("small", "qcf"), **options)
    assert caught.value.argument == named


def test_loop_work_refuses_other_objects_and_still_directions() -> None:
    system = system_of("small", "qcf")
    with pytest.raises(InputError, match="system"):
        qc.loop_work(problem("small"))
    still = np.where(system.free, 0.0, 1.0)
    with pytest.raises(InputError, match="without free components"):
        qc.loop_work(system, loops=[(still, still)])


# --- repatoms as atoms ---


@pytest.mark.parametrize("name", ["model", "vacancy", "crack"])
@pytest.mark.parametrize("method", [*ENERGY, *FORCE])
def test_masses_count_every_site_once(name: str, method: str) -> None:
    system = system_of(name, method)
    atoms, mass = qc.repatoms(system), system.problem.crystal.potential.mass
    m = atoms.get_masses()
    assert m.sum() == pytest.approx(mass * system.represented, rel=1e-12) and m.min() > 0.0
    # P1: the centre of mass is that of the sites and cells themselves
    body, w = system.body, system.weights
    centres = body.x_k[body.cells.vertices].mean(axis=1)
    moment = w.w_l @ body.x_l + w.omega_c @ centres
    x = body.x_k[atoms.arrays["node"]]
    np.testing.assert_allclose(m @ x, mass * moment, atol=1e-9 * m.sum() * np.abs(x).max())
    # every free direction is an atom's, and only those move
    assert set(np.flatnonzero(system.free.any(axis=1))) <= set(atoms.arrays["node"])
    assert atoms.get_number_of_degrees_of_freedom() == system.n_dof


def test_a_core_atom_weighs_one_atom_and_the_lower_flank_has_mass() -> None:
    system = system_of("crack", "bgfc")
    atoms = qc.repatoms(system)
    core = atoms.arrays["beta"] == 0.0
    lower = atoms.arrays["lower_flank"]
    x = system.body.x_k[atoms.arrays["node"]]
    inner = np.linalg.norm(x, axis=1) < system.core - 5.0  # of no cell with beta > 0
    np.testing.assert_allclose(atoms.arrays["sites"][inner], 1.0, rtol=1e-12)
    np.testing.assert_allclose(atoms.arrays["sites"][core & ~lower], 1.0, rtol=0.02)
    assert lower.sum() > 5 and not (lower & inner).any()  # in the core the flank is made of atoms
    assert set(atoms.get_chemical_symbols()) == {"Al"}


def test_atoms_carry_the_state() -> None:
    system = system_of("model", "bgfc")
    solution = qc.relax(system)
    atoms = solution.repatoms()
    on_atoms = np.zeros_like(solution.u)
    on_atoms[atoms.arrays["node"]] = solution.u[atoms.arrays["node"]]
    np.testing.assert_allclose(atoms.u, on_atoms, atol=1e-14)
    assert atoms.get_potential_energy() == pytest.approx(solution.excess_energy, abs=1e-12)
    forces = atoms.get_forces()  # constraints applied: what is left is the residual
    assert np.linalg.norm(forces, axis=1).max() == pytest.approx(solution.fmax, rel=1e-6)
    assert not atoms.pbc.any() and not atoms.get_forces()[:, 2].any()


@pytest.mark.parametrize(
    ("optimiser", "name", "method"),
    [(o, "small", m) for o in (FIRE, LBFGS) for m in ("bgfc", "bqcf", "qcf")]
    + [(BFGS, "tiny", "bgfc"), (BFGS, "tiny", "bqcf")],  # BFGS diagonalises (3 n, 3 n) every step
)
def test_ase_reaches_the_equilibrium_of_relax(optimiser: type, name: str, method: str) -> None:
    system = system_of(name, method)
    exact = qc.relax(system, 1e-9)
    atoms = qc.repatoms(system)
    run = optimiser(atoms, logfile=None)
    assert run.run(fmax=1e-3, steps=400)
    # the stiffness of the softest mode is about 2 eV/A^2
    assert np.abs(atoms.u - exact.u).max() < 5e-4
    assert np.linalg.norm(system.model.at(atoms.u).forces[system.free]) < 2e-2


def test_the_elastic_preconditioner() -> None:
    system = system_of("vacancy", "bgfc")
    steps = []
    for precon in (True, False):
        atoms = qc.repatoms(system)
        run = PreconLBFGS(atoms, precon=atoms.elastic_precon() if precon else "ID", logfile=None)
        assert run.run(fmax=1e-3, steps=300)
        steps.append(run.nsteps)
    assert steps[0] <= 12 and steps[1] > 2 * steps[0]
    exact = qc.relax(system, 1e-8)
    assert atoms.get_potential_energy() == pytest.approx(exact.excess_energy, abs=1e-4)


def test_the_preconditioner_is_a_symmetric_matrix_and_its_inverse() -> None:
    atoms = qc.repatoms(system_of("small", "bgfc"))
    precon = atoms.elastic_precon()
    P = precon.asarray()
    np.testing.assert_allclose(P, P.T, atol=1e-12)
    assert np.linalg.eigvalsh(P).min() > 0.0
    x = np.random.default_rng(0).standard_normal(len(P))
    np.testing.assert_allclose(precon.copy().solve(precon.Pdot(x)), x, atol=1e-10)
    assert isinstance(precon.copy(), ElasticPrecon) and precon.make_precon(atoms) is None


def test_a_force_method_has_no_energy(tmp_path) -> None:
    atoms = qc.repatoms(system_of("small", "bqcf"))
    for error in (NoEnergyError, qc.QCError, PropertyNotImplementedError):
        with pytest.raises(error, match=r"bqcf has forces but no energy.*FIRE.*bgfc"):
            atoms.get_potential_energy()
    with pytest.raises(NoEnergyError):
        atoms.get_potential_energy(force_consistent=True)
    assert np.isfinite(atoms.get_forces()).all()
    # a log may print it; a trajectory is written without
    with (tmp_path / "log").open("w") as log:
        FIRE(atoms, logfile=log, trajectory=str(tmp_path / "a.traj")).run(fmax=1e-2, steps=3)
    assert "nan" in (tmp_path / "log").read_text()
    written = Trajectory(tmp_path / "a.traj")[-1]
    np.testing.assert_allclose(written.positions, atoms.positions, atol=1e-12)


@pytest.mark.parametrize(
    "run",
    [
        lambda atoms: BFGSLineSearch(atoms, logfile=None).run(fmax=1e-4),
        lambda atoms: GPMin(atoms, logfile=None).run(fmax=1e-4),
        lambda atoms: FIRE(atoms, logfile=None, downhill_check=True).run(fmax=1e-4),
        lambda atoms: PreconLBFGS(atoms, precon="ID", logfile=None).run(fmax=1e-4),
        lambda atoms: VelocityVerlet(atoms, units.fs, logfile="-").run(1),
    ],
)
@pytest.mark.filterwarnings("ignore:Possible Memory Issue")
def test_what_needs_an_energy_is_refused_one(run) -> None:
    with pytest.raises(NoEnergyError, match="no energy"):
        run(qc.repatoms(system_of("small", "qcf")))


def test_dynamics_leave_the_clamped_and_the_plane_where_they_are() -> None:
    system = system_of("small", "bqcf")
    atoms = qc.repatoms(system, qc.relax(system))
    before = atoms.positions.copy()
    Langevin(
        atoms,
        0.2 * units.fs,
        temperature_K=300,
        friction=0.5 / units.fs / 10.0,
        rng=np.random.default_rng(1),
        fixcm=False,
    ).run(400)
    moved = np.abs(atoms.positions - before) > 0.0
    free = system.free[atoms.arrays["node"]]
    assert not moved[~free].any() and moved[free].mean() > 0.99
    assert atoms.get_number_of_degrees_of_freedom() == system.n_dof
    assert 150.0 < atoms.get_temperature() < 450.0


def test_a_curl_that_vanishes_to_the_last_bit() -> None:
    """Every site a node, every cluster one site: the forces are those of an energy."""
    toy = qc.Crystal.hex2d(qc.load_potential("toy2d-c10"))
    cutoff = toy.potential.cutoff
    whole = qc.couple(qc.homogeneous(toy, extent=8.0 * cutoff), "cluster-force", 5.4 * cutoff)
    assert qc.loop_work(whole, loops=1).largest_curl == 0.0


def test_free_repatoms_without_a_mass_are_refused() -> None:
    toy = qc.Crystal.hex2d(qc.load_potential("toy2d-c10"))
    cutoff = toy.potential.cutoff
    ends = qc.vacancy(toy, extent=20.0 * cutoff, rim=0.0)
    strip = qc.couple(ends, "bqce", 3.0 * cutoff, 2.0 * cutoff, metric="strip")
    with pytest.raises(CouplingError, match="without a mass"):
        qc.repatoms(strip)


def test_repatoms_refuse() -> None:
    system = system_of("small", "bgfc")
    with pytest.raises(InputError, match="system"):
        qc.repatoms(problem("small"))
    with pytest.raises(InputError, match="u: got"):
        qc.repatoms(system, np.zeros((3, 3)))
    with pytest.raises(InputError, match="u: got"):
        qc.repatoms(system, np.full_like(system.zero, np.nan))
    with pytest.raises(InputError, match="repatoms of"):
        qc.repatoms(system).calc.get_forces(qc.repatoms(system)[:3])
    p2 = qc.couple(problem("model"), "bgfc", 3.0, 3.0, elements="P2")
    with pytest.raises(CouplingError, match=r"P2.*no atom"):
        qc.repatoms(p2)
    assert qc.loop_work(p2, loops=1).worst < 1e-12  # loops need no atoms


# --- undamped runs ---


def spectrum(system: qc.System) -> tuple[np.ndarray, np.ndarray]:
    """K at equilibrium, and the squares of the angular frequencies: eigenvalues of M^-1 K."""
    solution = qc.relax(system, 1e-8)
    atoms, mass = solution.repatoms(), np.zeros(len(solution.u))
    mass[atoms.arrays["node"]] = atoms.get_masses()
    K = Jacobian(system, solution.u).dense()
    return K, np.linalg.eigvals(K / np.repeat(mass, 3)[system.free.ravel()][:, None])


@pytest.mark.parametrize("method", FORCE)
def test_small_vibrations_of_the_model_crystal_neither_grow_nor_decay(method: str) -> None:
    """K is not symmetric, yet M^-1 K has a real, positive spectrum: no drift in a linear run."""
    system = system_of("small", method)
    K, squares = spectrum(system)
    assert np.abs(K - K.T).max() > 0.1
    assert np.abs(squares.imag).max() < 1e-9 * np.abs(squares).max() and squares.real.min() > 0.5


@pytest.mark.parametrize(("method", "growing", "rate"), [("qcf", 0, 0.0), ("bqcf", 4, 0.01778)])
def test_a_few_of_aluminium_grow(method: str, growing: int, rate: float) -> None:
    """Complex squares of frequencies come in pairs; one of each frequency's pair grows. 1/ps."""
    _, squares = spectrum(system_of("vacancy", method))
    is_complex = np.abs(squares.imag) > 1e-9 * np.abs(squares)
    growth = np.abs(np.sqrt(squares.astype(complex)).imag).max() * units.fs * 1e3
    assert is_complex.sum() == growing and growth == pytest.approx(rate, rel=1e-2, abs=1e-6)


@cache
def run_of(method: str, dt: float) -> Drift:
    system = system_of("small", method)
    return qc.drift(system, steps=round(40.0 / dt), dt=dt, kick=100.0, every=round(0.4 / dt))


def test_the_energy_of_an_energy_method_is_kept_to_second_order() -> None:
    coarse, fine = run_of("bgfc", 0.1), run_of("bgfc", 0.05)
    assert coarse.time[-1] == fine.time[-1] == pytest.approx(40.0)
    assert coarse.oscillation / fine.oscillation == pytest.approx(4.0, rel=0.2)
    assert coarse.excursion < 5e-3 * coarse.kinetic[0]
    early, late = coarse.total[20:60].mean(), coarse.total[60:].mean()
    assert abs(late - early) < 0.05 * coarse.excursion  # nothing secular after the start
    # half of the kinetic energy became potential energy
    assert coarse.kinetic[20:].mean() == pytest.approx(0.5 * coarse.kinetic[0], rel=0.15)


def test_the_ledger_of_a_force_method_does_not_close() -> None:
    force, energy = run_of("bqcf", 0.05), run_of("bgfc", 0.05)
    assert force.excursion > 10.0 * energy.excursion
    assert force.excursion == pytest.approx(0.0129016, rel=1e-3)
    # the error of the time step is that of the energy method; what is left does not depend on it
    lost = [run_of("bqcf", dt).total[-1] - run_of("bgfc", dt).total[-1] for dt in (0.1, 0.05)]
    assert lost == pytest.approx([0.01207, 0.01207], rel=1e-3)
    assert force.ledger == "E of bgfc, frozen at the start" and energy.ledger == "E"


def test_runs_can_be_drawn(tmp_path) -> None:
    first, second = run_of("bgfc", 0.1), run_of("bqcf", 0.1)
    assert first.plot(tmp_path / "drift.png", second).stat().st_size > 10_000
    panel_alone(first)
    with pytest.raises(InputError, match="path"):
        first.plot(tmp_path / "drift.txt")
    assert "Drift(bqcf, 40 fs" in repr(second)


def test_given_velocities_start_the_run() -> None:
    system = system_of("small", "bgfc")
    u = qc.relax(system).u
    v = np.where(system.free, 0.001, 0.0)
    found = qc.drift(system, u, steps=10, dt=0.05, kick=v, every=5)
    atoms = qc.repatoms(system)
    m, v_a = atoms.get_masses(), v[atoms.arrays["node"]] / units.fs
    assert found.kinetic[0] == pytest.approx(0.5 * m @ (v_a**2).sum(axis=1), rel=1e-12)
    np.testing.assert_allclose(found.time, [0.0, 0.25, 0.5])


def test_a_run_that_leaves_the_potential_is_refused() -> None:
    with pytest.raises(ConvergenceError, match="left the potential's range") as caught:
        qc.drift(system_of("small", "bqcf"), steps=200, dt=20.0, kick=5e4, every=1)
    assert isinstance(caught.value.best, Drift)


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"steps": 0}, "steps"),
        ({"steps": 2.5}, "steps"),
        ({"dt": 0.0}, "dt"),
        ({"dt": np.nan}, "dt"),
        ({"dt": "1 fs"}, "dt"),
        ({"every": 0}, "every"),
        ({"every": 50, "steps": 10}, "every"),
        ({"seed": -1}, "seed"),
        ({"kick": 0.0}, "kick"),
        ({"kick": np.inf}, "kick"),
        ({"kick": np.zeros((2, 3))}, "kick"),
        ({"kick": "hot"}, "kick"),
        ({"u": np.zeros(3)}, "u"),
    ],
)
def test_drift_refuses(options: dict, named: str) -> None:
    system = system_of("small", "bgfc")
    with pytest.raises(InputError) as caught:
        qc.drift(system, **({"u": system.zero} | options))
    assert caught.value.argument == named


def test_drift_refuses_other_objects_and_p2() -> None:
    with pytest.raises(InputError, match="system"):
        qc.drift(problem("small"))
    p2 = qc.couple(problem("model"), "bgfc", 3.0, 3.0, elements="P2")
    with pytest.raises(CouplingError, match="P2"):
        qc.drift(p2, p2.zero)
    assert replace(p2).body.elements == "P2"
