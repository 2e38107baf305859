"""A pair style of LAMMPS as an engine: its words and files, its range, and its sessions.

The range is that of LAMMPS itself, read where it says how far atoms are exchanged; how many of
these cut-offs a force feels is measured (`reach_check`). Two such engines are one when their words
and the contents of their files are.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from qcmethod.base.stored import stored
from qcmethod.base.types import Array, Index
from qcmethod.errors import EngineError
from qcmethod.potentials.can import Can
from qcmethod.potentials.engine import Periodic, Session
from qcmethod.potentials.lammps.commands import Commands
from qcmethod.potentials.lammps.session import Atoms
from qcmethod.potentials.lammps.text import content_digest, files_of, joined, words
from qcmethod.potentials.lammps.weighted import WeightedAtoms


@stored
@dataclass(frozen=True)
class Lammps:
    """A pair style with its coefficients.

    Attributes
    ----------
    name : for messages and files
    style, coeff : after `pair_style`, and after each `pair_coeff`, files with their whole paths
    elements, masses : symbols, and u
    cutoff, reach : A, and how many of them a force feels
    digests : of the files, in the order in which `style` and `coeff` name them
    alone : energy of an atom of the first element by itself, eV; nan where LAMMPS dies of it
    unweighted : why its site energies cannot be weighted; nothing where they can
    """

    name: str
    style: str
    coeff: tuple[str, ...]
    elements: tuple[str, ...]
    masses: tuple[float, ...]
    cutoff: float
    reach: int
    digests: tuple[str, ...]
    alone: float
    unweighted: str

    @property
    def floor(self) -> float:
        """None: LAMMPS counts in double precision."""
        return 0.0

    @property
    def commands(self) -> Commands:
        """What LAMMPS is told."""
        return Commands(self.name, self.style, self.coeff, self.masses)

    @property
    def can(self) -> Can:
        """Forces and stress; weighted site energies of the styles that `weighted` knows."""
        usual = Can.FORCES | Can.STRESS
        return usual if self.unweighted else usual | Can.SITE_ENERGY

    @property
    def numbers(self) -> list[object]:
        """Words, with digests in the place of paths."""
        files = dict(zip(map(str, self.files), self.digests, strict=True))
        texts = [
            joined([files.get(word, word) for word in words(text)])
            for text in (self.style, *self.coeff)
        ]
        return ["lammps", texts, list(self.elements)]

    @property
    def files(self) -> list[Path]:
        """What it was read from."""
        return files_of((self.style, *self.coeff))

    @property
    def isolated(self) -> float:
        """Energy of an atom of the first element by itself, eV (EngineError)."""
        if np.isnan(self.alone):
            raise EngineError(f"{self.name}: LAMMPS has no energy of an atom by itself")
        return self.alone

    def session(
        self,
        y: Array,
        cell: Array,
        periodic: Periodic,
        species: Index,
        weights: Array | None = None,
    ) -> Session:
        """Atoms in an instance of LAMMPS; see `Engine`. Raises EngineError for files that changed,
        and for weights that the style cannot have."""
        for file, known in zip(self.files, self.digests, strict=True):
            if not file.is_file() or content_digest(file) != known:
                raise EngineError(f"{self.name}: {file} is gone, or was changed since it was read")
        if weights is None:
            return Atoms(self.commands, y, cell, periodic, species)
        if self.unweighted:
            raise EngineError(f"{self.name}: no weighted site energies: {self.unweighted}")
        return WeightedAtoms(self.commands, y, cell, periodic, weights)
