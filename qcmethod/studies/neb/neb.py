"""`neb`: the barrier between two equilibria of one system.

    F_i = f_i - (f_i . t_i) t_i + k (|u_i+1 - u_i| - |u_i - u_i-1|) t_i,    F_top = f - 2 (f . t) t

the nudged elastic band with the improved tangent and a climbing image (Henkelman and Jonsson 2000,
J. Chem. Phys. 113, 9978; Henkelman, Uberuaga and Jonsson 2000, 113, 9901), by ASE on the repatoms.
The images are correctors between the two given. A band is stiff along itself and slow; its top is
near enough to the saddle for Newton's method, which ends there in a few steps (`solve.saddle`).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from ase.mep import NEB
from ase.optimize import FIRE
from numpy.typing import ArrayLike

from qcmethod.base.arguments import finite, number, whole_number
from qcmethod.base.door import door
from qcmethod.base.log import Logfile, logged, say
from qcmethod.base.types import Array
from qcmethod.coupling.system import System
from qcmethod.errors import ConvergenceError, InputError, NoEnergyError
from qcmethod.problems.identity import identity
from qcmethod.solve import require_fmax
from qcmethod.solve.jacobian import require_assembled
from qcmethod.solve.linear import elastic
from qcmethod.solve.repatoms import Repatoms, repatoms
from qcmethod.solve.saddle import Stationary, stationary_near
from qcmethod.solve.saddle_in_space import climbed, saddle_near
from qcmethod.solve.solution import Solution, evaluated
from qcmethod.studies.neb.band import Band
from qcmethod.studies.neb.in_space import Chain

SPRING = 0.1
"""eV/A^2, ASE's own."""
TIGHTER = 4.0
"""Where Newton's method does not find the saddle, the band is relaxed to this part, and again."""
TRIES = 3
MOST = 1000
"""Images: more are a mistake."""
SAME = 1e-3
"""Two states whose atoms are all this near, A, are one."""
Report = Callable[[int, float, float], object]
Top = tuple[int, Stationary]
"""The number of an image, and the saddle beside it."""


@door
@logged
def neb(
    first: Solution,
    last: Solution,
    images: int = 7,
    *,
    fmax: float = 1e-5,
    band: float = 0.02,
    through: ArrayLike | None = None,
    max_iterations: int = 500,
    progress: Report | bool = False,
    logfile: Logfile = None,
) -> Band:
    """The saddle and the barrier between two equilibria.

    Parameters
    ----------
    first, last : minima of one system (the same mesh, method and load), e.g. `relax(system)` and
        `relax(system, u=moved(first))`. Of an energy method
    images : states of the band, both ends counted, 4 or more. With several saddles on the way the
        highest one is found, if an image is near it
    fmax : largest force at the saddle, eV/A
    band : largest force across the band on the other images, eV/A: how well it shows the path
    through : (images - 2, n_k, 3) correctors that the band starts from between its ends, A
        (default: on the straight way), e.g. `kink_pairs(first, last, images)`, or
        `band.states[1:-1]` of one that was not relaxed: it goes on from there
    max_iterations : of the band (FIRE), in all
    progress : True prints a line an iteration; or a function of (iteration, force, barrier)
    logfile : gets these lines: "-" for standard output, the name of a file, or an open one

    Returns
    -------
    Band : `barrier` and `reverse` in eV per period of the line or front, `saddle` (a Solution),
        `unstable`, `energies` and `states` of the images; `plot(...)`, `write(...)`.

    Raises
    ------
    InputError : states of two systems, or of one place; ends that are not relaxed to `band`
    NoEnergyError : a method of forces: a barrier is a difference of energies, and the work of its
        forces depends on the way
    CouplingError : P2 elements, and methods whose Hessian is not assembled (grac, qnl)
    EngineError : a potential without second derivatives
    ConvergenceError : the band is not relaxed, or has no top between its ends, or (in the plane)
        Newton's method finds no saddle with one unstable direction beside it; `best` is the Band as
        it is

    On a mesh in space the saddle is the climbing image, relaxed to a quarter of `band`, where
    Newton's method finds none beside it: kinks glide along their line over barriers that are a
    thousandth of that which is asked, so the top is flat. Its `unstable` says how many directions
    lead down.
    OffTableError, InvertedCellError : an image that the potential or the continuum refuses
    """
    fmax = require_fmax(fmax, first.system.problem.crystal.potential)
    tolerance = number("band", band, "a force in eV/A", above=0.0)
    images = whole_number("images", images, "images, 4 or more, ends counted", least=4, most=MOST)
    whole_number("max_iterations", max_iterations, "a number of iterations, 1 or more", least=1)
    _require_ends(first, last, tolerance)
    between = _between(first, last, images, through)
    if first.system.problem.crystal.lattice.dim == 3:
        return _in_space(first, last, between, fmax, tolerance, max_iterations, progress)
    chain = [repatoms(first.system, u) for u in between]
    path = NEB(chain, k=SPRING, method="improvedtangent")
    relaxed = FIRE(path, logfile=None)
    relaxed.attach(lambda: _said(path, relaxed.nsteps, progress))

    def found(saddle: Top | None) -> Band:
        return _band(first, last, chain, path, relaxed.nsteps, saddle)

    for climb, share in ((False, TIGHTER), *((True, TIGHTER**-n) for n in range(TRIES))):
        path.climb = climb
        if not relaxed.run(fmax=share * tolerance, steps=max_iterations - relaxed.nsteps):
            raise _refused(f"not relaxed after {relaxed.nsteps} iterations", found(None))
        if not climb:
            continue
        if max(path.energies[1:-1]) <= max(path.energies[0], path.energies[-1]):
            raise _refused("no image lies above both ends", found(None))
        if (saddle := _highest(chain, path.energies, fmax)) is not None:
            return found(saddle)
    raise _refused("its top leads to no saddle with one unstable direction", found(None))


def _between(first: Solution, last: Solution, images: int, through: ArrayLike | None) -> Array:
    """The images (m, n_k, 3), on the straight way between two correctors or as they are given."""
    if through is not None:
        shape = (images - 2, *first.u.shape)
        given = finite("through", through, shape, f"finite correctors {shape} between the ends")
        return np.concatenate([first.u[None], given, last.u[None]])
    ways = np.linspace(0.0, 1.0, images)
    return np.stack([(1.0 - s) * first.u + s * last.u for s in ways])


def _in_space(
    first: Solution,
    last: Solution,
    between: Array,
    fmax: float,
    tolerance: float,
    most: int,
    progress: Report | bool,
) -> Band:
    """`neb` on a mesh in space: no Hessian is factorised there."""
    system = first.system
    lu = elastic(system)
    chain = Chain.of(system, between, lu)

    def said(chain: Chain) -> None:
        top = float(chain.energies.max() - chain.energies[0])
        _told(chain.iterations, top, chain.residual)
        if callable(progress):
            progress(chain.iterations, chain.residual, top)

    def found(saddle: Stationary | None) -> Band:
        at, unstable = evaluated(system, chain.states[chain.top]), None
        if saddle is not None:
            work = (saddle.iterations, saddle.evaluations)
            at, unstable = evaluated(system, saddle.u, *work), saddle.unstable
        energies = chain.energies - chain.energies[0]
        work_of_band = (chain.residual, chain.iterations)
        return Band(first, last, chain.states, energies, at, unstable, chain.top, *work_of_band)

    for climb, share in ((False, TIGHTER), *((True, TIGHTER**-n) for n in range(TRIES - 1))):
        if not chain.relax(climb, share * tolerance, most, said):
            raise _refused(f"not relaxed after {chain.iterations} iterations", found(None))
        if not climb:
            continue
        top = chain.top
        if chain.energies[top] <= max(chain.energies[0], chain.energies[-1]):
            raise _refused("no image lies above both ends", found(None))
        saddle = saddle_near(system, chain.states[top], chain.tangent(top), fmax, lu)
        if saddle is not None and saddle.unstable == 1:
            return found(saddle)
    return found(climbed(system, chain.states[chain.top], lu))


def _highest(chain: list[Repatoms], energies: Array, fmax: float) -> Top | None:
    """The highest of the saddles beside images that lie above their neighbours.

    Which of two tops is the higher one is not known before both saddles are: None where the one
    beside an image that lies above all that were found was not.
    """
    states = np.stack([image.u for image in chain])
    steps = np.sqrt((np.diff(states, axis=0) ** 2).sum(axis=(1, 2)))
    tops: list[Top] = []
    missed = -np.inf
    for n in range(1, len(chain) - 1):
        if energies[n] < max(energies[n - 1], energies[n + 1]):
            continue
        saddle = stationary_near(chain[n].calc.system, states[n], fmax)
        reach = max(steps[n - 1], steps[n])
        if saddle and saddle.unstable == 1 and np.linalg.norm(saddle.u - states[n]) <= reach:
            tops.append((n, saddle))
        else:
            missed = max(missed, energies[n])
    best = max(tops, key=lambda top: top[1].energy or 0.0, default=None)
    return best if best and (best[1].energy or 0.0) >= missed else None


def _band(
    first: Solution,
    last: Solution,
    chain: list[Repatoms],
    path: NEB,
    iterations: int,
    found: Top | None,
) -> Band:
    states, top, unstable = np.stack([image.u for image in chain]), int(path.imax), None
    at = evaluated(first.system, states[top])
    if found is not None:
        top, saddle = found
        work = (saddle.iterations, saddle.evaluations)
        at, unstable = evaluated(first.system, saddle.u, *work), saddle.unstable
    energies: Array = np.array(path.energies) - path.energies[0]
    work_of_band = (float(path.get_residual()), iterations)
    return Band(first, last, states, energies, at, unstable, top, *work_of_band)


def _said(path: NEB, iteration: int, progress: Report | bool) -> None:
    """A line of the band."""
    over, force = float(np.max(path.energies) - path.energies[0]), float(path.get_residual())
    _told(iteration, over, force)
    if callable(progress):
        progress(iteration, force, over)


def _told(iteration: int, over: float, force: float) -> None:
    say(f"  {iteration:4d}   band {force:10.3e} eV/A   top {over:12.6f} eV")


def _refused(why: str, found: Band) -> ConvergenceError:
    hint = "more images, a tighter band=, ends nearer to each other (one barrier at a time)"
    return ConvergenceError(f"neb: {why}: {found!r}. Try {hint}.", found, found.iterations)


def _require_ends(first: Solution, last: Solution, band: float) -> None:
    """Refuse ends between which there is no band (InputError, NoEnergyError, CouplingError)."""
    system = first.system
    if not system.method.conservative:
        raise NoEnergyError(
            f"neb: {system.method.name} has forces but no energy, so a way between two states has "
            "a work and no barrier. Try: the energy method bgfc (gfc for qcf)"
        )
    if system.problem.crystal.lattice.dim < 3:
        require_assembled(system)
    if not _same(system, last.system):
        expected = "a state of the system of `first`: the same problem, load, mesh and method"
        raise InputError("last", last, expected, "relax(first.system, u=...)")
    for name, end in (("first", first), ("last", last)):
        if end.fmax > band:
            raise InputError(name, end, f"a state relaxed to {band:g} eV/A", "relax(system, fmax)")
    if np.abs(last.u - first.u).max() < SAME:
        raise InputError("last", last, "another equilibrium than `first`", "relax(system, u=...)")


def _same(one: System, other: System) -> bool:
    if one is other:
        return True
    mesh, its = one.body.mesh, other.body.mesh
    return (
        one.method.name == other.method.name
        and one.zero.shape == other.zero.shape
        and np.array_equal(mesh.ij, its.ij)
        and np.array_equal(one.weights.beta_k, other.weights.beta_k)
        and np.array_equal(one.g, other.g)
        and identity(one.problem) == identity(other.problem)
    )
