"""`relax`: from a coupled system to its equilibrium, or a refusal that says what to try."""

from __future__ import annotations

from qcmethod.base.arguments import whole_number
from qcmethod.base.door import door
from qcmethod.base.log import Logfile, heard, logged, say
from qcmethod.base.told import remembered
from qcmethod.base.types import Array
from qcmethod.coupling.system import System
from qcmethod.errors import ConvergenceError, SaddleError, TipError
from qcmethod.solve import Progress, equilibrium, require_fmax
from qcmethod.solve.corrector import corrector_of
from qcmethod.solve.linear import Linear
from qcmethod.solve.solution import Solution, evaluated
from qcmethod.solve.until import Until


@door
@remembered()
@logged
def relax(
    system: System,
    fmax: float = 1e-5,
    *,
    u: Array | Solution | None = None,
    max_iterations: int = 200,
    progress: Progress | bool = False,
    logfile: Logfile = None,
) -> Solution:
    """Relax a coupled system.

    Parameters
    ----------
    system : from `couple`
    fmax : converged when no free node feels more, eV/A
    u : corrector to start from (n_k, 3) or a solution on the same mesh, e.g. of the last load
        (default: the predictor itself, or the atoms that the problem brings: `own_atoms`)
    max_iterations : of Newton's method
    progress : True prints a line an iteration; or a function of (iteration, fmax, energy)
    logfile : gets these lines: "-" for standard output, the name of a file, or an open one

    Raises
    ------
    ConvergenceError : tolerance not reached, or the contact left the core; `best` holds the last
        state, the message what to try. TipError: the crack tip is within a cut-off (a quarter of
        a small core) of the end of the core, or left the inner quarter of a cylinder of atoms.
    CouplingError : the flanks of a crack touch where the core ends; ClosedCrackError: also where
        the cylinder ends, so that nothing holds the crack open (without `u` only).
    OverloadedCrackError : the crystal does not bear the K-field (without `u` only).
    OffTableError, InvertedCellError : the start itself is outside the potential's range.
    """
    fmax = require_fmax(fmax, system.problem.crystal.potential)
    whole_number("max_iterations", max_iterations, "a number of iterations, 1 or more", least=1)
    return watched(system, fmax, u, max_iterations, _reporter(progress))


def watched(
    system: System,
    fmax: float,
    u: Array | Solution | None,
    max_iterations: int,
    report: Progress | None = None,
    lu: Linear | None = None,
    until: Until | None = None,
) -> Solution:
    """`relax` with checked numbers, for a study: with a solver of the elastic stiffness that it
    keeps, and, of a corrector, where to end before an equilibrium (EnoughError)."""
    start = corrector_of(system, u)
    watch = system.problem.watch
    if u is None and system.problem.start is None:
        watch.loaded(system)
    watch.before(system)
    if heard():
        say(f"{system}, ghost forces up to {system.patch_number:.1e} eV/A")
    try:
        return relaxed(system, start, fmax, max_iterations, report or _reporter(False), lu, until)
    except TipError:
        raise
    except ConvergenceError as error:
        hint = watch.hint(system.problem)
        if not hint:
            raise
        raise _said(error, f"{error} {hint}", error.best) from error


def relaxed(
    system: System,
    start: Array,
    fmax: float,
    max_iterations: int,
    report: Progress | None = None,
    lu: Linear | None = None,
    until: Until | None = None,
    kept: bool = True,
) -> Solution:
    """`watched` by the problem only where it arrives; kept : see `equilibrium`."""
    try:
        found = equilibrium(system, start, fmax, max_iterations, report, lu, until, kept)
        system.problem.watch.after(system, found.state)
    except ConvergenceError as error:
        raise _said(error, str(error), _last(system, error)) from error
    return Solution(
        system=system,
        u=found.state.u,
        forces=found.state.forces,
        excess_energy=found.state.energy,
        fmax=found.fmax,
        iterations=found.iterations,
        evaluations=found.evaluations,
        inner=found.inner,
        seconds=found.seconds,
        known_stability=found.stability,
    )


def _reporter(progress: Progress | bool) -> Progress:
    """What is done at every iteration."""

    def report(iteration: int, fmax: float, energy: float | None) -> None:
        tail = "" if energy is None else f"   excess energy {energy:16.8f} eV"
        say(f"  {iteration:4d}   fmax {fmax:10.3e} eV/A{tail}")
        if callable(progress):
            progress(iteration, fmax, energy)

    return report


def _last(system: System, error: ConvergenceError) -> Solution | None:
    """The last good state as a Solution of the system: that of a twin has its forces anew."""
    u = getattr(error.best, "u", None)
    return None if u is None else evaluated(system, u, iterations=error.iterations)


def _said(error: ConvergenceError, message: str, best: object) -> ConvergenceError:
    """An error of the same class that says more."""
    more = (error.softest,) if isinstance(error, SaddleError) else ()
    return type(error)(message, best, error.iterations, *more)
