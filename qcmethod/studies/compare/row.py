"""A row of a study: the numbers of one case, or why there are none."""

from __future__ import annotations

from dataclasses import dataclass, fields

from qcmethod.base.types import Facts
from qcmethod.io.declared import require_declared
from qcmethod.studies.compare.case import Case


@dataclass(frozen=True)
class Row:
    """The numbers of one case; None where there is none, all of them where it failed.

    Attributes
    ----------
    case : method, core, blend, extent, options
    reason : why it failed, None if it did not
    repatoms, dof : nodes that carry the displacement, free components of displacement
    error : energy norm of the error, relative (`studies.compare.measure`)
    absolute : the same, not divided, A^(dim/2)
    gradient, displacement : largest error of the displacement gradient, and of the displacement
        (A), about the defect
    energy, energy_error : comparable energy and its error, eV per period (`analysis.corrector`)
    iterations, evaluations, products : Newton steps, force evaluations, Jacobian products
    seconds, cpu_seconds : wall time of the solver, and processor time of its thread, which other
        cases side by side do not stretch
    setup_seconds : wall time of mesh, weights and frozen forces before it
    fmax : largest residual force, eV/A
    ghost_strained, ghost_predictor : worst ghost force on perfect, strained crystal
        (`System.patch_number`), and at the predictor of the problem, eV/A
    stability : inf <E''v, v>/<K v, v> of an energy method (`studies.compare.stability`)
    twin_stability : of a force method, that of its conservative twin at the solution
    """

    case: Case
    reason: str | None = None
    repatoms: int | None = None
    dof: int | None = None
    error: float | None = None
    absolute: float | None = None
    gradient: float | None = None
    displacement: float | None = None
    energy: float | None = None
    energy_error: float | None = None
    iterations: int | None = None
    evaluations: int | None = None
    products: int | None = None
    seconds: float | None = None
    cpu_seconds: float | None = None
    setup_seconds: float | None = None
    fmax: float | None = None
    ghost_strained: float | None = None
    ghost_predictor: float | None = None
    stability: float | None = None
    twin_stability: float | None = None

    @property
    def failed(self) -> bool:
        """Whether there is a reason instead of numbers."""
        return self.reason is not None

    def record(self) -> dict[str, object]:
        """For JSON; floats survive exactly."""
        return {**vars(self), "case": self.case.record()}

    @classmethod
    def of(cls, values: Facts) -> Row:
        """The inverse of `record`; TypeError or KeyError for anything else."""
        parts = {**values, "case": Case.of(values["case"])}
        require_declared(cls, parts)
        return cls(**parts)


NUMBERS = tuple(f.name for f in fields(Row) if f.name not in ("case", "reason"))
