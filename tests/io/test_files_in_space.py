"""Files of solutions in space: regions as atoms, tetrahedra for ParaView, whole objects."""

from __future__ import annotations

from functools import cache

import ase.io
import meshio
import numpy as np
import pytest
from ase.neighborlist import neighbor_list

import qcmethod as qc
from qcmethod.errors import DamagedFileError, InputError
from qcmethod.io import container
from qcmethod.io.capabilities import Frame, Series
from qcmethod.io.formats import write_result
from qcmethod.lattice.shapes import Ball, Ellipsoid
from qcmethod.solve.solution import evaluated


@cache
def crystal() -> qc.Crystal:
    return qc.Crystal.fcc(qc.load_potential("Al-Ercolessi-1994"), dimensions=3)


@cache
def vacancy(elements: str = "P1") -> qc.Solution:
    """Not relaxed: a smooth corrector that nothing knows of."""
    problem = qc.vacancy(crystal(), np.diag([1.01, 1.0, 0.99]), extent=40.0)
    system = qc.couple(problem, "bgfc", core=6.0, blend=3.0, elements=elements)
    x = system.body.x_k
    values = np.stack([0.01 * x[:, 1], 2e-4 * x[:, 2] ** 2, 0.0 * x[:, 0]], axis=1)
    u = system.zero + system.body.coefficients(values * system.body.used[:, None])
    return evaluated(system, u)


@cache
def line(elements: str = "P1") -> qc.Solution:
    """A screw that may bend: the mesh repeats along it."""
    vectors = ((0.5, -0.5, 0.0), (1, 1, 1), (1, -1, 0))
    problem = qc.dislocation(crystal(), *vectors, extent=40.0, period=12.0)
    system = qc.couple(problem, "bgfc", core=6.0, blend=3.0, elements=elements)
    return evaluated(system, system.zero)


# --- atoms of a region ----------------------------------------------------------------------------

REGIONS = {
    "radius": 9.0,
    "box": ((-5, 9), (-7, 3), (2, 8)),
    "box along z": ((-5, 5), (-5, 5)),
    "region": Ellipsoid((12.0, 6.0, 5.0)),
}


@pytest.mark.parametrize("name", REGIONS)
def test_regions_hold_the_sites_that_are_in_them(name):
    """Against all sites of a cube, one by one."""
    solution = vacancy()
    problem = solution.system.problem
    i = np.arange(-60, 61)
    ij = np.stack([g.ravel() for g in np.meshgrid(i, i, i, indexing="ij")], axis=1)
    x = ij @ problem.crystal.lattice.basis
    keep = (np.linalg.norm(x, axis=1) <= problem.extent) & (np.linalg.norm(x, axis=1) > 0.1)
    x = x[keep]
    inside = {
        "radius": np.linalg.norm(x, axis=1) <= 9.0,
        "box": ((x >= (-5, -7, 2)) & (x <= (9, 3, 8))).all(axis=1),
        "box along z": (np.abs(x[:, :2]) <= 5.0).all(axis=1),
        "region": ((x / (12.0, 6.0, 5.0)) ** 2).sum(axis=1) <= 1.0,
    }[name]
    atoms = solution.to_atoms(REGIONS[name])
    found = atoms.positions - atoms.info["shift"] - atoms.arrays["displacement"]
    expected = x[inside]
    assert len(found) == len(expected) > 30
    order = [np.lexsort(np.round(points, 3).T) for points in (found, expected)]
    np.testing.assert_allclose(found[order[0]], expected[order[1]], atol=1e-9)


def test_a_ball_may_be_anywhere_and_carries_the_field():
    solution, centre = vacancy(), (14.0, -10.0, 9.0)
    atoms = solution.to_atoms(8.0, centre)
    x = atoms.positions - atoms.info["shift"] - atoms.arrays["displacement"]
    assert (np.linalg.norm(x - centre, axis=1) <= 8.0).all() and len(x) > 100
    same = solution.to_atoms(Ball(8.0, centre))
    np.testing.assert_array_equal(same.positions, atoms.positions)
    given = np.stack([0.01 * x[:, 1], 2e-4 * x[:, 2] ** 2, 0.0 * x[:, 0]], axis=1)
    predicted = x * (0.01, 0.0, -0.01)
    error = atoms.arrays["displacement"] - predicted - given
    assert np.abs(error[:, [0, 2]]).max() < 1e-9  # linear along y: what the cells have
    assert np.abs(error[:, 1]).max() < 0.5 * 2e-4 * 20.0**2  # quadratic: what they interpolate
    E_zz = 0.5 * (0.99**2 - 1.0)
    far = atoms.arrays["zone"] == 2
    assert far.any() and np.abs(atoms.arrays["strain"][far][:, 2] - E_zz).max() < 2e-4


def test_the_resolved_atoms_are_read_back(tmp_path):
    solution = vacancy()
    system = solution.system
    atoms = ase.io.read(solution.write(tmp_path / "a.xyz"))
    weighted = system.weights.w_l > 0.0
    y = atoms.positions - atoms.info["shift"]
    np.testing.assert_allclose(y, system.body.positions(solution.u)[weighted], atol=2e-8)
    np.testing.assert_allclose(
        y - atoms.arrays["displacement"], system.body.x_l[weighted], atol=4e-8
    )
    assert atoms.info["method"] == "bgfc" and not atoms.pbc.any()
    names = {"weight", "zone", "site_energy", "corrector", "cauchy_stress", "volume", "qc_forces"}
    assert names <= set(atoms.arrays)
    # a site next to the vacancy has a higher energy than one that is far from it
    near = np.linalg.norm(system.body.x_l[weighted], axis=1) < 3.0
    V = atoms.arrays["site_energy"]
    assert near.sum() == 12 and V[near].min() > np.quantile(V[~near], 0.9)
    volume = system.problem.crystal.lattice.site_volume
    assert atoms.arrays["volume"] == pytest.approx(volume, rel=0.03)


@pytest.mark.parametrize(
    ("region", "centre"),
    [("some", None), (-1.0, None), (((0, 1), (2, 1)), None), (5.0, (0.0, 0.0)), ("all", (0,) * 3)],
)
def test_what_is_no_region_is_refused(region, centre):
    with pytest.raises(InputError, match=r"region|centre"):
        vacancy().to_atoms(region, centre)
    with pytest.raises(InputError, match="holds sites"):
        vacancy().to_atoms(((0.1, 0.2), (0.1, 0.2), (0.1, 0.2)))


def test_atoms_of_a_line_that_repeats_are_periodic_along_it():
    solution = line()
    period = solution.system.problem.crystal.lattice.period
    atoms = solution.to_atoms(12.0, (1.0, 2.0))
    assert atoms.pbc.tolist() == [False, False, True]
    assert atoms.cell[2, 2] == pytest.approx(period, abs=1e-12)
    area = np.pi * 12.0**2
    expected = area * period / solution.system.problem.crystal.lattice.site_volume
    assert len(atoms) == pytest.approx(expected, rel=0.05)
    count = np.bincount(neighbor_list("i", atoms, 3.3), minlength=len(atoms))
    inner = np.linalg.norm((atoms.positions - atoms.info["shift"])[:, :2] - (1, 2), axis=1) < 8.0
    far = np.linalg.norm((atoms.positions - atoms.info["shift"])[:, :2], axis=1) > 5.0
    assert set(count[inner & far]) == {12}  # across the end of the period, too


# --- meshes ---------------------------------------------------------------------------------------


def volumes(mesh: meshio.Mesh) -> dict[str, np.ndarray]:
    """Signed volumes of the cells by their kind."""
    found = {}
    for kind, cells in mesh.cells_dict.items():
        x = mesh.points[cells][:, :4]
        found[kind] = np.linalg.det(x[:, 1:] - x[:, :1]) / 6.0
    return found


def total(solution: qc.Solution) -> float:
    sites = solution.system.body.cells.volume.sum()
    return float(sites * solution.system.problem.crystal.lattice.site_volume)


@pytest.mark.parametrize("elements", ["P1", "P2"])
@pytest.mark.parametrize("make", [vacancy, line])
def test_vtu_holds_tetrahedra_of_the_volume_of_the_domain(make, elements, tmp_path):
    solution = make(elements)
    mesh = meshio.read(solution.write(tmp_path / "a.vtu"))
    volume = volumes(mesh)
    assert set(volume) == ({"tetra"} if elements == "P1" else {"tetra", "tetra10"})
    assert min(v.min() for v in volume.values()) > 0.0  # VTK: the fourth corner is above
    assert sum(v.sum() for v in volume.values()) == pytest.approx(total(solution), rel=1e-12)
    if elements == "P2":
        x = mesh.points[mesh.cells_dict["tetra10"]]
        for n, (a, b) in enumerate(((0, 1), (1, 2), (2, 0), (0, 3), (1, 3), (2, 3))):
            np.testing.assert_allclose(x[:, 4 + n], 0.5 * (x[:, a] + x[:, b]), atol=1e-9)


@pytest.mark.parametrize("elements", ["P1", "P2"])
def test_vtu_says_of_its_points_what_the_solution_does(elements, tmp_path):
    solution = vacancy(elements)
    body, mesh = solution.system.body, meshio.read(solution.write(tmp_path / "a.vtu"))
    np.testing.assert_array_equal(mesh.points, body.x_k[body.used])
    np.testing.assert_array_equal(mesh.point_data["displacement"], solution.displacement[body.used])
    assert "height" not in mesh.point_data
    x = mesh.points
    given = np.stack([0.01 * x[:, 1], 2e-4 * x[:, 2] ** 2, 0.0 * x[:, 0]], axis=1)
    np.testing.assert_allclose(mesh.point_data["corrector"], given, atol=1e-12)
    E = np.concatenate(mesh.cell_data["strain"])
    assert E[:, 2] == pytest.approx(0.5 * (0.99**2 - 1.0), abs=1e-2)
    assert len(E) == len(body.cells.volume)


def test_points_beyond_the_end_of_a_period_are_images_of_nodes(tmp_path):
    solution = line()
    body, mesh = solution.system.body, meshio.read(solution.write(tmp_path / "a.vtu"))
    period = solution.system.problem.crystal.lattice.period
    n = int(body.used.sum())
    new, old = mesh.points[n:], mesh.points[:n]
    assert len(new) > 0
    apart = np.abs(new[:, None] - old)
    apart[:, :, 2] = np.abs(apart[:, :, 2] - period)
    nearest = apart.max(axis=2).min(axis=1)
    assert nearest.max() < 1e-9
    edges = mesh.points[mesh.cells_dict["tetra"]]
    assert np.ptp(edges[:, :, 2], axis=1).max() < 0.5001 * period


def test_a_series_of_meshes(tmp_path):
    problem = qc.vacancy(crystal(), extent=40.0)
    steps = [evaluated(s, s.zero) for s in [qc.couple(problem, "bqcf", core=6.0, blend=3.0)] * 2]

    class Two(Series):
        def frames(self):
            for time, step in enumerate(steps):
                yield Frame(step.system, step.u, float(time), {"step": time})

    path = write_result(Two(), tmp_path / "run.pvd")
    assert path.read_text().count("DataSet ") == 2
    mesh = meshio.read(tmp_path / "run_frames" / "0001.vtu")
    assert set(mesh.cells_dict) == {"tetra"} and mesh.field_data["step"] == 1.0


# --- whole objects --------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [vacancy, line])
@pytest.mark.parametrize("elements", ["P1", "P2"])
def test_a_solution_is_read_back_as_it_was(make, elements, tmp_path):
    solution = make(elements)
    again = qc.load(solution.write(tmp_path / "a.npz"))
    for name in ("ij", "cells", "first", "level", "macro", "span"):
        one, other = (getattr(s.system.body.mesh, name) for s in (solution, again))
        np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(again.u, solution.u)
    forces = again.system.model.at(again.u).forces
    np.testing.assert_array_equal(forces, solution.forces)
    assert (
        again.system.problem.crystal.lattice.period
        == solution.system.problem.crystal.lattice.period
    )


def test_problems_with_missing_sites_in_space_are_read_back(tmp_path):
    problem = qc.platelet(crystal(), (1, 1, 1), radius=5.0, extent=40.0, tension=1000.0)
    system = qc.couple(problem, "bqcf", core=6.0, blend=3.0)
    again = qc.load(evaluated(system, system.zero).write(tmp_path / "a.npz")).system
    np.testing.assert_array_equal(again.problem.removed, problem.removed)
    np.testing.assert_array_equal(again.problem.zone, problem.zone)
    np.testing.assert_array_equal(again.body.y0_l, system.body.y0_l)


@pytest.mark.parametrize("name", ["nodes", "cells", "first"])
def test_a_mesh_that_was_changed_is_refused(name, tmp_path):
    path = vacancy().write(tmp_path / "a.npz")
    about, arrays = container.read_arrays(path)
    mesh = vacancy().system.body.mesh
    key = {"nodes": mesh.ij, "cells": mesh.cells, "first": mesh.first}[name]
    same = [k for k, v in arrays.items() if v.shape == key.shape and np.array_equal(v, key)]
    values = np.array(key)
    values[[3, 4]] = values[[4, 3]]
    assert same
    container.write_arrays(path, about, {**arrays, **dict.fromkeys(same, values)})
    with pytest.raises(DamagedFileError):
        qc.load(path)
