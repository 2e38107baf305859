"""The folder of a sweep: who works in it, and what is finished there.

run.json      the function by its name, and the version of the package: what makes it this sweep
cases.json    the arguments of all cases; a later call may add some, and leaves none out
cases/        what is finished (`place`)
lock/         while a process gives out cases here (`base.lock`): a second one is refused
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from qcmethod.base.files import read_sealed, sealed, write_json
from qcmethod.base.said import say
from qcmethod.base.types import Facts
from qcmethod.base.whole import clear, writing
from qcmethod.errors import DamagedFileError, InputError, shown
from qcmethod.studies.journal import Journal
from qcmethod.studies.sweep.attempt import code_of
from qcmethod.studies.sweep.cases import Case
from qcmethod.studies.sweep.outcome import Outcome
from qcmethod.studies.sweep.place import Place
from qcmethod.studies.sweep.report import LIST


def name_of(function: Callable[..., Any]) -> str:
    """The name of a function, by which its folder knows it."""
    if isinstance(function, partial):
        return f"{name_of(function.func)}, {shown((function.args, function.keywords))}"
    named = function if hasattr(function, "__qualname__") else type(function)
    return ".".join(filter(None, (named.__module__, named.__qualname__)))


@contextmanager
def begun(
    directory: str | Path | None, about: Facts, cases: Sequence[Case]
) -> Iterator[Place | None]:
    """The folder of a sweep while it is this process's; raises what `Journal.claim` does."""
    if directory is None:
        yield None
        return
    with Journal.claim(directory, "sweep", about) as journal:
        place = Place(journal.folder)
        _require_all(place, cases)
        with writing(place.cases, "what is in the folder is unchanged"):
            place.cases.mkdir(exist_ok=True)
            clear(place.cases)
        write_json(place.folder / LIST, sealed({"cases": [case.facts for case in cases]}))
        yield place


def _require_all(place: Place, cases: Sequence[Case]) -> None:
    """Refuse a list that lacks cases of the folder: it is another sweep's (InputError)."""
    file = place.folder / LIST
    if not file.exists():
        return
    try:
        known = read_sealed(file, "")["cases"]
    except (InputError, KeyError) as error:
        hint = f"move {LIST} away: the same call writes it again"
        raise DamagedFileError(
            "directory", str(file), "an undamaged list of cases", hint
        ) from error
    asked = [case.facts for case in cases]
    left_out = [facts for facts in known if facts not in asked] if known != asked else []
    if left_out:
        expected = f"the folder of this sweep; that one has {len(left_out)} cases that are not here"
        expected += f", {left_out[0]} among them: cases may be added, none left out"
        raise InputError("directory", str(place.folder), expected, "another directory=")


def known_in(
    function: Callable[..., Any], cases: Sequence[Case], place: Place | None, again: bool
) -> dict[int, Outcome]:
    """What is on disk of the cases, but for what failed and is computed again."""
    if place is None:
        return {}
    text = code_of(function)
    found = {case.number: place.outcome(case.key) for case in cases}
    known = {n: one for n, one in found.items() if one and not (again and one.failed)}
    other = [n for n, one in known.items() if one.code not in (text, "")]
    if other:
        changed = f"sweep: the text of {name_of(function)} has changed since {len(other)} finished "
        say(f"{changed}cases were computed; they are kept. Try: another directory=", UserWarning)
    return known
