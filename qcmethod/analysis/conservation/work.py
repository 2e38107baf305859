"""Work around closed loops of displacements: what it means that forces are not conservative.

    u(t) = u + a [(cos t - 1) p + sin t q],    W = closed integral of f . du
    W = pi a^2 p . (K - K^T) q + O(a^3),       K = -df/du

Forces of an energy return it: W = 0 for every loop. A force field whose Jacobian is not symmetric
does not (Dobson, Luskin and Ortner 2010), and the loop run the other way takes the same work out.
The integrand is periodic, so the trapezoidal rule converges faster than any power of the number of
points where f is smooth (Trefethen and Weideman 2014, SIAM Review 56, 385), and like one where a
tabulated f has kinks; the points are doubled until the work no longer changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qcmethod.analysis.conservation.curl import Jacobian
from qcmethod.analysis.conservation.loops import interface_loops, require_loops
from qcmethod.base.arguments import number
from qcmethod.base.door import door
from qcmethod.base.result import Written
from qcmethod.base.types import Array, Facts
from qcmethod.coupling.system import System
from qcmethod.errors import ConvergenceError
from qcmethod.solve.corrector import FARTHEST, corrector_of
from qcmethod.solve.solution import Solution

MOST_POINTS = 4096


@dataclass(frozen=True, eq=False)
class LoopWork(Written):
    """What `loop_work` found; print it for a table.

    Attributes
    ----------
    method, kind : name of the coupling, "energy" or "force"
    amplitude : largest displacement of a repatom along p and along q, A
    work : (n,) work that the forces do around each loop, eV; positive: gained at every turn
    error : (n,) larger of its last two changes as the points were doubled, eV
    points : (n,) evaluations of the forces
    curl : (n,) p . (K - K^T) q, eV/A^2: work over enclosed area (pi a^2) of a small loop
    gross : (n,) closed integral of |f . du|, eV: the work exchanged, of which `work` is the rest
    length : (n,) length of each path, A, in the Euclidean norm over all repatoms
    largest_curl : eV/A^2, largest modulus of the eigenvalues of K - K^T: |curl| is at most this
        times |p| |q| (Euclidean norms) for any loop, and reaches it for one; 0 for an energy
    """

    method: str
    kind: str
    amplitude: float
    work: Array
    error: Array
    points: NDArray[np.int64]
    curl: Array
    gross: Array
    length: Array
    largest_curl: float

    @property
    def worst(self) -> float:
        """Largest |work| of the loops, eV."""
        return float(np.abs(self.work).max())

    @property
    def relative(self) -> float:
        """Largest |work| over the work exchanged along its loop."""
        return float((np.abs(self.work) / np.maximum(self.gross, 1e-300)).max())

    def __str__(self) -> str:
        head = (
            f"Loop work of {self.method} ({self.kind} method), amplitude {self.amplitude:g} A, "
            f"largest curl {self.largest_curl:.3g} eV/A^2\n"
            f"  {'work (eV)':>12}{'error (eV)':>12}{'exchanged':>12}{'curl (eV/A^2)':>15}"
            f"{'length (A)':>12}{'points':>8}\n"
        )
        columns = (self.work, self.error, self.gross, self.curl, self.length, self.points)
        return head + "\n".join(
            f"  {w:12.3e}{e:12.1e}{g:12.3e}{c:15.3e}{s:12.3f}{n:8d}"
            for w, e, g, c, s, n in zip(*columns, strict=True)
        )

    @door
    def as_dict(self) -> Facts:
        """All numbers, ready for JSON."""
        return self.record()

    @door
    def record(self) -> dict[str, object]:
        """The same: the numbers of the `.json` file."""
        numbers = {k: v.tolist() if isinstance(v, np.ndarray) else v for k, v in vars(self).items()}
        return {**numbers, "worst": self.worst, "relative": self.relative}


@door
def loop_work(
    system: System,
    u: ArrayLike | Solution | None = None,
    *,
    amplitude: float = 0.05,
    loops: int | Sequence[tuple[ArrayLike, ArrayLike]] = 6,
    seed: int = 0,
    tolerance: float = 5e-10,
) -> LoopWork:
    """Work done by the forces of a system around closed loops of displacements.

    Parameters
    ----------
    u : (n_k, 3) corrector where the loops start and end, A, or a Solution (default: the predictor)
    amplitude : a, largest displacement of a repatom along p and along q, A
    loops : how many random loops at the interface (see `analysis.conservation.loops`), or the
        directions themselves as pairs (p, q) of arrays (n_k, 3), taken on the free ones and scaled
        to 1
    seed : of the random loops
    tolerance : quadrature error, eV (or 1e-6 of the work, if that is more)

    Raises
    ------
    InputError : an argument that cannot be used; p or q that move no free repatom
    ConvergenceError : quadrature not converged with 4096 points; `best` holds the LoopWork
    OffTableError, InvertedCellError : a loop leaves the range of the potential
    """
    start = corrector_of(system, u)
    long, fine = "a positive length in A, e.g. 0.05", "a positive energy in eV, e.g. 5e-10"
    amplitude = number("amplitude", amplitude, long, above=0.0, most=FARTHEST)
    tolerance = number("tolerance", tolerance, fine, above=0.0, most=FARTHEST)
    if isinstance(loops, int | np.integer):
        pairs = interface_loops(system, loops, seed)
    else:
        pairs = require_loops(system, loops)
    K = Jacobian(system, start)
    rows = []
    for p, q in pairs:
        W, error, gross, length, points = _quadrature(system, start, amplitude, p, q, tolerance)
        rows.append((W, error, points, K.curl(p, q), gross, length))
    work, errors, n, curl, exchanged, lengths = (np.array(row) for row in zip(*rows, strict=True))
    name, kind = system.method.name, system.method.kind
    found = LoopWork(
        method=name,
        kind=kind,
        amplitude=float(amplitude),
        work=work,
        error=errors,
        points=n,
        curl=curl,
        gross=exchanged,
        length=lengths,
        largest_curl=K.largest_curl(),
    )
    if (found.error > np.maximum(tolerance, 1e-6 * np.abs(found.work))).any():
        message = (
            f"loop_work({name}): the quadrature still changes by {found.error.max():.1e} eV with "
            f"{MOST_POINTS} points, expected {tolerance:.1e}. Try a smaller amplitude (kinks of a "
            "tabulated potential are crossed less often), or a larger tolerance."
        )
        raise ConvergenceError(message, best=found, iterations=MOST_POINTS)
    return found


def _quadrature(
    system: System, u: Array, a: float, p: Array, q: Array, tolerance: float
) -> tuple[float, float, float, float, int]:
    """Work, its error, work exchanged, length of the path, points: doubled from 16.

    The error is the larger of the last two changes: one alone may be small by accident.
    """

    def power(t: Array) -> Array:
        """f . du/dt at the parameters t (n,), eV."""
        path = ((a * ((np.cos(s) - 1.0) * p + np.sin(s) * q), np.cos(s), np.sin(s)) for s in t)
        return np.array(
            [a * float(np.vdot(system.model.at(u + v).forces, c * q - s * p)) for v, c, s in path]
        )

    n = 16
    values = power(2.0 * np.pi * np.arange(n) / n)
    W, change, error = 2.0 * np.pi * float(values.mean()), np.inf, np.inf
    while n < MOST_POINTS and error > max(tolerance, 1e-6 * abs(W)):
        values = np.concatenate([values, power(2.0 * np.pi * (np.arange(n) + 0.5) / n)])
        n *= 2
        finer = 2.0 * np.pi * float(values.mean())
        error, change, W = max(abs(finer - W), change), abs(finer - W), finer
    t = 2.0 * np.pi * np.arange(256) / 256
    speed = np.sqrt(
        np.cos(t) ** 2 * np.vdot(q, q)
        + np.sin(t) ** 2 * np.vdot(p, p)
        - np.sin(2.0 * t) * np.vdot(p, q)
    )
    length = 2.0 * np.pi * a * float(speed.mean())
    return W, error, 2.0 * np.pi * float(np.abs(values).mean()), length, n
