"""Pictures by type: `draw` and `fill` find the one that was registered for the class of a result.

    from qcmethod.plot import draws, fills, sheet

    @draws(Tour)                            a figure of several panels
    def tour(found):
        figure = sheet((8.0, 4.0))
        ...
        return figure

    @fills(Tour)                            its main panel, into an axis of the user
    def panel(found, axis):
        axis.plot(found.x, found.y)

    class Tour(qcmethod.base.result.Drawn): ...

    tour.plot("tour.png", dpi=300)          a file
    tour.plot()                             the figure, which a notebook shows
    tour.plot(ax=axis)                      the panel

A class that only fills an axis has a figure of that one panel, of the size that `fills` is given.
The pictures of this package are the modules of its folder.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import singledispatch
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from qcmethod.base.door import door
from qcmethod.base.files import picture, require_dpi
from qcmethod.errors import InputError
from qcmethod.plot.sheet import saved, sheet

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Picture = TypeVar("Picture", bound=Callable[..., object])


def drawn(
    result: object,
    path: str | Path | None,
    *others: object,
    ax: Axes | None = None,
    dpi: int = 200,
    **options: Any,
) -> Path | Figure:
    """What `plot` of a result returns: the path of the file, or the figure.

    Raises InputError for a path that cannot be written, before anything is drawn; for a path and an
    axis at once; for a result that has no picture.
    """
    target = None if path is None else picture(path, dpi)
    require_dpi(dpi)
    if ax is None:
        figure = draw(result, *others, **options)
        return figure if target is None else saved(figure, target, dpi)
    if path is not None:
        raise InputError("ax", ax, "an axis or a path, not both", "ax.figure.savefig(path)")
    if not hasattr(ax, "add_collection"):
        raise InputError("ax", ax, "a Matplotlib axis", "figure.subplots()")
    fill(result, ax, *others, **options)
    whole: Figure = ax.get_figure(root=True)
    return whole


@singledispatch
def draw(result: object, *others: object, **options: object) -> Figure:
    """The figure of a result; the further arguments are those of its picture.

    Raises InputError for a result that no picture shows.
    """
    raise InputError("result", result, "a result that has a picture (qcmethod.plot.draws)")


@singledispatch
def fill(result: object, axis: Axes, *others: object, **options: object) -> None:
    """Draw a result into a Matplotlib axis; see `draw`."""
    raise InputError("result", result, "a result that fills an axis (qcmethod.plot.fills)")


@door
def draws(cls: type) -> Callable[[Picture], Picture]:
    """Register a function (result, ...) -> Figure as the picture of a class (InputError)."""
    return _registered(draw.register, cls)


@door
def fills(cls: type, size: tuple[float, float] | None = None) -> Callable[[Picture], Picture]:
    """Register a function (result, axis, ...) that draws a class into an axis (InputError).

    size : inches of the figure that this one panel makes, where the class has no picture else
    """
    registered = _registered(fill.register, cls)

    def alone(panel: Picture) -> Picture:
        checked = door(panel)

        def figure(result: object, *others: object, **options: object) -> Figure:
            whole = sheet(size or (6.0, 4.0))
            checked(result, whole.subplots(), *others, **options)
            return whole

        if size is not None:
            draw.register(cls, figure)
        return registered(panel)

    return alone


def _registered(register: Callable[..., object], cls: type) -> Callable[[Picture], Picture]:
    if not isinstance(cls, type):
        raise InputError("cls", cls, "a class of results")

    def registered(picture: Picture) -> Picture:
        register(cls, door(picture))
        return picture

    return registered
