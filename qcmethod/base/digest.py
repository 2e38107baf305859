"""The digest of numbers, to nine digits, so that another machine finds the same."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np

DIGITS = 9


def digest(values: Any) -> str:
    """Digest (16 hex digits) of nested lists, tuples and dicts of numbers, arrays and texts."""
    found = hashlib.sha256()
    _feed(found, values)
    return found.hexdigest()[:16]


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
