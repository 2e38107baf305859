"""Formats: how a result becomes a file, found by its suffix and by what the result can give.

    from qcmethod.io import Series, writes

    @writes(".loads", of=Series)
    def loads(series, path):
        path.write_text("".join(f"{frame.time}\\n" for frame in series.frames()))

    result.write("run.loads")

`of` is a class or a capability (`capabilities`). Where several formats of a suffix serve a result,
that of its nearest class is taken, then that of a capability; of equals the last one registered.
The formats of this package are the modules of its folder.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from qcmethod.base.door import door
from qcmethod.base.files import checked, path_of
from qcmethod.base.whole import whole, writing
from qcmethod.errors import InputError

Writer = TypeVar("Writer", bound=Callable[..., object])
FORMATS: list[Format] = []
"""All formats, in the order of their registration."""


@dataclass(frozen=True)
class Format:
    """One suffix of one kind of results.

    Attributes
    ----------
    suffix : ".json"
    of : the class or the capability that it serves
    write : (result, path, further arguments) writes the file
    whole : whether `path` is that of a temporary file, moved into place when it is complete; False:
        it is the file's own, and `write` sees to it that no half of it is ever seen
    """

    suffix: str
    of: type
    write: Callable[..., object]
    whole: bool

    def distance(self, result: object) -> int:
        """How many classes lie between the result's and the one served: a capability is last."""
        line = type(result).__mro__
        return line.index(self.of) if self.of in line else len(line)


@door
def writes(*suffixes: str, of: type, whole: bool = True) -> Callable[[Writer], Writer]:
    """Register a function (result, path, ...) as the format of some suffixes; see `Format`.

    Raises InputError for a suffix that is none, or an `of` that is no class.
    """
    for suffix in suffixes or ("",):
        if not (isinstance(suffix, str) and suffix.startswith(".") and suffix == suffix.lower()):
            raise InputError("suffixes", suffix, "a suffix in lower case", "'.json'")
    if not isinstance(of, type):
        raise InputError("of", of, "a class of results, or a capability", "qcmethod.io.Tabular")

    def registered(write: Writer) -> Writer:
        FORMATS.extend(Format(suffix, of, door(write), whole) for suffix in suffixes)
        return write

    return registered


def formats_of(result: object) -> dict[str, Format]:
    """The format of a result for each suffix that it knows."""
    found: dict[str, Format] = {}
    for form in FORMATS:
        if isinstance(result, form.of):
            known = found.get(form.suffix, form)
            if form.distance(result) <= known.distance(result):
                found[form.suffix] = form
    return found


@door
def write_result(result: object, path: str | Path, *args: object, **options: object) -> Path:
    """Write a result; the suffix of `path` chooses the format, which takes the further arguments.

    Raises InputError for a result that no format serves, for another suffix (naming those that it
    knows) or a missing folder, before anything is written; WriteError where the disk refuses.
    """
    known = formats_of(result)
    if not known:
        raise InputError("result", result, "a result that some format serves (qcmethod.io.writes)")
    asked = path_of("path", path, "a file")
    hints = getattr(result, "instead", {})
    hint = hints.get(asked.suffix.lower(), "").format(repr(asked.name))
    target = checked(path, sorted(known), hint)
    form = known[target.suffix.lower()]
    if not form.whole:
        with writing(target):
            form.write(result, target, *args, **options)
        return target
    with whole(target) as partial:
        form.write(result, partial, *args, **options)
    return target
