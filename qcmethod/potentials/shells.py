"""Neighbour shells of the cubic, hexagonal and linear Bravais lattices, for sanity checks.

Full lattice sums, relaxation and moduli belong to the crystal, one layer above.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from qcmethod.errors import InputError
from qcmethod.potentials.site import Params, embed, pair

FARTHEST = 25.0
"""Lattice constants; a cut-off beyond has digits too many, or the lattice constant too few."""


@lru_cache(maxsize=256)
def shells(structure: str, reach: float) -> tuple[tuple[float, int], ...]:
    """Pairs (distance, number of neighbours) below ``reach``, both in lattice constants.

    The lattice constant is the cube edge of "fcc" and "bcc", the spacing of "hex2d" and "chain".
    Raises InputError for a reach of more than `FARTHEST`, whose sites are not to be counted.
    """
    if not reach <= FARTHEST:
        expected = f"at most {FARTHEST:g}; metals have 1 to 3"
        given = f"{reach:.4g} lattice constants"
        raise InputError("cutoff", given, expected, "digits too many, or another unit?")
    m = math.ceil(2.0 * reach)
    i = np.arange(-m, m + 1)
    j, k = i[:, None], i[:, None, None]
    if structure == "fcc":  # 4 d^2 is an integer in all four lattices
        d4 = (i * i + j * j + k * k)[(i + j + k) % 2 == 0]
    elif structure == "bcc":
        d4 = (i * i + j * j + k * k)[(i % 2 == j % 2) & (j % 2 == k % 2)]
    elif structure == "hex2d":
        d4 = 4 * (i * i + i * j + j * j).ravel()
    else:
        d4 = 4 * i * i
    squares, counts = np.unique(d4[(d4 > 0) & (d4 < 4.0 * reach * reach)], return_counts=True)
    return tuple((0.5 * math.sqrt(s), int(n)) for s, n in zip(squares, counts, strict=True))


def perfect_crystal(params: Params, structure: str, lattice_constant: float) -> tuple[float, float]:
    """Electron density and energy (eV) of a site of the perfect crystal."""
    near = shells(structure, params.cutoff / lattice_constant)
    values = [(count, pair(params, d * lattice_constant)) for d, count in near]
    density = float(sum(count * value[2] for count, value in values))
    bonds = float(sum(count * value[0] for count, value in values))
    return density, 0.5 * bonds + float(embed(params, density)[0])
