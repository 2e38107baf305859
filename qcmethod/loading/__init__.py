"""Load ramps of a crack, with cutting, rollback and bisection; continuation around folds."""

from __future__ import annotations

from qcmethod.loading.arc import arc
from qcmethod.loading.arc_point import ArcPoint
from qcmethod.loading.arc_result import ArcResult
from qcmethod.loading.event import Event
from qcmethod.loading.plan import Trial
from qcmethod.loading.ramp import ramp
from qcmethod.loading.result import RampResult

__all__ = ["ArcPoint", "ArcResult", "Event", "RampResult", "Trial", "arc", "ramp"]
