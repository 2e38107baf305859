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
from qcmethod.elasticity.great_circle import invert, set_acoustic, set_products
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
    even, odd = np.zeros((3, 3)), np.zeros((3, 3))
    for v in range(count):
        first, last = vertices[v], vertices[(v + 1) % count]
        length = np.sqrt(((last - first) ** 2).sum())
        t = (last - first) / length
        for a in range(len(x)):
            K[:] = 0.0
            R1, R2 = x[a] - first, x[a] - last
            r1, r2 = np.sqrt((R1**2).sum()), np.sqrt((R2**2).sum())
            d = np.sqrt((_cross(R1, t) ** 2).sum())
            sine = d * length / (r1 * r2)
            if sine < PARALLEL and (R1 * R2).sum() > 0.0:
                _add_between(C, R1 / r1, R2 / r2, length / (r1 * r2), sine, len(cos), K)
            else:
                for sign, R, r in ((1.0, R1, r1), (-1.0, R2, r2)):
                    _set_plane(R / r, t, frame)
                    set_products(C, frame, P)
                    even[:] = 0.0
                    odd[:] = 0.0
                    for q in range(len(cos)):
                        set_acoustic(P, cos[q], sin[q], M)
                        invert(M, V)
                        even += V
                        odd += (sin[q] / cos[q]) * V
                    factor = sign / (4.0 * np.pi * d * len(cos))
                    for l in range(3):
                        K[:, :, l] += factor * (even * frame[0, l] + odd * frame[1, l])
            for m in range(3):
                for s in range(3):
                    U[a, m, s] += (X[v, s] * K[m]).sum()
    return U


@entry
def _add_between(C, T1, T2, scale, sine, m, K):
    """int G_mk,l ds: ds/R^2 = d(angle)/distance, at directions between those of the ends."""
    angle = np.arcsin(sine)
    scale *= angle / sine if sine > 1e-8 else 1.0
    T = np.zeros((1, 3))
    for q in range(4):
        f = 0.5 * (1.0 + NODES[q])
        if sine > 1e-8:
            T[0] = (np.sin((1.0 - f) * angle) * T1 + np.sin(f * angle) * T2) / sine
        else:
            T[0] = (1.0 - f) * T1 + f * T2
        K += scale * WEIGHTS[q] * derivatives(C, T, m, 1)[1][0]


@entry
def _set_plane(R, t, frame):
    """Rows e, n, R: e in the plane of the unit vectors R and t, e.t > 0."""
    n = _cross(R, t)
    n /= np.sqrt((n**2).sum())
    frame[0], frame[1], frame[2] = _cross(n, R), n, R


@entry
def _cross(a, b):
    return np.array(
        [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
    )
