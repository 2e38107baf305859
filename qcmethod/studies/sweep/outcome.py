"""What became of a case: the numbers that the function returned, or why there are none.

A function may return
    a mapping of numbers and texts     they are the columns of the table
    a number or a text                 the column "value"
    a result of this package           its numbers; a Solution or a ramp is kept whole as well
"""

from __future__ import annotations

import os
import socket
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from qcmethod.base.arguments import is_number
from qcmethod.base.told import is_plain, plain
from qcmethod.base.types import Facts
from qcmethod.errors import InputError
from qcmethod.io.capabilities import Tabular
from qcmethod.io.declared import require_declared
from qcmethod.studies.sweep.cases import as_said, finite

EXPECTED = "a mapping of numbers and texts, one of them, or a result of this package"
HINT = 'return {"K": found.K, "repatoms": found.system.n_repatoms}'


@dataclass(frozen=True)
class Outcome:
    """One finished case.

    Attributes
    ----------
    case : its arguments, as facts
    values : what the function returned, by name; empty where it failed
    error, message : type and text of the exception, None if there was none
    trace : its traceback
    seconds, cpu_seconds : wall time, and processor time of its thread
    worker : the process that computed it
    code : digest of the text of the function
    """

    case: Facts = field(hash=False)
    values: Facts = field(default_factory=dict, hash=False)
    error: str | None = None
    message: str | None = None
    trace: str | None = None
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    worker: str = ""
    code: str = ""

    @property
    def failed(self) -> bool:
        """Whether there is a reason instead of numbers."""
        return self.error is not None

    @property
    def reason(self) -> str | None:
        """Type and text of the exception in one line; None where there was none."""
        return None if self.error is None else " ".join(f"{self.error}: {self.message}".split())

    def said(self) -> Facts:
        """Arguments and values, as tables have them."""
        return {k: as_said(v) for k, v in {**self.case, **self.values}.items()}

    def record(self) -> Facts:
        """For JSON; floats survive exactly."""
        return dict(vars(self))

    @classmethod
    def of(cls, values: Facts) -> Outcome:
        """The inverse of `record`; TypeError for anything else."""
        require_declared(cls, values)
        return cls(**values)

    @classmethod
    def failure(cls, case: Facts, error: BaseException, **clocks: Any) -> Outcome:
        """A case that raised."""
        trace = "".join(traceback.format_exception(error))
        return cls(case, {}, type(error).__name__, str(error), trace, **clocks)

    @classmethod
    def lost(cls, case: Facts, error: Exception) -> Outcome:
        """A case whose worker died each time; `error` is what was said of it."""
        message = f"its worker died each time: no memory, or a crash in a library. {error}"
        return cls(case, {}, type(error).__name__, message)


def values_of(found: Any) -> Facts:
    """What the function returned, by name, for JSON (InputError: no table can hold it)."""
    if isinstance(found, Mapping) and is_plain(found):
        return {name: finite(plain(value)) for name, value in found.items()}
    if not isinstance(found, Mapping) and is_plain(found):
        return {"value": finite(plain(found))}
    summary = getattr(found, "summary", None)
    if callable(summary):
        return _numbers(summary())
    if isinstance(found, Tabular):
        numbers = _numbers(found.record())
        if any(map(is_number, numbers.values())):
            return numbers
        return {
            "result": str(found).splitlines()[-1]
        }  # of a ramp: its event, or that there is none
    raise InputError("function", found, f"to return {EXPECTED}", HINT)


def _numbers(facts: Mapping[str, Any]) -> Facts:
    """Numbers and texts among facts, those of the loads by their own names."""
    loads = facts.get("loads")
    flat = {**facts, **(loads if isinstance(loads, Mapping) else {})}
    return {k: finite(v) for k, v in flat.items() if isinstance(v, str | bool | int | float)}


def worker() -> str:
    """This process, in words."""
    return f"process {os.getpid()} on {socket.gethostname()}"
