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
from qcmethod.potentials.lammps.commands import Commands
from qcmethod.potentials.lammps.session import Atoms
from qcmethod.potentials.lammps.text import words
from qcmethod.potentials.lammps.zbl import WeightedPairs, Zbl

UNKNOWN = ("chemflag", "switchinnerflag")
"""Switches of SNAP under which descriptors tell species apart, or need more numbers of each."""


def unweighted(commands: Commands, elements: Sequence[str]) -> str:
    """Why the site energies of a style cannot be weighted, or nothing: it is SNAP of one element,
    with ZBL or without."""
    if len(elements) > 1:
        return "SNAP of one element has them, of several not"
    try:
        _parts(commands)
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
        self._snap, zbl = _parts(commands)
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
    def read(cls, coeff: Path, parameters: Path, element: str) -> Snap:
        """An element of a pair of files (EngineError: it cannot be weighted, and why)."""
        try:
            text, lines = parameters.read_text(), _content(coeff.read_text())
            for line in _content(text):
                if line[0] in UNKNOWN and line[1:] != ["0"]:
                    raise EngineError(f"SNAP with {' '.join(line)} tells species apart")
            n = int(lines[0][1])
            for first in range(1, len(lines), n + 1):
                if lines[first][0] == element:
                    numbers = tuple(float(x[0]) for x in lines[first + 1 : first + 1 + n])
                    return cls(lines[first][1], lines[first][2], numbers, text)
        except (OSError, ValueError, IndexError) as error:
            raise EngineError(f"the files of SNAP cannot be read: {error}") from error
        raise EngineError(f"the files of SNAP have no {element}")

    def coefficients(self, names: Sequence[str], weights: Array) -> str:
        """The coefficient file of pseudo-species with some weights."""
        blocks: list[Any] = [f"{len(names)} {len(self.coeff)}"]
        for name, w in zip(names, weights, strict=True):
            blocks.append(f"{name} {self.radius} {self.neighbour}")
            blocks += [f"{float(w) * c:.17g}" for c in self.coeff]
        return "# SNAP with one species a weight\n\n" + "\n".join(blocks) + "\n"


def _content(text: str) -> list[list[str]]:
    """The words of the lines that have any."""
    return [found for line in text.splitlines() if (found := line.split("#")[0].split())]


def _parts(commands: Commands) -> tuple[Snap, Zbl | None]:
    """SNAP and ZBL of a style that is these alone, of one element (EngineError)."""
    style, lines = words(commands.style), [words(line) for line in commands.coeff]
    zbl = None
    if style[0] == "hybrid/overlay" and "zbl" in style and "snap" in style:
        at = style.index("zbl")
        ends = style[at + 1 : at + 3]
        charges = [line[3:] for line in lines if line[2] == "zbl"]
        lines = [[*line[:2], *line[3:]] for line in lines if line[2] == "snap"]
        if len(style) != 5 or len(charges) != 1 or charges[0][0] != charges[0][1]:
            raise EngineError("besides SNAP and one ZBL there is something else")
        zbl = Zbl(float(charges[0][0]), float(ends[0]), float(ends[1]))
    elif style != ["snap"]:
        raise EngineError(f"{commands.style} is not SNAP, alone or with ZBL")
    if len(lines) != 1 or len(lines[0]) != 5:
        raise EngineError("SNAP of one element has one line of coefficients")
    return Snap.read(Path(lines[0][2]), Path(lines[0][3]), lines[0][4]), zbl
