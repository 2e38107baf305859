"""One function over many cases, side by side, in a folder that keeps what is finished: `sweep`."""

from __future__ import annotations

from qcmethod.studies.sweep.outcome import Outcome
from qcmethod.studies.sweep.report import Sweep
from qcmethod.studies.sweep.stopped import SweepFailed, SweepInterrupted
from qcmethod.studies.sweep.sweep import sweep

__all__ = ["Outcome", "Sweep", "SweepFailed", "SweepInterrupted", "sweep"]
