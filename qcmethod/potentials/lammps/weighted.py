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
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from qcmethod.base.types import Array
from qcmethod.errors import EngineError
from qcmethod.potentials.engine import Periodic
from qcmethod.potentials.lammps.session import Atoms, Commands
from qcmethod.potentials.lammps.zbl import WeightedPairs, Zbl

UNKNOWN = ("chemflag", "switchinnerflag")
"""Switches of SNAP under which descriptors tell species apart, or need more numbers of each."""


def can_be_weighted(commands: Commands, elements: Sequence[str]) -> bool:
    """Whether the style is SNAP of one element, with ZBL or without."""
    return len(elements) == 1 and _parts(commands) is not None


class WeightedAtoms:
    """A session whose energy is sum_l w_l V_l, weights (n,); of columns that are periodic along z,
    or of an open cluster."""

    def __init__(
        self, commands: Commands, y: Array, cell: Array, periodic: Periodic, weights: Array
    ) -> None:
        parts = _parts(commands)
        if parts is None or any(periodic[:2]):
            raise EngineError(f"{commands.name}: no weighted site energies of this style and box")
        self._snap, zbl = parts
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


@dataclass(frozen=True)
class Snap:
    """One element of a SNAP: radius, weight as a neighbour, coefficients; its other file."""

    radius: str
    neighbour: str
    coeff: tuple[float, ...]
    parameters: str

    @classmethod
    def read(cls, coeff: Path, parameters: Path, element: str) -> Snap | None:
        """An element of a pair of files; None where it cannot be weighted."""
        text = parameters.read_text()
        on = [words for line in text.splitlines() if (words := line.split("#")[0].split())]
        if any(words[0] in UNKNOWN and words[1:] != ["0"] for words in on):
            return None
        lines = [s for line in coeff.read_text().splitlines() if (s := line.split("#")[0].strip())]
        n = int(lines[0].split()[1])
        for first in range(1, len(lines), n + 1):
            words = lines[first].split()
            if words[0] == element:
                numbers = tuple(float(x) for x in lines[first + 1 : first + 1 + n])
                return cls(words[1], words[2], numbers, text)
        return None

    def coefficients(self, names: Sequence[str], weights: Array) -> str:
        """The coefficient file of pseudo-species with some weights."""
        blocks: list[Any] = [f"{len(names)} {len(self.coeff)}"]
        for name, w in zip(names, weights, strict=True):
            blocks.append(f"{name} {self.radius} {self.neighbour}")
            blocks += [f"{float(w) * c:.17g}" for c in self.coeff]
        return "# SNAP with one species a weight\n\n" + "\n".join(blocks) + "\n"


def _parts(commands: Commands) -> tuple[Snap, Zbl | None] | None:
    """SNAP and ZBL of a style that is these alone, of one element."""
    words = commands.style.split()
    lines = [line.split() for line in commands.coeff]
    zbl = None
    if words[0] == "hybrid/overlay" and "zbl" in words and "snap" in words:
        at = words.index("zbl")
        numbers = [line[3:] for line in lines if line[2] == "zbl"]
        if sorted(words) != sorted(["hybrid/overlay", "snap", "zbl", *words[at + 1 : at + 3]]):
            return None
        if len(numbers) != 1 or numbers[0][0] != numbers[0][1]:
            return None
        zbl = Zbl(float(numbers[0][0]), float(words[at + 1]), float(words[at + 2]))
        lines = [[*line[:2], *line[3:]] for line in lines if line[2] == "snap"]
    elif words != ["snap"]:
        return None
    if len(lines) != 1 or len(lines[0]) != 5:
        return None
    found = Snap.read(Path(lines[0][2]), Path(lines[0][3]), lines[0][4])
    return None if found is None else (found, zbl)
