"""The patch test: ghost forces of a coupling on perfect, homogeneously deformed crystal."""

from __future__ import annotations

from qcmethod.analysis.patch.audit import patch_test
from qcmethod.analysis.patch.battery import SEED, battery
from qcmethod.analysis.patch.figures import Figures, Region
from qcmethod.analysis.patch.report import PatchReport, PatchRow

__all__ = ["SEED", "Figures", "PatchReport", "PatchRow", "Region", "battery", "patch_test"]
