"""What the atoms of a core look like: common neighbours, Nye tensor, differential displacements."""

from __future__ import annotations

from qcmethod.analysis.structure.common import KINDS as KINDS
from qcmethod.analysis.structure.common import CommonNeighbours as CommonNeighbours
from qcmethod.analysis.structure.common import common_neighbours as common_neighbours
from qcmethod.analysis.structure.differential import (
    DifferentialDisplacement as DifferentialDisplacement,
)
from qcmethod.analysis.structure.differential import (
    differential_displacement as differential_displacement,
)
from qcmethod.analysis.structure.nye import NyeTensor as NyeTensor
from qcmethod.analysis.structure.nye import nye_tensor as nye_tensor
