"""Atoms of an ASE calculator in a box, moved and evaluated again.

    E, -dE/dy of ase.Atoms;    dE/d(strain) = V sigma, or by differences of energies:
    X_ab = [8 (E(h) - E(-h)) - (E(2h) - E(-2h))]/12h      at the strains h (e_a e_b + e_b e_a)/2

(Hjorth Larsen et al. 2017, J. Phys.: Condens. Matter 29, 273002.) Energies are those that the
forces belong to, `free_energy` where a calculator has it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from qcmethod.base.types import Array, Index
from qcmethod.errors import EngineError, OffTableError
from qcmethod.potentials.engine import Periodic

STRAIN = 2e-4
"""Of differences of energies: their error is of its fourth power. In single precision it is longer,
for energies then have few digits."""
VACUUM = 2.0
"""Cut-offs around atoms in an open direction."""
AGREE = 1e-6
"""An atom in a box that is smaller than its neighbourhood has the energy of one in a larger box, to
this part, eV; else the calculator sees nearest images alone, and boxes are repeated."""


class Atoms:
    """A session of `potentials.engine`.

    calculator : of ASE; name : for messages; symbols : of the species 0, 1, ...
    """

    def __init__(
        self,
        calculator: Any,
        name: str,
        symbols: Sequence[str],
        cutoff: float,
        y: Array,
        cell: Array,
        periodic: Periodic,
        species: Index,
        floor: float = 0.0,
    ) -> None:
        from ase import Atoms as AseAtoms

        self.name, self._calculator, self._cutoff = name, calculator, cutoff
        self._periodic = np.array(periodic)
        self._atoms = AseAtoms([symbols[s] for s in species], positions=y, pbc=periodic)
        self._set_cell(y, cell)
        self._y = y
        self._strain = max(STRAIN, 0.3 * floor ** (1.0 / 3.0))

    def at(self, y: Array, cell: Array | None = None) -> tuple[float, Array]:
        """Energy (eV) and gradient (n, 3), eV/A; see `Session`."""
        if not np.isfinite(y).all():
            raise OffTableError(f"{self.name}: positions that are no numbers")
        if cell is not None or not self._periodic.all():
            self._set_cell(y, self._atoms.cell.array if cell is None else cell)
        self._atoms.positions[:] = y
        self._y = y
        E, f = self._energy(), np.array(self._asked("forces"), dtype=np.float64)
        if not (np.isfinite(E) and np.isfinite(f).all()):
            raise OffTableError(f"{self.name}: the calculator gives no number there")
        return E, -f

    def energies(self, y: Array) -> Array:
        """Site energies (n,), eV (EngineError: the calculator has none)."""
        if "energies" not in self._calculator.implemented_properties:
            raise EngineError(f"{self.name}: the calculator gives no site energies")
        self.at(y)
        return np.array(self._asked("energies"), dtype=np.float64)

    def virial(self) -> Array:
        """dE/d(strain) (3, 3), eV, at the last positions."""
        if "stress" in self._calculator.implemented_properties:
            s = np.array(self._asked("stress"), dtype=np.float64)
            full = s if s.shape == (3, 3) else s[[[0, 5, 4], [5, 1, 3], [4, 3, 2]]]
            return np.asarray(0.5 * (full + full.T) * self._atoms.get_volume())
        return self._by_differences()

    def close(self) -> None:
        """Nothing: the calculator is not its own."""

    def _by_differences(self) -> Array:
        y, cell, X = self._y.copy(), self._atoms.cell.array.copy(), np.zeros((3, 3))
        h = self._strain

        def energy(a: int, b: int, h: float) -> float:
            strain = np.eye(3)
            strain[a, b] += 0.5 * h
            strain[b, a] += 0.5 * h
            self._atoms.set_cell(cell @ strain)
            self._atoms.positions[:] = y @ strain
            return self._energy()

        for a in range(3):
            for b in range(a + 1):
                near = energy(a, b, h) - energy(a, b, -h)
                far = energy(a, b, 2.0 * h) - energy(a, b, -2.0 * h)
                X[a, b] = X[b, a] = (8.0 * near - far) / (12.0 * h)
        self._atoms.set_cell(cell)
        self._atoms.positions[:] = y
        return X

    def _energy(self) -> float:
        consistent = "free_energy" in self._calculator.implemented_properties
        return float(self._asked("free_energy" if consistent else "energy"))

    def _asked(self, what: str) -> Any:
        try:
            return self._calculator.get_property(what, self._atoms)
        except (OffTableError, KeyboardInterrupt):
            raise
        except Exception as error:
            raise EngineError(f"{self.name}: the calculator failed: {error!r}") from error

    def _set_cell(self, y: Array, cell: Array) -> None:
        """The box; an open direction is as long as the atoms and some vacuum ask for."""
        box = np.array(cell, dtype=np.float64)
        open_ = np.flatnonzero(~self._periodic)
        rows = box[self._periodic]
        for a in open_:
            e = _across(rows, int(a))
            span = float(np.ptp(y @ e)) + 2.0 * VACUUM * self._cutoff
            known = float(np.linalg.norm(box[a]))
            box[a] = e * (known if self._atoms.cell.rank == 3 and known >= span else 1.2 * span)
            rows = np.vstack([rows, box[a]])
        if np.linalg.det(box) < 0.0 and len(open_):
            box[open_[0]] *= -1.0
        self._atoms.set_cell(box)


def _across(rows: Array, a: int) -> Array:
    """A unit vector normal to rows (m, 3), m < 3, near the axis a."""
    q = np.linalg.qr(np.concatenate([rows, np.roll(np.eye(3), -a, axis=0)]).T)[0]
    e: Array = q[:, len(rows)]
    return e
