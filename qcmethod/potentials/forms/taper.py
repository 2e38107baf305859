"""The C2 taper that ends a function at a finite distance.

    S(r) = 1                              r <= r1
    S(r) = 1 - 10 t^3 + 15 t^4 - 6 t^5    r1 < r < r2,  t = (r - r1)/(r2 - r1)
    S(r) = 0                              r >= r2

the lowest polynomial with S' = S'' = 0 at both ends. Force and stiffness then vanish continuously
at the cut-off, which a Newton solver needs.
"""

from __future__ import annotations

from numba.extending import register_jitable


@register_jitable
def taper(r, r1, r2):
    """S, S', S'' at the distance r (A); derivatives in 1/A and 1/A^2."""
    if r <= r1:
        return 1.0, 0.0, 0.0
    if r >= r2:
        return 0.0, 0.0, 0.0
    h = 1.0 / (r2 - r1)
    t = (r - r1) * h
    s = 1.0 - t * t * t * (10.0 + t * (6.0 * t - 15.0))
    u = t * (1.0 - t)
    return s, -30.0 * u * u * h, -60.0 * u * (1.0 - 2.0 * t) * h * h


@register_jitable
def tapered(f, df, d2f, r, r1, r2):
    """f S and its first two derivatives, from those of f at the same r."""
    s, ds, d2s = taper(r, r1, r2)
    return f * s, df * s + f * ds, d2f * s + 2.0 * df * ds + f * d2s
