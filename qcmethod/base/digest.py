"""The digest of numbers, to nine digits, so that another machine finds the same."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import numpy as np

DIGITS = 9


def digest(values: object) -> str:
    """Digest (16 hex digits) of nested lists, tuples and dicts of numbers, arrays and texts."""
    found = hashlib.sha256()
    for part in _parts(values):
        found.update(part)
    return found.hexdigest()[:16]


def _parts(value: object) -> Iterator[bytes]:
    """A value piece by piece, numbers rounded relative to the largest of their array."""
    if isinstance(value, dict):
        for key in sorted(value):
            yield from _parts([key, value[key]])
    elif isinstance(value, list | tuple):
        yield f"[{len(value)}".encode()
        for entry in value:
            yield from _parts(entry)
    elif value is None or isinstance(value, str | bool | np.bool_):
        yield f"{type(value).__name__[:3]}:{value}".encode()
    else:
        array = np.asarray(value, dtype=np.float64)
        finite = np.where(np.isfinite(array), array, 0.0)
        scale = float(np.abs(finite).max(initial=0.0)) or 1.0
        rounded = np.where(np.isfinite(array), np.round(array / scale, DIGITS) + 0.0, array)
        yield f"{array.shape}{scale:.{DIGITS - 1}e}".encode() + rounded.tobytes()
