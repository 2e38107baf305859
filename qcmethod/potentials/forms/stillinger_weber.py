"""Stillinger and Weber's potential, of any number of elements.

    V_i = 1/2 sum_j A eps [B (sigma/r)^p - (sigma/r)^q] exp[sigma/(r - a sigma)]
        + sum_{j<k} lambda eps (cos theta_jik - cos theta_0)^2 h_ij h_ik
    h   = exp[gamma sigma/(r - a sigma)]

(Stillinger and Weber 1985, Phys. Rev. B 31, 5262). With several elements the numbers of a pair i, j
are those of the triplet i, j, j, and lambda eps and theta_0 those of i, j, k, as in LAMMPS; there
`tol` > 0 shortens the range of a pair to where h falls to it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from qcmethod.base.stored import stored
from qcmethod.base.types import Array
from qcmethod.potentials.forms.triplets import TRIPLETS, Format, require_positive
from qcmethod.potentials.site import site

NAMES = ("epsilon", "sigma", "a", "lambda", "gamma", "costheta0", "A", "B", "p", "q", "tol")
SHORTEST = 0.5
"""A; distances below are off."""


@stored
class StillingerWeber(NamedTuple):
    """Numbers of pairs (n, n, 8): A eps, B sigma^p, p, sigma^q, q, sigma, a sigma, range; gamma
    sigma (n, n); of triplets (n, n, n, 2): lambda eps, cos theta_0."""

    cutoff: float
    r_min: float
    n_max: float
    pairs: Array
    gamma: Array
    triplets: Array


def stillinger_weber(table: Array) -> StillingerWeber:
    """The form of a table (n, n, n, 11) of the numbers of LAMMPS."""
    require_positive(table, "Stillinger-Weber", NAMES, "sigma a")
    n = len(table)
    of_pair = np.array([[table[i, j, j] for j in range(n)] for i in range(n)])
    eps, sigma, a, _, gamma, _, A, B, p, q, tol = np.moveaxis(of_pair, -1, 0)
    reach = a * sigma
    shorter = np.minimum(gamma, 1.0) * sigma / np.log(np.clip(tol, 1e-300, 0.01))
    reach = np.where(tol > 0.0, reach + shorter, reach)
    pairs = np.stack([A * eps, B * sigma**p, p, sigma**q, q, sigma, a * sigma, reach], axis=-1)
    triplets = np.stack([table[..., 3] * table[..., 0], table[..., 5]], axis=-1)
    return StillingerWeber(
        cutoff=float(reach.max()),
        r_min=SHORTEST,
        n_max=np.inf,
        pairs=np.ascontiguousarray(pairs),
        gamma=np.ascontiguousarray(gamma * sigma),
        triplets=np.ascontiguousarray(triplets),
    )


TRIPLETS.add(".sw", Format("Stillinger-Weber", NAMES, stillinger_weber))


@site.register(StillingerWeber)
def _site(p, x, s):
    k, a = x.shape[0], s[0]
    V, g = 0.0, np.zeros((k, 3))
    f = np.empty((k, 6))  # 1/r, h, dh/dr / h, unit vector
    for j in range(k):
        c = p.pairs[a, s[j + 1]]
        r = np.sqrt(x[j, 0] * x[j, 0] + x[j, 1] * x[j, 1] + x[j, 2] * x[j, 2])
        f[j, 1] = 0.0
        if r >= c[7]:
            continue
        inverse, gap = 1.0 / r, 1.0 / (r - c[6])
        far = np.exp(c[5] * gap)
        near, well = c[1] * r ** (-c[2]), c[3] * r ** (-c[4])
        phi = c[0] * (near - well) * far
        dphi = c[0] * (c[4] * well - c[2] * near) * inverse * far - phi * c[5] * gap * gap
        V += 0.5 * phi
        h = np.exp(p.gamma[a, s[j + 1]] * gap)
        f[j, 0], f[j, 1], f[j, 2] = inverse, h, -p.gamma[a, s[j + 1]] * gap * gap
        for b in range(3):
            f[j, 3 + b] = x[j, b] * inverse
            g[j, b] += 0.5 * dphi * f[j, 3 + b]
    for j in range(k):
        if f[j, 1] == 0.0:
            continue
        for m in range(j):
            if f[m, 1] == 0.0:
                continue
            strength = p.triplets[a, s[j + 1], s[m + 1], 0]
            if strength == 0.0:
                continue
            cosine = f[j, 3] * f[m, 3] + f[j, 4] * f[m, 4] + f[j, 5] * f[m, 5]
            off = cosine - p.triplets[a, s[j + 1], s[m + 1], 1]
            both = strength * f[j, 1] * f[m, 1]
            E, bend = both * off * off, 2.0 * both * off
            V += E
            along_j, along_m = E * f[j, 2] - bend * cosine * f[j, 0], bend * f[j, 0]
            back_m, back_j = E * f[m, 2] - bend * cosine * f[m, 0], bend * f[m, 0]
            for b in range(3):
                g[j, b] += along_j * f[j, 3 + b] + along_m * f[m, 3 + b]
                g[m, b] += back_m * f[m, 3 + b] + back_j * f[j, 3 + b]
    return V, g, 0.0
