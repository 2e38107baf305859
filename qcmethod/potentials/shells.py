"""Neighbour shells of the cubic, hexagonal and linear Bravais lattices, for sanity checks.

Full lattice sums, relaxation and moduli belong to the crystal, one layer above.
"""

from __future__ import annotations

import math
from functools import cache
from itertools import product

from qcmethod.potentials.site import Params, embed, pair


@cache
def shells(structure: str, reach: float) -> tuple[tuple[float, int], ...]:
    """Pairs (distance, number of neighbours) below ``reach``, both in lattice constants.

    The lattice constant is the cube edge of "fcc" and "bcc", the spacing of "hex2d" and "chain".
    """
    m = math.ceil(2.0 * reach)
    counts: dict[int, int] = {}  # by 4 d^2, an integer in all four lattices
    for i, j, k in product(range(-m, m + 1), repeat=3):
        d4 = 0
        if structure == "fcc" and (i + j + k) % 2 == 0:
            d4 = i * i + j * j + k * k
        if structure == "bcc" and i % 2 == j % 2 == k % 2:
            d4 = i * i + j * j + k * k
        if structure == "hex2d" and k == 0:
            d4 = 4 * (i * i + i * j + j * j)
        if structure == "chain" and j == k == 0:
            d4 = 4 * i * i
        if 0 < d4 < 4.0 * reach * reach:
            counts[d4] = counts.get(d4, 0) + 1
    return tuple((0.5 * math.sqrt(d4), count) for d4, count in sorted(counts.items()))


def perfect_crystal(params: Params, structure: str, lattice_constant: float) -> tuple[float, float]:
    """Electron density and energy (eV) of a site of the perfect crystal."""
    near = shells(structure, params.cutoff / lattice_constant)
    values = [(count, pair(params, d * lattice_constant)) for d, count in near]
    density = float(sum(count * value[2] for count, value in values))
    bonds = float(sum(count * value[0] for count, value in values))
    return density, 0.5 * bonds + float(embed(params, density)[0])
