"""What the atoms of a core look like: common neighbours, Nye tensor, differential displacements."""

from __future__ import annotations

from qcmethod.analysis.structure.common import KINDS, CommonNeighbours, common_neighbours
from qcmethod.analysis.structure.differential import (
    DifferentialDisplacement,
    differential_displacement,
)
from qcmethod.analysis.structure.nye import NyeTensor, nye_tensor

__all__ = [
    "KINDS",
    "CommonNeighbours",
    "DifferentialDisplacement",
    "NyeTensor",
    "common_neighbours",
    "differential_displacement",
    "nye_tensor",
]
