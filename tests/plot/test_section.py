"""Sections of tetrahedra: their areas against volumes, their places against the plane."""

from __future__ import annotations

import numpy as np
import pytest

from qcmethod.errors import InputError
from qcmethod.plot.section import Section


def area(polygon: np.ndarray) -> np.ndarray:
    """Of polygons (n, 4, 2) with corners in turn."""
    x, y = np.moveaxis(polygon, 2, 0)
    return 0.5 * np.abs((x * np.roll(y, -1, 1) - y * np.roll(x, -1, 1)).sum(axis=1))


@pytest.mark.parametrize("normal", [(0, 0, 1), (0, 1, 0), (0, -2, 0), (1, -2, 3)])
def test_the_areas_of_sections_make_the_volume(normal):
    """Cavalieri: a sum over planes is the sum of the volumes, whatever is cut how."""
    corners = np.random.default_rng(1).normal(size=(30, 4, 3))
    volume = np.abs(np.linalg.det(corners[:, 1:] - corners[:, :1])).sum() / 6.0
    heights, step = np.linspace(-6.0, 6.0, 2400, retstep=True)
    total = 0.0
    for h in heights:
        plane = Section.of(normal, np.zeros(3))
        plane = Section(plane.normal, h * plane.normal)
        total += area(plane.cut(corners)[1]).sum() * step
    assert total == pytest.approx(volume, rel=1e-4)


def test_a_plane_of_the_mesh_is_covered_once():
    """The six tetrahedra of a cube on either side of its face."""
    paths = [
        np.eye(3)[list(p)].cumsum(axis=0)
        for p in ((0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0))
    ]
    cube = np.stack([np.concatenate([np.zeros((1, 3)), path]) for path in paths])
    both = np.concatenate([cube, cube * (1, 1, -1)])
    cell, polygon = Section.of(None, np.zeros(3)).cut(both)
    assert area(polygon).sum() == pytest.approx(1.0, abs=1e-12)
    assert len(cell) == 2 or area(polygon[cell < 6]).sum() in (pytest.approx(0.0), pytest.approx(1))


def test_axes_are_a_right_handed_view():
    for normal in ((0, 0, 1), (0, 1, 0), (0, -1, 0), (1, 0, 0), (1, 1, 1)):
        plane = Section.of(normal, np.array([1.0, 2.0, 3.0]))
        right, up = plane.axes
        np.testing.assert_allclose(np.cross(right, up), plane.normal, atol=1e-12)
        p = np.array([[0.3, -1.0]])
        assert plane.height(plane.at(p)) == pytest.approx(0.0, abs=1e-12)
        np.testing.assert_allclose(plane.seen(plane.at(p)), p, atol=1e-12)
    assert Section.of(None, np.zeros(3)).labels == ["$x$", "$y$"]
    for wrong in ((0, 0, 0), (1, 2), "up", (np.nan, 0, 1)):
        with pytest.raises(InputError, match="normal"):
            Section.of(wrong, np.zeros(3))
