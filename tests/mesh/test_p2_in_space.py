"""P2 elements on tetrahedra: bubbles on edges within the domain, quadratic fields, forces."""

from __future__ import annotations

import numpy as np
import pytest

import qcmethod as qc
from qcmethod.mesh.core import cell_edges


@pytest.fixture(scope="module")
def problem():
    crystal = qc.Crystal.fcc(qc.load_potential("Al-Ercolessi-1994"), dimensions=3)
    return qc.vacancy(crystal, np.diag([1.004, 1.0, 0.998]), extent=45.0)


@pytest.fixture(scope="module", params=["bgfc", "bqcf"])
def system(request, problem):
    return qc.couple(problem, request.param, 6.0, 3.0, elements="P2")


def test_every_free_edge_between_coarse_cells_has_one_bubble(system):
    body, mesh = system.body, system.body.mesh
    edges, edge_of = cell_edges(qc.mesh.canonical(mesh), mesh.n_nodes)
    coarse = np.zeros(mesh.n_cells, dtype=bool)
    coarse[body.cell] = True
    coarse &= ~mesh.is_finest
    whole = np.ones(len(edges), dtype=bool)
    whole[edge_of[~coarse]] = False
    middle = body.problem.position(mesh.ij[edges].mean(axis=1))
    whole &= np.linalg.norm(middle, axis=1) <= body.problem.free.radius
    expected = {tuple(edge) for edge in edges[whole].tolist()}
    assert {tuple(sorted(edge)) for edge in body.bubbles.edges.tolist()} == expected
    assert len(body.bubbles) == len(expected) > 200
    # all cells about the edge know it, by one number
    of_cell = np.full(len(edges), -1)
    for local in range(6):
        has = body.bubbles.of_cell[:, local] >= 0
        known = of_cell[edge_of[has, local]]
        number = body.bubbles.of_cell[has, local]
        assert np.isin(known[known >= 0], number).all()
        of_cell[edge_of[has, local]] = number
        np.testing.assert_array_equal(has, whole[edge_of[:, local]])
    assert system.free[body.is_bubble].all()


def test_quadratic_fields_are_reproduced(system):
    """Where all edges of a cell have a bubble, u and grad u of a quadratic field are exact."""
    body = system.body
    rng = np.random.default_rng(0)
    A, b = rng.standard_normal((3, 3, 3)) * 1e-3, rng.standard_normal((3, 3)) * 1e-2

    def field(x):
        return np.einsum("nj,ijk,nk->ni", x, A, x) + x @ b.T

    u = body.coefficients(field(body.x_k))
    whole = (body.bubbles.of_cell[body.cell] >= 0).all(axis=1)
    assert whole.sum() > 50
    points = whole[body.cells.point_cell]
    corner = body.x_k[body.cells.vertices[whole]]
    G = body.cells.gradient_of(u)[points]
    # the mean of a linear gradient is its value in the centre
    mean = np.zeros((len(whole), 3, 3))
    np.add.at(mean, body.cells.point_cell[points], body.cells.fraction[points, None, None] * G)
    centre = corner.mean(axis=1)
    exact = np.einsum("ijk,nk->nij", A + A.transpose(0, 2, 1), centre) + b
    np.testing.assert_allclose(mean[whole], exact, atol=1e-12)
    ij = np.rint(body.mesh.ij[qc.mesh.canonical(body.mesh)[body.cell[whole]]].mean(axis=1))
    x = body.problem.position(ij.astype(np.int64))
    cell, _ = qc.mesh.locate(body.mesh, ij.astype(np.int64))
    inside = (body.bubbles.of_cell[cell] >= 0).all(axis=1)
    values = body.interpolation(ij.astype(np.int64)[inside]) @ u
    assert inside.sum() > 20
    np.testing.assert_allclose(values, field(x[inside]), atol=1e-10)


def test_forces_and_jacobian_by_differences(system):
    rng = np.random.default_rng(1)
    u = np.where(system.free, 0.003 * rng.standard_normal(system.zero.shape), 0.0)
    d = np.where(system.free, rng.standard_normal(u.shape), 0.0)
    state, h = system.model.at(u), 1e-6
    if system.method.conservative:
        for part in (d, np.where(system.body.is_bubble[:, None], d, 0.0)):
            ends = [system.model.at(u + s * 10.0 * h * part).energy for s in (1.0, -1.0)]
            slope = -float(np.vdot(state.forces, part))
            assert (ends[0] - ends[1]) / (20.0 * h) == pytest.approx(slope, abs=2e-5)
    product = system.model.stiffness(state).matvec(d.ravel()).reshape(d.shape)
    plus, minus = (system.model.at(u + s * h * d).forces for s in (1.0, -1.0))
    difference = np.where(system.free, (minus - plus) / (2.0 * h) - product, 0.0)
    assert np.abs(difference).max() < 1e-6 * np.abs(product).max()


def test_patch_test(system):
    worst = qc.patch_test(system).worst
    if system.method.name == "bqcf":
        assert worst < 1e-12 and system.patch_number < 1e-12
        return
    assert 1e-3 < worst < 0.1  # a ghost force that is frozen at the predictor, and there is none
    bare = system.pristine(system.problem.predictor.F)
    assert np.abs(bare.model.at(system.zero).forces[system.free]).max() < 1e-12


def test_relaxed_vacancies_agree_with_those_of_linear_elements(system, problem):
    p1 = qc.relax(qc.couple(problem, system.method.name, 6.0, 3.0), 1e-7)
    p2 = qc.relax(system, 1e-7)
    near = problem.from_centre(p1.system.body.x_l) < 6.0
    y = [s.system.body.positions(s.u) for s in (p1, p2)]
    x = p2.system.body.x_l
    same = np.linalg.norm(x[:, None] - p1.system.body.x_l[near], axis=2).argmin(axis=0)
    assert 1e-6 < np.abs(y[1][same] - y[0][near]).max() < 5e-3
