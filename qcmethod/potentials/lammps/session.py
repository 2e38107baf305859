"""Atoms in LAMMPS, moved and evaluated again: the session of `potentials.engine`.

Where LAMMPS wraps an atom into its box, the whole periods are remembered by atom, so that no atom
jumps between calls; LAMMPS wraps by one period at most, so atoms that come from far are wrapped
here. An atom that leaves an open box gets another one.

A position that is no number, or two atoms at one place, give numbers that are none in silence: both
ends of a call are checked. What LAMMPS refuses it says, and the process lives; the instance is
given up, and the next call makes another. One thread owns a session: two at a time end the process.
"""

from __future__ import annotations

import threading

import numpy as np

from qcmethod.base.types import Array, Index
from qcmethod.errors import EngineError, InputError, OffTableError
from qcmethod.potentials.engine import Periodic
from qcmethod.potentials.lammps.commands import Commands, said
from qcmethod.potentials.lammps.frame import Frame
from qcmethod.potentials.lammps.instance import Instance
from qcmethod.potentials.lammps.touch import touch

SKIN = 0.6
"""Of neighbour lists, A."""
CLOSEST, LOOKED = 0.4, 0.1
"""Atoms are nowhere closer than this, A; they are looked at again once one has moved by so much."""
HUGE = 1e8
"""A larger force, eV/A, is that of two atoms at one place but for rounding."""


class Atoms:
    """A session of `potentials.engine`: atoms of some species (n,) in a box; species count from 0.

    skin : of neighbour lists, A. Raises InputError for what LAMMPS refuses of the potential.
    """

    def __init__(
        self,
        commands: Commands,
        y: Array,
        cell: Array,
        periodic: Periodic,
        species: Index,
        skin: float = SKIN,
    ) -> None:
        self.commands, self._periodic, self._species = commands, periodic, species
        self._cell, self._skin = np.array(cell, dtype=np.float64), skin
        self._owner = threading.get_ident()
        self._instance: Instance | None = None
        self._looked: Array | None = None
        self._last: Array = y
        self._shift: Array = np.zeros_like(y)
        self._of_atoms = False
        self._require_numbers(y)
        try:
            self._instance = self._started(y)
        except Exception as error:
            if isinstance(error, EngineError):
                raise
            expected = "what LAMMPS accepts"
            raise InputError("coeff", list(commands.coeff), expected, said(error)) from error

    def at(self, y: Array, cell: Array | None = None) -> tuple[float, Array]:
        """Energy (eV) and gradient (n, 3), eV/A; see `Session`."""
        self._require_owner()
        self._require_numbers(y)
        self._require_apart(y)
        try:
            instance, anew = self._moved(y, cell)
            E, f = instance.run(anew), instance.forces()
        except Exception as error:
            self.close()
            if isinstance(error, EngineError):
                raise
            raise EngineError(f"{self.commands.name}: LAMMPS failed: {said(error)}") from error
        if not (np.isfinite(E) and np.isfinite(f).all() and np.abs(f).max(initial=0.0) < HUGE):
            self.close()
            raise OffTableError(
                f"{self.commands.name}: LAMMPS gives no number there: atoms on top of one another?"
            )
        return E, -f @ self._frame.Q

    def energies(self, y: Array) -> Array:
        """Site energies (n,), eV (EngineError: a style that has none)."""
        self._require_owner()
        if not self._of_atoms:
            self.close()
            self._of_atoms = True
        self.at(y)
        return self._alive().energies()

    def virial(self) -> Array:
        """dE/d(strain) (3, 3), eV, at the last positions of a box with three periods."""
        self._require_owner()
        if not all(self._periodic):
            raise EngineError(f"{self.commands.name}: a box with open sides has no stress")
        Q = self._frame.Q
        turned: Array = Q.T @ self._alive().virial() @ Q
        return turned

    @property
    def alive(self) -> bool:
        """Whether there is an instance; if not, the next call makes one."""
        return self._instance is not None

    def command(self, line: str) -> None:
        """Have LAMMPS carry out a command."""
        self._alive().command(line)

    def close(self) -> None:
        """Give the instance back; the next call makes another."""
        if self._instance is not None:
            self._instance.close()
            self._instance = None

    def _alive(self) -> Instance:
        if self._instance is None:
            raise EngineError(f"{self.commands.name}: no positions were evaluated")
        return self._instance

    def _moved(self, y: Array, cell: Array | None) -> tuple[Instance, bool]:
        """The instance with its atoms at y, and whether it has to be set up anew."""
        other = cell is not None and not np.array_equal(cell, self._cell)
        if other:
            self._cell = np.array(cell, dtype=np.float64)
        if self._instance is None:
            self._instance = self._started(y)
            return self._instance, True
        instance = self._instance
        if other:
            self._frame = Frame.of(y, self._cell, self._periodic)
            instance.into(self._frame)
        turned = y @ self._frame.Q.T
        if not self._frame.holds(turned):
            self.close()
            self._instance = self._started(y)
            return self._instance, True
        if not other:  # LAMMPS may have wrapped an atom since
            here = instance.positions()
            self._shift = self._shift + self._frame.steps(here - self._last)
            step = turned + self._shift - here
        if other or np.linalg.norm(step, axis=1).max(initial=0.0) > 1.01 * self._skin:
            self._shift = self._frame.wrapped(turned)  # its lists are made anew in any case
        self._last = turned + self._shift
        instance.put(self._last)
        return instance, other

    def _started(self, y: Array) -> Instance:
        """A new instance with the atoms at y (n, 3), A."""
        self._frame = frame = Frame.of(y, self._cell, self._periodic)
        turned = y @ frame.Q.T
        self._shift = frame.wrapped(turned)
        self._last = turned + self._shift
        types = self._species + 1
        return Instance(self.commands, frame, self._last, types, self._skin, self._of_atoms)

    def _require_owner(self) -> None:
        if threading.get_ident() != self._owner:
            raise EngineError(
                f"{self.commands.name}: one thread asks a session of LAMMPS, the one that made it"
            )

    def _require_apart(self, y: Array) -> None:
        if self._looked is not None and np.abs(y - self._looked).max(initial=0.0) < LOOKED:
            return
        columns = self._periodic == (False, False, True)
        if touch(y, CLOSEST, float(self._cell[2, 2]) if columns else np.inf):
            raise OffTableError(f"{self.commands.name}: atoms on top of one another")
        self._looked = y.copy()

    def _require_numbers(self, y: Array) -> None:
        if not np.isfinite(y).all():
            raise OffTableError(f"{self.commands.name}: positions that are no numbers")
