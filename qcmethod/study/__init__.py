"""Methods side by side on one problem: `compare`, and the study that it returns."""

from __future__ import annotations

from qcmethod.study.case import Case
from qcmethod.study.conduct import compare
from qcmethod.study.report import Row, Study
from qcmethod.study.stopped import StudyFailed, StudyInterrupted

__all__ = ["Case", "Row", "Study", "StudyFailed", "StudyInterrupted", "compare"]
