"""Where a calculation says what it does: the logger "qcmethod", and the `logfile` of a call.

    logging.getLogger("qcmethod")        all lines; quiet unless the script asks for them
    relax(system, logfile="-")           those of this call to standard output
    relax(system, logfile="relax.log")   to the end of a file; or to an open one

As in ASE: a path is appended to, "-" is standard output, None nothing. `progress=True` is "-".
"""

from __future__ import annotations

import inspect
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from os import PathLike
from pathlib import Path
from typing import IO, Any, TypeVar, cast

from qcmethod.base.files import path_of
from qcmethod.errors import InputError

LOG = logging.getLogger("qcmethod")
LOG.addHandler(logging.NullHandler())
Logfile = str | PathLike[str] | IO[str] | None
"""Where the lines of a call go."""
Function = TypeVar("Function", bound=Callable[..., Any])
_CALLS: ContextVar[tuple[tuple[IO[str], ...], ...]] = ContextVar("calls", default=())
"""The files of the calls in progress in this thread, the outermost first."""


def heard() -> bool:
    """Whether anybody hears what is said, so that it need not be computed for nobody."""
    calls = _CALLS.get()
    return bool(calls and calls[-1]) or LOG.isEnabledFor(logging.INFO)


def say(text: str) -> None:
    """A line of the call in progress, for its logfile and for the logger."""
    LOG.info(text)
    calls = _CALLS.get()
    for file in calls[-1] if calls else ():
        print(text, file=file, flush=True)


def announce(text: str) -> bool:
    """A line that whoever waits for any of the calls in progress wants to know.

    It is no row of a table: what goes to standard output is said on standard error. Where no call
    has a logfile, somebody may wait at a terminal.

    Returns whether anybody has heard it.
    """
    LOG.info(text)
    given = [file for files in _CALLS.get() for file in files]
    if not given and sys.stderr is not None and sys.stderr.isatty():
        given = [sys.stderr]
    for file in dict.fromkeys(sys.stderr if one is sys.stdout else one for one in given):
        print(text, file=file, flush=True)
    return bool(given) or LOG.isEnabledFor(logging.INFO)


def logged(function: Function) -> Function:
    """A function with the arguments `logfile` and `progress`, whose lines (`say`) go where they
    say. Raises InputError for a logfile that is none, before anything is done."""

    signature = inspect.signature(function)

    @wraps(function)
    def logging_call(*args: Any, **kwargs: Any) -> Any:
        given = signature.bind(*args, **kwargs).arguments
        with told_to(given.get("logfile"), given.get("progress") is True):
            return function(*args, **kwargs)

    return cast(Function, logging_call)


@contextmanager
def told_to(logfile: Logfile, progress: bool = False) -> Iterator[None]:
    """What is said within goes to a logfile, to standard output too for `progress` (InputError)."""
    files = [sys.stdout] if progress else []
    own = None
    if isinstance(logfile, str) and logfile == "-":
        files = [sys.stdout]
    elif isinstance(logfile, str | PathLike):
        own = _appended(path_of("logfile", logfile, "a file"))
        files.append(own)
    elif callable(getattr(logfile, "write", None)):
        files.append(cast(IO[str], logfile))
    elif logfile is not None:
        expected = '"-" for standard output, the name of a file, an open file, or None'
        raise InputError("logfile", logfile, expected)
    token = _CALLS.set((*_CALLS.get(), tuple(files)))
    try:
        yield
    finally:
        _CALLS.reset(token)
        if own is not None:
            own.close()


def _appended(path: Path) -> IO[str]:
    try:
        return path.open("a", encoding="utf-8")
    except OSError as error:
        expected = f"a file that can be written to ({error.strerror})"
        raise InputError("logfile", str(path), expected) from error
