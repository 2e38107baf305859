"""Geometric multigrid for stiffnesses in blocks of three displacements."""

from qcmethod.base.multigrid.births import Births
from qcmethod.base.multigrid.blocks import Blocks
from qcmethod.base.multigrid.cycle import Multigrid, multigrid

__all__ = ["Births", "Blocks", "Multigrid", "multigrid"]
