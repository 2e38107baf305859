"""Potentials whose functions have kinks, as tables in wide use do: what is at rest there is taken.

A cut-off on a shell of the crystal's own neighbours makes the stress jump at the lattice constant;
a step of the force where a layer would rest leaves no state of small gradient.
"""

from __future__ import annotations

from functools import cache
from math import exp
from typing import NamedTuple

import numpy as np
import pytest
from scipy.optimize import brentq

import qcmethod as qc
from qcmethod.crystal.stack import Layers, jump_at_cutoff, traction_free
from qcmethod.potentials.forms.taper import tapered
from qcmethod.potentials.site import pair2

RC = 5.0
A0 = RC / 1.5**0.5
"""The third shell of fcc, at sqrt(3/2) a, lies on the cut-off."""
WIDTH = 0.05
"""Of a cusp, A."""
TRIAD = ((1, 1, -2), (1, 1, 1), (1, -1, 0))


class Kinked(NamedTuple):
    """Morse's form, tapered; a tail of slope -tail at the cut-off, and a cusp at a distance."""

    cutoff: float
    r_min: float
    n_max: float
    r0: float  # A
    tail: float  # eV/A
    cusp: float  # eV/A
    at: float  # A


@pair2.register(Kinked)
def _pair2(p, x):
    e = exp(-1.4 * (x - p.r0))
    phi, dphi, d2phi = 0.35 * e * (e - 2.0), -0.98 * e * (e - 1.0), 1.372 * e * (e - 0.5) * 2.0
    cusp = p.cusp * exp(-abs(x - p.at) / WIDTH)
    phi, dphi = phi - WIDTH * cusp, dphi + (cusp if x > p.at else -cusp)
    d2phi -= cusp / WIDTH
    phi, dphi, d2phi = tapered(phi, dphi, d2phi, x, 3.6, p.cutoff)
    return phi + p.tail * (p.cutoff - x), dphi - p.tail, d2phi, 0.0, 0.0, 0.0


def crystal_of(r0, tail=0.0, cusp=0.0, at=3.0, a=None):
    params = Kinked(RC, 1.0, np.inf, r0, tail, cusp, at)
    return qc.Crystal.fcc(qc.Potential("kinked", "Cu", params, "fcc", A0, 63.5), *TRIAD, a=a)


@cache
def on_the_shell():
    """r0 with which the crystal at rest has its third shell a hair within the cut-off."""

    def miss(r0):
        return crystal_of(r0).lattice_constant - A0 * (1.0 - 2e-7)

    return float(brentq(miss, 2.85, 3.05, xtol=1e-13))


@pytest.mark.parametrize("tail", [3e-7, 3e-5])
def test_a_cutoff_on_a_shell_of_neighbours(tail):
    """The stress jumps there by as much as is said, and the surface is that without the tail."""
    smooth, crystal = crystal_of(on_the_shell()), crystal_of(on_the_shell(), tail)
    assert jump_at_cutoff(smooth) < 1e-12
    outside, inside = (
        crystal.stress(a / crystal.lattice_constant * np.eye(3))[0, 0]
        for a in (A0 * (1.0 + 1e-9), A0 * (1.0 - 1e-9))
    )
    bulk = smooth.tangent(np.eye(3))
    drift = 2e-9 * np.einsum("aibb->ai", bulk)[0, 0]
    assert abs(outside - inside - drift) == pytest.approx(jump_at_cutoff(crystal) / 3.0, rel=1e-2)
    F = traction_free(crystal)
    assert np.abs(crystal.stress(F)[:, 1]).max() <= 1e-9 + jump_at_cutoff(crystal)
    gammas = [qc.surface_energy(one).j_per_m2 for one in (crystal, smooth)]
    assert gammas[0] == pytest.approx(gammas[1], abs=100.0 * tail)


def top_layer(crystal):
    """The stack of a half crystal whose surface row is free along y; how far it moves, the energy
    and the force there."""
    layers = Layers.build(crystal, np.eye(3), (0, 0), bottom=False)
    w, free = np.zeros((layers.n_groups, 3)), np.zeros((layers.n_groups, 3), bool)
    free[0, 1] = True
    found, state = layers.relax(w, free, "the surface")
    return layers, float(found[0, 1]), state.energy, float(np.abs(state.gradient[free]).max())


@pytest.mark.parametrize("cusp", [0.003, 0.03])
def test_a_layer_rests_on_a_cusp(cusp):
    """No state near it has a small gradient; it is the best of many places, where the bonds to the
    next layer have the length of the cusp."""
    base = crystal_of(2.6)
    _, rise, _, _ = top_layer(base)
    a = base.lattice_constant
    across = next(r for r in base.lattice.shell(0.8 * a) if abs(abs(r[1]) - a / 3.0**0.5) < 1e-6)
    at = float(np.linalg.norm(across - np.sign(across[1]) * np.array([0.0, rise, 0.0])))
    crystal = crystal_of(2.6, cusp=cusp, at=at, a=a)
    layers, y, energy, force = top_layer(crystal)
    w, scan = np.zeros((layers.n_groups, 3)), []
    for place in y + np.linspace(-0.02, 0.02, 201):
        w[0, 1] = place
        scan.append(layers.at(w).energy)
    assert abs(rise) > 1e-3 and force > 1e-4
    assert energy <= min(scan) + 1e-9
    assert y == pytest.approx(rise, abs=1e-5)
