"""What a patch test found: one row a gradient, the forces themselves, and a verdict in words."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qcmethod.analysis.patch.battery import PREDICTOR
from qcmethod.analysis.patch.figures import PatchRow
from qcmethod.analysis.patch.table import render
from qcmethod.analysis.patch.verdict import notes, verdict
from qcmethod.base.door import door
from qcmethod.base.result import Result
from qcmethod.base.types import Array, Facts
from qcmethod.base.version import __version__
from qcmethod.coupling.summary import record
from qcmethod.coupling.system import System
from qcmethod.errors import InputError

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class PatchReport(Result):
    """The result of `patch_test`; print it for a table, `write` and `plot` it for the rest.

    Attributes
    ----------
    tested, pristine : the system, and the same coupling on perfect crystal at F_ref
    tolerance : eV/A
    F_ref : (3, 3) the problem's own homogeneous gradient
    rows : one `PatchRow` a gradient
    forces : ghost forces (n_k, 3) by name of the gradient, eV/A, zero where not free
    skipped : gradients of the battery at which the crystal is unstable, with the reason
    at_predictor : the row at the predictor of the problem at hand, defect and all: what the
        system carries before it is relaxed
    predictor_forces : its ghost forces, on the nodes of `tested`
    mismatch : largest difference between the stresses of the cells and of the atoms at these
        gradients, over the largest stress (None: no cells); see `patch.mismatch`
    mismatch_tolerance : the largest one that passes
    seed : of the random gradients (None if there are none)
    """

    tested: System
    pristine: System
    tolerance: float
    F_ref: Array
    rows: tuple[PatchRow, ...]
    forces: dict[str, Array]
    skipped: dict[str, str]
    at_predictor: PatchRow
    predictor_forces: Array
    mismatch: float | None
    mismatch_tolerance: float
    seed: int | None

    def __repr__(self) -> str:
        return f"PatchReport({self.verdict})"

    @property
    def method(self) -> str:
        """Name of the coupling."""
        return self.tested.method.name

    @property
    def x_k(self) -> Array:
        """(n_k, 3) reference positions of the nodes that `forces` belong to, A."""
        return self.pristine.body.x_k

    @property
    def free(self) -> NDArray[np.bool_]:
        """(n_k,) which of them are free."""
        return np.asarray(self.pristine.free.any(axis=1))

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
    def at_reference(self) -> float | None:
        """Largest ghost force at the problem's own gradient, eV/A (None if it was not tested)."""
        return self.reference.worst if self.reference else None

    @property
    def predictor(self) -> float:
        """Largest ghost force at the predictor of the problem, eV/A (0 if corrected there)."""
        return self.at_predictor.worst

    @property
    def energy_error(self) -> float | None:
        """Largest error of the energy per site over all gradients, eV (None: no energy)."""
        return max((r.energy_error for r in self.rows if r.energy_error is not None), default=None)

    @property
    def passes(self) -> bool:
        """Whether every repatom passes at every gradient, and the law of the cells."""
        return self.forces_pass and self.stresses_pass

    @property
    def forces_pass(self) -> bool:
        """Whether every repatom passes at every gradient."""
        return all(row.passes for row in self.rows)

    @property
    def stresses_pass(self) -> bool:
        """Whether the cells have the stress of the atoms."""
        return self.mismatch is None or self.mismatch <= self.mismatch_tolerance

    @property
    def vacuous(self) -> tuple[str, ...]:
        """Gradients at which not even the plain energy has a ghost force: they test nothing."""
        plain = {row.name: row.uncorrected for row in self.rows}
        return tuple(k for k, f in plain.items() if f is not None and f <= self.tolerance)

    @property
    def proves_nothing(self) -> bool:
        """Whether the test is vacuous at every gradient."""
        return len(self.vacuous) == len(self.rows)

    @property
    def verdict(self) -> str:
        """The result in one sentence."""
        return verdict(self)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader should know before trusting the verdict."""
        return notes(self)

    @door
    def at(self, gradient: str | None = None) -> tuple[PatchRow, Array, System]:
        """Row, forces (n_k, 3) and system at a gradient (default: the worst) or "predictor".

        Raises InputError for a name that was not tested.
        """
        if isinstance(gradient, str) and gradient == PREDICTOR:
            return self.at_predictor, self.predictor_forces, self.tested
        by_name = {row.name: row for row in self.rows}
        if gradient is None:
            gradient = max(by_name, key=lambda name: by_name[name].worst)
        if not isinstance(gradient, str) or gradient not in by_name:
            raise InputError("gradient", gradient, f"one of {[*by_name, PREDICTOR]}")
        row = by_name[gradient]
        return row, self.forces[gradient], self.pristine.at_gradient(row.F)

    def __str__(self) -> str:
        """An aligned table in plain text."""
        return render(self)

    @door
    def as_dict(self) -> Facts:
        """Everything but the force arrays, ready for JSON."""
        return self.record()

    @door
    def record(self) -> dict[str, object]:
        """The same: the numbers of the `.json` file."""
        return {
            "qcmethod": __version__,
            "method": self.method,
            "system": record(self.tested),
            "tolerance": self.tolerance,
            "verdict": self.verdict,
            "passes": self.passes,
            "forces_pass": self.forces_pass,
            "law": self.tested.law,
            "mismatch": self.mismatch,
            "mismatch_tolerance": self.mismatch_tolerance,
            "worst": self.worst,
            "at_reference": self.at_reference,
            "predictor": self.predictor,
            "energy_error": self.energy_error,
            "vacuous": list(self.vacuous),
            "skipped": dict(self.skipped),
            "notes": list(self.notes),
            "seed": self.seed,
            "rows": [row.record() for row in self.rows],
            "at_predictor": self.at_predictor.record(),
        }

    @door
    def write(self, path: str | Path, gradient: str | None = None) -> Path:
        """Write the report: `.json`, `.vtu` (mesh, ParaView) or `.xyz` (repatoms, OVITO).

        gradient : of the array `ghost_force` of the last two (default: the worst; or "predictor")

        Raises InputError for another suffix or gradient. A file is complete or absent.
        """
        return super().write(path, gradient)

    @door
    def plot(
        self,
        path: str | Path | None = None,
        gradient: str | None = None,
        *,
        zoom: float | None = None,
        dpi: int = 200,
        ax: Axes | None = None,
    ) -> Any:
        """Draw the map of the ghost forces at a gradient (default: the worst; or "predictor").

        path, ax : a file, None for the Matplotlib figure, or an axis for the map alone (`Drawn`)
        zoom : half-width of the map, A (default: the core, the blending zone and a cut-off)

        Raises InputError.
        """
        return super().plot(path, gradient, zoom, ax=ax, dpi=dpi)
