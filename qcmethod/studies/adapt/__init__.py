"""Adaptive quasicontinuum: estimate the error, put atoms and nodes where it is, repeat."""

from __future__ import annotations

from qcmethod.studies.adapt.estimate import Estimate, estimate
from qcmethod.studies.adapt.loop import adapt
from qcmethod.studies.adapt.result import AdaptResult, Cycle

__all__ = ["AdaptResult", "Cycle", "Estimate", "adapt", "estimate"]
