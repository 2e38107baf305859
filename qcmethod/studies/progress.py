"""A progress bar of a study or a sweep on the terminal, or none."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from qcmethod.base.log import say


class Bar:
    """Counts finished cases; draws nothing without a `rich` progress display."""

    def __init__(self, display: Any = None, task: Any = None) -> None:
        self._display, self._task = display, task

    def advance(self, cases: int, text: str = "") -> None:
        """Count some cases as finished and say what was last."""
        if text:
            say(text)
        if self._display is not None:
            self._display.update(self._task, advance=cases, last=text)


@contextmanager
def progress_bar(wanted: bool | None, total: int, what: str = "study") -> Iterator[Bar]:
    """A bar of `total` cases on standard error; None: where that is a terminal.

    what : is done, in a word
    """
    if not (sys.stderr.isatty() if wanted is None else wanted):
        yield Bar()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[last]}"),
    )
    with Progress(*columns, console=Console(stderr=True)) as display:
        yield Bar(display, display.add_task(what, total=total, last=""))
