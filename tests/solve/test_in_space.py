"""The preconditioner in space: symmetric, positive, as good on large meshes as on small ones."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from scipy.sparse.linalg import spsolve

import qcmethod as qc
from qcmethod.solve.free import FreeSystem
from qcmethod.solve.linear import elastic
from qcmethod.solve.softest import lowest


@cache
def crystal(kind="fcc", name="Al-Zhou-2004"):
    return getattr(qc.Crystal, kind)(qc.load_potential(name), dimensions=3)


@cache
def system(extent=200.0, core=8.0, elements="P1"):
    problem = qc.void(crystal(), 4.0, extent=extent, tension=500.0)
    return qc.couple(problem, "bgfc", core=core, blend=4.0, elements=elements)


def stiffness(of):
    index = np.flatnonzero(of.free.ravel())
    return of.elastic_stiffness[index][:, index]


def steps(of, part=1e-6):
    """Conjugate gradients until the residual, in the norm of M^-1, is a part of what it was."""
    K, M = stiffness(of), elastic(of)
    r = np.random.default_rng(0).standard_normal(K.shape[0])
    z = M.solve(r)
    d, rz = z, r @ z
    least, n = part**2 * rz, 0
    while rz > least:
        q = K @ d
        alpha = rz / (d @ q)
        r = r - alpha * q
        z = M.solve(r)
        rz, old = r @ z, rz
        d, n = z + rz / old * d, n + 1
    return n


def test_the_cycle_is_symmetric_and_positive():
    M, rng = elastic(system()), np.random.default_rng(1)
    f, g = rng.standard_normal((2, system().n_dof))
    assert g @ M.solve(f) == pytest.approx(f @ M.solve(g), rel=1e-10)
    assert f @ M.solve(f) > 0.0 and g @ M.solve(g) > 0.0


@pytest.mark.parametrize("extent", [60.0, 1e3, 1e5])
def test_it_takes_as_many_steps_whatever_the_extent(extent):
    assert steps(system(extent)) <= 17


def test_bubbles_are_smoothed_too():
    assert steps(system(elements="P2")) <= 40


def test_steps_lead_to_the_direct_solution():
    whole = qc.couple(qc.homogeneous(crystal(), extent=60.0), "bgfc", core=8.0, blend=4.0)
    K, M = stiffness(whole), elastic(whole)
    b = np.random.default_rng(2).standard_normal(K.shape[0])
    exact, x = spsolve(K.tocsc(), b), np.zeros(len(b))
    norm = lambda e: np.sqrt(e @ (K @ e))  # noqa: E731
    errors = [norm(exact)]
    for _ in range(20):  # in the norm of K each cycle takes its part away
        x = x + M.solve(b - K @ x)
        errors.append(norm(exact - x))
    assert errors[-1] < 1e-3 * errors[0]


def test_the_energy_does_not_depend_on_the_coupling():
    """A void of 19 atoms: two methods and two cores agree, and a larger core is nearer."""
    problem = qc.void(crystal(name="Al-Ercolessi-1994"), 4.5, extent=500.0)
    energies = [
        qc.relax(qc.couple(problem, "bgfc", core=core, blend=4.0)).excess_energy
        for core in (9.0, 13.0, 17.0)
    ]
    assert abs(energies[2] - energies[1]) < 0.2 * abs(energies[1] - energies[0]) < 0.02
    forces = qc.relax(qc.couple(problem, "bqcf", core=13.0, blend=4.0))
    twin = forces.system.conservative_twin(forces.u)
    assert twin.energy_model.at(forces.u).energy == pytest.approx(energies[2], abs=0.02)


def test_the_lowest_values_are_those_of_a_dense_matrix():
    from scipy.linalg import eigh

    problem = qc.vacancy(crystal("bcc", "W-Ackland-1987"), extent=20.0)
    small = qc.couple(problem, "bgfc", core=4.5, blend=0.5)
    free = FreeSystem(small, lu=elastic(small))
    state = free.at(small.zero)
    H, n = free.jacobian(state), len(free.index)
    dense = np.array([H.matvec(e) for e in np.eye(n)])
    M = np.linalg.inv(np.array([free.lu.solve(e) for e in np.eye(n)]))
    values = eigh(0.5 * (dense + dense.T), 0.5 * (M + M.T), eigvals_only=True)
    found = [pair.value for pair in lowest(free, state, 2)]
    assert found[0] == pytest.approx(values[0], rel=0.06)
