"""Elastic dipoles: pairs of forces, differences, a centre of dilatation, small loops."""

from __future__ import annotations

import numpy as np
import pytest

from qcmethod.elasticity import cubic_stiffness
from qcmethod.elasticity.dipole_field import DipoleField
from qcmethod.elasticity.green import green
from qcmethod.elasticity.loop_field import LoopField
from qcmethod.elasticity.predictor import Predictor
from qcmethod.errors import InputError
from qcmethod.io.decode import Decoder
from qcmethod.io.encode import Encoder
from qcmethod.units import GPA

CU = cubic_stiffness(169.6, 122.1, 75.7) * GPA
P = np.array([[9.0, 1, -2], [1, 4, 0.5], [-2, 0.5, 12]])
AT = (0.7, -1.0, 2.0)
X = np.random.default_rng(4).normal(size=(30, 3)) * 9 + [0.7, -1.0, 2.0]


def differences(f, x, h):
    columns = []
    for k in range(3):
        d = h * np.eye(3)[k]
        columns.append((8 * (f(x + d) - f(x - d)) - (f(x + 2 * d) - f(x - 2 * d))) / (12 * h))
    return np.stack(columns, axis=-1)


def test_it_is_pairs_of_forces():
    """u = sum_k [G(x - h e_k) - G(x + h e_k)] P e_k/(2 h): forces P e_k/(2 h) at +- h e_k."""
    field, h = DipoleField(P, CU, 1e-3, AT), 1e-3
    pairs = 0.0
    for k in range(3):
        d = h * np.eye(3)[k]
        pairs += (green(CU, X - AT - d) - green(CU, X - AT + d)) @ P[:, k] / (2 * h)
    u = field.displacement(X)
    assert np.abs(u - pairs).max() < 1e-6 * np.abs(u).max()


@pytest.mark.parametrize("core", [0.01, 25.0])
def test_gradient_is_that_of_the_displacement(core):
    """Also where the ramp is: most points lie between 6 and 25 A."""
    field = DipoleField(P, CU, core, AT)
    U = field.gradient(X)
    assert np.abs(differences(field.displacement, X, 1e-3) - U).max() < 1e-8 * np.abs(U).max()


def test_the_ramp_is_smooth_and_ends_at_the_core():
    core = 5.0
    field, bare = DipoleField(P, CU, core, AT), DipoleField(P, CU, 1e-6, AT)
    ray = np.array([2.0, -1, 2]) / 3
    out, at, inside = (np.array(AT) + core * s * ray[None] for s in (1.3, 1.0, 0.4))
    assert np.array_equal(field.displacement(out), bare.displacement(out))
    assert np.abs(field.displacement(inside)).max() == np.abs(field.gradient(inside)).max() == 0.0
    assert np.abs(field.gradient([AT])).max() == 0.0  # the centre itself
    h = 1e-5  # second derivatives do not jump where the ramp starts and ends
    size = np.abs(field.gradient(at)).max() / core
    for place in (at, np.array(AT) + 0.5 * core * ray[None]):
        before, here, after = (field.gradient(place + s * ray) for s in (-h, 0.0, h))
        assert np.abs((after - here) / h - (here - before) / h).max() < 2e-3 * size


def test_a_centre_of_dilatation_is_known():
    """Isotropic: u = p/(lambda + 2 mu) x/(4 pi r^3), without any shear of its own."""
    mu, lam, p = 0.3, 0.5, 7.0
    C = cubic_stiffness(lam + 2 * mu, lam, mu)
    x = X - AT
    r = np.linalg.norm(x, axis=1)[:, None]
    wanted = p / (lam + 2 * mu) * x / (4 * np.pi * r**3)
    assert np.allclose(DipoleField(p * np.eye(3), C, 1e-3).displacement(x), wanted, rtol=1e-10)


def test_a_small_loop_is_its_dipole_and_files_keep_it():
    square = 0.01 * np.array([[1.0, 0, 0.2], [0, 1, 0], [-1, 0, -0.2], [0, -1, 0]])
    loop = LoopField(square + AT, (0.3, 0.2, 2.0), CU)
    field = DipoleField(loop.dipole(), CU, 1.0, AT)
    far = X[np.linalg.norm(X - AT, axis=1) > 2.0]
    U = loop.gradient(far)
    assert np.abs(field.gradient(far) - U).max() < 1e-4 * np.abs(U).max()
    encoder = Encoder()
    tree = encoder.tree(Predictor(singular=field))
    again = Decoder(encoder.arrays, None).value(tree)
    side = np.zeros(len(X), dtype=np.int8)
    assert np.array_equal(again.displacement(X, side), field.displacement(X))


def test_refusals():
    for bad, word in (
        (lambda: DipoleField(np.triu(P), CU, 1.0), "P: "),
        (lambda: DipoleField(P[:2], CU, 1.0), "P: "),
        (lambda: DipoleField(P, CU, 0.0), "core: "),
        (lambda: DipoleField(P, CU, 1.0, (0.0, 1.0)), "centre: "),
        (lambda: DipoleField(P, CU, 1.0).displacement([[1.0, 2.0]]), "x: "),
    ):
        with pytest.raises(InputError, match=word):
            bad()
