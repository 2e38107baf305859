"""What a potential can; what a method needs of it is stated in the same words."""

from __future__ import annotations

from enum import Flag, auto


class Can(Flag):
    """What a potential provides. Forces are enough for `atomistic`, `qcf` and `bqcf`."""

    FORCES = auto()
    """Energy and forces of all atoms together."""
    SITE_ENERGY = auto()
    """Energies of single sites: the sum can be weighted."""
    STRESS = auto()
    """Energy and stress of homogeneously deformed crystal: cells."""
    HESSIAN = auto()
    """Second derivatives by formula, not by differences of gradients."""
    CENTRAL = auto()
    """A kernel of this package, whose sites can be asked for one by one with given bonds:
    reconstruction (`qnl`, `grac`) and clusters."""


NATIVE = Can.FORCES | Can.SITE_ENERGY | Can.STRESS | Can.HESSIAN | Can.CENTRAL
"""What every form of `potentials.forms` can."""
