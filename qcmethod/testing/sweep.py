"""Derivatives by a sweep of steps: the smallest error of central differences over many steps.

    |f(h) - f(-h)|/2h - f'      falls as h^2 until rounding takes over, as 1/h

A wrong derivative errs at every step, so the least error tells, whatever the scale of f.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

STEPS = 10.0 ** np.arange(-6.5, -1.9, 0.5)


def slope_error(
    value: Callable[..., ArrayLike], slope: ArrayLike, scale: float = 0.0, enough: float = 0.0
) -> float:
    """Least relative error of a derivative at 0, over steps from 3e-7 to 1e-2.

    scale : what the derivative is compared with where it is smaller than that
    enough : no further step is tried below this error
    """
    slope = np.asarray(slope, dtype=np.float64)
    size = max(float(np.abs(slope).max(initial=0.0)), scale, 1e-300)
    errors = []
    for h in STEPS[::-1]:
        difference = (np.asarray(value(h)) - np.asarray(value(-h))) / (2.0 * h)
        errors.append(float(np.abs(difference - slope).max(initial=0.0)) / size)
        if errors[-1] <= enough:
            break
    return min(errors)


def require(what: str, error: float, tolerance: float, of: str) -> float:
    """Raise AssertionError unless an error is at most a tolerance (nan is not); else return it."""
    if not error <= tolerance:
        raise AssertionError(f"{of}: {what}: {error:.3g}, expected at most {tolerance:.1g}")
    return error


def rotation(rng: np.random.Generator, n: int) -> np.ndarray:
    """A random rotation (3, 3) of the first n axes."""
    Q = np.eye(3)
    if n > 1:
        own, _ = np.linalg.qr(rng.normal(size=(n, n)))
        own[:, 0] *= np.linalg.det(own)
        Q[:n, :n] = own
    return Q
