"""One case, in whatever process: call the function, and make a value of what comes of it."""

from __future__ import annotations

import inspect
import pickle
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

from qcmethod.base.blas import one_thread
from qcmethod.base.digest import digest
from qcmethod.errors import InputError, WriteError
from qcmethod.studies.sweep.cases import OWN, Case
from qcmethod.studies.sweep.outcome import Outcome, values_of, worker
from qcmethod.studies.sweep.place import Place, is_whole


def attempt(
    function: Callable[..., Any], case: Case, place: Place | None, again: bool, away: bool
) -> tuple[Outcome, Any, bool]:
    """What became of a case, the result where it is whole and not on disk, and whether all is kept.

    again : a failure that is on disk does not count
    away : the result goes to another process
    """
    place = place if place is not None and place.here else None
    known = None if place is None else place.outcome(case.key)
    if place is not None and known is not None and not (again and known.failed):
        return known, None, True
    outcome, found = _called(function, case, place)
    if place is not None:
        with suppress(WriteError):  # whoever waits for it tries again, and says so
            place.keep(outcome, found)
            return outcome, None, True
    if away and found is not None:
        outcome, found = _sent(outcome, found)
    return outcome, found, False


def _called(function: Callable[..., Any], case: Case, place: Place | None) -> tuple[Outcome, Any]:
    one_thread()
    wall, cpu = time.perf_counter(), time.thread_time()

    def clocks() -> dict[str, Any]:
        spent, busy = time.perf_counter() - wall, time.thread_time() - cpu
        about = {"worker": worker(), "code": code_of(function)}
        return {"seconds": spent, "cpu_seconds": busy, **about}

    own = {OWN: place.own(case.key)} if place is not None and takes_folder(function, case) else {}
    try:
        found = function(**case.arguments, **own)
        values = values_of(found)
    except (Exception, SystemExit) as error:
        return Outcome.failure(case.facts, error, **clocks()), None
    return Outcome(case.facts, values, **clocks()), found if is_whole(found) else None


def _sent(outcome: Outcome, found: Any) -> tuple[Outcome, Any]:
    """The numbers alone of a result that cannot go to another process."""
    try:
        pickle.dumps(found)
        return outcome, found
    except Exception as error:
        why = f"whole only with a directory= ({type(error).__name__})"
        return replace(outcome, values={**outcome.values, "result": why}), None


def code_of(function: Callable[..., Any]) -> str:
    """Digest of the text of a function; empty where there is none to be read."""
    try:
        return digest(inspect.getsource(function))
    except (OSError, TypeError):
        return ""


def takes_folder(function: Callable[..., Any], case: Case) -> bool:
    """Whether the function has an argument for a folder that the case does not give."""
    try:
        return OWN in inspect.signature(function).parameters and OWN not in case.arguments
    except (TypeError, ValueError):
        return False


def require_folder(function: Callable[..., Any], case: Case, place: Place | None) -> None:
    """Refuse a function that needs a folder of its own where the sweep has none (InputError)."""
    if place is None and takes_folder(function, case):
        parameter = inspect.signature(function).parameters[OWN]
        if parameter.default is parameter.empty:
            expected = "a folder: the function has one for each case"
            raise InputError("directory", None, expected, 'directory="sweep"')
