"""SNAP of one element as its files have it, and the same with pseudo-species.

    V_l = w (beta_0 + beta . B_l),    one block of coefficients a weight w

Thompson et al. 2015, J. Comput. Phys. 285, 316. A line of ZBL may lie over it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qcmethod.base.types import Array
from qcmethod.errors import EngineError
from qcmethod.potentials.lammps.commands import Commands
from qcmethod.potentials.lammps.text import words
from qcmethod.potentials.lammps.zbl import Zbl

UNKNOWN = ("chemflag", "switchinnerflag")
"""Switches of SNAP under which descriptors tell species apart, or need more numbers of each."""


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


def parts_of(commands: Commands) -> tuple[Snap, Zbl | None]:
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
