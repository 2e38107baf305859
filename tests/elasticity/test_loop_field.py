"""Dislocation loops: Volterra's integral, circuits, straight lines, circles, dipoles, parts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from qcmethod.elasticity import DislocationField, cubic_stiffness, stroh
from qcmethod.elasticity.green import green_gradient
from qcmethod.elasticity.loop_field import LoopField
from qcmethod.errors import InputError
from qcmethod.io.decode import Decoder
from qcmethod.io.encode import Encoder
from qcmethod.units import GPA

B = (1.0, -0.5, 2.0)
MU, NU = 0.3, 0.33
LAME = 2 * MU * NU / (1 - 2 * NU)
SOFT = cubic_stiffness(LAME + 2 * MU, LAME, MU)
CU = cubic_stiffness(169.6, 122.1, 75.7) * GPA


def triclinic():
    rng = np.random.default_rng(1)
    strain = rng.normal(size=(3, 3, 9))
    strain = strain + strain.transpose(1, 0, 2)
    return 0.02 * np.einsum("ija,kla->ijkl", strain, strain) + 0.3 * CU


MEDIA = [SOFT, CU, triclinic()]
NAMES = ["isotropic", "cubic", "triclinic"]


def ring(n, radius):
    angles = 2 * np.pi * np.arange(n) / n
    return radius * np.column_stack([np.cos(angles), np.sin(angles), 0 * angles])


BENT = np.array([[9.0, 0, 2], [1, 8, -2], [-7, 1, 3], [0, -9, -1]])
CLOUD = np.random.default_rng(0).normal(size=(25, 3)) * 10


def differences(f, x, h=2e-3):
    columns = []
    for k in range(3):
        d = h * np.eye(3)[k]
        columns.append((8 * (f(x + d) - f(x - d)) - (f(x + 2 * d) - f(x - 2 * d))) / (12 * h))
    return np.stack(columns, axis=-1)


@pytest.mark.parametrize("C", MEDIA, ids=NAMES)
def test_displacement_is_volterras_integral(C):
    """- int C_ijkl b_i n_j G_mk,l dA over a triangle, by Gauss points, off its plane."""
    corners = np.array([[8.0, 0, 1], [-3, 7, 0], [-4, -5, -2]])
    node, weight = np.polynomial.legendre.leggauss(40)
    s, t = (0.5 * (1 + a).ravel() for a in np.meshgrid(node, node, indexing="ij"))
    area = np.cross(corners[1] - corners[0], corners[2] - corners[0])
    on = corners[0] + np.outer(s * (1 - t), corners[1] - corners[0])
    on += np.outer(s * t, corners[2] - corners[0])
    moment = np.einsum("ijkl,i,j->kl", C, B, area)
    x = np.array([[2.0, 1, 6], [0, 0, -7], [30, 10, 5], [-9, 2, 8]])
    dA = 0.25 * np.outer(weight, weight).ravel() * s
    wanted = [-np.einsum("kl,nmkl,n->m", moment, green_gradient(C, p - on), dA) for p in x]
    u = LoopField(corners, B, C).displacement(x)
    assert np.abs(u - wanted).max() < 1e-9 * np.abs(u).max()


@pytest.mark.parametrize("C", MEDIA, ids=NAMES)
@pytest.mark.parametrize("vertices", [ring(6, 11.0), BENT], ids=["hexagon", "bent"])
def test_gradient_is_that_of_the_displacement_and_in_equilibrium(C, vertices):
    field = LoopField(vertices, B, C)
    U = field.gradient(CLOUD)
    close = np.abs(U - differences(field.displacement, CLOUD))
    away = close.max(axis=(1, 2)) < 1.0  # the differences of a point near the cut cross it
    assert away.sum() > 20 and close[away].max() < 1e-8 * np.abs(U).max()
    stress = lambda x: np.einsum("ijkl,nkl->nij", C, field.gradient(x))  # noqa: E731
    slopes = differences(stress, CLOUD)
    assert np.abs(np.trace(slopes, axis1=2, axis2=3)).max() < 1e-8 * np.abs(slopes).max()


@pytest.mark.parametrize("C", MEDIA, ids=NAMES)
def test_the_displacement_jumps_by_b_across_the_cut(C):
    for vertices in (ring(6, 11.0), ring(6, 11.0)[::-1], BENT):
        field = LoopField(vertices, B, C)
        rays = vertices - vertices.mean(axis=0)
        on = vertices.mean(axis=0) + np.vstack([0.7 * rays, 0.3 * (rays + np.roll(rays, 1, 0))])
        upper, lower = field.displacement(on), field.displacement(on, np.full(len(on), True))
        assert np.abs(upper - lower - B).max() < 1e-12
        sign = np.sign(np.cross(rays[0], rays[1])[2])
        for s, wanted in ((1e-7, upper), (-1e-7, lower)):
            assert np.abs(field.displacement(on + np.array([0, 0, s * sign])) - wanted).max() < 1e-6
        # forced back, and where there is no cut to cross
        below = on - np.array([0, 0, 1e-7 * sign])
        assert np.allclose(field.displacement(below, np.ones(len(on), int)), upper, atol=1e-6)
        out = vertices * 1.5
        assert np.all(field.displacement(out, [True] * len(out)) == field.displacement(out))


@pytest.mark.parametrize("C", MEDIA, ids=NAMES)
def test_the_side_of_a_long_loop_is_a_straight_dislocation(C):
    far = 1e5
    corners = [[-far, 0, -far], [-far, 0, far], [0, 0, far], [0, 0, -far]]
    loop, line = LoopField(corners, B, C), DislocationField(stroh(C), B)
    x = np.array([[0.3, 0.1, 5], [3.0, 1, 0], [-7, 2, 1], [-7, -2, -4], [0, 9, 0], [2, -5, 3]])
    wanted = line.gradient(x)
    assert np.abs(loop.gradient(x) - wanted).max() < 1e-4 * np.abs(wanted).max()
    u, v = loop.displacement(x), line.displacement(x)
    assert np.abs((u - u[0]) - (v - v[0])).max() < 1e-3
    assert np.abs((u - u[0]) - (v - v[0])).max() < 1e-4 * np.ptp(v, axis=0).max()


def test_a_prismatic_circle_on_its_axis():
    """u_z = b/(4(1-nu)) [(1-2nu)(1-c) + 1-c^3], c = z/sqrt(a^2+z^2): Kelvin's dipoles on a disc."""
    a, b, z = 12.0, 2.3, np.array([0.0, 0.5, 3.0, 10.0, 40.0])
    c = z / np.hypot(a, z)
    wanted = b / (4 * (1 - NU)) * ((1 - 2 * NU) * (1 - c) + 1 - c**3)
    x = np.column_stack([0 * z, 0 * z, z])
    errors = []
    for n in (16, 32):
        u = LoopField(ring(n, a), (0, 0, b), SOFT).displacement(x)
        assert np.abs(u[:, :2]).max() < 1e-12
        errors.append(np.abs(u[:, 2] - wanted).max())
    assert u[0, 2] == pytest.approx(b / 2, rel=1e-12)
    assert errors[1] < 5e-3 * b and errors[0] / errors[1] == pytest.approx(4, rel=0.05)


@pytest.mark.parametrize("C", MEDIA, ids=NAMES)
def test_far_away_it_is_a_dipole(C):
    field = LoopField(BENT, B, C)
    directions = CLOUD / np.linalg.norm(CLOUD, axis=1)[:, None]
    errors = []
    for R in (1e3, 1e4):
        x = BENT.mean(axis=0) + R * directions
        u = field.displacement(x)
        dipole = -np.einsum("kl,nmkl->nm", field.dipole(), green_gradient(C, R * directions))
        errors.append(np.abs(u - dipole).max() / np.abs(u).max())
    assert errors[0] < 2e-2 and errors[0] / errors[1] == pytest.approx(10, rel=0.1)


def test_a_loop_is_the_sum_of_its_parts():
    """Corners in line, cells that share an edge; points on its line and far out are included."""
    square = np.array([[0.0, 0, 0], [8, 0, 0], [8, 6, 0], [0, 6, 0]])
    whole = LoopField(square, B, CU)
    midpoints = np.vstack(
        [[0.5 * (a + b), b] for a, b in zip(square, np.roll(square, -1, 0), strict=True)]
    )
    left = LoopField(square * [0.25, 1, 1], B, CU)
    right = LoopField(square * [0.75, 1, 1] + [2, 0, 0], B, CU)
    lined = [[12.0, 0, 0], [-1, 0, 0], [8 + 1e-7, 0, 1e-9], [8, 9, 0], [40, 1e-6, 0], [2, 50, 0]]
    x = np.vstack([CLOUD, lined, 1e4 * CLOUD])
    for method in ("displacement", "gradient"):
        field = getattr(whole, method)(x)
        parts = getattr(left, method)(x) + getattr(right, method)(x)
        size = np.abs(field).reshape(len(x), -1).max(axis=1)
        for other in (parts, getattr(LoopField(midpoints, B, CU), method)(x)):
            error = np.abs(other - field).reshape(len(x), -1).max(axis=1)
            assert (error < 1e-8 * size + 1e-15).all()


def test_the_rules_of_integration_have_converged(monkeypatch):
    from qcmethod.elasticity import loop_segments

    x = np.vstack([CLOUD, ring(6, 11.0) * [0.99, 0.99, 1] + [0, 0, 0.02], [[11.0, 1e-4, 1e-4]]])
    field = LoopField(ring(6, 11.0), B, CU)
    u, U = field.displacement(x), field.gradient(x)
    points = loop_segments.circle_points
    monkeypatch.setattr(loop_segments, "circle_points", lambda C: 2 * points(C))
    assert np.abs(field.displacement(x) - u).max() < 1e-11
    assert np.abs(field.gradient(x) / U - 1).max() < 1e-8


def test_it_is_kept_in_files_and_refuses():
    field = LoopField(BENT, B, CU)
    encoder = Encoder()
    tree = encoder.tree(field)
    again = Decoder(encoder.arrays, None).value(tree)
    assert type(again) is LoopField and np.array_equal(again.vertices, BENT) and again.b == B
    assert np.abs(replace(field, b=(0, 0, 0)).gradient(CLOUD)).max() == 0.0
    on = 0.3 * BENT[1] + 0.7 * BENT[2]
    with pytest.raises(InputError, match="point 1"):
        field.displacement([[0.0, 0, 0], on])
    for vertices in (BENT[:2], BENT[[0, 0, 1, 2]], [[0, 0, 0], [1, 0, 0], [2, 0, 0]], [[0, 1]]):
        with pytest.raises(InputError, match="vertices"):
            LoopField(vertices, B, CU)
    with pytest.raises(InputError, match="lower"):
        field.displacement([[0.0, 0, 5]], [2])
    with pytest.raises(InputError, match="b: "):
        LoopField(BENT, (1, 2), CU)
