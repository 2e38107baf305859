"""What of this package is data: values that go into a file and come back from it.

    Problem(name="crack", F=array)  ->  {"type": "Problem", "fields": {...}}

A value is None, a number, a text, an array, a list, a tuple, a dict of texts, or an object of a
class with a name in files (`base.stored`): a frozen dataclass or named tuple, rebuilt from its
fields. A class that holds more than it needs says with `register` what to keep, and with `sound`
what must hold of a file that somebody else made. `encode` takes
values apart, `decode` builds them, `older` translates what earlier formats say.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any

from qcmethod.base.registry import import_rooms
from qcmethod.base.stored import NAMES, STORED, is_data
from qcmethod.potentials.contract import Potential
from qcmethod.potentials.digest import potential_digest

Parts = Callable[[Any], dict[str, Any]]
Build = Callable[[dict[str, Any]], Any]
SPECIAL: dict[type, tuple[Parts, Build]] = {}
"""How registered classes are taken apart and built."""


def register(cls: type, parts: Parts, build: Build) -> None:
    """How a class is taken apart, and built from those parts."""
    SPECIAL[cls] = (parts, build)


Check = Callable[[Any], None]
SOUND: dict[type, Check] = {}
"""How the parts of an object of a file are checked against each other."""


def sound(cls: type) -> Callable[[Check], Check]:
    """Register what raises ValueError for an object of a class whose parts do not fit."""

    def registered(check: Check) -> Check:
        SOUND[cls] = check
        return check

    return registered


def class_of(name: str) -> type:
    """The class of a name in files (TypeError where there is none)."""
    if name not in STORED:
        import_rooms("qcmethod")
    if name not in STORED:
        raise TypeError(f"{name!r} is no class of results; run the script that defines it first")
    cls = STORED[name]
    if not (cls in SPECIAL or is_data(cls)):
        raise TypeError(f"{name} is no data")
    return cls


def _potential_parts(potential: Potential) -> dict[str, Any]:
    """Its fields and its digest; of an engine that is no data the name of its class alone."""
    own = {f.name: getattr(potential, f.name) for f in fields(potential)}
    kind = type(potential.engine)
    if potential.engine is not None and kind not in NAMES:
        own["engine"] = f"{kind.__module__}:{kind.__qualname__}"
    return {**own, "digest": potential_digest(potential)}


# read by `decode`, which may be given the potential
register(Potential, _potential_parts, lambda parts: Potential(**parts))
