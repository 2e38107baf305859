"""One form for every random check: a family of trials, and the verdict on each.

A trial draws from its own generator, default_rng([seed, i]), so that any of them can be repeated
alone. What comes of it is one of

    accepted  the input was taken, and what came of it is right
    refused   QCError: refused by name
    silent    something malformed was taken, or a number is wrong (`Silent`)
    bare      any other exception, or a process that died
    hang      longer than the family allows
    memory    more than the family allows

and the last four are failures.
"""

from __future__ import annotations

import importlib.util
import os
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

import numpy as np

from qcmethod.errors import QCError

OUTCOMES = ("accepted", "refused", "silent", "bare", "hang", "memory")
FAILURES = OUTCOMES[2:]

_now = {"kind": ""}


class Silent(AssertionError):
    """Something malformed was accepted, or a number that came out is wrong."""


@contextmanager
def kind(name: str) -> Iterator[None]:
    """What is tried in this block: the line of the table in which the trial is counted."""
    _now["kind"] = name
    yield


@dataclass(frozen=True)
class Family:
    """Trials of one kind.

    Attributes
    ----------
    name : as on the command line
    what : a line for the page
    trial : of a generator and an empty folder, the working directory; it returns its kind
    count, smoke : trials of a full run, and of the default test suite
    seconds, gigabytes : a trial that takes more is a failure
    """

    name: str
    what: str
    trial: Callable[[np.random.Generator, Path], str]
    count: int
    smoke: int
    seconds: float = 5.0
    gigabytes: float = 1.0


@dataclass(frozen=True)
class Verdict:
    """What came of trial `index`."""

    index: int
    kind: str
    outcome: str
    said: str = ""

    def __str__(self) -> str:
        return f"trial {self.index} ({self.kind}): {self.outcome}: {self.said}"


def judge(family: Family, seed: int, index: int) -> Verdict:
    """Run one trial in a folder of its own."""
    rng = np.random.default_rng([seed, index])
    here, _now["kind"] = os.getcwd(), ""
    with tempfile.TemporaryDirectory(prefix="fuzz-", ignore_cleanup_errors=True) as folder:
        os.chdir(folder)
        try:
            outcome, said = _outcome(family, rng, Path(folder))
        finally:
            os.chdir(here)
    return Verdict(index, _now["kind"] or "?", outcome, said[:400])


def _outcome(family: Family, rng: np.random.Generator, folder: Path) -> tuple[str, str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            _now["kind"] = family.trial(rng, folder)
        except QCError as error:
            return "refused", f"{type(error).__name__}: {error}"
        except Silent as error:
            return "silent", str(error)
        except MemoryError as error:
            return "memory", str(error) or "MemoryError"
        except BaseException as error:
            return "bare", f"{type(error).__name__}: {error}"
    return "accepted", ""


def now() -> str:
    """The kind of the trial that runs."""
    return _now["kind"]


@cache
def families() -> MappingProxyType[str, Family]:
    """Every family by its name: a file in `families/` is one."""
    found = {}
    for file in sorted((Path(__file__).parent / "families").glob("[!_]*.py")):
        spec = importlib.util.spec_from_file_location(f"fuzz_{file.stem}", file)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        found[module.FAMILY.name] = module.FAMILY
    return MappingProxyType(found)
