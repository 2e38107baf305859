"""The force patch test: perfect crystal at y = F x is in equilibrium, so every force is spurious.

    f_k(F) = -dE/du_k at y = F x, u = 0 (energy methods),   or the force field itself

An exact coupling gives f = 0 at all free repatoms for every F (Ortner and Zhang 2012; Luskin and
Ortner 2013, Acta Numerica 22, 397). The test uses the mesh, blending field and weights
of the system at hand, its defect healed and its crack closed. Frozen corrections (gfc, bgfc) are
frozen at the homogeneous reference y* = F_ref x, where they cancel the ghost force exactly.
Energies do not tell: E(F)/n = W(F) per site is exact in every energy method; its error is reported.
Nor do forces tell a wrong law of the cells: its stress is held against that of atoms (`mismatch`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from numpy.typing import ArrayLike

from qcmethod.analysis.patch.battery import SEED, battery, named
from qcmethod.analysis.patch.measure import row_at, row_at_predictor
from qcmethod.analysis.patch.mismatch import stress_mismatch
from qcmethod.analysis.patch.report import PatchReport
from qcmethod.base.arguments import number
from qcmethod.base.door import door
from qcmethod.coupling.system import System
from qcmethod.errors import InputError, InvertedCellError, OffTableError, UnstableCrystalError
from qcmethod.solve.solution import Solution

TOLERANCE = 1e-10
"""Largest force that passes, eV/A: rounding of a micrometre is a thousand times smaller."""
MISMATCH = 1e-2
"""Largest difference of stresses that passes, relative: a tabulated law has a tenth of it."""
MAGNITUDE = 0.02
"""Strain of the battery; its largest gradients have 1.5 times as much."""


@door
def patch_test(
    system: System | Solution,
    gradients: Mapping[str, ArrayLike] | Iterable[ArrayLike] | None = None,
    tolerance: float = TOLERANCE,
    *,
    magnitude: float = MAGNITUDE,
    seed: int = SEED,
    mismatch: float = MISMATCH,
) -> PatchReport:
    """Ghost forces of a system's coupling on perfect crystal at several homogeneous gradients.

    Parameters
    ----------
    system : from `couple` (or the solution of one); its problem's defect is healed for the test
    gradients : F by name, or a list of them, (3, 3) from the stress-free crystal; with a period
        along z third column (0, 0, 1) (default: `battery` about the problem's own F, without what
        is unstable)
    tolerance : largest force that passes, eV/A
    magnitude : strain of the battery
    seed : of the battery's random gradients
    mismatch : largest difference between the stresses of the cells and of the atoms that passes,
        over the largest stress at these gradients

    Raises
    ------
    InputError : no system, or a tolerance, magnitude, seed, mismatch or gradient that cannot be
        used
    UnstableCrystalError, OffTableError, InvertedCellError : a gradient given by the caller at
        which the crystal is unstable or the potential undefined
    """
    system = getattr(system, "system", system)
    if not isinstance(system, System):
        hint = "qcmethod.couple(problem, method, ...)"
        raise InputError("system", system, "a System, or the Solution of one", hint)
    tolerance = number("tolerance", tolerance, "a positive force in eV/A, e.g. 1e-10", above=0.0)
    expected = "a positive part of the largest stress, e.g. 1e-2"
    mismatch = number("mismatch", mismatch, expected, above=0.0)
    F_ref = system.problem.predictor.F
    lattice = system.problem.crystal.lattice
    by_default = battery(F_ref, lattice.n_components, magnitude, seed, lattice.is_space)
    wanted = by_default if gradients is None else named(gradients, lattice.is_space)
    patch = system.pristine(F_ref)
    rows, forces, skipped = [], {}, {}
    for name, F in wanted.items():
        try:
            row, f = row_at(patch.at_gradient(F), name, tolerance)
        except (UnstableCrystalError, OffTableError, InvertedCellError) as error:
            if gradients is not None:
                raise
            skipped[name] = str(error)
            continue
        rows.append(row)
        forces[name] = f
    at_predictor, on_predictor = row_at_predictor(system, tolerance)
    return PatchReport(
        tested=system,
        pristine=patch,
        tolerance=tolerance,
        F_ref=F_ref,
        rows=tuple(rows),
        forces=forces,
        skipped=skipped,
        at_predictor=at_predictor,
        predictor_forces=on_predictor,
        mismatch=stress_mismatch(system, [row.F for row in rows]),
        mismatch_tolerance=mismatch,
        seed=None if gradients is not None or lattice.n_components == 1 else int(seed),
    )
