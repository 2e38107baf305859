"""A crack tip in aluminium against an independent fully atomistic relaxation with LAMMPS.

The reference (tests/data/crack_Al_EA94.json says how it was made) stops where the norm of all
forces is 1e-6 eV/A. The open flanks are soft: there this residual is worth 7e-6 A. So the
displacements are compared in two steps: our Newton step from the reference is that difference, and
LAMMPS itself, taken on to 1e-10 eV/A, arrives at our solution.
"""

from __future__ import annotations

import json
from functools import cache

import numpy as np
import pytest
from oracles import new_lammps
from paths import DATA
from scipy.sparse.linalg import LinearOperator, cg, splu
from scipy.spatial import cKDTree

import qcmethod as qc

LOADS = (0.42, 0.44)
POTENTIAL = "Al-Ercolessi-1994"


@cache
def reference():
    return dict(np.load(DATA / "crack_Al_EA94.npz")), json.loads(
        (DATA / "crack_Al_EA94.json").read_text()
    )


@cache
def problem(K):
    crystal = qc.Crystal.fcc(qc.load_potential(POTENTIAL), x=(1, 1, -2), y=(1, 1, 1), z=(1, -1, 0))
    return qc.crack(crystal, KI=K, extent=reference()[1]["R"])


@cache
def atomistic(K):
    """Fully atomistic solution; each load starts from the last one, as in the reference."""
    system = qc.couple(problem(K), "atomistic")
    last = LOADS[: LOADS.index(K)][-1:]
    start = atomistic(last[0]).u if last else None
    return qc.relax(system, fmax=1e-10, u=start)


def columns_of(system):
    """For each atom of the reference the site of the system in the same place, (5465,)."""
    distance, site = cKDTree(system.body.x_l[:, :2]).query(reference()[0]["x0"][:, :2])
    assert distance.max() < 1e-6 and len(set(site)) == len(site)
    return site


def displacement(solution):
    """Displacements (n_l, 3) of the listed sites, A."""
    body = solution.system.body
    return body.positions(solution.u) - body.x_l


def corrector_of_reference(K, system=None):
    """The state of the reference as a corrector (n_k, 3) of the fully atomistic system."""
    system = atomistic(K).system if system is None else system
    body = system.body
    on_sites = np.empty_like(body.x_l)
    on_sites[columns_of(system)] = reference()[0][f"u_K{K}"]
    on_sites += body.x_l - body.y0_l
    u = np.zeros_like(system.zero)
    has = body.site_of_node >= 0
    u[has] = on_sites[body.site_of_node[has]]
    return np.where(system.free, u, 0.0)


# --- fully atomistic -----------------------------------------------------------------------------


@pytest.mark.parametrize("K", LOADS)
def test_same_cylinder(K):
    arrays, about = reference()
    system = atomistic(K).system
    site = columns_of(system)
    assert system.n_sites == system.n_repatoms == len(arrays["x0"]) == 5465
    free = np.zeros(5465, dtype=bool)
    has = system.body.site_of_node >= 0
    free[system.body.site_of_node[has]] = system.free[has].all(axis=1)
    np.testing.assert_array_equal(free[site], arrays["free"])
    crystal = system.problem.crystal
    assert crystal.lattice_constant == pytest.approx(about["a0"], abs=2e-8)
    assert crystal.lattice.period == pytest.approx(about["period"], abs=2e-8)
    rim = ~arrays["free"]
    predicted = (system.body.y0_l - system.body.x_l)[site]
    np.testing.assert_allclose(predicted[rim], arrays[f"u_K{K}"][rim], rtol=0, atol=1e-7)


@pytest.mark.parametrize("K", LOADS)
def test_total_energy(K):
    assert atomistic(K).energy == pytest.approx(
        reference()[1]["runs"][str(K)]["E_total"], rel=0, abs=1e-6
    )


@pytest.mark.parametrize("K", (*LOADS, 0.44625))
def test_energy_at_the_positions_of_the_reference(K):
    """Our energy there is the reference's to 4e-8 eV, the rounding of its table at 18,000 eV; what
    its residual r is worth, 1/2 r . H^-1 r, is 1e-10 eV: it stopped near enough."""
    system = qc.couple(problem(K), "atomistic")
    there = system.model.at(corrector_of_reference(K, system))
    energy = there.energy + system.reference_total
    assert energy == pytest.approx(reference()[1]["runs"][str(K)]["E_total"], rel=0, abs=6e-8)
    solution = qc.relax(system, fmax=1e-9, u=there.u)
    worth = there.energy - solution.excess_energy
    assert 5e-11 < worth < 2e-10
    f = np.where(system.free, there.forces, 0.0)
    # to second order in the step d = H^-1 r the difference is 1/2 r . d
    assert worth == pytest.approx(0.5 * np.vdot(f, solution.u - there.u), rel=0.02)


@pytest.mark.parametrize("K", LOADS)
def test_displacements_to_the_residual_of_the_reference(K):
    """Our forces at the reference are its residual; one Newton step from it is the difference."""
    arrays, about = reference()
    solution = atomistic(K)
    system, u = solution.system, corrector_of_reference(K)
    state = system.model.at(u)
    free = system.free.ravel()
    f = state.forces.ravel()[free]
    assert np.linalg.norm(f) == pytest.approx(about["runs"][str(K)]["force_norm"], rel=1e-2)
    assert np.abs(f).max() < 5e-8
    H = system.model.stiffness(state)

    def product(v):
        full = np.zeros(free.size)
        full[free] = v
        return H.matvec(full)[free]

    M = splu(system.elastic_stiffness.tocsc()[:, free][free, :])
    n = int(free.sum())
    step, failed = cg(
        LinearOperator((n, n), matvec=product),
        f,
        M=LinearOperator((n, n), matvec=M.solve),
        rtol=1e-8,
    )
    assert not failed
    difference = (solution.u - u).ravel()[free]
    # the difference is not small against 1e-6, but it is H^-1 times the residual
    assert 2e-6 < np.abs(difference).max() < 1e-5
    np.testing.assert_allclose(step, difference, rtol=0, atol=1e-8)
    moved = displacement(solution)[columns_of(system)] - arrays[f"u_K{K}"]
    assert np.abs(moved).max() < 1e-5


class Lammps:
    """Forces of LAMMPS on the atoms of the reference, on one table of the exact potential."""

    def __init__(self, y, period, table):
        self.n, self.period = len(y), period
        margin = 20.0
        self.low = np.append(y[:, :2].min(axis=0) - margin, 0.0)
        start = y - self.low
        start[:, 2] %= period
        lx, ly = np.ptp(y[:, :2], axis=0) + 2.0 * margin
        self.lammps = new_lammps()
        self.lammps.commands_list(
            [
                "units metal",
                "atom_modify map array sort 0 0",
                "boundary f f p",
                f"region box block 0 {lx:.17g} 0 {ly:.17g} 0 {period:.17g}",
                "create_box 1 box",
                "mass 1 27.0",
            ]
        )
        self.lammps.create_atoms(
            self.n, list(range(1, self.n + 1)), [1] * self.n, start.ravel().tolist()
        )
        self.lammps.commands_list(
            [
                "pair_style eam/alloy",
                f"pair_coeff * * {table} Al",
                "neighbor 0.6 bin",
                "thermo_modify norm no",
                "run 0 post no",
            ]
        )
        assert self.lammps.get_natoms() == self.n
        self.x = self.lammps.numpy.extract_atom("x")[: self.n].copy()
        assert (self.lammps.numpy.extract_atom("id")[: self.n] == np.arange(1, self.n + 1)).all()

    def forces(self, moved):
        """(n, 3) with every atom displaced by `moved` (n, 3) from where it was created."""
        self.lammps.numpy.extract_atom("x")[: self.n] = self.x + moved
        self.lammps.command("run 1 pre no post no")  # nothing integrates: it only evaluates
        return self.lammps.numpy.extract_atom("f")[: self.n].copy()

    def energy(self):
        self.lammps.command("run 0 post no")
        return self.lammps.get_thermo("pe")


def relaxed_by_lammps(lammps, free, tolerance):
    """Displacements (n, 3) from the start at which the norm of LAMMPS's forces is small.

    Its minimisers stop where a step changes the energy of -18205 eV by less than its last digit:
    that is where the reference ends. Newton's method needs forces only: H v is the difference of
    two of LAMMPS's, H^-1 f by conjugate gradients.
    """
    moved = np.zeros((len(free), 3))

    def product(v):
        if not v.any():
            return v
        step = np.zeros_like(moved)
        step[free] = v.reshape(-1, 3)
        h = 1e-4 / np.abs(v).max()
        forward, backward = lammps.forces(moved + h * step), lammps.forces(moved - h * step)
        return (backward - forward)[free].ravel() / (2.0 * h)

    n = 3 * int(free.sum())
    for _ in range(5):
        f = lammps.forces(moved)[free].ravel()
        if np.linalg.norm(f) < tolerance:
            return moved
        step, _ = cg(LinearOperator((n, n), matvec=product), f, rtol=1e-3, maxiter=1000)
        moved = moved.copy()
        moved[free] += step.reshape(-1, 3)
    raise AssertionError(f"force norm {np.linalg.norm(f)}")


@pytest.mark.parametrize("K", LOADS)
def test_lammps_taken_further_arrives_at_our_solution(K, tmp_path):
    """From the reference on to a force norm of 1e-10 eV/A: displacements equal to 1e-7 A."""
    arrays, about = reference()
    table = qc.write_setfl(
        tmp_path / "Al.eam.alloy", qc.load_potential(POTENTIAL), nr=20001, nrho=20001
    )
    u = arrays[f"u_K{K}"]
    lammps = Lammps(arrays["x0"] + u, about["period"], table)
    try:
        moved = relaxed_by_lammps(lammps, arrays["free"], 1e-10)
        energy = lammps.energy()
    finally:
        lammps.lammps.close()
    solution = atomistic(K)
    ours = displacement(solution)[columns_of(solution.system)]
    np.testing.assert_allclose(u + moved, ours, rtol=0, atol=1e-7)
    assert energy == pytest.approx(solution.energy, rel=0, abs=1e-6)


# --- quasicontinuum in the same cylinder ---------------------------------------------------------


@cache
def coupled(method, core, blend, K=0.42, surface=True, grading=1.5):
    """The relaxed coupling; a higher load starts from the last one."""
    system = qc.couple(problem(K), method, core=core, blend=blend, surface=surface, grading=grading)
    last = LOADS[: LOADS.index(K)][-1:]
    start = coupled(method, core, blend, last[0], surface, grading).u if last else None
    return qc.relax(system, fmax=1e-6, u=start)


def errors(method, core, blend, K=0.42, surface=True, grading=1.5):
    """Largest |u - u_atomistic| in the core and within 10 A of the tip, A."""
    solution, full = coupled(method, core, blend, K, surface, grading), atomistic(K)
    x = solution.system.body.x_l
    distance, site = cKDTree(full.system.body.x_l[:, :2]).query(x[:, :2])
    assert distance.max() < 1e-9
    e = np.linalg.norm(displacement(solution) - displacement(full)[site], axis=1)
    inside = solution.system.problem.distance(x) <= core
    return e[inside].max(), e[np.linalg.norm(x[:, :2], axis=1) < 10.0].max()


# Core and blending width, A, and bounds on the errors (in the core, within 10 A of the tip), A.
# Measured: bgfc 8.1e-3, 6.6e-3; 5.8e-3, 4.5e-3; 3.8e-3, 2.1e-3 (815, 1191, 1826 repatoms)
#           bqcf 6.0e-3, 5.4e-3; 4.3e-3, 3.6e-3; 2.6e-3, 2.0e-3; the bounds leave a tenth
CORES = [(15.0, 8.0), (20.0, 10.0), (25.0, 15.0)]
BOUNDS = {
    "bgfc": [(9.0e-3, 7.3e-3), (6.4e-3, 5.0e-3), (4.2e-3, 2.4e-3)],
    "bqcf": [(6.7e-3, 6.0e-3), (4.8e-3, 4.0e-3), (2.9e-3, 2.3e-3)],
}


@pytest.mark.parametrize("method", BOUNDS)
def test_error_falls_as_the_core_grows(method):
    found = [errors(method, *zone) for zone in CORES]
    assert (np.diff(found, axis=0) < 0.0).all(), found
    assert (np.array(found) < BOUNDS[method]).all(), found


@pytest.mark.parametrize("method", BOUNDS)
def test_a_higher_load_is_followed(method):
    """K = 0.44 from the solution at 0.42, on the branch of the reference."""
    found = errors(method, *CORES[1], K=0.44)
    assert (np.array(found) < 1.3 * np.array(BOUNDS[method][1])).all(), found


@pytest.mark.parametrize("method", BOUNDS)
def test_flanks_need_their_surface_energy(method):
    """A continuum flank without surface stress pulls at the tip: errors more than 3 times."""
    with_surface = np.array(errors(method, *CORES[2]))
    without = np.array(errors(method, *CORES[2], surface=False))
    assert (without > 3.0 * with_surface).all(), (with_surface, without)


@pytest.mark.parametrize("method", BOUNDS)
def test_a_quarter_of_the_atoms(method):
    """With fewer than 5465/4 repatoms both methods are within 6 mA everywhere in the core."""
    assert coupled(method, *CORES[1]).system.n_repatoms < 5465 / 4
    assert errors(method, *CORES[1])[0] < BOUNDS[method][1][0]


@pytest.mark.slow
@pytest.mark.parametrize("method", BOUNDS)
def test_a_larger_core(method):
    """Core 30, blending 20: 1.4e-3 (bgfc) and 1.5e-3 A (bqcf) within 10 A of the tip."""
    assert errors(method, 30.0, 20.0)[1] < 2.2e-3


@pytest.mark.slow
@pytest.mark.parametrize("method", BOUNDS)
def test_the_error_is_the_models_not_the_meshs(method):
    """A far field three times finer changes the error by less than a factor of two."""
    graded, fine = errors(method, *CORES[0])[0], errors(method, *CORES[0], grading=0.1)[0]
    nodes = [coupled(method, *CORES[0], grading=g).system.n_repatoms for g in (1.5, 0.1)]
    assert nodes[1] > 3 * nodes[0]
    assert 0.5 < graded / fine < 2.0
