"""Typed exceptions: a refusal names the argument, what was given, what was expected, a remedy."""

from __future__ import annotations

import reprlib

LONGEST = 4000
"""Letters of a message; of a longer one the beginning and the end are shown."""
SHOWN = 400
"""Letters of an argument in it."""


class QCError(Exception):
    """Base class of every error that this package raises on purpose."""

    def __str__(self) -> str:
        return cut(super().__str__(), LONGEST)


def cut(text: str, most: int) -> str:
    """The beginning and the end of a text that is too long."""
    half = (most - 5) // 2
    return text if len(text) <= most else f"{text[:half]} ... {text[-half:]}"


class _Short(reprlib.Repr):
    """`repr` that takes no time for what is large: the ends of texts, the shape of arrays."""

    def __init__(self) -> None:
        super().__init__()
        self.maxlist = self.maxtuple = self.maxdict = self.maxset = self.maxfrozenset = 40
        self.maxstring = self.maxother = SHOWN
        self.maxlong = 60

    def repr_int(self, x: int, level: int) -> str:
        """Digits are many beyond 10**4300, and Python gives none."""
        if x.bit_length() > 10_000:
            return f"a whole number of about {x.bit_length() * 0.30103:.0f} digits"
        return super().repr_int(x, level)

    def repr_ndarray(self, x: object, level: int) -> str:
        """A small array as it is, in one line."""
        if getattr(x, "size", 0) <= 16:
            return cut(" ".join(repr(x).split()), SHOWN)
        return f"array of shape {getattr(x, 'shape', ())}"


_SHORT = _Short()


def shown(given: object) -> str:
    """An argument as messages show it, never long."""
    return cut(_SHORT.repr(given), SHOWN)


class Said(str):
    """Words in the place of an argument that cannot be shown: printed as they are."""

    def __repr__(self) -> str:
        return str(self)


class InputError(QCError, ValueError):
    """An argument that cannot be used.

    Parameters
    ----------
    argument : name of the offending argument, as the caller wrote it
    given : what was passed
    expected : what would have been accepted
    hint : what to try instead
    """

    def __init__(self, argument: str, given: object, expected: str, hint: str = "") -> None:
        self.argument, self.given, self.expected, self.hint = argument, given, expected, hint
        message = f"{cut(argument, SHOWN)}: got {shown(given)}, expected {expected}"
        super().__init__(f"{message}. Try: {hint}" if hint else message)

    def __reduce__(self) -> tuple[type, tuple[str, object, str, str]]:
        """How to pickle it: the message alone does not rebuild it in another process."""
        return type(self), (self.argument, self.given, self.expected, self.hint)


class CallError(InputError, TypeError):
    """A call with a keyword that the function does not know, or without an argument it needs."""


class NotInstalledError(InputError, ImportError):
    """What an extra brings, and is not there; the message says how to install it."""


class UnknownPotentialError(InputError):
    """No potential, file or card of that name; the nearest names are in the message."""


class PotentialFileError(InputError):
    """A potential table that is truncated, mis-scaled, or lacks the element asked for."""


class OrientationError(InputError):
    """Miller triplets that are not orthogonal, not right-handed, or not lattice directions."""


class CouplingError(InputError):
    """Core, blending width, cut-off and extent that do not fit each other."""


class ResultFileError(InputError):
    """A result file or directory that cannot be used: missing, foreign, of another potential."""


class FolderInUseError(InputError):
    """The folder of a run in which another process works, or that has been taken from this one."""


class DamagedFileError(ResultFileError):
    """A result file that was cut off or changed since it was written, or lacks an entry."""


class FileVersionError(ResultFileError):
    """A result file of a format, or of a version of the package, that cannot be read here."""


class WriteError(QCError, OSError):
    """A file that could not be written: no room, no right, a device that fails.

    Parameters
    ----------
    path : the file
    cause : what the file system said
    complete : what is on disk all the same, in words
    hint : what to try
    """

    def __init__(self, path: str, cause: OSError, complete: str, hint: str) -> None:
        self.path, self.cause, self.complete, self.hint = path, cause, complete, hint
        reason = cause.strerror or str(cause) or type(cause).__name__
        super().__init__(cause.errno, f"{path}: not written ({reason}); {complete}. Try: {hint}")

    def __str__(self) -> str:
        return str(self.args[1])

    def __reduce__(self) -> tuple[type, tuple[str, OSError, str, str]]:
        """How to pickle it, as above."""
        return type(self), (self.path, self.cause, self.complete, self.hint)


class ClosedCrackError(CouplingError):
    """A stress intensity that does not open the crack: its flanks touch."""


class OverloadedCrackError(InputError):
    """A stress intensity under which the crystal around the tip is unstable."""


class MeshError(InputError):
    """A mesh operation that would leave the lattice or break conformity."""


class OffTableError(QCError, ArithmeticError):
    """A distance or an electron density outside the range of the potential."""


class EngineError(QCError, RuntimeError):
    """An engine (LAMMPS, a calculator) that failed, or lacks what it is asked for."""


class InvertedCellError(QCError, ArithmeticError):
    """A deformation gradient with non-positive determinant, or beyond the neighbour shell."""


class UnstableCrystalError(QCError, ArithmeticError):
    """The homogeneous crystal is unstable (loss of strong ellipticity) at the given load."""


class NoEnergyError(QCError, NotImplementedError):
    """The energy of a force-based method: there is none."""


class ConvergenceError(QCError, RuntimeError):
    """An iteration that did not reach its tolerance.

    `best` holds the last good state (that of `relax` is a Solution: its `u` is a corrector to start
    from), `iterations` how many were made.
    """

    def __init__(self, message: str, best: object = None, iterations: int = 0) -> None:
        super().__init__(message)
        self.best = best
        self.iterations = iterations


class TipError(ConvergenceError):
    """A crack tip that has left the place it was asked for: healed, or run away."""


class SaddleError(ConvergenceError):
    """A force field that is in equilibrium at saddles only: no minimum was found below them.

    `softest` is the value of the softest direction of the first saddle (`Stability`).
    """

    def __init__(
        self,
        message: str,
        best: object = None,
        iterations: int = 0,
        softest: float | None = None,
    ) -> None:
        super().__init__(message, best, iterations)
        self.softest = softest


class PotentialWarning(UserWarning):
    """A potential table that is read but looks wrong: the row, the header or the crystal is named.

    ``warnings.simplefilter("error", qcmethod.errors.PotentialWarning)`` refuses such tables.
    """
