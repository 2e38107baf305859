"""Green's function of infinite anisotropic space: u_i = G_ij(x) f_j of a force at the origin.

    C_ijkl G_km,jl + delta_im delta(x) = 0,     x = r t,  z normal to t,  <f> = 1/pi int_0^pi f dpsi

    G        = <M^-1>/(4 pi r)
    G_,k     = <z_k F - t_k M^-1>/(4 pi r^2)
    G_,kl    = <2 t_k t_l M^-1 - 2 (z_k t_l + t_k z_l) F + z_k z_l A>/(4 pi r^3)

with M = (zz) (`great_circle`), N = (zt) + (tz), F = M^-1 N M^-1 and
A = 2 (M^-1 N F - M^-1 (tt) M^-1). Synge 1957, The Hypercircle, sec. 5.2; Barnett 1972, Phys. Status
Solidi B 49, 741; Mura 1987, Micromechanics, sec. 5.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from qcmethod.base.arguments import rows
from qcmethod.base.jit import entry
from qcmethod.base.types import Array
from qcmethod.elasticity.great_circle import (
    add,
    circle_points,
    invert,
    norm,
    positive_stiffness,
    set_acoustic,
    set_frame,
    set_products,
)
from qcmethod.errors import InputError


def green(C: ArrayLike, x: ArrayLike) -> Array:
    """G_ij (n, 3, 3), A^2/eV, of C (3, 3, 3, 3), eV/A^3, at x (n, 3), A.

    Raises InputError (shapes, nan, a point at the origin) and UnstableCrystalError.
    """
    return _evaluated(C, x, 0)[0]


def green_gradient(C: ArrayLike, x: ArrayLike) -> Array:
    """G_ij,k (n, 3, 3, 3), A/eV; arguments and refusals as those of `green`."""
    return _evaluated(C, x, 1)[1]


def green_hessian(C: ArrayLike, x: ArrayLike) -> Array:
    """G_ij,kl (n, 3, 3, 3, 3), 1/eV; arguments and refusals as those of `green`."""
    return _evaluated(C, x, 2)[2]


def _evaluated(C: ArrayLike, x: ArrayLike, order: int) -> tuple[Array, Array, Array]:
    stiffness = positive_stiffness(C)
    points = away_from(x, np.zeros(3))
    return derivatives(stiffness, points, circle_points(stiffness), order)


def away_from(x: ArrayLike, origin: Array) -> Array:
    """x (n, 3) relative to a singular point (InputError)."""
    points = rows("x", x, (3,), "positions") - origin
    there = np.flatnonzero(np.abs(points).max(axis=1, initial=0.0) == 0.0)
    if there.size:
        given = f"point {there[0]} at the singular point {tuple(origin.tolist())}"
        raise InputError("x", given, "points away from it", "move it between lattice sites")
    return points


@entry
def derivatives(C, x, m, order):
    """G (n, 3, 3) and its derivatives up to an order; those above it have no rows."""
    n = len(x)
    G = np.zeros((n, 3, 3))
    G1 = np.zeros((n if order > 0 else 0, 3, 3, 3))
    G2 = np.zeros((n if order > 1 else 0, 3, 3, 3, 3))
    frame, P, z = np.zeros((3, 3)), np.zeros((6, 3, 3)), np.zeros(3)
    M, V, F, A = np.zeros((3, 3)), np.zeros((3, 3)), np.zeros((3, 3)), np.zeros((3, 3))
    N, W = np.zeros((3, 3)), np.zeros((3, 3))
    for a in range(n):
        r = norm(x[a])
        set_frame(x[a], frame)
        t = frame[2]
        set_products(C, frame, P)
        weight = 1.0 / (4.0 * np.pi * r * m)
        for q in range(m):
            psi = np.pi * (q + 0.5) / m
            c, s = np.cos(psi), np.sin(psi)
            set_acoustic(P, c, s, M)
            invert(M, V)
            add(G[a], weight, V)
            if order == 0:
                continue
            for j in range(3):
                z[j] = c * frame[0, j] + s * frame[1, j]
                for k in range(3):
                    N[j, k] = c * P[4, j, k] + s * P[5, j, k]
            _product(V, N, W)
            _product(W, V, F)
            for k in range(3):
                for i in range(3):
                    for j in range(3):
                        G1[a, i, j, k] += weight / r * (z[k] * F[i, j] - t[k] * V[i, j])
            if order == 1:
                continue
            _product(W, F, A)
            _product(V, P[2], W)
            _product(W, V, N)
            add(A, -1.0, N)  # half of the A above
            twice = 2.0 * weight / (r * r)
            for k in range(3):
                for l in range(3):
                    tt, zt, zz = t[k] * t[l], z[k] * t[l] + t[k] * z[l], z[k] * z[l]
                    for i in range(3):
                        for j in range(3):
                            term = tt * V[i, j] - zt * F[i, j] + zz * A[i, j]
                            G2[a, i, j, k, l] += twice * term
    return G, G1, G2


@entry
def _product(a, b, out):
    for i in range(3):
        for j in range(3):
            out[i, j] = a[i, 0] * b[0, j] + a[i, 1] * b[1, j] + a[i, 2] * b[2, j]
