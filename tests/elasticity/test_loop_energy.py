"""Energies of circular loops: closed forms, and the work of the loop's own stress on its cut."""

from __future__ import annotations

import numpy as np
import pytest

from qcmethod.elasticity import cubic_stiffness
from qcmethod.elasticity.indentation_modulus import surface_frame
from qcmethod.elasticity.loop_energy import line_energies, loop_energy_factor
from qcmethod.elasticity.loop_field import LoopField
from qcmethod.errors import InputError
from qcmethod.units import GPA

CU = cubic_stiffness(169.6, 122.1, 75.7) * GPA


@pytest.mark.parametrize("nu", [0.0, 0.25, 0.4])
def test_isotropic_loops(nu):
    mu, b = 0.3, 2.5
    lam = 2 * mu * nu / (1 - 2 * nu)
    C = cubic_stiffness(lam + 2 * mu, lam, mu)
    n = np.array([1.0, 2, 2]) / 3
    prismatic = mu * b**2 / (2 * (1 - nu))
    assert loop_energy_factor(C, b * n, n) == pytest.approx(prismatic, rel=1e-9)
    shear = mu * b**2 * (2 - nu) / (4 * (1 - nu))
    in_plane = b * np.array([2.0, 1, -2]) / 3
    assert loop_energy_factor(C, in_plane, n) == pytest.approx(shear, rel=1e-9)


def test_the_work_on_the_cut_grows_by_it():
    """dE/dln(r) of a copper loop is - r b . sigma n/2, the traction on its cut near the line."""
    n, R, corners, r = np.array([1.0, 1, 1]) / np.sqrt(3), 100.0, 48, 0.01
    b = 2.1 * n + np.array([0.5, -0.5, 0.0])
    frame = surface_frame(n)
    angles = 2 * np.pi * np.arange(corners) / corners
    ring = R * (np.cos(angles)[:, None] * frame[0] + np.sin(angles)[:, None] * frame[1])
    middles = 0.5 * (ring + np.roll(ring, -1, axis=0))
    inward = -middles / np.linalg.norm(middles, axis=1)[:, None]
    U = LoopField(ring, tuple(b), CU).gradient(middles + r * inward)
    work = -0.5 * r * np.einsum("i,ijkl,nkl,j->n", b, CU, U, n)
    lines = line_energies(CU, b, n, angles + np.pi / corners + 0.5 * np.pi)
    assert np.ptp(lines) > 0.1 * lines.mean()  # not the same in all directions
    assert np.abs(work / lines - 1).max() < 5e-3
    assert loop_energy_factor(CU, b, n) == pytest.approx(2 * np.pi * work.mean(), rel=2e-3)


def test_refusals():
    for bad, word in (
        (lambda: loop_energy_factor(CU, (1, 0), (0, 0, 1)), "b: "),
        (lambda: loop_energy_factor(CU, (1, 0, 0), (0, 0, 0)), "normal: "),
        (lambda: loop_energy_factor(np.eye(3), (1, 0, 0), (0, 0, 1)), "C: "),
    ):
        with pytest.raises(InputError, match=word):
            bad()
