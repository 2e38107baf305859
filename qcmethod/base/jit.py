"""Compiled entry points, and dispatch on the type of a parameter tuple.

A potential is a ``NamedTuple`` of numbers and *its type selects the kernel*: ``generic`` makes the
jitted counterpart of ``functools.singledispatch``. A jitted function is never passed as an argument
nor captured in a closure, for then the disk cache of every caller is lost and grows on every run
(Numba issues 2956, 6264, 6972).

Numba keys a cached kernel by the file that holds it, so an edit in another file would leave stale
machine code behind. Entry points are therefore cached in a folder named by a digest of the
package's own source and of the bodies that users registered (`base.bodies`).
"""

from __future__ import annotations

import atexit
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numba
from numba.extending import overload

from qcmethod.base.bodies import code_digest
from qcmethod.base.compiling import watched
from qcmethod.base.kernels import KernelCache

Body = Callable[..., Any]
"""A function that is compiled."""
Kernel = TypeVar("Kernel", bound=Body)


class Dispatcher(Protocol):
    """A compiled function of Numba."""

    py_func: Body
    _cache: object


# "numpy": a division by zero yields inf or nan instead of a Python exception in the inner loop;
# results are checked where they leave the kernels. No fastmath: sums stay reproducible.
JIT_OPTIONS: dict[str, object] = {"error_model": "numpy", "nogil": True}


def source_digest(package: Path) -> str:
    """Digest (16 hex digits) of every source file of a package: any of them may end up in a kernel,
    and reading all of them takes milliseconds."""
    digest = hashlib.sha256()
    for file in sorted(package.rglob("*.py")):
        digest.update(str(file.relative_to(package)).encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


@cache
def cache_folder(users: str = "") -> str:
    """Folder of the compiled kernels of exactly this source (created on demand), and of the bodies
    of users with that digest."""
    digest = source_digest(Path(__file__).parents[1]) + users
    home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    for base in (os.environ.get("NUMBA_CACHE_DIR"), os.path.join(home, "qcmethod")):
        folder = os.path.join(base, digest) if base else ""
        if folder and _writable(folder):
            return folder
    # nowhere to keep them: a private folder for this process (never a guessable shared one, for
    # cached kernels are unpickled), which goes with it
    folder = tempfile.mkdtemp(prefix="qcmethod-")
    atexit.register(_removed, folder, os.getpid())
    return folder


def _removed(folder: str, pid: int) -> None:
    if pid == os.getpid():  # a fork leaves it to its parent
        shutil.rmtree(folder, ignore_errors=True)


def _writable(folder: str) -> bool:
    try:
        os.makedirs(folder, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


_ENTRIES: list[Dispatcher] = []
watched(_ENTRIES)
_OF_USERS: list[str] = []


def entry(function: Kernel) -> Kernel:
    """Compile ``function`` on first call for each type of potential, cached on disk."""
    compiled = numba.njit(**JIT_OPTIONS)(function)
    if not numba.config.DISABLE_JIT:  # then it is the plain function
        _keep([compiled])
        _ENTRIES.append(compiled)
    return compiled


def compiled_entries() -> tuple[Any, ...]:
    """The entry points so far, with the signatures that they were compiled for."""
    return tuple(_ENTRIES)


def _keep(dispatchers: list[Dispatcher]) -> None:
    """Cache kernels in the folder of all bodies that are known now, if there is room for one."""
    users = hashlib.sha256("".join(_OF_USERS).encode()).hexdigest()[:16] if _OF_USERS else ""
    before = numba.config.CACHE_DIR
    try:
        numba.config.CACHE_DIR = cache_folder(users)  # read once, when a cache is made
        for dispatcher in dispatchers:
            dispatcher._cache = KernelCache(dispatcher.py_func)
    except (OSError, RuntimeError):  # a disk without room; Numba finds the folder gone
        pass
    finally:
        numba.config.CACHE_DIR = before


def _registered(body: Body) -> None:
    """A body from outside of the package: what is compiled from now on depends on it."""
    if body.__module__.partition(".")[0] != __name__.partition(".")[0]:
        _OF_USERS.append(code_digest(body))
        _keep(_ENTRIES)


def generic(
    doc: str, otherwise: Callable[[type], Body | None] | None = None, arguments: str = "x"
) -> Any:
    """A function ``f(p, x)`` whose body is chosen by ``type(p)``, in Python and in Numba alike.

    otherwise : the body of a type without one of its own
    arguments : names of those besides p, which all bodies have: "x", "x s", "a x", "a b x"
    """
    bodies: dict[type, Body] = {}

    def body_of(cls: type) -> Body | None:
        return bodies.get(cls) or (otherwise(cls) if otherwise else None)

    def call(p: object, *values: Any) -> Any:
        body = body_of(type(p))
        if body is None:
            raise TypeError(f"{type(p).__name__} has no such body: {doc}")
        return body(p, *values)

    def chosen(p: object) -> Body | None:
        return body_of(getattr(p, "instance_class", type(None)))

    # Numba compares signatures, annotations included: the selector and the bodies have none.
    selectors: dict[str, Body] = {
        "x": lambda p, x: chosen(p),
        "x s": lambda p, x, s: chosen(p),
        "a x": lambda p, a, x: chosen(p),
        "a b x": lambda p, a, b, x: chosen(p),
    }
    overload(call, jit_options=JIT_OPTIONS)(selectors[arguments])

    def register(cls: type) -> Callable[[Body], Body]:
        def add(body: Body) -> Body:
            bodies[cls] = body
            _registered(body)
            return body

        return add

    call.__doc__ = doc
    call.register = register  # type: ignore[attr-defined]
    call.has = bodies.__contains__  # type: ignore[attr-defined]
    return call
