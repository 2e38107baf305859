"""The distortion of a dislocation loop: segments in closed form, but for half a circle each end.

    u_m,s = sum_segments X_skl [D_mkl(x - x1) - D_mkl(x - x2)]
    D_mkl(R) = <V_mk (e_l + n_l tan psi)>/(4 pi d),      z = cos(psi) e + sin(psi) n

with V, X and <.> as in `loop_segments`: z runs over the half circle normal to R, e lies in the
plane of R and of the segment, d is the distance from its line. It is Mura's integral of G_mk,l
along the line, where G = 1/(8 pi^2) int V delta(z.R) dS(z) lets s be integrated first. The pole of
tan psi is a principal value, which the midpoint rule, symmetric about it, takes to rounding. The
two ends are Brown's theorem (1967, Phil. Mag. 15, 363); Willis 1970, Phil. Mag. 21, 931; Mura 1987,
Micromechanics, sec. 37.

Where the ends lie in almost the same direction their terms cancel; there a few Gauss points in
between integrate G_mk,l instead.
"""

from __future__ import annotations

import numpy as np

from qcmethod.base.jit import entry
from qcmethod.elasticity.great_circle import (
    add,
    invert,
    norm,
    set_acoustic,
    set_cross,
    set_products,
)
from qcmethod.elasticity.green import derivatives

PARALLEL = 0.02
"""Angle between the directions of the ends below which Gauss points are used."""
NODES = np.array([-0.8611363115940526, -0.3399810435848563, 0.3399810435848563, 0.8611363115940526])
WEIGHTS = np.array([0.1739274225687269, 0.3260725774312731, 0.3260725774312731, 0.1739274225687269])


@entry
def line_distortion(C, X, vertices, x, cos, sin):
    """u_m,s (n, 3, 3) off the cut; cos and sin (m,) of the half circle's points."""
    U = np.zeros((len(x), 3, 3))
    count = len(vertices)
    K, P = np.zeros((3, 3, 3)), np.zeros((6, 3, 3))
    frame, M, V = np.zeros((3, 3)), np.zeros((3, 3)), np.zeros((3, 3))
    t, normal, ends = np.zeros(3), np.zeros(3), np.zeros((2, 3))
    for v in range(count):
        first, last = vertices[v], vertices[(v + 1) % count]
        length = norm(last - first)
        for i in range(3):
            t[i] = (last[i] - first[i]) / length
        for a in range(len(x)):
            for i in range(3):
                ends[0, i], ends[1, i] = x[a, i] - first[i], x[a, i] - last[i]
            r1, r2 = norm(ends[0]), norm(ends[1])
            set_cross(ends[0], t, normal)
            d = norm(normal)
            ahead = ends[0, 0] * ends[1, 0] + ends[0, 1] * ends[1, 1] + ends[0, 2] * ends[1, 2]
            K[:] = 0.0
            if d * length < PARALLEL * r1 * r2 and ahead > 0.0:
                _add_between(C, ends, r1, r2, length, d, len(cos), K)
            else:
                for end in range(2):
                    _set_plane(ends[end], t, frame)
                    set_products(C, frame, P)
                    factor = (1.0 - 2.0 * end) / (4.0 * np.pi * d * len(cos))
                    for q in range(len(cos)):
                        set_acoustic(P, cos[q], sin[q], M)
                        invert(M, V)
                        for l in range(3):
                            z = frame[0, l] + frame[1, l] * sin[q] / cos[q]
                            add(K[l], factor * z, V)
            for m in range(3):
                for s in range(3):
                    for l in range(3):
                        for k in range(3):
                            U[a, m, s] += X[v, s, k, l] * K[l, m, k]
    return U


@entry
def _add_between(C, ends, r1, r2, length, d, m, K):
    """int G_mk,l ds, with ds/R^2 = d(angle)/d, at directions between those of the ends."""
    sine = d * length / (r1 * r2)
    angle = np.arcsin(sine)
    scale = length / (r1 * r2)
    if sine > 1e-8:
        scale *= angle / sine
    T = np.zeros((1, 3))
    for q in range(4):
        f = 0.5 * (1.0 + NODES[q])
        f1, f2 = 1.0 - f, f
        if sine > 1e-8:
            f1, f2 = np.sin(f1 * angle) / sine, np.sin(f2 * angle) / sine
        for i in range(3):
            T[0, i] = f1 * ends[0, i] / r1 + f2 * ends[1, i] / r2
        G1 = derivatives(C, T, m, 1)[1]
        for i in range(3):
            for j in range(3):
                for l in range(3):
                    K[l, i, j] += scale * WEIGHTS[q] * G1[0, i, j, l]


@entry
def _set_plane(R, t, frame):
    """Rows e, n and that along R: e in the plane of R and the unit vector t, e.t > 0."""
    set_cross(R, t, frame[1])
    length, r = norm(frame[1]), norm(R)
    for i in range(3):
        frame[1, i] /= length
        frame[2, i] = R[i] / r
    set_cross(frame[1], frame[2], frame[0])
