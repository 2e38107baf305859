"""The battery of a patch test: homogeneous gradients F = G F_ref about the problem's own F_ref.

With magnitude m and unit vectors e_x, e_y, e_z the factors G are

    reference              1
    stretch x              1 + m e_x e_x
    stretch y              1 + m e_y e_y
    large stretch x        1 + 1.5 m e_x e_x
    shear                  1 + m e_x e_y
    rotation               R_z(m)
    rotation x stretch     R_z(m) (1 + m e_x e_x - m/2 e_y e_y)
    out-of-plane shear     1 + m e_z (e_x + e_y)/sqrt 2        three displacement components only
    random 1, 2            1 + 1.5 m H,  |H| = 1 (Frobenius), H normal from a stated seed

and for a chain stretches by m, m/2, 1.5 m and -m. With the default m = 2 % the largest is 3 %. One
gradient is not enough: with nearest neighbours the ghost forces of QCE vanish at the stress-free
state (Dobson, Luskin 2009), so a test at equilibrium alone says nothing; a correction frozen at one
state passes there; only a coupling that is objective passes under rotation, and a symmetric strain
can hide what a random one shows. None of the G changes the period along z; in space there is none,
and H has all nine components.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import ArrayLike

from qcmethod.base.amounts import listed
from qcmethod.base.arguments import as_numbers, finite, number, seed_of
from qcmethod.base.types import Array
from qcmethod.errors import InputError

REFERENCE = "reference"
PREDICTOR = "predictor"
"""The name of the row at the problem's own predictor; no gradient may have it."""
SEED = 2011
"""Of the random gradients, unless another one is given."""


def battery(
    F_ref: Array, n_components: int, magnitude: float, seed: int = SEED, in_space: bool = False
) -> dict[str, Array]:
    """Named gradients (3, 3) about F_ref for 1, 2 or 3 displacement components.

    in_space : whether there is no period along z that they are to keep
    Raises InputError for a magnitude outside (0, 0.2] or a seed that is not a natural number.
    """
    expected = "a strain above 0 and at most 0.2"
    m = number("magnitude", magnitude, expected, "0.02", above=0.0, most=0.2)
    seed = seed_of(seed)
    if n_components == 1:
        stretches = {
            REFERENCE: 0.0,
            "stretch": m,
            "half stretch": 0.5 * m,
            "large stretch": 1.5 * m,
            "compression": -m,
        }
        return {name: _plus((0, 0, s)) @ F_ref for name, s in stretches.items()}
    c, s = math.cos(m), math.sin(m)
    turn = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])
    factors = {
        REFERENCE: np.eye(3),
        "stretch x": _plus((0, 0, m)),
        "stretch y": _plus((1, 1, m)),
        "large stretch x": _plus((0, 0, 1.5 * m)),
        "shear": _plus((0, 1, m)),
        "rotation": turn,
        "rotation x stretch": turn @ _plus((0, 0, m), (1, 1, -0.5 * m)),
    }
    if n_components == 3:
        half = m / math.sqrt(2.0)
        factors["out-of-plane shear"] = _plus((2, 0, half), (2, 1, half))
    rng = np.random.default_rng(seed)
    for i in (1, 2):
        H = np.zeros((3, 3))
        columns = 3 if in_space else 2
        H[:n_components, :columns] = rng.standard_normal((n_components, columns))
        factors[f"random {i}"] = np.eye(3) + 1.5 * m * H / np.linalg.norm(H)
    return {name: G @ F_ref for name, G in factors.items()}


def named(
    gradients: Mapping[str, ArrayLike] | Iterable[ArrayLike], in_space: bool = False
) -> dict[str, Array]:
    """A user's gradients with names; InputError unless each is a finite (3, 3) matrix, which keeps
    the period along z where there is one."""
    if isinstance(gradients, Mapping):
        pairs = [(str(name), F) for name, F in gradients.items()]
    else:
        expected = "gradients (3, 3) by name, or a list of them"
        pairs = [(f"F{i}", F) for i, F in enumerate(listed("gradients", gradients, expected))]
    out = {name: _matrix(name, F, in_space) for name, F in pairs}
    if not out:
        raise InputError("gradients", gradients, "at least one gradient")
    if PREDICTOR in out:
        expected = "another name: the row at the problem's predictor has this one"
        raise InputError("gradients", PREDICTOR, expected)
    return out


def _matrix(name: str, F: ArrayLike, in_space: bool) -> Array:
    """One gradient as (3, 3), checked (InputError)."""
    argument, expected = f"gradients[{name!r}]", "a finite (3, 3) gradient"
    one = as_numbers(argument, F, expected)
    hint = "a dict or list of gradients, not one" if one.shape == (3,) else ""
    matrix = finite(argument, one, (3, 3), expected, hint)
    if not in_space and (matrix[0, 2] or matrix[1, 2] or matrix[2, 2] != 1.0):
        hint = "a third column (0, 0, 1): the period along z is part of the lattice"
        raise InputError(f"gradients[{name!r}]", matrix.tolist(), "a gradient that keeps e_z", hint)
    return matrix


def _plus(*entries: tuple[int, int, float]) -> Array:
    """1 + the sum of value e_i e_j over (i, j, value)."""
    G = np.eye(3)
    for i, j, value in entries:
        G[i, j] += value
    return G
