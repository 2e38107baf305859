"""Is it a predictor: is its gradient the derivative of its displacement, the same along z?

    grad u . e = d/dh u(x + h e)      e along x and y;       du/dz = 0

at points of a ring, by a sweep of steps. What is far from equilibrium is no error of a predictor,
but the corrector has to do it: where there is a crystal, the force of its linear elasticity is
measured, |div C : grad u| r / |C : grad u|, 0 for a field of that medium.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qcmethod.base.arguments import number, seed_of
from qcmethod.base.door import door
from qcmethod.errors import InputError
from qcmethod.testing.sweep import require, slope_error

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from qcmethod.crystal.crystal import Crystal
    from qcmethod.elasticity.predictor import SingularField

    Array = NDArray[np.float64]

POINTS = 40
STEP = 1e-4
"""Of the radius: of the differences for the force."""


@door
def check_predictor(
    field: SingularField,
    inner: float,
    outer: float,
    *,
    crystal: Crystal | None = None,
    tolerance: float = 1e-7,
    seed: int = 0,
) -> dict[str, float]:
    """Check a field at points between two radii.

    Parameters
    ----------
    field : with `displacement(x, lower)` and `gradient(x, lower)`, or a whole `Predictor`
    inner, outer : radii, A
    crystal : of whose moduli the force is measured (default: it is not)
    tolerance : of the derivative, relative to the largest gradient of the points

    Returns the errors by name, and with a crystal "force". Raises AssertionError with the first
    that is too large, and InputError for what is no field.
    """
    low = number("inner", inner, "a radius in A above 0", above=0.0)
    high = number("outer", outer, "a radius in A above inner", above=low)
    tolerance = number("tolerance", tolerance, "a positive error, e.g. 1e-7", above=0.0)
    rng, name = np.random.default_rng(seed_of(seed)), type(field).__name__
    r, angle = rng.uniform(low, high, POINTS), rng.uniform(0.05, 2.0 * np.pi - 0.05, POINTS) - np.pi
    x = np.stack([r * np.cos(angle), r * np.sin(angle), rng.uniform(-1.0, 1.0, POINTS)], axis=1)
    u, G = _values(field, "displacement", (3,)), _values(field, "gradient", (3, 3))
    found, size = G(x), float(np.linalg.norm(G(x), axis=(1, 2)).max())
    errors = {}
    for i, axis in enumerate("xy"):
        e = low * np.eye(3)[i]
        error = slope_error(lambda h, e=e: u(x + h * e), found[:, :, i] * low, low * size)
        errors[f"du/d{axis}"] = require(f"du/d{axis}", error, tolerance, name)
    along = np.abs(u(x + low * np.eye(3)[2]) - u(x)).max() / low + np.abs(found[:, :, 2]).max()
    errors["du/dz"] = require("du/dz", float(along) / max(size, 1e-300), tolerance, name)
    if crystal is not None:
        errors["force"] = _force(crystal.elastic_constants().at_rest, G, x, r)
    return errors


def _values(field: SingularField, name: str, shape: tuple[int, ...]) -> Callable[[Array], Array]:
    """A function of the field that looks at what it gives (InputError)."""
    if not callable(getattr(field, name, None)):
        raise InputError("field", field, f"an object with {name}(x, lower)")

    def values(x: Array) -> Array:
        found = np.asarray(getattr(field, name)(x, np.zeros(len(x), dtype=np.int8)))
        if found.shape != (len(x), *shape) or not np.isfinite(found).all():
            raise InputError("field", f"{name} {found.shape}", f"finite {(len(x), *shape)}")
        return found

    return values


def _force(C: Array, G: Callable[[Array], Array], x: Array, r: Array) -> float:
    """The largest |div sigma| r / |sigma|."""

    def stress(x: Array) -> Array:
        return np.einsum("iajb,njb->nia", C, G(x))

    h = STEP * r[:, None]
    steps = [(stress(x + h * e) - stress(x - h * e))[:, :, i] / (2.0 * h)
             for i, e in enumerate(np.eye(3)[:2])]  # fmt: skip
    size = np.linalg.norm(stress(x), axis=(1, 2)).max()
    return float((np.linalg.norm(sum(steps), axis=1) * r).max() / max(size, 1e-300))
