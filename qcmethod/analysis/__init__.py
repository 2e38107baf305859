"""What is read off a solution."""

from __future__ import annotations

from qcmethod.analysis.events.state import happened

__all__ = ["happened"]
