"""`qcmethod.adapt` in space: vacancies and voids to a tolerance, against all atoms."""

from __future__ import annotations

import numpy as np
import pytest

import qcmethod as qc
from qcmethod.errors import CouplingError
from qcmethod.lattice.shapes import Ball
from qcmethod.studies.adapt.arguments import choice_of
from qcmethod.studies.adapt.discretise import carried, first_mesh, resolved, system_on
from qcmethod.studies.adapt.estimate import estimate
from qcmethod.studies.adapt.indicator import INDICATORS
from qcmethod.studies.adapt.zone import grown, with_zone
from qcmethod.studies.compare.measure import Yardstick
from qcmethod.studies.compare.reference import Reference


@pytest.fixture(scope="module")
def crystal():
    return qc.Crystal.fcc(qc.load_potential("Al-Ercolessi-1994"), dimensions=3)


@pytest.fixture(scope="module")
def problem(crystal):
    return qc.vacancy(crystal, extent=30.0)


@pytest.fixture(scope="module")
def exact(problem):
    return qc.relax(qc.couple(problem, "atomistic"), 1e-7)


@pytest.fixture(scope="module")
def run(problem):
    """The rim stays, so that all atoms of the problem are the truth."""
    return qc.adapt(problem, "bgfc", 0.02, widen=False, blend=3.0, max_repatoms=9000)


def test_the_estimate_falls_and_is_the_error(problem, exact, run):
    assert run.converged and len(run.cycles) > 1
    norms = [cycle.energy_norm for cycle in run.cycles]
    cores = [cycle.core_sites for cycle in run.cycles]
    assert norms == sorted(norms, reverse=True) and cores == sorted(cores)
    assert cores[0] < 100 < cores[-1]
    yard = Yardstick(Reference.of(exact), problem, 5.6)
    for shot, cycle in zip(run.snapshots, run.cycles, strict=True):
        true = yard.errors(system_on(shot.problem, shot.mesh, run.choice), shot.u)
        assert 0.75 * cycle.energy_norm < true.error < 1.35 * cycle.energy_norm
    low, high = run.bracket
    assert low < true.error < high
    off = [abs(cycle.energy - exact.excess_energy) for cycle in run.cycles]
    assert off[-1] < 0.2 * off[0] and off[-1] < 2e-4
    assert off[0] < 1.3 * run.cycles[0].energy_error


def test_a_run_is_printed_and_drawn(run, tmp_path):
    assert "energy norm" in str(run) and "true error" in str(run)
    assert run.plot(tmp_path / "run.png").stat().st_size > 10_000
    assert run.write(tmp_path / "run.json").stat().st_size > 500


def test_zones_have_any_shape(problem):
    """A zone of points: two cores, each site of which is a node, and the mesh is coarse between."""
    choice = choice_of(problem, "bgfc", None, 3.0, "quintic")
    far = np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 12.0]])
    posed = with_zone(problem, far)
    mesh = first_mesh(posed, choice)
    system = system_on(posed, mesh, choice)
    near = problem.sites(posed.focus.grown(choice.resolved(posed)))
    assert (qc.mesh.find_nodes(mesh, near) >= 0).all()
    beta = system.weights.beta_k[system.body.site_of_node >= 0]
    x = system.body.x_k[system.body.site_of_node >= 0]
    d = np.linalg.norm(x[:, None] - far, axis=2).min(axis=1)
    np.testing.assert_array_equal(beta == 0.0, d <= choice.pad)
    larger = with_zone(problem, grown(posed, np.array([[5.0, 0.0, 0.0]]), 4.0, 20.0))
    assert len(larger.centres) > 12 and larger.centres.shape[1] == 3
    finer = resolved(larger, mesh, choice.resolved(larger))
    assert np.isin(mesh.keys, finer.keys).all()


def test_correctors_carry_over_exactly_to_finer_meshes(problem):
    choice = choice_of(problem, "bqcf", None, 3.0, "quintic")
    mesh = first_mesh(problem, choice)
    old = system_on(problem, mesh, choice)
    u = np.where(old.free, np.random.default_rng(2).standard_normal(old.zero.shape), 0.0)
    finer = qc.mesh.refine(mesh, ~mesh.is_finest)
    new = system_on(problem, finer, choice)
    v = carried(old, u, new)
    at = qc.mesh.find_nodes(finer, old.body.mesh.ij)
    inside = old.free.any(axis=1)
    assert (at >= 0).all()
    np.testing.assert_array_equal(v[at][inside], u[inside])
    centres = 4.0 * mesh.ij[mesh.cells].mean(axis=1)  # whole numbers, four times as far
    whole = (centres % 4.0 == 0.0).all(axis=1)
    ij = (centres[whole] / 4.0).astype(np.int64)
    ij = ij[problem.from_centre(problem.position(ij)) < 12.0]
    S, T = (qc.mesh.interpolation(m, ij) for m in (mesh, finer))
    np.testing.assert_allclose(T @ v, S @ u, atol=1e-12)


def test_a_void_at_the_next_load(crystal):
    """A run goes on from another strain: its core and its mesh, coarser where they may be."""
    missing = Ball(3.0)
    first = qc.without(qc.homogeneous(crystal, extent=30.0), missing)
    F = np.diag([1.004, 1.0, 1.0])
    second = qc.without(qc.homogeneous(crystal, F, extent=30.0), missing)
    options = {"widen": False, "max_cycles": 1, "blend": 3.0}
    start = qc.adapt(first, "bgfc", 0.3, **options)
    run = qc.adapt(second, "bgfc", 0.3, start=start, **options)
    assert run.converged
    afresh = qc.adapt(second, "bgfc", 0.3, **options)
    assert run.cycles[-1].energy == pytest.approx(afresh.cycles[-1].energy, abs=2e-3)


@pytest.mark.parametrize("name", sorted(INDICATORS))
def test_indicators_find_the_defect(problem, exact, name):
    choice = choice_of(problem, "bgfc", None, 3.0, "quintic")
    system = system_on(problem, first_mesh(problem, choice), choice)
    u = qc.relax(system, 1e-4).u
    values = INDICATORS[name](system, u)
    assert values.shape == (len(system.body.cells.volume),) and (values >= 0.0).all()
    centre = problem.from_centre(system.body.x_k[system.body.cells.vertices].mean(axis=1))
    near, far = centre < 8.0, centre > 16.0
    assert values[near].max() > 10.0 * values[far].max()


def test_clamped_problems_have_no_truncation(problem):
    choice = choice_of(problem, "bgfc", None, 3.0, "quintic")
    mesh = first_mesh(problem, choice)
    system = system_on(problem, mesh, choice)
    found = estimate(system, qc.relax(system, 1e-4).u, mesh, choice, widen=False)
    assert found.parts["model"] > 0.0 and found.parts["discretisation"] > 0.0


def test_lines_in_space_are_refused(problem):
    from dataclasses import replace

    lattice = replace(problem.crystal.lattice, repeats=8)
    posed = replace(problem, crystal=replace(problem.crystal, lattice=lattice))
    with pytest.raises(CouplingError, match="a compact defect in space"):
        qc.adapt(posed)
