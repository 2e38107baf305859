"""Green's function of space: Kelvin's closed form, differences, symmetry, equilibrium, a shear."""

from __future__ import annotations

import numpy as np
import pytest

from qcmethod.elasticity.great_circle import circle_points, mean_inverse
from qcmethod.elasticity.green import green, green_gradient, green_hessian
from qcmethod.elasticity.stiffness import cubic_stiffness, rotate_stiffness
from qcmethod.errors import InputError, UnstableCrystalError
from qcmethod.units import GPA

CU = cubic_stiffness(169.6, 122.1, 75.7) * GPA
POINTS = np.random.default_rng(3).normal(size=(30, 3)) * 7.0


def triclinic():
    """A stiffness without any symmetry of a crystal, positive definite."""
    rng = np.random.default_rng(1)
    strain = rng.normal(size=(3, 3, 9))
    strain = strain + strain.transpose(1, 0, 2)
    return 0.02 * np.einsum("ija,kla->ijkl", strain, strain) + 0.3 * CU


def isotropic(mu, nu):
    lam = 2 * mu * nu / (1 - 2 * nu)
    return cubic_stiffness(lam + 2 * mu, lam, mu)


def kelvin(mu, nu, x):
    r = np.linalg.norm(x, axis=1)[:, None, None]
    dyad = x[:, :, None] * x[:, None, :] / r**2
    return ((3 - 4 * nu) * np.eye(3) + dyad) / (16 * np.pi * mu * (1 - nu) * r)


def differences(f, x, h=1e-3):
    """Fourth order central differences, the derivative last."""
    columns = []
    for k in range(3):
        d = h * np.eye(3)[k]
        columns.append((8 * (f(x + d) - f(x - d)) - (f(x + 2 * d) - f(x - 2 * d))) / (12 * h))
    return np.stack(columns, axis=-1)


@pytest.mark.parametrize("nu", [-0.2, 0.0, 0.3, 0.49])
def test_isotropic_space_is_kelvins(nu):
    mu = 0.31
    exact = kelvin(mu, nu, POINTS)
    assert np.abs(green(isotropic(mu, nu), POINTS) / exact - 1).max() < 1e-9


@pytest.mark.parametrize("C", [CU, triclinic()], ids=["cubic", "triclinic"])
def test_derivatives_are_those_of_the_function(C):
    first, second = green_gradient(C, POINTS), green_hessian(C, POINTS)
    assert (
        np.abs(differences(lambda x: green(C, x), POINTS) - first).max() < 1e-9 * abs(first).max()
    )
    error = np.abs(differences(lambda x: green_gradient(C, x), POINTS) - second).max()
    assert error < 1e-9 * abs(second).max()


@pytest.mark.parametrize("C", [CU, triclinic()], ids=["cubic", "triclinic"])
def test_forces_are_in_equilibrium_and_reciprocal(C):
    G, G2 = green(C, POINTS), green_hessian(C, POINTS)
    residual = np.einsum("ijkl,nkmjl->nim", C, G2)
    assert np.abs(residual).max() < 1e-11 * np.abs(C).max() * np.abs(G2).max()
    # reciprocity: the force and the point of the displacement change places
    assert np.abs(G - green(C, -POINTS).transpose(0, 2, 1)).max() < 1e-12 * np.abs(G).max()
    assert np.abs(G2 - G2.transpose(0, 1, 2, 4, 3)).max() == 0.0


def test_the_force_through_a_sphere_is_one():
    """Net traction: - int C_ijkl G_km,l n_j dA = delta_im, by Gauss points on a sphere."""
    C = triclinic()
    cosine, weight = np.polynomial.legendre.leggauss(40)
    phi = 2 * np.pi * np.arange(80) / 80
    sine = np.sqrt(1 - cosine**2)
    normal = np.stack(
        [np.outer(sine, np.cos(phi)), np.outer(sine, np.sin(phi)), np.outer(cosine, np.ones(80))],
        axis=-1,
    ).reshape(-1, 3)
    area = np.repeat(weight, 80) * 2 * np.pi / 80
    stress = np.einsum("ijkl,nkml->nijm", C, green_gradient(C, 1.0 * normal))
    force = -np.einsum("nijm,nj,n->im", stress, normal, area)
    assert np.abs(force - np.eye(3)).max() < 1e-8


def test_it_is_homogeneous_and_turns_with_the_medium():
    C = triclinic()
    R = np.linalg.qr(np.random.default_rng(2).normal(size=(3, 3)))[0]
    R *= np.linalg.det(R)
    turned = np.einsum("ia,jb,nab->nij", R, R, green(C, POINTS))
    assert np.allclose(green(rotate_stiffness(C, R), POINTS @ R.T), turned, rtol=1e-11, atol=0)
    for f, power in ((green, -1), (green_gradient, -2), (green_hessian, -3)):
        scaled = f(C, 2.5 * POINTS) / 2.5**power
        assert np.abs(scaled - f(C, POINTS)).max() < 1e-13 * np.abs(scaled).max()


def test_the_points_of_the_circle_suffice_and_follow_the_anisotropy():
    wild = cubic_stiffness(1.0, 0.9, 1.0)  # Zener's ratio is 20
    counts = [circle_points(C) for C in (isotropic(0.3, 0.3), CU, wild)]
    assert counts[0] < counts[1] < counts[2]
    for C, m in zip((CU, wild), counts[1:], strict=True):
        error = mean_inverse(C, POINTS, m) - mean_inverse(C, POINTS, 4 * m)
        assert np.abs(error).max() < 1e-11 * np.abs(mean_inverse(C, POINTS, m)).max()


def test_refusals():
    with pytest.raises(InputError, match="point 1 at the singular point"):
        green(CU, [[1.0, 0, 0], [0, 0, 0]])
    with pytest.raises(InputError, match="x: "):
        green_hessian(CU, [[1.0, 0.0]])
    with pytest.raises(InputError, match="C: "):
        green(np.eye(3), POINTS)
    with pytest.raises(UnstableCrystalError):
        green(cubic_stiffness(1.0, 1.2, 0.5), POINTS)
