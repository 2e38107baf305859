"""Calls side by side, in an executor of the caller's: none is lost when a worker dies."""

from __future__ import annotations

from qcmethod.studies.workers.executor import require_executor, require_sendable
from qcmethod.studies.workers.team import Lost, results

__all__ = ["Lost", "require_executor", "require_sendable", "results"]
