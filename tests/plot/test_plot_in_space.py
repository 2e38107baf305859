"""Pictures of problems in space: what the panels hold, for every kind of domain and method."""

from __future__ import annotations

from functools import cache

import matplotlib.collections as collections
import numpy as np
import pytest
from figures import panel_alone
from matplotlib.collections import EllipseCollection, PolyCollection
from PIL import Image

import qcmethod as qc
from qcmethod.analysis.structure.common import common_neighbours
from qcmethod.errors import InputError
from qcmethod.plot.atoms_in_space import VIEW, grouped
from qcmethod.plot.pictures import draw
from qcmethod.solve.solution import evaluated


@cache
def crystal() -> qc.Crystal:
    return qc.Crystal.fcc(qc.load_potential("Al-Ercolessi-1994"), dimensions=3)


@cache
def state(kind: str) -> qc.Solution:
    size = {"core": 6.0, "blend": 3.0}
    if kind in ("atomistic", "local"):
        system = qc.couple(qc.vacancy(crystal(), extent=20.0), kind)
    elif kind == "line":
        vectors = ((0.5, -0.5, 0.0), (1, 1, 1), (1, -1, 0))
        problem = qc.dislocation(crystal(), *vectors, extent=40.0, period=12.0)
        system = qc.couple(problem, "bgfc", **size)
    elif kind == "indentation":
        problem = qc.indentation(crystal(), radius=15.0, depth=0.5, extent=40.0)
        system = qc.couple(problem, "bqcf", **size)
    elif kind == "loop":
        b = (-1 / 3, -1 / 3, -1 / 3)
        problem = qc.loop(crystal(), b, (1, 1, 1), radius=8.0, faulted=True, extent=50.0)
        system = qc.couple(problem, "bqcf", **size)
    else:
        system = qc.couple(qc.vacancy(crystal(), extent=40.0), "bgfc", **size)
    return evaluated(system, system.zero)


def of_kind(axis, kind: type) -> list[collections.Collection]:
    return [one for one in axis.collections if isinstance(one, kind)]


@pytest.mark.parametrize("kind", ["vacancy", "loop", "line", "indentation", "atomistic", "local"])
def test_every_kind_is_drawn(kind, tmp_path):
    path = state(kind).plot(tmp_path / "a.png", dpi=50)
    with Image.open(path) as image:
        pixels = np.asarray(image.convert("RGB"))
    assert len(np.unique(pixels.reshape(-1, 3), axis=0)) > 150


def test_the_section_covers_the_domain_and_the_atoms_of_a_layer():
    """The cells with weight and the disc of the core make the disc of the domain."""
    solution = state("vacancy")
    system = solution.system
    figure = draw(solution, "displacement", False)
    domain, near, atoms = figure.axes[:3]
    (cells,) = of_kind(domain, PolyCollection)
    unit = 1.0 if domain.get_xlabel().endswith("(\N{ANGSTROM SIGN})") else 10.0
    corners = np.array([path.vertices[:4] for path in cells.get_paths()]) * unit
    x, y = np.moveaxis(corners, 2, 0)
    area = 0.5 * np.abs((x * np.roll(y, -1, 1) - y * np.roll(x, -1, 1)).sum(axis=1)).sum()
    hole = np.pi * system.core**2
    assert area > np.pi * system.problem.extent**2 - hole
    (layer,) = of_kind(near, EllipseCollection)
    x_l = system.body.x_l[system.weights.w_l > 0.0]
    assert len(layer.get_offsets()) == (np.abs(x_l[:, 2]) < 0.1).sum()
    assert atoms.get_title().startswith("12 of ")


def test_the_atoms_of_no_kind_are_those_about_the_vacancy():
    found = common_neighbours(state("vacancy"))
    (group,) = grouped(found.zone.y, found.label, found.coordination, found.zone.lattice)
    assert group.name == "11 neighbours" and len(group.y) == 12 < len(found.zone)
    neighbour = crystal().lattice.neighbour
    assert np.linalg.norm(group.y, axis=1) == pytest.approx(neighbour, rel=0.02)
    axis = found.plot().axes[0]
    (spheres,) = of_kind(axis, EllipseCollection)
    assert len(spheres.get_offsets()) == 12
    loop = common_neighbours(state("loop"))
    names = [one.get_text() for one in loop.plot().axes[0].get_legend().get_texts()]
    assert names[0] == f"hcp ({loop.counts['hcp']})"


def test_the_view_is_a_rotation():
    np.testing.assert_allclose(VIEW @ VIEW.T, np.eye(3), atol=1e-12)
    assert np.linalg.det(VIEW) == pytest.approx(1.0)
    assert VIEW[2, 2] > 0.7 and VIEW[1, 1] > 0.9  # about as a plane is seen: z to the eye, y up


def test_a_chosen_plane_and_what_is_none():
    solution = state("vacancy")
    figure = solution.plot(normal=(0, -1, 0), zoom=15.0)
    assert figure.axes[0].get_xlabel().startswith("$x$")
    assert figure.axes[0].get_ylabel().startswith("$z$")
    with pytest.raises(InputError, match="normal"):
        solution.plot(normal=(0, 0, 0))
    plane = qc.Crystal.hex2d(qc.load_potential("toy2d-c10"))
    system = qc.couple(qc.vacancy(plane, extent=30.0), "bgfc", core=6.0, blend=4.0)
    with pytest.raises(InputError, match="normal"):
        evaluated(system, system.zero).plot(normal=(0, 0, 1))


def test_one_panel_alone():
    panel_alone(state("vacancy"))


@pytest.mark.parametrize("method", ["qce", "bqcf"])
def test_the_ghost_forces_of_a_section(method, tmp_path):
    blend = None if method == "qce" else 3.0
    problem = qc.vacancy(crystal(), extent=40.0)
    report = qc.patch_test(qc.couple(problem, method, core=6.0, blend=blend))
    figure = report.plot()
    (arrows,) = [*of_kind(figure.axes[0], collections.PolyCollection)][1:] or [None]
    if method == "bqcf":
        assert arrows is None  # there are none: it is the title that says so
        return
    _, f, system = report.at(None)
    x = system.body.x_k
    large = (np.linalg.norm(f, axis=1) > 2e-3 * np.abs(f).max()) & (np.abs(x[:, 2]) < 0.1)
    assert len(arrows.get_offsets()) >= large.sum() > 10
    assert report.plot(tmp_path / "a.png", dpi=50).stat().st_size > 0
