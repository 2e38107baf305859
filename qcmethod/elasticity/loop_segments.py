"""What the straight segments of a dislocation loop add to the displacement, beyond solid angle.

    u_m = b_m Omega/(4 pi) + 1/(4 pi) sum_segments int ds/R <V_mk X_pkl z_p z_l>

with V = M(z)^-1, X_pkl = (e_p x t)_q b_i C_iqkl, t along the segment, R from its points to x and
<.> the mean over the half circle of z normal to R (`great_circle`). In words: Volterra's integral
of C_ijkl b_i G_mk,l over the cut is the flux of b_m R/(4 pi R^3) and of a curl. The potential of
the curl, in Fourier's space k x (b C k) M(k)^-1/k^2, is homogeneous of degree -1 in R as Green's
function is, and an integral over a half circle like it. For an isotropic medium the sum is
Burgers's formula (Hirth and Lothe 1982, eq. 4-6); compare Lazar and Kirchner 2013, Int. J. Solids
Struct. 50, 2477.

The integrand is smooth in log(R + s), s along the segment: Gauss points integrate it to rounding at
any distance.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from qcmethod.base.jit import entry
from qcmethod.base.types import Array
from qcmethod.elasticity.great_circle import (
    circle_points,
    norm,
    set_frame,
    set_products,
)

MOST = 20
"""Gauss points of a panel."""


class Circle(NamedTuple):
    """Points on the half circle, cos and sin (m,), the width of its strip, and Gauss's rules."""

    cos: Array
    sin: Array
    width: float
    nodes: Array
    weights: Array


def circle(C: Array) -> Circle:
    """The rules that integrate to about 1e-12 in a medium C (3, 3, 3, 3)."""
    m = circle_points(C)
    psi = np.pi * (np.arange(m) + 0.5) / m
    nodes, weights = np.zeros((MOST + 1, MOST)), np.zeros((MOST + 1, MOST))
    for g in range(1, MOST + 1):
        nodes[g, :g], weights[g, :g] = np.polynomial.legendre.leggauss(g)
    # m points bring exp(-2 m width) below 1e-14; R itself vanishes at +- i pi/2
    width = min(16.0 / m, 0.5 * np.pi)
    return Circle(np.cos(psi), np.sin(psi), width, nodes, weights)


def moments(C: Array, b: Array, vertices: Array) -> Array:
    """X (m, 3, 3, 3), eV/A^2, of the segments of a closed line (m, 3)."""
    edges = np.roll(vertices, -1, axis=0) - vertices
    t = edges / np.linalg.norm(edges, axis=1)[:, None]
    B = np.einsum("i,iqkl->qkl", b, C)
    crossed = np.cross(np.eye(3)[None, :, :], t[:, None, :])  # (e_p x t)_q
    return np.asarray(np.einsum("vpq,qkl->vpkl", crossed, B))


@entry
def line_displacement(C, X, vertices, x, rule):
    """The line integrals' part of u (n, 3), A."""
    cos, sin, width, nodes, weights = rule
    u = np.zeros((len(x), 3))
    count = len(vertices)
    work, P, R = np.zeros((3, 3)), np.zeros((6, 3, 3)), np.zeros(3)
    y, mean, t, foot = np.zeros((3, 3)), np.zeros(3), np.zeros(3), np.zeros(3)
    for v in range(count):
        first, last = vertices[v], vertices[(v + 1) % count]
        length = norm(last - first)
        for i in range(3):
            t[i] = (last[i] - first[i]) / length
        for a in range(len(x)):
            s1 = 0.0
            for i in range(3):
                s1 += (first[i] - x[a, i]) * t[i]
            for i in range(3):  # from the point to the line
                foot[i] = first[i] - x[a, i] - s1 * t[i]
            d2 = norm(foot) ** 2
            # run away from the point: R + s is then no small difference at the far end
            sense = 1.0
            if 2.0 * s1 + length < 0.0:
                s1, sense = -s1 - length, -1.0
            s2 = s1 + length
            R1, R2 = np.sqrt(d2 + s1 * s1), np.sqrt(d2 + s2 * s2)
            start = np.log(R1 + s1 if s1 > 0.0 else d2 / (R1 - s1))
            extent = np.log(R2 + s2) - start
            if s1 > 0.0:
                extent = np.log1p(length * (1.0 + (s1 + s2) / (R1 + R2)) / (R1 + s1))
            panels = int(np.ceil(extent / (2.0 * width)))
            half = 0.5 * extent / panels
            # Gauss on a panel errs by rho^(-2g), rho of the ellipse that reaches the strip's edge
            rho = width / half + np.sqrt(1.0 + (width / half) ** 2)
            g = min(MOST, int(np.ceil(13.8 / np.log(rho))) + 1)
            for panel in range(panels):
                for q in range(g):
                    E = np.exp(start + half * (2 * panel + 1 + nodes[g, q]))
                    s = 0.5 * (E - d2 / E)
                    for i in range(3):
                        R[i] = -foot[i] - sense * s * t[i]
                    set_frame(R, work)
                    set_products(C, work, P)
                    _set_sources(X[v], work, y)
                    _mean_displacement(P, y, cos, sin, mean)
                    for i in range(3):
                        u[a, i] += half * weights[g, q] / (4.0 * np.pi) * mean[i]
    return u


@entry
def _set_sources(X, frame, y):
    """X_pkl z_p z_l = c^2 y[0] + c s y[1] + s^2 y[2]."""
    y[:] = 0.0
    for p in range(3):
        for k in range(3):
            for l in range(3):
                e, n = frame[0], frame[1]
                y[0, k] += X[p, k, l] * e[p] * e[l]
                y[1, k] += X[p, k, l] * (e[p] * n[l] + n[p] * e[l])
                y[2, k] += X[p, k, l] * n[p] * n[l]


@entry
def _mean_displacement(P, y, cos, sin, mean):
    """<M^-1 (c^2 y0 + c s y1 + s^2 y2)>."""
    u0, u1, u2 = 0.0, 0.0, 0.0
    for q in range(len(cos)):
        cc, cs, ss = cos[q] * cos[q], cos[q] * sin[q], sin[q] * sin[q]
        a = cc * P[0, 0, 0] + cs * P[3, 0, 0] + ss * P[1, 0, 0]
        b = cc * P[0, 0, 1] + cs * P[3, 0, 1] + ss * P[1, 0, 1]
        c = cc * P[0, 0, 2] + cs * P[3, 0, 2] + ss * P[1, 0, 2]
        d = cc * P[0, 1, 1] + cs * P[3, 1, 1] + ss * P[1, 1, 1]
        e = cc * P[0, 1, 2] + cs * P[3, 1, 2] + ss * P[1, 1, 2]
        f = cc * P[0, 2, 2] + cs * P[3, 2, 2] + ss * P[1, 2, 2]
        y0 = cc * y[0, 0] + cs * y[1, 0] + ss * y[2, 0]
        y1 = cc * y[0, 1] + cs * y[1, 1] + ss * y[2, 1]
        y2 = cc * y[0, 2] + cs * y[1, 2] + ss * y[2, 2]
        aa, ab, ac = d * f - e * e, c * e - b * f, b * e - c * d
        bb, bc, dd = a * f - c * c, b * c - a * e, a * d - b * b
        scale = 1.0 / (a * aa + b * ab + c * ac)
        u0 += (aa * y0 + ab * y1 + ac * y2) * scale
        u1 += (ab * y0 + bb * y1 + bc * y2) * scale
        u2 += (ac * y0 + bc * y1 + dd * y2) * scale
    mean[0], mean[1], mean[2] = u0 / len(cos), u1 / len(cos), u2 / len(cos)
