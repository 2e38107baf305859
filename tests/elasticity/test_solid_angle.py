"""Solid angles of polygons: a sum over triangles, points on the polygon, a closed surface."""

from __future__ import annotations

import numpy as np
import pytest

from qcmethod.elasticity.solid_angle import faces_of, solid_angle

# a star with re-entrant corners, anticlockwise about z
RADII = np.tile([10.0, 4.0], 5)
ANGLES = 2 * np.pi * np.arange(10) / 10
STAR = np.column_stack([RADII * np.cos(ANGLES), RADII * np.sin(ANGLES), 0 * ANGLES])


def triangle(corners, x):
    """Van Oosterom and Strackee 1983."""
    a, b, c = (corners[i] - x for i in range(3))
    A, B, C = (np.linalg.norm(v, axis=1) for v in (a, b, c))
    dot = lambda u, v: np.einsum("ni,ni->n", u, v)  # noqa: E731
    below = A * B * C + dot(a, b) * C + dot(b, c) * A + dot(a, c) * B
    return -2 * np.arctan2(dot(a, np.cross(b, c)), below)


def rotation():
    R = np.linalg.qr(np.random.default_rng(5).normal(size=(3, 3)))[0]
    return R * np.linalg.det(R)


def test_a_star_is_the_sum_of_its_triangles():
    x = np.random.default_rng(0).normal(size=(400, 3)) * 9
    fan = [STAR[[i, (i + 1) % 10]] for i in range(10)]
    wanted = sum(triangle(np.vstack([edge, [[0.0, 0, 0]]]), x) for edge in fan)
    R = rotation()
    shift = np.array([3.0, -2.0, 7.0])
    found = solid_angle((STAR @ R.T + shift)[None], x @ R.T + shift)
    assert np.abs(found - wanted).max() < 1e-12
    far = 1e5 * x[:9] / np.linalg.norm(x[:9], axis=1)[:, None]
    area = 0.5 * np.cross(STAR, np.roll(STAR, -1, axis=0)).sum(axis=0)[2]
    flux = area * far[:, 2] / 1e15
    assert np.abs(solid_angle(STAR[None], far) / flux - 1).max() < 1e-6


@pytest.mark.parametrize("turn", [np.eye(3), rotation()], ids=["flat", "turned"])
def test_points_on_the_plane_are_above_it(turn):
    inside = np.array([[0.0, 0, 0], [3.0, 0, 0], [9.9, 0, 0], [-3.2, 0.4, 0], [-3.9, 0.0, 0]])
    outside = np.array(
        [[10.1, 0, 0], [6.0, 4.9, 0], [-9.0, 0.5, 0], [-4.0, -9.0, 0], [500.0, 1, 0]]
    )
    outside = np.vstack([outside, 2 * STAR[0] - STAR[1]])  # on the line of an edge
    for height in (0.0, 1e-12, -1e-12):
        lift = [0, 0, height]
        assert np.allclose(solid_angle((STAR @ turn.T)[None], (inside + lift) @ turn.T), 2 * np.pi)
        assert np.allclose(solid_angle((STAR @ turn.T)[None], (outside + lift) @ turn.T), 0.0)
    below = inside - [0, 0, 1e-7]
    assert np.allclose(solid_angle((STAR @ turn.T)[None], below @ turn.T), -2 * np.pi, atol=1e-4)


def test_a_bent_line_bounds_triangles_and_closes_a_solid():
    """The fan over a bent line and the fans back, of its flat halves, enclose a solid: 4 pi."""
    bent = np.array([[5.0, 0, 2], [0, 5, -2], [-5, 0, 2], [0, -5, -2]])
    upper, lower = faces_of(bent), [faces_of(bent[i])[0] for i in ([2, 1, 0], [0, 3, 2])]
    assert len(upper) == 4 and len(faces_of(STAR)) == 1
    inside, outside = np.array([[0.0, 0.3, 0.6], [0.5, -0.4, 1.0]]), np.array([[0, 0, 3.0]])
    total = lambda x: sum(solid_angle(f[None], x) for f in (*upper, *lower))  # noqa: E731
    assert np.allclose(total(inside), 4 * np.pi, rtol=1e-12)
    assert np.allclose(total(outside), 0.0, atol=1e-12)
    crease = 0.4 * bent + 0.6 * bent.mean(axis=0)  # on the common edge of two triangles
    jump = solid_angle(upper, crease) - solid_angle(upper, crease - [0, 0, 1e-6])
    assert np.allclose(jump, 4 * np.pi, atol=1e-4)
