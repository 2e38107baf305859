"""`arc`: follow equilibria of a crack in (u, K) around folds, through the unstable ones.

    f(u, K) = 0,   t . (u - u0, K - K0) = ds        pseudo-arclength continuation (Keller 1977)

A load ramp stops where the bond at the tip breaks, at a fold of the branch. Behind it the branch
goes on with falling loads: the saddle points over which the crack advances by one column, until
they meet the minimum with the next bond open. The loads of the folds are the ends of the range of
lattice trapping, K- and K+ (Thomson, Hsieh and Rana 1971).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

import qcmethod
from qcmethod.assembly import couple
from qcmethod.errors import ConvergenceError
from qcmethod.loading.arc_arguments import checked_load, checked_numbers, checked_reference
from qcmethod.loading.arc_curve import Curve
from qcmethod.loading.arc_point import ArcPoint
from qcmethod.loading.arc_result import ArcResult
from qcmethod.loading.branch import Branch
from qcmethod.loading.corrector import first_point
from qcmethod.loading.jacobian import require_assembled
from qcmethod.problem import Problem
from qcmethod.problems.crack import at_load
from qcmethod.solution import Solution, relax
from qcmethod.solve import require_fmax

Array = NDArray[np.float64]
COUNTS = 10.0
"""A change of the load by its whole counts like a corrector of this length, A."""


def arc(
    problem: Problem,
    method: str,
    core: float | None = None,
    blend: float | None = None,
    *,
    KI: float | None = None,
    KII: float | None = None,
    KIII: float | None = None,
    periods: float = 2.0,
    steps: int = 500,
    ds: float = 0.4,
    falling: bool = False,
    u: Array | Solution | None = None,
    reference: Array | str = "predictor",
    width: float = 1e-5,
    fmax: float = 1e-7,
    progress: bool | Callable[[ArcPoint], None] = False,
    **coupling: Any,
) -> ArcResult:
    """Follow a branch of equilibria of a crack in load and displacement, around its folds.

    Parameters
    ----------
    problem : from `crack`; its loads hold for the modes that are not varied
    method, core, blend : as in `couple`; energy or force methods, without reconstructed bonds
    KI, KII, KIII : the load at which to start, of the one mode that is varied, MPa sqrt(m)
    periods : stop when the tip has gone so many lattice periods along x, either way
    steps : stop after so many steps
    ds : longest step, A: root of the sum of squares of the changes of the corrector, in which a
        change of K by its first value counts as 10 A. Steps are cut where necessary
    falling : start with falling loads
    u : corrector (n_k, 3) or solution of the same system near which to start (default: `relax`)
    reference : where gfc and bgfc freeze their ghost force: "predictor" (of each load), or a
        homogeneous gradient (3, 3)
    width : loads of folds are located to this, MPa sqrt(m)
    fmax : of every point, eV/A
    progress : True prints a line a point; or a function of the `ArcPoint`
    coupling : `blending`, `grading`, `surface`, `metric`, ... of `couple`

    Returns
    -------
    ArcResult : `points`, `folds`, `trapping`, `solution(number)`, `plot(...)`, `write(...)`. A step
        that cannot be cut further, or a tip that leaves the core, ends the curve; what was found
        before stays, and `stopped` says why.

    Raises
    ------
    InputError, CouplingError : arguments of the wrong kind; a method whose Hessian is not
        assembled; flanks that touch where the core ends.
    ConvergenceError : no equilibrium at the first load.
    """
    mode, K = checked_load(problem, KI=KI, KII=KII, KIII=KIII)
    checked_numbers(periods, steps, ds, width)
    F = checked_reference(reference)
    options = coupling if F is None else coupling | {"reference": F}
    system = couple(at_load(problem, **{mode: K}), method, core, blend, **options)
    require_assembled(system)
    total = float(np.linalg.norm(list(system.problem.loads.values())))
    branch = Branch.of(system, mode, F, COUNTS / (abs(K) or total or 1.0))
    start = relax(system, min(1e-5, 1e2 * require_fmax(fmax)), u=u)
    point = first_point(branch, start.u, K, fmax, not falling)
    if point is None:
        raise ConvergenceError(
            f"arc: Newton's method finds no equilibrium to {fmax:g} eV/A at {mode} = {K:g}. "
            "Try another first load, or a larger fmax.",
            best=start,
        )
    run = {
        "version": qcmethod.__version__,
        "problem": problem.name,
        "potential": problem.crystal.potential.name,
        "method": method,
        "core": system.core,
        "blend": system.blend,
        "extent": problem.extent,
        "mode": mode,
        "first": K,
        "ds": ds,
        "fmax": fmax,
        "n_repatoms": system.n_repatoms,
        "patch_number": float(f"{system.patch_number:.6e}"),
    }
    curve = Curve(branch, fmax, progress)
    stopped = curve.follow(point, float(periods), steps, float(ds), float(width))
    return ArcResult(branch, run, tuple(curve.points), tuple(curve.states), stopped)
