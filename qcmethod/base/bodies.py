"""What a function computes, as a digest: its code, and the functions and numbers that it uses.

Two versions of a body that a user edits differ by it; a comment or a plot elsewhere in the same
script does not count, so that kernels are not compiled anew for it.
"""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable
from types import CodeType, FunctionType


def code_digest(function: Callable[..., object]) -> str:
    """Digest (16 hex digits) of a Python function and of the functions that it calls."""
    digest = hashlib.sha256()
    for part in _parts(function, set()):
        digest.update(part.encode())
    return digest.hexdigest()[:16]


def _parts(function: Callable[..., object], seen: set[int]) -> list[str]:
    """Texts that change with what a function computes."""
    function = getattr(function, "py_func", function)  # compiled by itself
    if id(function) in seen or not isinstance(function, FunctionType):
        return []
    seen.add(id(function))
    parts = _code(function.__code__)
    used = inspect.getclosurevars(function)
    for name, value in sorted({**used.globals, **used.nonlocals}.items()):
        parts.append(name)
        own = callable(value) and not (value.__module__ or "").startswith("numpy")
        parts += _parts(value, seen) if own else [repr(value)]
    return parts


def _code(code: CodeType) -> list[str]:
    """The instructions and constants of a function and of those inside it."""
    parts = [code.co_code.hex(), str(code.co_names)]
    for constant in code.co_consts:
        parts += _code(constant) if isinstance(constant, CodeType) else [repr(constant)]
    return parts
