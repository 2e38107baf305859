"""u = Re A f(x + T y) B^-1 g at many points, without eigenvectors.

Newton's interpolation polynomial writes a function of a 3 x 3 matrix with eigenvalues p0, p1, p2 as

    f(x + T y) = f[p0] + f[p0, p1] (T - p0) + f[p0, p1, p2] (T - p0)(T - p1)

where f[...] are the divided differences of p -> f(x + p y) (Higham 2008, Functions of Matrices,
sec. 1.2.2). They stay finite when eigenvalues coincide, so that isotropic, nearly isotropic and
strongly anisotropic media share one formula. Each field supplies its three differences (n, 3).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from qcmethod.base.arguments import as_numbers
from qcmethod.base.types import Array, Index
from qcmethod.elasticity.stroh import Complex, Stroh
from qcmethod.errors import InputError


def newton_coefficients(stroh: Stroh, g: Array) -> tuple[Complex, Complex]:
    """The (3, 3) matrices V, V' with u = Re(f V^t) and u_,1 = Re(f' V^t), u_,2 = Re(f' V'^t).

    f, f' (n, 3) are divided differences; g (3,) is real, so that the stress function is g f on
    the x axis in every mode: no traction where f is imaginary, no net force where f jumps by i.
    """
    one = np.eye(3)
    q0 = np.linalg.solve(stroh.B, g)
    q1 = (stroh.T - stroh.p[0] * one) @ q0
    q2 = (stroh.T - stroh.p[1] * one) @ q1
    q = np.column_stack([q0, q1, q2])
    return stroh.A @ q, stroh.A @ stroh.T @ q


def displacement(stroh: Stroh, g: Array, f: Complex) -> Array:
    """(n, 3) displacement from the divided differences f (n, 3)."""
    return np.real(f @ newton_coefficients(stroh, g)[0].T)


def gradient(stroh: Stroh, g: Array, df: Complex) -> Array:
    """(n, 3, 3) du_a/dx_j from the divided differences of f'; the column j = z is zero."""
    along_x, along_y = newton_coefficients(stroh, g)
    G = np.zeros((len(df), 3, 3))
    G[:, :, 0] = np.real(df @ along_x.T)
    G[:, :, 1] = np.real(df @ along_y.T)
    return G


def stress(stroh: Stroh, G: Array) -> Array:
    """(n, 3, 3) sigma_ij = C_ijkl G_kl, eV/A^3."""
    return np.reshape(G.reshape(-1, 9) @ stroh.C.reshape(9, 9), (-1, 3, 3))


def relative_positions(
    x: ArrayLike, origin: tuple[float, float], lower: ArrayLike | None
) -> tuple[Array, Array, Index]:
    """x, y relative to the origin and how often each point has crossed the cut y = 0, x < 0.

    The crossing number is 0 for points on their own side, +1 for points continued from above
    to y < 0, -1 for points continued from below to y >= 0.

    Raises
    ------
    InputError : shapes, nan, a point at the origin, or `lower` that is not as documented
    """
    points = as_numbers("x", x, "positions of shape (n, 2) or (n, 3)")
    if points.ndim != 2 or points.shape[1] not in (2, 3):
        raise InputError("x", points.shape, "positions of shape (n, 2) or (n, 3)")
    if not np.all(np.isfinite(points)):
        raise InputError("x", "nan or inf", "finite positions")
    # The sum with 0.0 turns -0.0 into 0.0: a point on the cut belongs to the upper side.
    dx, dy = points[:, 0] - origin[0] + 0.0, points[:, 1] - origin[1] + 0.0
    at_origin = np.flatnonzero(np.hypot(dx, dy) == 0.0)
    if at_origin.size:
        raise InputError(
            "x",
            f"point {at_origin[0]} at the singular line {tuple(origin)}",
            "points away from it",
            "move the tip or the centre between lattice sites",
        )
    side = forced_side(lower, len(points))
    behind = dx < 0.0
    crossing = np.where(behind & (side > 0) & (dy < 0.0), 1, 0)
    return dx, dy, np.where(behind & (side < 0) & (dy >= 0.0), -1, crossing)


def forced_side(lower: ArrayLike | None, n: int) -> Index:
    """+1 forced above, -1 forced below, 0 by position."""
    if lower is None:
        return np.zeros(n, dtype=np.int64)
    expected = f"({n},) booleans, or integers -1 (below), 0 (by position), +1 (above)"
    try:
        given = np.asarray(lower)
    except ValueError as error:  # a ragged list
        raise InputError("lower", lower, expected) from error
    if given.shape != (n,):
        raise InputError("lower", given.shape, expected)
    if given.dtype == bool:
        return -given.astype(np.int64)
    if not np.all(np.isin(given, (-1, 0, 1))):
        raise InputError("lower", np.unique(given).tolist()[:4], expected)
    return given.astype(np.int64)


def three_finite(argument: str, values: ArrayLike, expected: str) -> Array:
    """values as (3,) doubles, or InputError."""
    return _finite(argument, values, expected, 3)


def two_finite(argument: str, values: ArrayLike, expected: str) -> tuple[float, float]:
    """values as two floats, or InputError."""
    x, y = _finite(argument, values, expected, 2).tolist()
    return x, y


def _finite(argument: str, values: ArrayLike, expected: str, n: int) -> Array:
    v = as_numbers(argument, values, expected)
    if v.shape != (n,) or not np.all(np.isfinite(v)):
        raise InputError(argument, values, expected)
    return v
