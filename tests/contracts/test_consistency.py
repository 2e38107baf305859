"""Every coupling method with every functional form: energy, forces and stiffness are one thing.

A small defect is coupled with a core and a blending zone of two cut-offs in a domain of twelve, in
space of one in a domain of six, and looked at in a random state: no symmetry, no equilibrium and no
smallness helps.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from angular import angular
from oracles import lammps_table

import qcmethod as qc
from qcmethod.coupling.method import METHODS
from qcmethod.potentials.forms.lennard_jones import lennard_jones
from qcmethod.potentials.forms.morse import morse

# name: (potential, crystal, problem). Every functional form, fcc, bcc, plane and chain, with
# vacancies and with a crack (whose flank and K-field are two more terms); "ball": a row of two
# vacancies in space.
CASES = {
    "EA94 crack": ("Al-Ercolessi-1994", "fcc", "crack"),
    "EA94 vacancy": ("Al-Ercolessi-1994", "fcc", "vacancy"),
    "Zhou fcc": ("Cu-Zhou-2004", "fcc", "microcrack"),
    "Zhou bcc crack": ("W-Zhou-2004", "bcc", "crack"),
    "Finnis-Sinclair": ("W-Ackland-1987", "bcc", "vacancy"),
    "Lennard-Jones": ("Ar-Bernardes-1958", "fcc", "microcrack"),
    "Morse": ("morse", "fcc", "vacancy"),  # the cards cut it sharply: no derivative at the cut-off
    "model potential": ("toy2d-c10", "hex2d", "microcrack"),
    "chain": ("chain", "chain", "vacancy"),
    "table": ("Cu_mishin1.eam.alloy", "fcc", "vacancy"),
    "angular": ("angular", "fcc", "crack"),
    "fcc in space": ("Al-Ercolessi-1994", "fcc", "ball"),
    "bcc in space": ("W-Ackland-1987", "bcc", "ball"),
}
FURTHER = {"angular", "Zhou fcc", "Zhou bcc crack", "Finnis-Sinclair", "Lennard-Jones", "Morse"}
"""Slow: every form has `check_potential`, every problem `check_problem`; here they are crossed."""
ENERGY = [name for name, row in METHODS.items() if row.conservative]
FORCE = [name for name, row in METHODS.items() if not row.conservative]


def served(case, names):
    """The methods that can serve a case: qnl needs a plane interface, clusters no crack flank, in
    space none of these and no grac."""
    _, structure, kind = CASES[case]
    refused = set() if structure == "chain" else {"qnl"}
    refused |= {"cluster", "cluster-force"} if kind in ("crack", "ball") else set()
    refused |= {"grac"} if kind == "ball" else set()
    return [name for name in names if name not in refused]


def marked(case, *others):
    """A case, and what goes with it, as parameters of a test."""
    marks = [pytest.mark.slow] if case in FURTHER else []
    return pytest.param(case, *others, marks=marks)


def pairs(names, cases=tuple(CASES)):
    """(case, method) of all that fit together."""
    return [marked(case, name) for case in cases for name in served(case, names)]


TRIADS = {
    "fcc": ((1, 1, -2), (1, 1, 1), (1, -1, 0)),
    "bcc": ((1, -1, 0), (0, 0, 1), (-1, -1, 0)),
}
STRAIN = np.array([[1.004, 0.006, 0.0], [-0.003, 1.008, 0.0], [0.0, 0.0, 1.0]])
STRAIN_IN_SPACE = STRAIN + np.array([[0.0, 0.0, 0.004], [0.0, 0.0, -0.005], [0.003, 0.002, -0.006]])


@cache
def crystal_of(case):
    source, structure, _ = CASES[case]
    if structure == "chain":
        params = lennard_jones(epsilon=0.5, sigma=2.5, cutoff=8.0, treatment="force-shift")
        return qc.Crystal.chain(qc.Potential("chain", "X", params, "chain", 2.8))
    if source == "morse":
        params = morse(D=0.3429, alpha=1.3588, r0=2.866, cutoff=7.0, treatment="taper", inner=5.5)
        potential = qc.Potential("morse", "Cu", params, "fcc", 3.6)
    elif source == "angular":
        potential = angular()
    else:
        table = source.endswith(".alloy")
        potential = qc.load_potential(lammps_table(source) if table else source)
    if structure == "hex2d":
        return qc.Crystal.hex2d(potential)
    dimensions = 3 if CASES[case][2] == "ball" else 2
    return getattr(qc.Crystal, structure)(potential, *TRIADS[structure], dimensions=dimensions)


def gradient_of(case, R=None):
    """The homogeneous gradient of a case, in the components that it has."""
    n = crystal_of(case).lattice.n_components
    F = np.eye(3)
    strain = STRAIN_IN_SPACE if CASES[case][2] == "ball" else STRAIN
    F[:n, :n] = strain[:n, :n]
    return F if R is None else R @ F


def problem_of(case, F):
    crystal, kind = crystal_of(case), CASES[case][2]
    extent = extent_of(case)
    if kind == "crack":
        KI, KII, KIII = (0.3, 0.02, 0.03) if crystal.lattice.structure == "fcc" else (1.2, 0.1, 0.1)
        return qc.crack(crystal, KI=KI, KII=KII, KIII=KIII, extent=extent)
    if kind == "vacancy":
        return qc.vacancy(crystal, F, extent=extent)
    return qc.microcrack(crystal, 2 if kind == "ball" else 3, F, extent=extent)


def extent_of(case):
    return (6.0 if CASES[case][2] == "ball" else 12.0) * crystal_of(case).potential.cutoff


def core_of(case):
    return (1.0 if CASES[case][2] == "ball" else 2.0) * crystal_of(case).potential.cutoff


@cache
def system_of(case, method):
    core = core_of(case)
    return qc.couple(problem_of(case, gradient_of(case)), method, core=core, blend=core)


def random_field(system, size, seed):
    """Random values on the free directions, (n_k, 3)."""
    values = np.random.default_rng(seed).uniform(-size, size, system.zero.shape)
    return np.where(system.free, values, 0.0)


def random_state(case, method):
    """A corrector that moves every free node by a hundredth of a bond or so."""
    system = system_of(case, method)
    bond = float(np.linalg.norm(system.problem.crystal.lattice.plane_basis, axis=1).min())
    return system, random_field(system, 0.008 * bond, 1)


def central(f, u, v, h):
    """Fourth-order difference of f along v."""
    near = f(u + h * v) - f(u - h * v)
    return (8.0 * near - (f(u + 2.0 * h * v) - f(u - 2.0 * h * v))) / (12.0 * h)


@pytest.mark.parametrize(("case", "method"), pairs(ENERGY))
def test_forces_are_the_derivative_of_the_energy(case, method):
    """To 1e-8, at a step so small that no bond crosses a knot of a spline."""
    system, u = random_state(case, method)
    forces = np.where(system.free, system.model.at(u).forces, 0.0)
    # half along the forces, so that the slope is large, half random
    v = random_field(system, 1.0, 2)
    v = v / np.linalg.norm(v) + forces / np.linalg.norm(forces)
    v /= np.abs(v).max()
    slope = -float(np.vdot(forces, v))
    errors = []
    for h in 10.0 ** np.arange(-2.0, -5.1, -0.5):
        errors.append(abs(central(lambda w: system.model.at(w).energy, u, v, h) / slope - 1.0))
        if errors[-1] < 1e-8:
            return
    raise AssertionError(errors)


@pytest.mark.parametrize(("case", "method"), pairs(METHODS))
def test_stiffness_is_the_derivative_of_the_forces(case, method):
    """To 1e-8. Second derivatives of splines and tables kink or jump at their knots: a difference
    is wrong where a bond crosses one, so the steps go down to where none of 1e5 bonds does.
    """
    system, u = random_state(case, method)
    v = random_field(system, 1.0, 3)
    product = system.model.stiffness(system.model.at(u)).matvec(v.ravel()).reshape(v.shape)
    scale = np.linalg.norm(np.where(system.free, product, 0.0))
    errors = []
    for h in 10.0 ** -np.array([3.5, 4.5, 5.5, 6.0, 6.5, 7.0]):
        change = central(lambda w: system.model.at(w).forces, u, v, h)
        errors.append(np.linalg.norm(np.where(system.free, change + product, 0.0)) / scale)
        if errors[-1] < 1e-8:
            return
    raise AssertionError(errors)


def asymmetry(system, u):
    """|a.Kb - b.Ka| against |a||Kb|, largest of a few random pairs of free fields."""
    K = system.model.stiffness(system.model.at(u))
    found = []
    for seed in (4, 6, 8):
        a, b = (random_field(system, 1.0, seed + k).ravel() for k in (0, 1))
        Ka, Kb = K.matvec(a), K.matvec(b)
        found.append(abs(a @ Kb - b @ Ka) / (np.linalg.norm(a) * np.linalg.norm(Kb)))
    return max(found)


@pytest.mark.parametrize("case", [marked(case) for case in CASES])
def test_stiffness_is_symmetric_where_there_is_an_energy(case):
    for method in served(case, ENERGY):
        assert asymmetry(*random_state(case, method)) < 1e-13, method
    for method in served(case, FORCE):
        assert asymmetry(*random_state(case, method)) > 1e-6, method


@pytest.mark.parametrize("case", [marked(case) for case in CASES])
def test_every_site_is_counted_once(case):
    """sum w + sum omega is the volume of the mesh in sites, less what is missing.

    All nodes of the blending zone have the cells of one site around them; the two copies of a
    flank node share them. `local` does not see vacancies; `atomistic` counts sites, not cells.
    """
    for method in served(case, METHODS):
        system, row = system_of(case, method), METHODS[method]
        if row.sampled:  # its weights are not shares of a site
            continue
        problem, body = system.problem, system.body
        missing = 0 if problem.removed is None else len(problem.removed)
        weights = system.weights
        assert (weights.w_l >= 0.0).all() and (weights.w_l <= 1.0).all()
        assert (weights.omega_c >= 0.0).all()
        volume = body.cells.volume.sum()
        if row.all_atoms:
            assert not weights.omega_c.any() and (weights.w_l == 1.0).all()
            assert system.n_sites == system.represented == len(body.x_l) == system.n_repatoms
        elif not row.core:
            assert not weights.w_l.any()
            assert system.represented == pytest.approx(volume, rel=1e-13)
        else:
            assert system.represented == pytest.approx(volume - missing, rel=1e-13)


@pytest.mark.parametrize("case", [marked(case) for case in CASES])
def test_methods_with_one_blending_share_all_but_the_method(case):
    """The same mesh, sites and weights: what differs between two methods is the method."""
    for family in (("qce", "gfc", "grac", "qcf"), ("bqce", "bgfc", "bqcf")):
        first, *others = (system_of(case, method) for method in served(case, family))
        for other in others:
            assert other.represented == first.represented
            assert (other.n_repatoms, other.n_dof) == (first.n_repatoms, first.n_dof)
            np.testing.assert_array_equal(other.body.x_k, first.body.x_k)
            np.testing.assert_array_equal(other.weights.w_l, first.weights.w_l)
            np.testing.assert_array_equal(other.weights.omega_c, first.weights.omega_c)


@pytest.mark.parametrize("case", [marked(case) for case in CASES])
def test_frozen_corrections_are_what_they_are_called(case):
    """Forces of gfc and bgfc at the predictor are those of qcf and bqcf; Hessians of qce, bqce."""
    for corrected, plain, force in (("gfc", "qce", "qcf"), ("bgfc", "bqce", "bqcf")):
        g, e, f = (system_of(case, method) for method in (corrected, plain, force))
        expected = np.where(f.free, f.model.at(f.zero).forces, 0.0)
        found = np.where(g.free, g.model.at(g.zero).forces, 0.0)
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)
        _, u = random_state(case, corrected)
        v = random_field(g, 1.0, 7).ravel()
        K, L = (system.model.stiffness(system.model.at(u)) for system in (g, e))
        np.testing.assert_array_equal(K.matvec(v), L.matvec(v))
        # the energies differ by the linear term alone
        difference = e.model.at(u).energy - g.model.at(u).energy
        assert difference == pytest.approx(float(np.vdot(g.g, u)), abs=1e-10)


def rotation(case, angle):
    """About z, which the period along z leaves free; a chain may turn as it likes too, and a ball
    about any axis."""
    c, s = np.cos(angle), np.sin(angle)
    R = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])
    return R if CASES[case][2] != "ball" else R @ R[[2, 0, 1]][:, [2, 0, 1]] @ R


@pytest.mark.parametrize(
    ("case", "method"),
    pairs(METHODS, [c for c in CASES if CASES[c][2] != "crack" and c != "chain"]),
)
def test_a_rotated_problem_has_rotated_forces(case, method):
    """Predictor R F and corrector R u: the same energy, forces R f. A translation: no change."""
    system, u = random_state(case, method)
    R = rotation(case, 0.7)
    turned = qc.couple(
        problem_of(case, gradient_of(case, R)), method, core=system.core, blend=system.core
    )
    state, other = system.model.at(u), turned.model.at(u @ R.T)
    tolerance = 1e-12 * system.problem.extent
    np.testing.assert_allclose(other.forces, state.forces @ R.T, rtol=0, atol=tolerance)
    moved = system.model.at(u + np.array([0.3, -0.2, 0.0]))
    np.testing.assert_allclose(moved.forces, state.forces, rtol=0, atol=tolerance)
    if state.energy is not None:
        assert other.energy == pytest.approx(state.energy, rel=1e-10, abs=1e-9)


@pytest.mark.parametrize("case", [marked(case) for case in CASES])
def test_homogeneous_crystals_are_in_equilibrium(case):
    """No ghost force at the reference where a method claims none; qce and bqce have theirs."""
    crystal = crystal_of(case)
    F = gradient_of(case)
    core = core_of(case)
    problem = qc.homogeneous(crystal, F, extent=extent_of(case))
    worst = {}
    for method in served(case, METHODS):
        system = qc.couple(problem, method, core=core, blend=core)
        forces = np.where(system.free, system.model.at(system.zero).forces, 0.0)
        worst[method] = np.linalg.norm(forces, axis=1).max()
    for method in served(case, ("atomistic", "local", "gfc", "bgfc", "grac", "qcf", "bqcf")):
        assert worst[method] < 1e-10, worst
    assert worst["qce"] > worst["bqce"] > 1e-7, worst
