"""`arc`: follow equilibria of a crack in (u, K) around folds, through the unstable ones.

    f(u, K) = 0,   t . (u - u0, K - K0) = ds        pseudo-arclength continuation (Keller 1977)

A load ramp stops where the bond at the tip breaks, at a fold of the branch. Behind it the branch
goes on with falling loads: the saddle points over which the crack advances by one column, until
they meet the minimum with the next bond open. The loads of the folds are the ends of the range of
lattice trapping, K- and K+ (Thomson, Hsieh and Rana 1971).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from qcmethod.base.arguments import as_numbers
from qcmethod.base.digest import digest
from qcmethod.base.door import door
from qcmethod.base.log import Logfile, logged
from qcmethod.base.types import Array, Facts
from qcmethod.coupling.choice import AnyMethod
from qcmethod.coupling.couple import couple
from qcmethod.coupling.system import System
from qcmethod.errors import ConvergenceError
from qcmethod.problems.crack import at_load
from qcmethod.problems.identity import identity
from qcmethod.problems.problem import Problem
from qcmethod.solve import require_fmax
from qcmethod.solve.jacobian import require_assembled
from qcmethod.solve.relax import relax
from qcmethod.solve.solution import Solution
from qcmethod.studies.arc.arguments import checked_load, checked_numbers, checked_reference
from qcmethod.studies.arc.branch import Branch
from qcmethod.studies.arc.corrector import Point, first_point
from qcmethod.studies.arc.curve import KIND, Curve, points_of
from qcmethod.studies.arc.point import ArcPoint
from qcmethod.studies.arc.result import ArcResult
from qcmethod.studies.given import sorted_out, told, with_words, without_reference
from qcmethod.studies.identity import ARGUMENTS, argument, facts_of
from qcmethod.studies.run import Run

COUNTS = 10.0
"""A change of the load by its whole counts like a corrector of this length, A."""


@door
@logged
def arc(
    problem: Problem,
    method: AnyMethod = "bgfc",
    core: float | None = None,
    blend: float | None = None,
    *,
    periods: float = 2.0,
    steps: int = 500,
    ds: float = 0.4,
    falling: bool = False,
    u: Array | Solution | None = None,
    reference: Array | str = "predictor",
    width: float = 1e-5,
    fmax: float = 1e-7,
    directory: str | Path | None = None,
    progress: bool | Callable[[ArcPoint], None] = False,
    logfile: Logfile = None,
    **given: Any,
) -> ArcResult:
    """Follow a branch of equilibria of a crack in load and displacement, around its folds.

    Parameters
    ----------
    problem : from `crack`; its loads hold for the modes that are not varied
    method, core, blend : as in `couple`, or a `Coupling`; energy or force methods, without
        reconstructed bonds
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
    directory : a folder that gets a line in a log and a state a point. A run that was killed is
        continued by the same call; a finished one is read
    progress : True prints a line a point; or a function of the `ArcPoint`
    logfile : gets these lines: "-" for standard output, the name of a file, or an open one
    given : besides the load `blending`, `grading`, `surface`, `metric`, ... of `couple`

    Returns
    -------
    ArcResult : `points`, `folds`, `trapping`, `solution(number)`, `plot(...)`, `write(...)`. A step
        that cannot be cut further, or a tip that leaves the core, ends the curve; what was found
        before stays, and `stopped` says why.

    Raises
    ------
    InputError, CouplingError : arguments of the wrong kind; a method whose Hessian is not
        assembled; a load that does not open the crack (ClosedCrackError) or that the crystal does
        not bear (OverloadedCrackError); another run's directory, or a damaged one.
    EngineError : a potential without second derivatives.
    ConvergenceError : no equilibrium at the first load.
    """
    made = told(arc, locals())
    varied, words = sorted_out(arc, given)
    method, reference = without_reference(method, reference)
    mode, K = checked_load(problem, **varied)
    checked_numbers(periods, steps, ds, width)
    fmax, first = require_fmax(fmax), None if u is None else _start(u)
    F = checked_reference(reference)
    options = words if F is None else words | {"reference": F}
    system = couple(at_load(problem, **{mode: K}), method, core, blend, **options)
    require_assembled(system)
    problem.watch.loaded(system)
    total = float(np.linalg.norm(list(system.problem.loads.values())))
    branch = Branch.of(system, mode, F, COUNTS / (abs(K) or total or 1.0))
    asked: Facts = {"periods": periods, "steps": steps, "ds": ds, "falling": falling}
    asked |= {"u": first, "width": width, "fmax": fmax, "reference": F}
    identity_of_run = _run(system, mode, K, float(ds), fmax, asked, with_words(method, words))
    with Run(KIND, identity_of_run, directory) as run:
        run.set_up(branch=branch, made=made)
        if (end := run.end) is None:
            curve = Curve(branch, fmax, progress, run)
            found = curve.resumed() or (_first(branch, u, K, fmax, falling), float(ds))
            stopped = curve.follow(*found, float(periods), steps, float(ds), float(width))
            run.close(stopped=stopped)
        else:
            stopped = end["stopped"]
        return ArcResult(branch, run.run, *points_of(run), stopped, made)


def _first(
    branch: Branch, u: Array | Solution | None, K: float, fmax: float, falling: bool
) -> Point:
    """The first point (ConvergenceError)."""
    start = relax(branch.system, min(1e-5, 1e2 * fmax), u=u)
    point = first_point(branch, start.u, K, fmax, not falling)
    if point is None:
        raise ConvergenceError(
            f"arc: Newton's method finds no equilibrium to {fmax:g} eV/A at {branch.mode} = {K:g}. "
            "Try another first load, or a larger fmax.",
            best=start,
        )
    return point


def _start(u: Array | Solution) -> Array:
    expected = "a corrector (n_k, 3), A, or a Solution of the same system"
    return u.u if isinstance(u, Solution) else as_numbers("u", u, expected)


def _run(
    system: System, mode: str, K: float, ds: float, fmax: float, asked: Facts, words: Facts
) -> Facts:
    """What makes two runs the same, for logs and files; `asked`, `words` : arguments by name."""
    problem = system.problem
    return {
        **facts_of(problem, system.body.mesh),
        "identity": identity(problem),
        "method": system.method.name,
        "core": system.core,
        "blend": system.blend,
        "mode": mode,
        "first": K,
        "ds": ds,
        "fmax": fmax,
        "asked": digest([list(asked.values()), sorted(words.items())]),
        ARGUMENTS: {name: argument(value) for name, value in {**words, **asked}.items()},
        "n_repatoms": system.n_repatoms,
        "patch_number": float(f"{system.patch_number:.6e}"),
    }
