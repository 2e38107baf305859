r"""How far points are from an ellipsoid with the semi-axes a_i along x, y, z.

The nearest point p of the surface to an outer point x is where the normal passes through x:

    x_i - p_i = t p_i/a_i^2,   g(t) = sum_i (a_i x_i/(t + a_i^2))^2 - 1 = 0,   t > 0

g falls and is convex, so Newton's steps from a t with g >= 0 rise to its root and never pass it
(D. Eberly, Distance from a Point to an Ellipse, an Ellipsoid, or a Hyperellipsoid, 2013).
"""

from __future__ import annotations

import numpy as np

from qcmethod.base.types import Array

STEPS = 60
"""Ten are usual; needles a thousand times as long as they are thick take 25."""


def beyond(x: Array, axes: Array) -> Array:
    """Distances (n,), A, of points x (n, 3) outside of an ellipsoid about the origin, axes (3,)."""
    square, moment = axes * axes, axes * np.abs(x)
    t = np.maximum((moment - square).max(axis=1, initial=0.0), 0.0)
    for _ in range(STEPS):
        part = moment / (t[:, None] + square)
        g = (part * part).sum(axis=1) - 1.0
        slope = 2.0 * (part * part / (t[:, None] + square)).sum(axis=1)
        step = np.maximum(g, 0.0) / np.maximum(slope, np.finfo(np.float64).tiny)
        t = t + step
        if (step <= 1e-15 * t).all():
            break
    return np.asarray(np.linalg.norm(t[:, None] * x / (t[:, None] + square), axis=1))
