"""A pair style of LAMMPS as an engine: its words and files, its range, and its sessions.

The range is that of LAMMPS itself, read where it says how far atoms are exchanged; how many of
these cut-offs a force feels is measured (`reach_check`). Two such engines are one when their words
and the contents of their files are.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from qcmethod.base.stored import stored
from qcmethod.base.types import Array, Index
from qcmethod.errors import EngineError
from qcmethod.potentials.can import Can
from qcmethod.potentials.engine import Periodic, Session
from qcmethod.potentials.lammps.session import Atoms, Commands, said
from qcmethod.potentials.lammps.text import content_digest, files_of
from qcmethod.potentials.lammps.weighted import WeightedAtoms, can_be_weighted


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
    digests : of the files, in the order in which `coeff` names them
    """

    name: str
    style: str
    coeff: tuple[str, ...]
    elements: tuple[str, ...]
    masses: tuple[float, ...]
    cutoff: float
    reach: int
    digests: tuple[str, ...]

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
        return usual | Can.SITE_ENERGY if can_be_weighted(self.commands, self.elements) else usual

    @property
    def numbers(self) -> list[object]:
        """Words, with digests in the place of paths."""
        files = dict(zip(map(str, files_of(self.coeff)), self.digests, strict=True))
        lines = [" ".join(files.get(word, word) for word in line.split()) for line in self.coeff]
        return ["lammps", self.style, lines, list(self.elements)]

    @cached_property
    def isolated(self) -> float:
        """Energy of an atom of the first element by itself, eV."""
        y = np.zeros((1, 3))
        session = self.session(y, np.eye(3), (False, False, False), np.zeros(1, dtype=np.int64))
        E, _ = session.at(y)
        session.close()
        return E

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
        for file, known in zip(files_of(self.coeff), self.digests, strict=True):
            if not file.is_file() or content_digest(file) != known:
                raise EngineError(f"{self.name}: {file} is gone, or was changed since it was read")
        if weights is None:
            return Atoms(self.commands, y, cell, periodic, species)
        if Can.SITE_ENERGY not in self.can:
            raise EngineError(f"{self.name}: the style {self.style} has no weighted site energies")
        return WeightedAtoms(self.commands, y, cell, periodic, weights)


def true_cutoff(commands: Commands) -> float:
    """How far LAMMPS exchanges atoms for a style without a skin, A: its cut-off (EngineError)."""
    n = len(commands.masses)
    y = np.stack([3.0 * np.arange(n + 1), np.zeros(n + 1), np.zeros(n + 1)], axis=1)
    species = np.arange(n + 1) % n
    atoms = Atoms(commands, y, np.eye(3), (False, False, False), species, skin=0.0)
    handle, name = tempfile.mkstemp(suffix=".txt")
    os.close(handle)
    try:
        atoms.at(y)
        atoms.command(f'info communication out overwrite "{name}"')
        text = Path(name).read_text()
    except EngineError:
        raise
    except Exception as error:
        raise EngineError(f"{commands.name}: LAMMPS failed: {said(error)}") from error
    finally:
        atoms.close()
        Path(name).unlink(missing_ok=True)
    for line in text.splitlines():
        if line.startswith("Communication cutoff"):
            return float(line.split("=")[1])
    raise EngineError(f"{commands.name}: LAMMPS does not say how far it sees. Try: cutoff=")
