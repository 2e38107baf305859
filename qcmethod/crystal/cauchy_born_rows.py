"""The Cauchy-Born law summed over points in rows (`crystal.rows`), one pass over the bonds of each.

    P_r = sum_q w_q F T,    A_r = sum_q w_q A

with T and A of `cauchy_born`, in the directions i of the mesh alone.
"""

from __future__ import annotations

import numpy as np
from numba.extending import register_jitable

from qcmethod.base.jit import entry
from qcmethod.crystal.cauchy_born_bonds import (
    from_both_sides,
    from_the_left,
    least_stretch,
    products,
    stress_of_bonds,
    tangent_of_bonds,
)
from qcmethod.potentials.site import embed


@entry
def energy_stress_rows(p, G, F0, weight, first, last, shell, reference):
    """E (n_row,), P (n_row, dim, 3), eV, densities (n_q,), shortest bond, and a number (n_q,) that
    no stretch is less than."""
    (n_row, dim, _), (RR, _) = G.shape, products(shell)
    energy, P, shortest = np.zeros(n_row), np.zeros((n_row, dim, 3)), np.inf
    density, stretch = np.zeros(len(F0)), np.ones(len(F0))
    F, FT, S, M = np.zeros((3, 3)), np.zeros((3, 3)), np.zeros(6), np.zeros(6)
    for row in range(n_row):
        for q in range(first[row], last[row]):
            w = weight[q]
            if w != 0.0:
                _deformation(F0[q], G[row], F)
                stretch[q] = least_stretch(F)
                pairs, n, nearest = stress_of_bonds(p, F, stretch[q], RR, S, M)
                embedded, slope, curvature = embed(p, n)
                density[q], shortest = n, min(shortest, nearest)
                energy[row] += w * (pairs + embedded - reference)
                for v in range(6):
                    S[v] += slope * M[v]
                from_the_left(F, S, FT)
                for i in range(dim):
                    for a in range(3):
                        P[row, i, a] += w * FT[a, i]
    return energy, P, density, shortest, stretch


@entry
def tangent_rows(p, G, F0, weight, first, last, shell, density, rows):
    """A (n, 3 dim (3 dim + 1)/2), eV, of some rows (n,), at the densities of their points."""
    dim, (RR, RRRR) = G.shape[1], products(shell)
    A = np.zeros((len(rows), 3 * dim * (3 * dim + 1) // 2))
    F, N, K = np.zeros((3, 3)), np.zeros((3, 3)), np.zeros((dim, dim, 3, 3))
    T, M, D = np.zeros(6), np.zeros(6), np.zeros(15)
    for m in range(len(rows)):
        row = rows[m]
        for q in range(first[row], last[row]):
            if weight[q] != 0.0:
                _deformation(F0[q], G[row], F)
                energy, slope, curvature = embed(p, density[q])
                tangent_of_bonds(p, F, least_stretch(F), slope, RR, RRRR, T, M, D)
                from_the_left(F, M, N)
                for i in range(dim):
                    for j in range(i, dim):
                        from_both_sides(F, T, D, i, j, K[i, j])
                _add_triangle(weight[q], K, curvature, N, A[m])
    return A


@register_jitable
def _deformation(F0, G, F):
    F[:, :] = F0
    for i in range(G.shape[0]):
        for a in range(3):
            F[a, i] += G[i, a]


@register_jitable
def _add_triangle(w, K, curvature, N, A):
    """w (K + E'' N (x) N), row after row of the upper triangle over the pairs (i, a)."""
    t, dim = 0, K.shape[0]
    for i in range(dim):
        for a in range(3):
            for j in range(i, dim):
                for b in range(a if i == j else 0, 3):
                    A[t] += w * (K[i, j, a, b] + curvature * N[a, i] * N[b, j])
                    t += 1
