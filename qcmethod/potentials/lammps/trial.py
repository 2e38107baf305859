"""A potential tried in another process, for some errors of LAMMPS end the process they happen in.

    cluster   ->  how far LAMMPS exchanges atoms without a skin: the cut-off;
                  f . v against -dE/dv, and the same forces twice
    one atom  ->  its energy by itself

LAMMPS raises most of its errors, but a file that a style reads wrongly, or too few atoms for it,
may be a segmentation fault. What is asked of LAMMPS at first, a child has lived through.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from qcmethod.base.types import Array
from qcmethod.errors import InputError, QCError
from qcmethod.potentials.lammps.commands import Commands, said
from qcmethod.potentials.lammps.session import Atoms

SIDE, SPACING, NEAR = 3, 2.7, 0.6
"""Atoms along the sides of the cluster, and how far apart they are: A, and at most so many
cut-offs."""
CLOSER = (SPACING, 1.9, 1.4)
"""Spacings where there may be forces: what LAMMPS exchanges may be far beyond a bond."""
STEP, FALSE = 1e-4, 1e-3
"""Of a difference of energies, A; forces that differ by so much of it are not its slope."""
LONGEST = 300.0
"""Seconds for a trial."""
CHILD = "from qcmethod.potentials.lammps.trial import child; child()"


class Trial(NamedTuple):
    """The cut-off, A, and the energy of an atom of the first element by itself, eV; nan where
    LAMMPS does not live through that."""

    cutoff: float
    isolated: float


@lru_cache(maxsize=64)
def tried(commands: Commands, digests: tuple[str, ...]) -> Trial:
    """What a child found, once for the same words and files (their digests).

    Raises InputError with what LAMMPS said, or with the signal that ended it.
    """
    paths = [str(Path(__file__).parents[3]), *filter(None, sys.path)]
    try:
        done = subprocess.run(
            [sys.executable, "-c", CHILD],
            input=json.dumps([commands.name, commands.style, commands.coeff, commands.masses]),
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
            capture_output=True,
            text=True,
            timeout=LONGEST,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise _refused(commands, f"it gave no answer within {LONGEST:g} s") from error
    found: dict[str, object] = {}
    for line in done.stdout.splitlines():
        if line.startswith("> "):
            found |= json.loads(line[2:])
    if "refused" in found:
        raise _refused(commands, f"it says: {found['refused']}")
    if "cutoff" not in found:
        raise _refused(commands, _end(done.returncode, done.stderr))
    return Trial(float(str(found["cutoff"])), float(str(found.get("isolated", "nan"))))


def child() -> None:
    """The other process: a line an answer, so that what was said before its end is heard."""
    name, style, coeff, masses = json.loads(sys.stdin.read())
    commands = Commands(name, style, tuple(coeff), tuple(masses))
    try:
        _say(cutoff=_of_cluster(commands))
    except Exception as error:  # of LAMMPS, whatever it is
        _say(refused=said(error))
        return
    with suppress(QCError):
        _say(isolated=_energy(commands, np.zeros((1, 3))))


def _of_cluster(commands: Commands) -> float:
    """The cut-off, A. Raises ValueError for forces that are not the slope of the energy."""
    atoms, y = _cluster(commands, SPACING)
    atoms.at(y)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "communication"
        atoms.command(f'info communication out overwrite "{file}"')
        lines = file.read_text().splitlines()
    cutoff = next(float(s.split("=")[1]) for s in lines if s.startswith("Communication cutoff"))
    if not any(_slope_is_right(*_cluster(commands, min(s, NEAR * cutoff))) for s in CLOSER):
        raise ValueError("no forces between atoms well within its cut-off")
    return cutoff


def _slope_is_right(atoms: Atoms, y: Array) -> bool:
    """Whether there are forces, the slope of the energy (ValueError: of none)."""
    v = np.random.default_rng(8).standard_normal(y.shape)
    _, g = atoms.at(y)
    slope = (atoms.at(y + STEP * v)[0] - atoms.at(y - STEP * v)[0]) / (2.0 * STEP)
    _, again = atoms.at(y)
    size = float(np.abs(g).max())
    if size == 0.0:
        return False
    if np.abs(again - g).max() > 1e-6 * size:
        raise ValueError("other forces every time: a thermostat is no potential")
    if abs(slope - float(np.vdot(g, v))) > FALSE * size * len(y) ** 0.5:
        raise ValueError("forces that are not the slope of an energy")
    return True


def _cluster(commands: Commands, spacing: float) -> tuple[Atoms, Array]:
    y = spacing * np.stack(np.meshgrid(*[np.arange(SIDE)] * 3), axis=-1).reshape(-1, 3)
    y = y + 0.08 * spacing * np.random.default_rng(7).uniform(-1.0, 1.0, y.shape)
    species = np.arange(len(y)) % len(commands.masses)
    return Atoms(commands, y, np.eye(3), (False, False, False), species, skin=0.0), y


def _energy(commands: Commands, y: Array) -> float:
    species = np.zeros(len(y), dtype=np.int64)
    return Atoms(commands, y, np.eye(3), (False, False, False), species).at(y)[0]


def _say(**answer: object) -> None:
    print("> " + json.dumps(answer), flush=True)


def _refused(commands: Commands, why: str) -> InputError:
    words = [commands.style, *commands.coeff]
    return InputError("coeff", words, f"what LAMMPS accepts; {why}")


def _end(code: int, stderr: str) -> str:
    if code < 0:
        return f"it died of {signal.Signals(-code).name}"
    return f"it ended with code {code} {' '.join(stderr.strip().splitlines()[-1:])}"
