"""What the atoms of a core look like: common neighbours, Nye tensor, differential displacements."""

from __future__ import annotations

from qcmethod.structure.common import KINDS as KINDS
from qcmethod.structure.common import CommonNeighbours as CommonNeighbours
from qcmethod.structure.common import common_neighbours as common_neighbours
from qcmethod.structure.differential import DifferentialDisplacement as DifferentialDisplacement
from qcmethod.structure.differential import differential_displacement as differential_displacement
from qcmethod.structure.nye import NyeTensor as NyeTensor
from qcmethod.structure.nye import nye_tensor as nye_tensor
