"""Stability of a deformed lattice: the continuum's, the lattice's own, its phonons."""

from __future__ import annotations

from qcmethod.crystal.stability.margins import margin
from qcmethod.crystal.stability.verdict import Stability, acoustic, analyse

__all__ = ["Stability", "acoustic", "analyse", "margin"]
