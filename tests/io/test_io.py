"""Files of a solution: what is in them, that others read them, and that none is half written."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

import ase.io
import meshio
import numpy as np
import pytest

import qcmethod as qc
from qcmethod import io
from qcmethod.analysis import strain
from qcmethod.errors import InputError
from qcmethod.io import formats
from qcmethod.io.formats import Format

F = [[1.0, 0.02], [0.0, 1.03]]


@pytest.fixture(scope="module")
def vacancy():
    """A relaxed vacancy in the plane model crystal."""
    crystal = qc.Crystal.hex2d(qc.load_potential("toy2d-c10"))
    problem = qc.vacancy(crystal, F, extent=25.0)
    return qc.relax(qc.couple(problem, "bgfc", core=4.0, blend=4.0), fmax=1e-6)


@pytest.fixture(scope="module")
def aluminium():
    return qc.Crystal.fcc(
        qc.load_potential("Al-Ercolessi-1994"), x=(1, 1, -2), y=(1, 1, 1), z=(1, -1, 0)
    )


@pytest.fixture(scope="module")
def crack(aluminium):
    """The predictor of a crack: nothing is relaxed."""
    system = qc.couple(qc.crack(aluminium, KI=0.42, extent=150.0), "bqcf", core=12.0, blend=8.0)
    return system, system.zero


def test_vtu_holds_the_used_mesh(vacancy, tmp_path):
    path = vacancy.write(tmp_path / "a.vtu")
    body, mesh = vacancy.system.body, meshio.read(path)
    assert len(mesh.points) == body.used.sum()
    flat, height = body.x_k * (1.0, 1.0, 0.0), body.x_k[body.used, 2]
    np.testing.assert_array_equal(mesh.points, flat[body.used])
    np.testing.assert_array_equal(mesh.point_data["height"], height)
    triangles = mesh.cells_dict["triangle"]
    np.testing.assert_array_equal(mesh.points[triangles], flat[body.cells.vertices])
    total = vacancy.displacement[body.used]
    np.testing.assert_array_equal(mesh.point_data["displacement"], total)
    np.testing.assert_array_equal(mesh.point_data["corrector"], vacancy.u[body.used])
    np.testing.assert_array_equal(mesh.point_data["forces"], vacancy.forces[body.used])
    clamped = mesh.point_data["clamped"].astype(bool)
    assert np.array_equal(clamped, ~vacancy.system.free[body.used].any(axis=1))
    assert mesh.field_data["core"] == 4.0
    assert mesh.field_data["excess_energy"] == pytest.approx(vacancy.excess_energy, abs=1e-9)


def test_vtu_is_well_formed_and_names_the_method(vacancy, tmp_path):
    path = vacancy.write(tmp_path / "a.vtu")
    root = ElementTree.parse(path).getroot()
    assert root.attrib["type"] == "UnstructuredGrid"
    assert "method: bgfc" in path.read_text()


def test_cells_far_out_have_the_strain_of_the_load(vacancy, tmp_path):
    mesh = meshio.read(vacancy.write(tmp_path / "a.vtu"))
    gradient = np.array([[1.0, 0.02, 0.0], [0.0, 1.03, 0.0], [0.0, 0.0, 1.0]])
    E = 0.5 * (gradient.T @ gradient - np.eye(3))
    far = np.linalg.norm(mesh.points[mesh.cells_dict["triangle"]], axis=2).min(axis=1) > 24.0
    found = mesh.cell_data["strain"][0][far]
    np.testing.assert_allclose(found[:, :2], [[E[0, 0], E[1, 1]]] * far.sum(), atol=1e-3)
    kind, omega = mesh.cell_data["kind"][0], mesh.cell_data["omega"][0]
    assert set(kind) == {0, 1, 2} and not omega[kind == 0].any()
    # cells are weighted by sites: with the atoms they count every site once
    atoms = vacancy.to_atoms()
    total = omega.sum() + atoms.arrays["weight"].sum()
    assert total == pytest.approx(vacancy.system.represented, rel=1e-12)


def test_cell_energy_is_the_continuum_part_of_the_sum(aluminium, tmp_path):
    """sum omega W of the file is the energy of a method that has no atoms."""
    system = qc.couple(qc.vacancy(aluminium, np.eye(3), extent=60.0), "local")
    u = system.zero
    u[system.free] = 0.02 * np.random.default_rng(1).standard_normal(int(system.free.sum()))
    fields = io.cell_fields(system, u)
    energy = float(fields["omega"] @ fields["energy"])
    assert energy == pytest.approx(system.model.at(u).energy, rel=1e-12)


def test_xyz_is_read_back_with_its_fields(vacancy, tmp_path):
    atoms = ase.io.read(vacancy.write(tmp_path / "a.xyz"))
    system = vacancy.system
    weighted = system.weights.w_l > 0.0
    assert len(atoms) == weighted.sum()
    y = atoms.positions - atoms.info["shift"]
    np.testing.assert_allclose(y, system.body.positions(vacancy.u)[weighted], atol=2e-8)
    np.testing.assert_allclose(
        y - atoms.arrays["displacement"], system.body.x_l[weighted], atol=3e-8
    )
    np.testing.assert_allclose(atoms.arrays["beta"] + atoms.arrays["weight"], 1.0, atol=2e-8)
    assert atoms.arrays["node"].dtype == bool and atoms.arrays["node"].all()
    assert atoms.info["method"] == "bgfc" and atoms.info["core"] == 4.0
    assert np.abs(atoms.arrays["qc_forces"]).max() <= 1e-6
    assert not atoms.pbc.any()


def test_atoms_of_a_quasi_2d_crystal_are_periodic_along_the_front(crack, tmp_path):
    system, u = crack
    atoms = ase.io.read(io.write(tmp_path / "a.xyz", system, u))
    assert atoms.pbc.tolist() == [False, False, True]
    assert atoms.cell[2, 2] == pytest.approx(system.problem.crystal.lattice.period, abs=1e-12)
    assert set(atoms.get_chemical_symbols()) == {"Al"}
    assert atoms.info["KI"] == 0.42 and "excess_energy" not in atoms.info
    assert (atoms.positions >= 0.0).all()
    assert (atoms.positions < atoms.cell.lengths()).all() and "Origin" not in atoms.info


def test_padding_lists_every_site(crack):
    from qcmethod.io.atoms import to_atoms

    system, u = crack
    assert len(to_atoms(system, u, padding=True)) == len(system.body.x_l)
    assert len(to_atoms(system, u)) == (system.weights.w_l > 0.0).sum()


def test_far_coordinates_keep_their_digits(aluminium, tmp_path):
    problem = qc.crack(aluminium, KI=0.42, extent=1e6)
    system = qc.couple(problem, "bgfc", core=12.0, blend=8.0)
    mesh = meshio.read(io.write(tmp_path / "far.vtu", system, system.zero))
    assert np.abs(mesh.points).max() > 1e6
    flat = system.body.x_k[system.body.used] * (1.0, 1.0, 0.0)
    np.testing.assert_array_equal(mesh.points, flat)


def test_restart(vacancy, tmp_path):
    path = vacancy.write(tmp_path / "a.npz")
    u = io.read_corrector(path, vacancy.system)
    np.testing.assert_array_equal(u, vacancy.u)
    assert qc.relax(vacancy.system, fmax=1e-6, u=u).iterations == 0


def test_restart_refuses_another_mesh(vacancy, crack, tmp_path):
    path = vacancy.write(tmp_path / "a.npz")
    with pytest.raises(InputError, match="same mesh"):
        io.read_corrector(path, crack[0])
    with pytest.raises(InputError, match="npz"):
        io.read_corrector(tmp_path / "none.npz", crack[0])


@pytest.mark.parametrize(
    ("name", "message"),
    [("a.vtk", r"\.npz, \.vtu, \.xyz"), ("a", r"\.vtu"), ("no/such/folder/a.vtu", "folder")],
)
def test_refused_before_anything_is_written(vacancy, tmp_path, name, message):
    with pytest.raises(InputError, match=message):
        vacancy.write(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("bad", [np.zeros((3, 3)), np.nan])
def test_arrays_that_do_not_fit_are_refused(vacancy, tmp_path, bad):
    u = vacancy.u * bad if np.isscalar(bad) else bad
    with pytest.raises(InputError, match="u: got"):
        io.write(tmp_path / "a.vtu", vacancy.system, u, vacancy.forces)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", [".vtu", ".xyz", ".npz"])
def test_a_failure_leaves_the_old_file_alone(vacancy, tmp_path, monkeypatch, suffix):
    old = tmp_path / f"a{suffix}"
    old.write_text("old")

    def half(solution, path):
        path.write_text("half")
        raise OSError("disk full")

    monkeypatch.setattr(formats, "FORMATS", [Format(suffix, qc.Solution, half, whole=True)])
    for name in ("a", "b"):
        with pytest.raises(OSError, match="disk full"):
            vacancy.write(tmp_path / f"{name}{suffix}")
    assert [p.name for p in tmp_path.iterdir()] == [old.name]
    assert old.read_text() == "old"


def test_fitted_gradient_of_a_homogeneous_crystal(aluminium):
    """Sites around which all neighbours are listed have the gradient itself, to rounding."""
    gradient = np.array([[1.01, 0.02, 0.0], [0.003, 0.99, 0.0], [0.01, -0.02, 1.0]])
    problem = qc.homogeneous(aluminium, gradient, extent=40.0)
    system = qc.couple(problem, "atomistic")
    E = strain.site_strain(system, system.zero)
    expected = strain.green_lagrange(gradient[None])[0]
    np.testing.assert_allclose(E, np.broadcast_to(expected, E.shape), atol=1e-12)
    E_c = strain.cell_strain(system, system.zero)
    np.testing.assert_allclose(E_c, np.broadcast_to(expected, E_c.shape), atol=1e-12)


def test_measures_of_simple_states():
    E = np.zeros((3, 3, 3))
    E[0] = 0.01 * np.eye(3)
    E[1, 0, 1] = E[1, 1, 0] = 0.02
    E[2, 0, 0], E[2, 1, 1] = 0.03, -0.03
    np.testing.assert_allclose(strain.shear(E), [0.0, 0.02, 0.03], atol=1e-15)
    np.testing.assert_allclose(strain.shear(E, 2), [0.0, 0.02, 0.03], atol=1e-15)
    np.testing.assert_allclose(strain.volumetric(E), [0.01, 0.0, 0.0], atol=1e-15)


def test_broken_bonds_do_not_count():
    """Two halves pulled apart: each keeps zero strain."""
    x = np.array([[i, j, 0.0] for i in range(4) for j in range(4)], dtype=float)
    y = x + np.where(x[:, 1:2] > 1.5, [[0.0, 2.0, 0.0]], 0.0)
    line = np.array([[0.0, 0.0, np.inf]] * 2)
    F = strain.fitted_gradient(x, y, line, 1.2)
    np.testing.assert_allclose(F, np.broadcast_to(np.eye(3), F.shape), atol=1e-14)


def test_slip_by_a_lattice_vector_is_no_strain_of_the_lattice():
    """Behind a dislocation the crystal is perfect again; a stacking fault is not."""
    aluminium = qc.load_potential("Al-Ercolessi-1994")
    crystal = qc.Crystal.fcc(aluminium, (1, -1, 0), (1, 1, 1), (-1, -1, 2))
    problem, lattice = qc.homogeneous(crystal, extent=30.0), crystal.lattice
    x = problem.position(problem.points(problem.domain))
    above = x[:, 1:2] > 0.0
    partial = lattice.constant / np.sqrt(6.0)
    line = np.array([[0.0, 0.0, lattice.period]] * 2)
    inside = np.linalg.norm(x[:, :2], axis=1) < 25.0
    plane = inside & (np.abs(x[:, 1]) < 1.2 * lattice.constant)
    F = np.array([[1.01, 0.02, 0.0], [0.003, 0.99, 0.0], [0.01, -0.02, 1.0]])
    for slip in ([lattice.neighbour, 0.0, 0.0], [0.5 * lattice.neighbour, 0.0, 1.5 * partial]):
        y = (x + np.where(above, slip, 0.0)) @ F.T
        found = strain.fitted_gradient(x, y, line, 1.2 * lattice.neighbour, lattice)
        np.testing.assert_allclose(
            found[inside], np.broadcast_to(F, (inside.sum(), 3, 3)), atol=1e-12
        )
        with_slip = strain.fitted_gradient(x, y, line, 1.2 * lattice.neighbour)
        assert np.abs(with_slip - F)[plane].max() > 0.15
    for sign in (1.0, -1.0):
        y = x + np.where(above, [0.0, 0.0, sign * partial], 0.0)
        found = strain.fitted_gradient(x, y, line, 1.2 * lattice.neighbour, lattice)
        assert strain.shear(strain.green_lagrange(found))[plane].max() > 0.1
