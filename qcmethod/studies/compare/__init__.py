"""Methods side by side on one problem: `compare`, and the study that it returns."""

from __future__ import annotations

from qcmethod.studies.compare.case import Case
from qcmethod.studies.compare.compare import compare
from qcmethod.studies.compare.report import Study
from qcmethod.studies.compare.row import Row
from qcmethod.studies.compare.stopped import StudyFailed, StudyInterrupted

__all__ = ["Case", "Row", "Study", "StudyFailed", "StudyInterrupted", "compare"]
