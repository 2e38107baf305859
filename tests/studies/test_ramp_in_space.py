"""`qcmethod.ramp` of a remote strain in space, and the strain itself."""

from __future__ import annotations

import numpy as np
import pytest

import qcmethod as qc
from qcmethod.analysis.events.bonds import Bonds
from qcmethod.analysis.events.slip import find_slip, slip_planes
from qcmethod.errors import InputError, UnstableCrystalError
from qcmethod.lattice.shapes import Ball
from qcmethod.problems.load import at_load
from qcmethod.problems.remote import remote_strain
from qcmethod.studies.job import read_job

PULL = np.diag([-0.3, 1.0, -0.3])


@pytest.fixture(scope="module")
def crystal():
    return qc.Crystal.fcc(qc.load_potential("Al-Ercolessi-1994"), dimensions=3)


@pytest.fixture(scope="module")
def void(crystal):
    perfect = qc.homogeneous(crystal, extent=34.0)
    return remote_strain(qc.without(perfect, Ball(3.0)), PULL)


def test_a_strain_is_on_top_of_the_gradient(crystal):
    F = np.array([[1.01, 0.004, 0.0], [0.0, 1.0, 0.002], [0.0, 0.0, 0.99]])
    E = [0.3, -0.1, 0.2, 0.5, 0.0, -0.4]
    problem = remote_strain(qc.vacancy(crystal, F, extent=40.0), E, 0.01)
    full = np.array([[0.3, -0.4, 0.0], [-0.4, -0.1, 0.5], [0.0, 0.5, 0.2]])
    np.testing.assert_allclose(problem.predictor.F, (np.eye(3) + 0.01 * full) @ F, atol=1e-15)
    assert problem.loads["strain"] == 0.01
    there = at_load(at_load(problem, strain=-0.02), strain=0.015)
    np.testing.assert_allclose(there.predictor.F, (np.eye(3) + 0.015 * full) @ F, atol=1e-14)
    np.testing.assert_allclose(at_load(there, strain=0.0).predictor.F, F, atol=1e-14)


def test_the_recipe_says_the_load_as_it_is(crystal, tmp_path):
    problem = at_load(remote_strain(qc.vacancy(crystal, extent=40.0), PULL), strain=0.0125)
    made = problem.told()
    assert made["remote_strain"]["strain"] == 0.0125
    np.testing.assert_array_equal(made["remote_strain"]["along"], PULL)
    (tmp_path / "job.toml").write_text(problem.recipe() + "\n[relax]\n")
    again = read_job(tmp_path / "job.toml").problem()
    assert again.loads == problem.loads and again.crystal.lattice.is_space
    np.testing.assert_allclose(again.predictor.F, problem.predictor.F, atol=1e-15)


def test_a_ramp_follows_single_solutions(void, tmp_path):
    loads = [0.0, 0.01, 0.02]
    ramp = qc.ramp(void, "bgfc", 6.0, 3.0, strain=loads, fmax=1e-6)
    assert [t.outcome for t in ramp.trials] == ["accepted"] * 3 and not ramp.events
    alone = qc.relax(qc.couple(at_load(void, strain=0.02), "bgfc", 6.0, 3.0), 1e-6)
    assert ramp.trials[-1].energy == pytest.approx(alone.excess_energy, abs=1e-8)
    assert ramp.plot(tmp_path / "ramp.png").stat().st_size > 5000
    assert "strain" in str(ramp)


def test_slip_in_space_is_found_on_its_plane(void):
    """A Shockley partial across one (111) plane, put in by hand, of some atoms only."""
    system = qc.couple(void, "atomistic")
    bonds, lattice = Bonds.of(system), void.crystal.lattice
    x = system.body.x_l
    planes = slip_planes(lattice)
    assert len(planes) == 4  # all {111}, once each
    indices, normal = planes[2]
    b = next(
        lattice.axes @ h * lattice.constant / 6.0
        for h in np.array(np.meshgrid(*[(-2, -1, 1, 2)] * 3)).reshape(3, -1).T
        if sorted(np.abs(h)) == [1, 1, 2] and abs(lattice.axes @ h @ normal) < 1e-9
    )
    height = x @ normal
    levels = np.unique(np.round(height[np.abs(height) < 6.0], 6))
    middle = 0.5 * (levels[len(levels) // 2] + levels[len(levels) // 2 + 1])
    across = x - height[:, None] * normal
    moved = (height > middle) & (np.linalg.norm(across - across[0] * 0.0, axis=1) < 9.0)
    after = x + np.where(moved[:, None], b, 0.0)
    d = bonds.change(x, after)
    d[np.abs(bonds.middle @ normal - middle) > 0.5] = 0.0  # the rim of the piece does not count
    slip = find_slip(bonds, d, lattice, 0.25 * bonds.length, 0.0)
    assert slip.plane == indices and slip.name == "Shockley partial" and slip.planes == 1
    np.testing.assert_allclose(slip.vector, b, atol=1e-9)
    assert len(slip.start) == len(slip.end) == 3 and slip.columns > 10
    assert "Shockley partial" in slip.text()


def test_refusals(crystal, void):
    problem = qc.vacancy(crystal, extent=40.0)
    with pytest.raises(InputError, match="without a remote load"):
        remote_strain(void, PULL)
    with pytest.raises(InputError, match="a symmetric direction"):
        remote_strain(problem, np.zeros((3, 3)))
    with pytest.raises(InputError, match="a symmetric direction"):
        remote_strain(problem, np.eye(3) + np.diag([1.0, 1.0], 1))
    with pytest.raises(UnstableCrystalError):
        remote_strain(problem, PULL, 0.3)
    with pytest.raises(InputError, match="a strain between"):
        at_load(void, strain=2.0)
    straight = qc.Crystal.fcc(crystal.potential)
    with pytest.raises(InputError, match="symmetric direction"):
        remote_strain(qc.vacancy(straight, extent=40.0), np.eye(3))
    with pytest.raises(InputError, match="homogeneous crystal"):
        remote_strain(qc.crack(straight, extent=100.0), np.diag([1.0, 0.0, 0.0]))
