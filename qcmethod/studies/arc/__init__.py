"""Arc-length continuation of a crack around the folds of its curve."""

from __future__ import annotations

from qcmethod.studies.arc.arc import arc
from qcmethod.studies.arc.point import ArcPoint
from qcmethod.studies.arc.result import ArcResult

__all__ = ["ArcPoint", "ArcResult", "arc"]
