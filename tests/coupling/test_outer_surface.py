"""All atoms end in vacuum, and strips: no free atom feels it, whatever metric and gradient."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

import qcmethod as qc

FRAMES = {
    "W": ("W-Zhou-2004", "bcc", ((1, 1, -2), (1, 1, 1), (1, -1, 0)), 4.1),
    "Al": ("Al-Ercolessi-1994", "fcc", ((1, 0, 0), (0, 1, 0), (0, 0, 1)), 5.0),
    "Ni": ("Ni-Zhou-2004", "fcc", ((1, 1, -2), (1, 1, 1), (1, -1, 0)), 7.0),
    "oblique": ("Fe-Finnis-1984", "bcc", ((2, 1, 0), (1, -2, 1), (1, -2, -5)), 5.0),
}


@cache
def crystal(name: str) -> qc.Crystal:
    potential, structure, axes, _ = FRAMES[name]
    return getattr(qc.Crystal, structure)(qc.load_potential(potential), *axes)


def homogeneous(name: str, F: np.ndarray, **words: float) -> qc.Problem:
    one = crystal(name)
    return qc.homogeneous(one, F, extent=FRAMES[name][3] * one.potential.cutoff, **words)


def largest(system: qc.System) -> float:
    forces = system.model.at(system.zero).forces
    assert system.free.any()
    return float(np.abs(np.where(system.free, forces, 0.0)).max())


def gradients(n: int) -> list[np.ndarray]:
    rng, found = np.random.default_rng(11), [np.eye(3), np.diag([0.965, 0.975, 1.0])]
    for _ in range(n):
        F = np.eye(3)
        F[:, :2] += rng.uniform(-0.02, 0.02, (3, 2))
        found.append(F)
    return found


@pytest.mark.parametrize("name", FRAMES)
@pytest.mark.parametrize("metric", ["euclid", "hops", "strip"])
def test_free_atoms_of_perfect_crystal_feel_no_force(name: str, metric: str) -> None:
    for F in gradients(2):
        system = qc.couple(homogeneous(name, F), "atomistic", metric=metric)
        assert largest(system) < 1e-11
    pristine = qc.couple(homogeneous(name, np.eye(3)), "atomistic", metric=metric)
    assert largest(pristine.pristine(np.diag([0.965, 0.975, 1.0]))) < 1e-11


@pytest.mark.parametrize("name", ["W", "oblique"])
def test_a_metric_says_nothing_of_all_atoms(name: str) -> None:
    """Every site of the domain is a node, and the systems are the same."""
    one, *others = (
        qc.couple(homogeneous(name, np.eye(3)), "atomistic", metric=metric)
        for metric in ("euclid", "hops", "strip")
    )
    body = one.body
    np.testing.assert_array_equal(np.diff(body.S.indptr), 1)
    assert one.n_sites == len(body.x_l)
    for other in others:
        np.testing.assert_array_equal(other.body.mesh.ij, body.mesh.ij)
        np.testing.assert_array_equal(other.free, one.free)


def test_the_rim_widens_by_what_compression_shows() -> None:
    """By two bonds of an EAM potential that come within the cut-off; undeformed it is as asked."""
    one, F = crystal("Ni"), np.diag([0.965, 0.975, 1.0])
    seen = one.lattice.seen(one.potential.cutoff, F)
    assert seen > one.potential.cutoff
    for gradient, wider in ((np.eye(3), 0.0), (F, 2.0 * (seen - one.potential.cutoff))):
        problem = homogeneous("Ni", gradient)
        system = qc.couple(problem, "atomistic")
        r = np.linalg.norm(system.body.x_k[system.free.any(axis=1), :2], axis=1)
        end = problem.free.radius - wider
        assert r.max() <= end < r.max() + one.lattice.step


def test_a_strip_under_compression_feels_no_end() -> None:
    """Bonds that compression brings within the cut-off: 5e-7 eV/A where the strip ends."""
    F = np.array([[0.9804, -0.0095, 0.0], [-0.0043, 0.9832, 0.0], [0.0013, 0.0099, 1.0]])
    one = crystal("Ni")
    assert one.lattice.seen(one.potential.cutoff, F) > one.potential.cutoff
    system = qc.couple(homogeneous("Ni", F), "qcf", core=1.2 * one.potential.cutoff, metric="strip")
    energy = qc.couple(homogeneous("Ni", F), "gfc", core=1.2 * one.potential.cutoff, metric="strip")
    assert largest(system) < 1e-11 and largest(energy) < 1e-11
