"""A sphere on an anisotropic half-space: Hertz, the pressure integrated in space, symmetry."""

from __future__ import annotations

import numpy as np
import pytest

from qcmethod.elasticity import cubic_stiffness, rotate_stiffness
from qcmethod.elasticity.indentation_modulus import (
    contact_shape,
    hertz,
    indentation_modulus,
    surface_compliance,
    surface_frame,
)
from qcmethod.errors import InputError
from qcmethod.units import GPA

CU = cubic_stiffness(169.6, 122.1, 75.7) * GPA
AL = cubic_stiffness(108.2, 61.3, 28.5) * GPA
W = cubic_stiffness(522.4, 204.4, 160.6) * GPA


@pytest.mark.parametrize("nu", [-0.3, 0.0, 0.33, 0.49])
def test_isotropic_media_have_the_plane_strain_modulus(nu):
    mu = 0.3
    lam = 2 * mu * nu / (1 - 2 * nu)
    E = 2 * mu * (1 + nu)
    M = indentation_modulus(cubic_stiffness(lam + 2 * mu, lam, mu), [1, -2, 0.5])
    assert pytest.approx(E / (1 - nu**2), rel=1e-9) == M


@pytest.mark.parametrize("normal", [[1, 0, 0], [1, 1, 0], [1, 2, 4]])
def test_the_pressure_in_its_ellipse_fits_the_sphere(normal):
    """w(x) = int p l/(2 pi r) dA in polar coordinates about x, where p meets the ellipse."""
    S = contact_shape(CU, normal)
    theta = 2 * np.pi * (np.arange(400) + 0.5) / 400
    l = surface_compliance(CU, normal, theta)
    k = np.column_stack([np.cos(theta), np.sin(theta)])
    inverse = np.linalg.inv(S)
    node, weight = np.polynomial.legendre.leggauss(60)

    def lowered(x):
        # rho to the edge: a rho^2 + 2 b rho + c = 0; the root of the pressure by rho = edge (1-q^2)
        a = np.einsum("na,ab,nb->n", k, inverse, k)
        b, c = k @ inverse @ x, x @ inverse @ x - 1
        edge = (-b + np.sqrt(b * b - a * c)) / a
        q = 0.5 * (1 + node)
        rho = edge[:, None] * (1 - q**2)
        p = np.sqrt(-(a[:, None] * rho**2 + 2 * b[:, None] * rho + c))
        inner = (p * edge[:, None] * q) @ weight  # d rho = 2 q edge dq, dq = d node/2
        return (l * inner).mean()  # dtheta/(2 pi)

    centre = lowered(np.zeros(2))
    points = 0.6 * np.array([[1.0, 0], [0, 1], [0.6, 0.8], [-0.8, 0.6]])
    curvature = np.array([2 * (centre - lowered(x)) / 0.36 for x in points])
    assert np.ptp(curvature) < 1e-6 * curvature.mean()
    force = 2 / 3 * np.pi
    M = 0.75 * force * np.sqrt(curvature.mean()) / centre**1.5
    assert indentation_modulus(CU, normal) == pytest.approx(M, rel=1e-6)


def test_the_contact_is_a_circle_where_the_surface_has_a_higher_axis():
    for normal in ([1, 0, 0], [1, 1, 1]):
        S = contact_shape(CU, normal)
        assert np.abs(S - np.eye(2)).max() < 1e-9
        mean = surface_compliance(CU, normal, np.pi * np.arange(24) / 24).mean()
        assert indentation_modulus(CU, normal) == pytest.approx(2 / mean, rel=1e-9)
    axes = np.linalg.eigvalsh(contact_shape(CU, [1, 1, 0]))
    assert axes[1] / axes[0] > 1.02


def test_copper_is_stiffest_along_111_and_tungsten_is_isotropic():
    """Copper: (111) and (110) alike, (001) a tenth softer, where Young's moduli differ by 2.9."""
    M = {h: indentation_modulus(CU, h) for h in ((1, 0, 0), (1, 1, 0), (1, 1, 1))}
    assert M[1, 0, 0] < M[1, 1, 0] < M[1, 1, 1]
    assert 1.1 < M[1, 1, 1] / M[1, 0, 0] < 1.25 and M[1, 1, 1] / M[1, 1, 0] < 1.05
    assert indentation_modulus(AL, [1, 1, 1]) / indentation_modulus(AL, [0, 1, 0]) < 1.04
    ratio = indentation_modulus(W, [1, 1, 1]) / indentation_modulus(W, [1, 0, 0])
    assert ratio == pytest.approx(1, abs=6e-3)


def test_it_turns_with_the_crystal():
    R = np.linalg.qr(np.random.default_rng(0).normal(size=(3, 3)))[0]
    R *= np.linalg.det(R)
    turned = indentation_modulus(rotate_stiffness(CU, R), R @ [1, 2, 4])
    assert turned == pytest.approx(indentation_modulus(CU, [1, 2, 4]), rel=1e-10)
    frame = surface_frame([1, 2, 4])
    assert np.abs(frame @ frame.T - np.eye(3)).max() < 1e-14
    assert np.linalg.det(frame) == pytest.approx(1)


def test_hertz():
    assert hertz(1.5, 100.0, 4.0) == pytest.approx(4 / 3 * 1.5 * 10 * 8)
    assert hertz(1.5, 100.0, -1.0) == 0.0
    for bad, word in (
        (lambda: hertz(-1.0, 1.0, 1.0), "M: "),
        (lambda: hertz(1.0, 0.0, 1.0), "radius: "),
        (lambda: hertz(1.0, 1.0, np.nan), "depth: "),
        (lambda: indentation_modulus(CU, [0, 0, 0]), "normal: "),
        (lambda: indentation_modulus(np.eye(3), [0, 0, 1]), "C: "),
    ):
        with pytest.raises(InputError, match=word):
            bad()
