"""Compiled entry points, and dispatch on the type of a parameter tuple.

A potential is a ``NamedTuple`` of numbers and *its type selects the kernel*: ``generic`` makes the
jitted counterpart of ``functools.singledispatch``. A jitted function is never passed as an argument
nor captured in a closure, for then the disk cache of every caller is lost and grows on every run
(Numba issues 2956, 6264, 6972).

Numba keys a cached kernel by the file that holds it, so an edit in another file would leave stale
machine code behind. Entry points are therefore cached in a folder named by a digest of the
package's own source.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numba
from numba.extending import overload

# "numpy": a division by zero yields inf or nan instead of a Python exception in the inner loop;
# results are checked where they leave the kernels. No fastmath: sums stay reproducible.
JIT_OPTIONS: dict[str, Any] = {"error_model": "numpy", "nogil": True}


def source_digest(package: Path) -> str:
    """Digest (16 hex digits) of every source file of a package: any of them may end up in a kernel,
    and reading all of them takes milliseconds."""
    digest = hashlib.sha256()
    for file in sorted(package.rglob("*.py")):
        digest.update(str(file.relative_to(package)).encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


@cache
def cache_folder() -> str:
    """Folder of the compiled kernels of exactly this source (created on demand)."""
    digest = source_digest(Path(__file__).parents[1])
    home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    for base in (os.environ.get("NUMBA_CACHE_DIR"), os.path.join(home, "qcmethod")):
        folder = os.path.join(base, digest) if base else ""
        if folder and _writable(folder):
            return folder
    # nowhere to keep them: a private folder for this process (never a guessable shared one, for
    # cached kernels are unpickled)
    return tempfile.mkdtemp(prefix="qcmethod-")


def _writable(folder: str) -> bool:
    try:
        os.makedirs(folder, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def entry(function: Callable[..., Any]) -> Any:
    """Compile ``function`` on first call for each type of potential, cached on disk."""
    before = numba.config.CACHE_DIR
    numba.config.CACHE_DIR = cache_folder()  # read once, when the dispatcher is made
    try:
        return numba.njit(cache=True, **JIT_OPTIONS)(function)
    finally:
        numba.config.CACHE_DIR = before


def generic(doc: str) -> Any:
    """A function ``f(p, x)`` whose body is chosen by ``type(p)``, in Python and in Numba alike."""
    bodies: dict[type, Callable[..., Any]] = {}

    def call(p: Any, x: Any) -> Any:
        return bodies[type(p)](p, x)

    # Numba compares signatures, annotations included: the selector and the bodies have none.
    @overload(call, jit_options=JIT_OPTIONS)
    def _select(p, x):
        return bodies.get(getattr(p, "instance_class", type(None)))

    def register(cls: type) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        def add(body: Callable[..., Any]) -> Callable[..., Any]:
            bodies[cls] = body
            return body

        return add

    call.__doc__ = doc
    call.register = register  # type: ignore[attr-defined]
    return call
