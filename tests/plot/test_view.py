"""A scene to turn: with pyvista where it is, and a refusal that says what to install where not."""

from __future__ import annotations

import numpy as np
import pytest

import qcmethod as qc
from qcmethod.errors import InputError, NotInstalledError
from qcmethod.solve.solution import evaluated


@pytest.fixture(scope="module")
def solution():
    plane = qc.Crystal.hex2d(qc.load_potential("toy2d-c10"))
    system = qc.couple(qc.vacancy(plane, extent=30.0), "bgfc", core=6.0, blend=4.0)
    return evaluated(system, system.zero)


def test_without_either_the_message_says_what_to_install(solution, monkeypatch):
    monkeypatch.setattr("qcmethod.plot.interactive.find_spec", lambda name: None)
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(NotInstalledError, match=r"pip install 'qcmethod\[view\]'; .*ParaView"):
        solution.view()
    with pytest.raises(ImportError):
        solution.view()


def test_an_unknown_measure_is_refused_before_anything_is_opened(solution):
    with pytest.raises(InputError, match="colour"):
        solution.view(measure="colour")


def test_ovito_gets_the_atoms(solution, monkeypatch):
    opened = []
    monkeypatch.setattr("qcmethod.plot.interactive.find_spec", lambda name: None)
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr("ase.visualize.view", lambda atoms, viewer: opened.append((atoms, viewer)))
    solution.view()
    ((atoms, viewer),) = opened
    assert viewer == "ovito" and len(atoms) == len(solution.to_atoms())


def test_the_scene_holds_the_mesh_and_every_atom(solution):
    pyvista = pytest.importorskip("pyvista")
    pyvista.OFF_SCREEN = True
    plotter = solution.view(measure="displacement", deformed=False)
    mesh, atoms = (actor.mapper.dataset for actor in list(plotter.actors.values())[:2])
    assert mesh.n_cells == len(solution.system.body.cells.volume)
    flat = solution.system.body.x_k[solution.system.body.used] * (1.0, 1.0, 0.0)
    np.testing.assert_allclose(mesh.points, flat, atol=1e-5)
    one = pyvista.Sphere().n_points
    assert atoms.n_points == one * len(solution.to_atoms())
    plotter.close()


def test_in_space_the_mesh_is_cut_open(monkeypatch):
    """Faces of the cells below the middle, every atom, and an eye above them."""
    crystal = qc.Crystal.fcc(qc.load_potential("Al-Ercolessi-1994"), dimensions=3)
    system = qc.couple(qc.vacancy(crystal, extent=30.0), "bgfc", core=6.0, blend=3.0)
    solution = evaluated(system, system.zero)
    with monkeypatch.context() as patch, pytest.raises(NotInstalledError):
        patch.setattr("qcmethod.plot.interactive.find_spec", lambda name: None)
        patch.setattr("shutil.which", lambda name: None)
        solution.view()
    pyvista = pytest.importorskip("pyvista")
    pyvista.OFF_SCREEN = True
    plotter = solution.view(measure="displacement", deformed=False)
    mesh, atoms = (actor.mapper.dataset for actor in list(plotter.actors.values())[:2])
    cells = system.body.x_k[system.body.cells.vertices]
    assert mesh.points[:, 2].max() < np.ptp(cells[:, :, 2], axis=1).max()
    assert np.abs(mesh.points[:, 2]).min() == 0.0
    assert atoms.n_points == pyvista.Sphere().n_points * len(solution.to_atoms())
    position, focus, up = (np.array(v) for v in plotter.camera_position)
    assert (position - focus)[2] > 0.0 and up[1] == 1.0
    plotter.close()
