"""The Cauchy-Born law summed over points in rows (`crystal.rows`), one pass over the bonds of each.

    P_r = sum_q w_q (S_q + E'(n_q) N_q),    A_r = sum_q w_q (A_bonds + E''(n_q) N_q (x) N_q)

S, N and the sums over bonds are those of `cauchy_born`.
"""

from __future__ import annotations

import numpy as np
from numba.extending import register_jitable

from qcmethod.base.jit import entry
from qcmethod.base.voigt import NUMBER
from qcmethod.crystal.cauchy_born import least_stretch, stress_of_bonds, tangent_of_bonds
from qcmethod.potentials.site import embed


@entry
def energy_stress_rows(p, G, F0, weight, first, last, shell, reference, axes):
    """E (n_row,), P (n_row, dim, 3), eV, densities (n_q,), shortest bond, and a number (n_q,) that
    no stretch is less than."""
    dim, n_row, n_q = len(axes), G.shape[0], F0.shape[0]
    energy, P = np.zeros(n_row), np.zeros((n_row, dim, 3))
    density, stretch, shortest = np.zeros(n_q), np.ones(n_q), np.inf
    F, S, N = np.zeros((3, 3)), np.zeros((dim, 3)), np.zeros((dim, 3))
    for row in range(n_row):
        for q in range(first[row], last[row]):
            w = weight[q]
            if w != 0.0:
                _deformation(F0[q], G[row], axes, F)
                stretch[q] = least_stretch(F)
                pairs, n, nearest = stress_of_bonds(p, F, shell, stretch[q], axes, S, N)
                embedded, slope, curvature = embed(p, n)
                density[q], shortest = n, min(shortest, nearest)
                energy[row] += w * (pairs + embedded - reference)
                for i in range(dim):
                    for a in range(3):
                        P[row, i, a] += w * (S[i, a] + slope * N[i, a])
    return energy, P, density, shortest, stretch


@entry
def tangent_rows(p, G, F0, weight, first, last, shell, density, rows, axes):
    """A (n, 3 dim (3 dim + 1)/2), eV, of some rows (n,), at the densities of their points."""
    dim = len(axes)
    A = np.zeros((rows.shape[0], 3 * dim * (3 * dim + 1) // 2))
    F, T, N = np.zeros((3, 3)), np.zeros((dim, dim, 6)), np.zeros((dim, 3))
    for m in range(rows.shape[0]):
        row = rows[m]
        for q in range(first[row], last[row]):
            if weight[q] != 0.0:
                _deformation(F0[q], G[row], axes, F)
                energy, slope, curvature = embed(p, density[q])
                tangent_of_bonds(p, F, shell, least_stretch(F), slope, axes, T, N)
                _add_triangle(A[m], weight[q], T, N, curvature, axes)
    return A


@register_jitable
def _deformation(F0, G, axes, F):
    F[:, :] = F0
    for i in range(len(axes)):
        for a in range(3):
            F[a, i] += G[i, a]


@register_jitable
def _add_triangle(A, w, T, N, curvature, axes):
    """w (T + E'' N (x) N), row after row of the upper triangle over the pairs (i, a)."""
    k = 0
    for i in range(len(axes)):
        for a in range(3):
            for j in range(i, len(axes)):
                for b in range(a if i == j else 0, 3):
                    A[k] += w * (T[i, j, NUMBER[a, b]] + curvature * N[i, a] * N[j, b])
                    k += 1
