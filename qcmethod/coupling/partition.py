"""Where atoms end and the continuum begins: a method with its core and its blending zone."""

from __future__ import annotations

from dataclasses import dataclass, replace

from qcmethod.base.stored import stored
from qcmethod.coupling.method import Method


@stored
@dataclass(frozen=True)
class Partition:
    """A method on lengths.

    Attributes
    ----------
    method : the coupling method
    core : radius of the atomistic core about the defect, A (of all atoms: the extent)
    blend : width of the blending zone, A (0 of sharp methods)
    blending : name of the ramp across it, one of `base.ramps`, or "min-hessian"
    """

    method: Method
    core: float
    blend: float
    blending: str

    @property
    def outer(self) -> float:
        """Distance from the defect at which the continuum is alone, A."""
        return self.core + self.blend

    def by(self, method: Method) -> Partition:
        """The same lengths with another method of the same beta."""
        return replace(self, method=method)
