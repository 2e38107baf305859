"""The first compilation says so: some half minute in which nothing else is to be seen.

Machine code is kept on disk (`base.jit`), so it is said once a source; kernels that are found there
compile nothing, and nothing is said.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from numba.core import event

from qcmethod.base.log import announce

NOTICE = "compiling kernels, once: some seconds to a minute"


class Compilations(event.Listener):
    """Hears of every compilation by Numba, and speaks of the first one that is of our kernels."""

    def __init__(self, kernels: Sequence[Any]) -> None:
        self._kernels, self._said = kernels, False

    def on_start(self, event: Any) -> None:
        """Say so, where it is the first that anybody hears of."""
        if not self._said and any(event.data["dispatcher"] is one for one in self._kernels):
            self._said = announce(NOTICE)

    def on_end(self, event: Any) -> None:
        """Nothing."""


def watched(kernels: Sequence[Any]) -> None:
    """Have the first compilation of one of some kernels said; more may be added to them later."""
    event.register("numba:compile", Compilations(kernels))
