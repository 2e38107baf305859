"""Load ramps, with cutting, rollback and bisection."""

from __future__ import annotations

from qcmethod.analysis.events.event import Event
from qcmethod.studies.ramp.plan import Trial
from qcmethod.studies.ramp.ramp import ramp
from qcmethod.studies.ramp.result import RampResult

__all__ = ["Event", "RampResult", "Trial", "ramp"]
