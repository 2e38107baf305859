"""A sweep that ended early: what was finished goes with the exception."""

from __future__ import annotations

from qcmethod.errors import QCError
from qcmethod.studies.sweep.report import Sweep

HINT = "the same call again, with directory= to keep what is finished"


class SweepInterrupted(KeyboardInterrupt):
    """Ctrl-C during a sweep; `sweep` holds the rows that were finished."""

    def __init__(self, sweep: Sweep) -> None:
        self.sweep = sweep
        super().__init__(_done(sweep))


class SweepFailed(QCError, RuntimeError):
    """The executor ended, or a case could not be kept; `sweep` as above."""

    def __init__(self, sweep: Sweep, error: BaseException) -> None:
        self.sweep = sweep
        what = f"{type(error).__name__}: {error}".rstrip(": ")
        super().__init__(f"sweep: {_done(sweep)}, then {what}. Try: {HINT}")


def _done(sweep: Sweep) -> str:
    return f"{len(sweep.rows)} of {len(sweep.rows) + len(sweep.missing)} cases finished"
