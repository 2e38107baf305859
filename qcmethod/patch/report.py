"""What a patch test found: one row a gradient, the forces themselves, and a verdict in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class PatchRow:
    """Ghost forces at one gradient.

    Attributes
    ----------
    name, F : the gradient (3, 3)
    worst, rms : largest and root-mean-square force over the free repatoms, eV/A
    position : (3,) reference position of the worst repatom, A
    net : (3,) sum of the forces, eV/A
    rounding : bound of the rounding error on the coarsest repatom, eV/A
    passes : every repatom is below the tolerance (and its rounding)
    uncorrected : worst ghost force of the plain energy with the same blending, eV/A: what the
        test was able to find (None for methods without an interface)
    """

    name: str
    F: Array
    worst: float
    rms: float
    position: Array
    net: Array
    rounding: float
    passes: bool
    uncorrected: float | None


@dataclass(frozen=True)
class PatchReport:
    """The result of `patch_test`; print it for a table.

    Attributes
    ----------
    system : what was tested (potential, crystal, problem, core, blend, ...)
    method : name of the coupling
    tolerance : eV/A
    F_ref : (3, 3) the problem's own homogeneous gradient
    rows : one `PatchRow` a gradient
    forces : ghost forces (n_k, 3) by name of the gradient, eV/A, zero where not free
    x_k, free : (n_k, 3) and (n_k,) reference positions of these nodes, which of them are free
    skipped : gradients of the battery at which the crystal is unstable, with the reason
    predictor, predictor_position : worst ghost force that the system carries at the predictor of
        its own problem, eV/A, and where, A (0 if it is corrected there)
    """

    system: dict[str, object]
    method: str
    tolerance: float
    F_ref: Array
    rows: tuple[PatchRow, ...]
    forces: dict[str, Array]
    x_k: Array
    free: NDArray[np.bool_]
    skipped: dict[str, str]
    predictor: float
    predictor_position: Array

    @property
    def worst(self) -> float:
        """Largest ghost force over all gradients, eV/A."""
        return max(row.worst for row in self.rows)

    @property
    def reference(self) -> PatchRow | None:
        """The row at the problem's own gradient, if it was tested."""
        at = [row for row in self.rows if np.allclose(row.F, self.F_ref, rtol=0.0, atol=1e-14)]
        return at[0] if at else None

    @property
    def at_reference(self) -> float:
        """Largest ghost force at the problem's own gradient, eV/A (nan if it was not tested)."""
        return self.reference.worst if self.reference else float("nan")

    @property
    def passes(self) -> bool:
        """Whether every repatom passes at every gradient."""
        return all(row.passes for row in self.rows)

    @property
    def vacuous(self) -> tuple[str, ...]:
        """Gradients at which not even the plain energy has a ghost force: they test nothing."""
        plain = {row.name: row.uncorrected for row in self.rows}
        return tuple(k for k, f in plain.items() if f is not None and f <= self.tolerance)

    @property
    def verdict(self) -> str:
        """The result in one sentence."""
        if len(self.vacuous) == len(self.rows):
            return f"{self.method}: the test is vacuous, the plain energy has no ghost force"
        if self.passes:
            return f"{self.method} passes at every gradient (worst {self.worst:.1e} eV/A)"
        top = max((row for row in self.rows if not row.passes), key=lambda row: row.worst)
        if self.reference and self.reference.passes:
            elsewhere = f"largest elsewhere {top.worst:.3g} eV/A, {top.name}"
            return f"{self.method} passes at the reference only ({elsewhere})"
        where = f"{top.name}, x = {_point(top.position)} A"
        return f"{self.method} does not pass: {top.worst:.3g} eV/A ({where})"

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader should know before trusting the verdict."""
        notes = [f"skipped {name}: {reason}" for name, reason in self.skipped.items()]
        if all(row.uncorrected is None for row in self.rows):
            return (*notes, "no interface: atoms or continuum only, nothing to couple")
        if self.vacuous:
            which = ", ".join(self.vacuous)
            notes.append(f"vacuous at {which}: the plain energy has no ghost force there")
        return tuple(notes)

    def __str__(self) -> str:
        """An aligned table in plain text."""
        from qcmethod.patch.table import render

        return render(self)

    def as_dict(self) -> dict[str, Any]:
        """Everything but the force arrays, ready for JSON."""
        return {
            "method": self.method,
            "system": self.system,
            "tolerance": self.tolerance,
            "verdict": self.verdict,
            "passes": self.passes,
            "worst": self.worst,
            "at_reference": None if self.reference is None else self.at_reference,
            "predictor": self.predictor,
            "predictor_position": self.predictor_position.tolist(),
            "vacuous": list(self.vacuous),
            "notes": list(self.notes),
            "rows": [
                {k: v.tolist() if isinstance(v, np.ndarray) else v for k, v in vars(row).items()}
                for row in self.rows
            ],
        }


def _point(x: Array) -> str:
    return f"({x[0]:.1f}, {x[1]:.1f})"
