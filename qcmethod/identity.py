"""The identity of a problem, as a digest of its numbers.

It covers the potential, the lattice, the missing sites and the values of the predictor (not its
inner representation, in which eigenvectors have arbitrary phases), all to nine digits, so that
another machine finds the same.
"""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qcmethod.potentials.site import Potential
from qcmethod.problem import Problem

Array = NDArray[np.float64]
DIGITS = 9


def identity(problem: Problem) -> str:
    """Digest (16 hex digits) of crystal, defect and load; not of extent, rim, metric and name."""
    crystal, lattice = problem.crystal, problem.crystal.lattice
    removed = np.zeros((0, lattice.dim)) if problem.removed is None else problem.removed
    parts = [
        type(crystal.potential.params).__name__,
        *crystal.potential.params,
        lattice.structure,
        lattice.basis,
        problem.origin,
        removed[np.lexsort(removed.T)],
        problem.flank == "crack",
        problem.predictor.F,
        *_samples(problem),
    ]
    if problem.flank == "surface":
        parts += ["surface", None if problem.indenter is None else problem.indenter.numbers]
    return digest(parts)


def potential_digest(potential: Potential) -> str:
    """Digest (16 hex digits) of the functional form and all its numbers."""
    return digest([type(potential.params).__name__, *potential.params])


def digest(values: Any) -> str:
    """Digest (16 hex digits) of nested lists, tuples and dicts of numbers, arrays and texts."""
    found = hashlib.sha256()
    _feed(found, values)
    return found.hexdigest()[:16]


def _samples(problem: Problem) -> tuple[Array, Array]:
    """Displacement and gradient of the predictor at 24 points, none on the x axis."""
    n = np.arange(1, 25)
    angle, r = 2.399963 * n, problem.crystal.lattice.constant * np.sqrt(n)
    x = np.stack([r * np.cos(angle), r * np.sin(angle), np.zeros(len(n))], axis=1)
    side = np.zeros(len(n), dtype=np.int8)
    return problem.predictor.displacement(x, side), problem.predictor.gradient(x, side)


def _feed(found: Any, value: Any) -> None:
    """Add a value to a hash, numbers rounded relative to the largest of their array."""
    if isinstance(value, dict):
        for key in sorted(value):
            _feed(found, [key, value[key]])
    elif isinstance(value, list | tuple):
        found.update(f"[{len(value)}".encode())
        for entry in value:
            _feed(found, entry)
    elif value is None or isinstance(value, str | bool | np.bool_):
        found.update(f"{type(value).__name__[:3]}:{value}".encode())
    else:
        array = np.asarray(value, dtype=np.float64)
        finite = np.where(np.isfinite(array), array, 0.0)
        scale = float(np.abs(finite).max(initial=0.0)) or 1.0
        rounded = np.where(np.isfinite(array), np.round(array / scale, DIGITS) + 0.0, array)
        found.update(f"{array.shape}{scale:.{DIGITS - 1}e}".encode() + rounded.tobytes())
