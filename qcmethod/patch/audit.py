"""The force patch test: perfect crystal at y = F x is in equilibrium, so every force is spurious.

    f_k(F) = -dE/du_k at y = F x, u = 0 (energy methods),   or the force field itself

An exact coupling gives f = 0 at all free repatoms for every F (Ortner and Zhang 2012; Luskin and
Ortner 2013, Acta Numerica 22, 397). The test uses the mesh, blending field and weights
of the system at hand, its defect healed and its crack closed. Frozen corrections (gfc, bgfc) are
frozen at the homogeneous reference y* = F_ref x, where they cancel the ghost force exactly.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qcmethod.errors import InputError, InvertedCellError, OffTableError, UnstableCrystalError
from qcmethod.patch.battery import battery, named
from qcmethod.patch.report import PatchReport, PatchRow
from qcmethod.patch.rounding import rounding_error
from qcmethod.system import System, ghost_force

Array = NDArray[np.float64]


def patch_test(
    system: System,
    gradients: Mapping[str, ArrayLike] | Iterable[ArrayLike] | None = None,
    tolerance: float = 1e-10,
    *,
    magnitude: float = 0.02,
) -> PatchReport:
    """Ghost forces of a system's coupling on perfect crystal at several homogeneous gradients.

    Parameters
    ----------
    system : from `couple`; its problem's defect is healed for the test
    gradients : F by name, or a list of them, (3, 3) from the stress-free crystal, third column
        (0, 0, 1) (default: `battery` about the problem's own F, without what is unstable)
    tolerance : largest force that passes, eV/A
    magnitude : strain of the battery

    Raises
    ------
    InputError : a tolerance, magnitude or gradient that cannot be used
    UnstableCrystalError, OffTableError, InvertedCellError : a gradient given by the caller at
        which the crystal is unstable or the potential undefined
    """
    if not (np.isfinite(tolerance) and tolerance > 0.0):
        raise InputError("tolerance", tolerance, "a positive force in eV/A, e.g. 1e-10")
    F_ref = system.problem.predictor.F
    components = system.problem.crystal.lattice.n_components
    wanted = named(gradients) if gradients is not None else battery(F_ref, components, magnitude)
    patch = system.pristine(F_ref)
    rows, forces, skipped = [], {}, {}
    for name, F in wanted.items():
        try:
            at_F = patch.at_gradient(F)
            row, forces[name] = _row(at_F, name, F, tolerance)
        except (UnstableCrystalError, OffTableError, InvertedCellError) as error:
            if gradients is not None:
                raise
            skipped[name] = str(error)
            continue
        rows.append(row)
    at_predictor = np.linalg.norm(ghost_force(system, system.zero), axis=1)
    worst = int(at_predictor.argmax())
    return PatchReport(
        system=_describe(system),
        method=system.method.name,
        tolerance=float(tolerance),
        F_ref=F_ref,
        rows=tuple(rows),
        forces=forces,
        x_k=patch.body.x_k,
        free=np.asarray(patch.free.any(axis=1)),
        skipped=skipped,
        predictor=float(at_predictor[worst]),
        predictor_position=system.body.x_k[worst],
    )


def _row(system: System, name: str, F: Array, tolerance: float) -> tuple[PatchRow, Array]:
    """One gradient: what the forces (n_k, 3) of the pristine system at F amount to."""
    free = system.free
    f = np.where(free, system.model.at(system.zero).forces, 0.0)
    size = np.linalg.norm(f, axis=1)
    count = max(int(free.any(axis=1).sum()), 1)
    worst = int(size.argmax())
    rounding = rounding_error(system, F)
    row = PatchRow(
        name=name,
        F=F,
        worst=float(size[worst]),
        rms=float(np.sqrt((size**2).sum() / count)),
        position=system.body.x_k[worst],
        net=f.sum(axis=0),
        rounding=float(rounding[free.any(axis=1)].max(initial=0.0)),
        passes=bool((size <= tolerance + rounding).all()),
        uncorrected=_uncorrected(system, f),
    )
    return row, f


def _uncorrected(system: System, f: Array) -> float | None:
    """Worst ghost force of the plain energy with the same beta: what the test could have found.

    None where the method has no interface.
    """
    if system.method.beta in ("zero", "one"):
        return None
    if system.method.kind == "energy":
        plain = f - np.where(system.free, system.g, 0.0)
    else:
        forces = system.energy_model.at(system.zero).forces
        plain = np.where(system.free, forces, 0.0)
    return float(np.linalg.norm(plain, axis=1).max())


def _describe(system: System) -> dict[str, object]:
    """What was tested, for the head of a table."""
    crystal, method = system.problem.crystal, system.method
    out: dict[str, object] = {
        "potential": crystal.potential.name,
        "crystal": crystal.lattice.structure,
        "problem": system.problem.name,
        "loads": dict(system.problem.loads),
        "extent": system.problem.extent,
        "sites": system.n_sites,
        "repatoms": system.n_repatoms,
    }
    if method.beta in ("sharp", "smooth"):
        out["core"] = system.core
    if method.beta == "smooth":
        out |= {"blend": system.blend, "blending": system.blending}
    return out
