"""One case of a study: a method with one core, blending width and extent."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from qcmethod.base.types import Facts
from qcmethod.io.declared import require_declared
from qcmethod.problems.problem import Problem


@dataclass(frozen=True)
class Case:
    """One calculation of a study.

    Attributes
    ----------
    label : name of the curve, the method's own unless the study gives it another
    method : name of the coupling method
    core, blend : A; None where the method has none
    extent : radius of the domain, A
    options : further keywords of `couple`, plain numbers, texts and lists
    """

    label: str
    method: str
    core: float | None
    blend: float | None
    extent: float
    options: dict[str, Any] = field(default_factory=dict, hash=False)

    def __str__(self) -> str:
        zones = [f"{k} {v:g}" for k, v in (("core", self.core), ("blend", self.blend)) if v]
        return ", ".join([self.label, *zones, f"extent {self.extent:g} A"])

    def record(self) -> dict[str, object]:
        """Plain numbers, texts and lists, for JSON."""
        return {**vars(self), "options": dict(self.options)}

    @classmethod
    def of(cls, values: Facts) -> Case:
        """The inverse of `record`; TypeError for anything else."""
        require_declared(cls, values)
        return cls(**values)

    def restricted(self, problem: Problem) -> Problem:
        """The study's problem in the domain of this case."""
        return replace(problem, extent=self.extent)
