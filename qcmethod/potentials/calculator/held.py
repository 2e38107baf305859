"""A calculator that is asked by one at a time, and made again in another process.

    Held(EMT())     it is copied with what holds it, as far as it can be
    Held(EMT)       a function that makes it: one calculator a process, made when it is first asked

What a calculator raises is passed on as EngineError, with what it said.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Sequence
from threading import RLock
from typing import TYPE_CHECKING, Any

import numpy as np

from qcmethod.errors import EngineError, OffTableError

if TYPE_CHECKING:
    from ase import Atoms

Source = Any
"""A calculator, or a function that makes one."""


class Held:
    """A calculator, or what makes it, and the lock that its callers share."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.lock = RLock()
        self._made: Any = None

    @property
    def calculator(self) -> Any:
        """The calculator. Raises EngineError where the function that makes it fails."""
        with self.lock:
            if self._made is None:
                self._made = self.source if is_calculator(self.source) else self._make()
            return self._made

    @property
    def properties(self) -> Sequence[str]:
        """What it says that it computes; energies and forces where it says nothing."""
        return tuple(getattr(self.calculator, "implemented_properties", ("energy", "forces")))

    def asked(self, atoms: Atoms, names: Sequence[str], of: str) -> dict[str, Any]:
        """Properties of atoms by name, eV and A. Raises EngineError for a calculator that fails,
        OffTableError for what is no number, of the calculator called `of`."""
        with self.lock:
            try:
                found = {name: _property(self.calculator, name, atoms) for name in names}
            except Exception as error:
                self._forget()
                raise EngineError(f"{of}: the calculator failed: {said(error)}") from error
        for name, value in found.items():
            if value is None:
                raise EngineError(f"{of}: the calculator gives no {name}")
            if not np.isfinite(np.asarray(value, dtype=np.float64)).all():
                self._forget()
                raise OffTableError(f"{of}: the calculator gives a {name} that is no number")
        return found

    def _make(self) -> Any:
        try:
            made = self.source()
        except Exception as error:
            raise EngineError(f"calculator: it cannot be made: {said(error)}") from error
        if not is_calculator(made):
            raise EngineError(f"calculator: {made!r} was made, which is no ASE calculator")
        return made

    def _forget(self) -> None:
        """Have the calculator forget its last results: a failure is not to be given again."""
        forget: Callable[[], object] | None = getattr(self._made, "reset", None)
        if forget is not None:
            forget()

    def __getstate__(self) -> dict[str, Any]:
        try:
            return {"source": pickle.dumps(self.source)}
        except Exception as error:
            raise EngineError(
                f"calculator: a {type(self.source).__name__} cannot be copied for another process "
                f"({said(error)}). Try: a function that makes one in its place"
            ) from error

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(pickle.loads(state["source"]))  # type: ignore[misc]


def is_calculator(given: object) -> bool:
    """Whether it can be asked for properties of atoms; a class cannot, its objects can."""
    return hasattr(given, "get_potential_energy") and not isinstance(given, type)


def _property(calculator: Any, name: str, atoms: Atoms) -> Any:
    """By the door that ASE's calculators share, or by the older one of some."""
    if hasattr(calculator, "get_property"):
        return calculator.get_property(name, atoms)
    ask = {"energy": "get_potential_energy", "energies": "get_potential_energies"}
    return getattr(calculator, ask.get(name, f"get_{name}"))(atoms)


def said(error: BaseException) -> str:
    """An error in one line, with its kind."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
