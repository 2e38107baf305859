"""Adaptive quasicontinuum: estimate the error, put atoms and nodes where it is, repeat."""

from __future__ import annotations

from qcmethod.adaptive.estimate import Estimate, estimate
from qcmethod.adaptive.loop import adapt
from qcmethod.adaptive.result import AdaptResult, Cycle

__all__ = ["AdaptResult", "Cycle", "Estimate", "adapt", "estimate"]
