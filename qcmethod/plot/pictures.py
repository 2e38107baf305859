"""Pictures by type: `draw` and `fill` find the one that was registered for the class of a result.

    from qcmethod.plot import draws

    @draws(Tour)
    def tour(found, path, dpi=200):
        figure = Figure()
        figure.subplots().plot(found.x, found.y)
        figure.savefig(path, dpi=dpi)
        return path

    class Tour(qcmethod.base.result.Drawn): ...     tour.plot("tour.png", dpi=300)

The pictures of this package are the modules of its folder.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import singledispatch
from pathlib import Path
from typing import TypeVar

from qcmethod.base.door import door
from qcmethod.errors import InputError

Picture = TypeVar("Picture", bound=Callable[..., object])


@singledispatch
def draw(result: object, path: str | Path, *args: object, **options: object) -> Path:
    """Draw a result to a file; the further arguments are those of its picture.

    Raises InputError for a result that no picture shows.
    """
    raise InputError("result", result, "a result that has a picture (qcmethod.plot.draws)")


@singledispatch
def fill(result: object, axis: object, *args: object, **options: object) -> None:
    """Draw a result into a Matplotlib axis; see `draw`."""
    raise InputError("result", result, "a result that fills an axis (qcmethod.plot.fills)")


@door
def draws(cls: type) -> Callable[[Picture], Picture]:
    """Register a function (result, path, ...) -> path as the picture of a class (InputError)."""
    return _registered(draw.register, cls)


@door
def fills(cls: type) -> Callable[[Picture], Picture]:
    """Register a function (result, axis, ...) that draws a class into an axis (InputError)."""
    return _registered(fill.register, cls)


def _registered(register: Callable[..., object], cls: type) -> Callable[[Picture], Picture]:
    if not isinstance(cls, type):
        raise InputError("cls", cls, "a class of results")

    def registered(picture: Picture) -> Picture:
        register(cls, door(picture))
        return picture

    return registered
