"""Polynomials in the Green strain that a cubic crystal allows, with two derivatives.

    W = sum_m c_m e^m,    S_I = dW/de_I,    C_IJ = d2W/de_I de_J
    e = (E_11, E_22, E_33, 2 E_23, 2 E_13, 2 E_12),    E = (F^T F - 1)/2,    in the cube's axes

A function of E alone is the same in every frame, and its coefficients are elastic constants of
second, third, ... order (Brugger 1964, Phys. Rev. 133, A1611). A rotation of the cube permutes the
axes and changes signs, so it takes one monomial into another with a sign: the monomials fall into
orbits that share one coefficient, and those that are taken into their own opposite have none.
"""

from __future__ import annotations

from itertools import permutations, product

import numpy as np
from numba.extending import register_jitable

from qcmethod.base.jit import entry
from qcmethod.base.types import Array, Index

PAIRS = ((0, 0), (1, 1), (2, 2), (1, 2), (0, 2), (0, 1))
ROUNDING = 1e-12
"""Of a modulus, eV a site: terms that add less are left out."""
PLACE = {pair: number for number, pair in enumerate(PAIRS)}


def monomials(order: int) -> Index:
    """Exponents (m, 6) of degrees 1 to `order`, by degree."""
    found = [x for x in product(range(order + 1), repeat=6) if 1 <= sum(x) <= order]
    return np.array(sorted(found, key=sum), dtype=np.int64)


def orbits(exponents: Index) -> tuple[Index, Array]:
    """The orbit (m,) of each monomial under the rotations of the cube, numbered from 0, and its
    sign in it (m,); orbit -1 and sign 0 where there is no invariant."""
    number = {tuple(x): m for m, x in enumerate(exponents.tolist())}
    orbit, sign = np.full(len(number), -2), np.zeros(len(number))
    moves, count = _moves(), 0
    for m, x in enumerate(exponents.tolist()):
        if orbit[m] != -2:
            continue
        images: dict[int, float] = {}
        allowed = True
        for place, turned in moves:
            image, s = [0] * 6, 1.0
            for I in range(6):
                image[place[I]] = x[I]
                s *= turned[I] ** x[I]
            other = number[tuple(image)]
            allowed = allowed and images.setdefault(other, s) == s
        for other, s in images.items():
            orbit[other], sign[other] = (count, s) if allowed else (-1, 0.0)
        count += allowed
    return orbit, sign


def _moves() -> list[tuple[list[int], list[float]]]:
    """Of each rotation of the cube: where a component of e goes, and the sign it gets."""
    found = []
    for axes in permutations(range(3)):
        even = float(np.linalg.det(np.eye(3)[list(axes)]))
        for signs in product((1.0, -1.0), repeat=3):
            if even * signs[0] * signs[1] * signs[2] > 0.0:
                place = [PLACE[tuple(sorted((axes[i], axes[j])))] for i, j in PAIRS]  # type: ignore[index]
                found.append((place, [signs[i] * signs[j] for i, j in PAIRS]))
    return found


def voigt(E: Array) -> Array:
    """e (n, 6) of symmetric strains E (n, 3, 3)."""
    return np.stack([E[:, i, j] * (1.0 if i == j else 2.0) for i, j in PAIRS], axis=1)


def square(s: Array) -> Array:
    """Symmetric tensors (n, 3, 3) of stresses (n, 6)."""
    S = np.empty((len(s), 3, 3))
    for number, (i, j) in enumerate(PAIRS):
        S[:, i, j] = S[:, j, i] = s[:, number]
    return S


@register_jitable
def _powers(e, power):
    """Fill power (6, most + 1) with e_I^x; the largest |e_I|."""
    largest = 0.0
    for I in range(6):
        largest = max(largest, abs(e[I]))
        power[I, 0] = 1.0
        for x in range(1, power.shape[1]):
            power[I, x] = power[I, x - 1] * e[I]
    return largest


@register_jitable
def _enough(first, total, largest):
    """How many monomials count at a strain: higher degrees are rounding.

    first (d + 1,) : of the degrees 1, ..., d, and the end; total (d,) : sums of |c| of each.
    """
    d = total.shape[0]
    tail = 0.0
    for k in range(d - 1, 1, -1):
        tail += (k + 1) ** 2 * total[k] * largest ** (k - 1)
        if tail > ROUNDING:
            return first[k + 1]
    return first[2]


@entry
def rows(exponents, e):
    """Values (n, m) of the monomials at strains e (n, 6), and derivatives (n, 6, m)."""
    n, n_m = e.shape[0], exponents.shape[0]
    W, S = np.empty((n, n_m)), np.empty((n, 6, n_m))
    power = np.empty((6, exponents.max() + 1))
    for q in range(n):
        _powers(e[q], power)
        for m in range(n_m):
            value = 1.0
            for I in range(6):
                value *= power[I, exponents[m, I]]
            W[q, m] = value
            for K in range(6):
                x = exponents[m, K]
                slope = float(x)
                if x > 0:
                    for I in range(6):
                        slope *= power[I, exponents[m, I] - (1 if I == K else 0)]
                S[q, K, m] = slope
    return W, S


@entry
def value_stress(c, exponents, first, total, e):
    """W (n,) and S (n, 6) of the polynomial with coefficients c (m,) at e (n, 6)."""
    n = e.shape[0]
    W, S, power = np.zeros(n), np.zeros((n, 6)), np.empty((6, exponents.max() + 1))
    left = np.empty(7)
    for q in range(n):
        for m in range(_enough(first, total, _powers(e[q], power))):
            if c[m] == 0.0:
                continue
            left[0] = c[m]
            for I in range(6):
                left[I + 1] = left[I] * power[I, exponents[m, I]]
            W[q] += left[6]
            right = 1.0
            for J in range(6):
                I = 5 - J
                x = exponents[m, I]
                if x > 0:
                    S[q, I] += left[I] * x * power[I, x - 1] * right
                    right *= power[I, x]
    return W, S


@entry
def bend(c, exponents, first, total, e):
    """C (n, 6, 6) of the polynomial at e (n, 6)."""
    n = e.shape[0]
    C, power = np.zeros((n, 6, 6)), np.empty((6, exponents.max() + 1))
    for q in range(n):
        for m in range(_enough(first, total, _powers(e[q], power))):
            if c[m] == 0.0:
                continue
            for I in range(6):
                x = exponents[m, I]
                if x == 0:
                    continue
                for J in range(I + 1):
                    y = exponents[m, J]
                    if y == 0 or (I == J and x < 2):
                        continue
                    if I == J:
                        value = c[m] * x * (x - 1) * power[I, x - 2]
                    else:
                        value = c[m] * x * y * power[I, x - 1] * power[J, y - 1]
                    for K in range(6):
                        if K not in (I, J):
                            value *= power[K, exponents[m, K]]
                    C[q, I, J] += value
                    if I != J:
                        C[q, J, I] += value
    return C


def by_degree(c: Array, exponents: Index) -> tuple[Index, Array]:
    """The first monomial of each degree from 1 on, and the end, and sums of |c| by degree."""
    degree = exponents.sum(axis=1)
    first = np.searchsorted(degree, np.arange(1, degree[-1] + 2))
    return first, np.array([np.abs(c[degree == d]).sum() for d in range(1, degree[-1] + 1)])
