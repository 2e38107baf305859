"""Load ramps of a crack with automatic cutting, rollback and bisection at an event."""

from __future__ import annotations

from qcmethod.loading.event import Event
from qcmethod.loading.plan import Trial
from qcmethod.loading.ramp import ramp
from qcmethod.loading.result import RampResult

__all__ = ["Event", "RampResult", "Trial", "ramp"]
