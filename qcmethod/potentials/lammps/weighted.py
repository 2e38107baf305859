"""Weighted site energies of SNAP: one pseudo-species a distinct weight.

    sum_l w_l V_l = E of atoms of the species k(l), whose coefficients are w_k times those of SNAP

All pseudo-species have one radius and one weight as neighbours, so that descriptors do not tell
them apart; the energy is linear in the coefficients, and the forces of LAMMPS are the exact
gradient of the weighted sum (Thompson et al. 2015, J. Comput. Phys. 285, 316, for SNAP). The pair
repulsion that usually lies on top is weighted by our own kernel (`zbl`).
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from qcmethod.base.types import Array
from qcmethod.errors import EngineError
from qcmethod.potentials.engine import Periodic
from qcmethod.potentials.lammps.commands import Commands
from qcmethod.potentials.lammps.session import Atoms
from qcmethod.potentials.lammps.snap import parts_of
from qcmethod.potentials.lammps.zbl import WeightedPairs


def unweighted(commands: Commands, elements: Sequence[str]) -> str:
    """Why the site energies of a style cannot be weighted, or nothing: it is SNAP of one element,
    with ZBL or without."""
    if len(elements) > 1:
        return "SNAP of one element has them, of several not"
    try:
        parts_of(commands)
    except EngineError as error:
        return str(error)
    return ""


class WeightedAtoms:
    """A session whose energy is sum_l w_l V_l, weights (n,); of columns that are periodic along z,
    or of an open cluster."""

    def __init__(
        self, commands: Commands, y: Array, cell: Array, periodic: Periodic, weights: Array
    ) -> None:
        if any(periodic[:2]):
            raise EngineError(f"{commands.name}: weighted atoms are columns or a cluster, no cell")
        self._snap, zbl = parts_of(commands)
        self._commands, self._box = commands, (cell, periodic)
        levels, self._species = np.unique(weights, return_inverse=True)
        self._levels = levels
        period = float(cell[2, 2]) if periodic[2] else np.inf
        self._pairs = None if zbl is None else WeightedPairs(zbl, period, weights)
        self._plain: Atoms | None = None
        with tempfile.TemporaryDirectory() as folder:
            own = self._own(Path(folder), len(levels))
            self._atoms = Atoms(own, y, cell, periodic, self._species.astype(np.int64))
            self._atoms.at(y)  # while its files are there

    def at(self, y: Array, cell: Array | None = None) -> tuple[float, Array]:
        """Energy and gradient; see `Session`."""
        if cell is not None:
            raise EngineError(f"{self._commands.name}: weighted atoms keep their box")
        E, g = self._revived(y)
        if self._pairs is None:
            return E, g
        more, slope = self._pairs.at(y)
        return E + more, g + slope

    def energies(self, y: Array) -> Array:
        """Site energies (n,), eV, without weights."""
        if self._plain is None:
            cell, periodic = self._box
            one = np.zeros(len(y), dtype=np.int64)
            self._plain = Atoms(self._commands, y, cell, periodic, one)
        return self._plain.energies(y)

    def virial(self) -> Array:
        """Raises EngineError: weighted atoms are no cell."""
        raise EngineError(f"{self._commands.name}: weighted atoms have no stress")

    def close(self) -> None:
        """Give the instances back."""
        self._atoms.close()
        if self._plain is not None:
            self._plain.close()

    def _revived(self, y: Array) -> tuple[float, Array]:
        """The weighted SNAP; its files are written again where the instance was given up."""
        if self._atoms.alive:
            return self._atoms.at(y)
        with tempfile.TemporaryDirectory() as folder:
            self._atoms.commands = self._own(Path(folder), len(self._levels))
            return self._atoms.at(y)

    def _own(self, folder: Path, n: int) -> Commands:
        """SNAP with n pseudo-species, its files in a folder."""
        names = [f"X{k}" for k in range(n)]
        (folder / "coeff").write_text(self._snap.coefficients(names, self._levels))
        (folder / "param").write_text(self._snap.parameters)
        line = f"* * {folder / 'coeff'} {folder / 'param'} {' '.join(names)}"
        return replace(
            self._commands, style="snap", coeff=(line,), masses=(self._commands.masses[0],) * n
        )
