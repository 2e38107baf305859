"""LAMMPS as the yardstick: one thread, the atoms of a disc, times from its own breakdown.

A disc lies about the z axis, free at its rim, and repeats along z with its period. LAMMPS gets the
box that holds it with open boundaries in the plane, sorts its atoms as it likes (its default), and
keeps its neighbour list over the same skin as ours.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from oracles import new_lammps

MARGIN = 20.0
"""A; room about the disc, for open boundaries need some."""

NEVER = 10**9


def disc_in_lammps(
    x: np.ndarray, period: float, pair: Sequence[str], skin: float, log: Path, types: Any = None
) -> Any:
    """A LAMMPS that holds the sites x (n, 3), A; `types` (n,) of 1 and 2, all 1 by default."""
    lammps = new_lammps()
    low = np.append(x[:, :2].min(axis=0) - MARGIN, 0.0)
    size = np.append(np.ptp(x[:, :2], axis=0) + 2.0 * MARGIN, period)
    boxed = x - low
    boxed[:, 2] %= period
    box = " ".join(f"0 {length:.17g}" for length in size)
    lammps.commands_list(
        [
            f"log {log}",
            "units metal",
            "atom_modify map array",
            "boundary f f p",
            f"region box block {box}",
            "create_box 2 box",
            "mass * 27.0",
        ]
    )
    types = [1] * len(x) if types is None else [int(t) for t in types]
    lammps.create_atoms(len(x), list(range(1, len(x) + 1)), types, boxed.ravel().tolist())
    assert lammps.get_natoms() == len(x)
    lammps.commands_list([*pair, f"neighbor {skin} bin", "thermo_modify norm no"])
    return lammps


class ForceClock:
    """Seconds that LAMMPS spends on pair forces (and the energy), on atoms that do not move."""

    def __init__(self, lammps: Any, log: Path, energy: bool) -> None:
        self.lammps, self.log = lammps, log
        lammps.commands_list(
            [
                f"neigh_modify delay {NEVER} every {NEVER} check no",
                "timestep 1e-9",
                "fix motion all nve",
                "thermo_style custom step pe",
                f"thermo {1 if energy else NEVER}",  # the energy is summed when it is printed
                "run 1 post no",
            ]
        )
        self.energy = lammps.get_thermo("pe")

    def seconds(self, calls: int) -> float:
        """Of one evaluation: the line "Pair" of a run of `calls` steps on the kept list."""
        before = self.log.stat().st_size
        self.lammps.command(f"run {calls} pre no")
        with self.log.open() as file:
            file.seek(before)
            return pair_seconds(file.read()) / calls


def pair_seconds(text: str) -> float:
    """Average of the line "Pair" in the last timing breakdown of a LAMMPS log."""
    found = re.findall(r"^Pair\s*\|\s*\S+\s*\|\s*(\S+)", text, re.MULTILINE)
    if not found:
        raise ValueError("no line 'Pair | min | avg | max ...' in this LAMMPS log")
    return float(found[-1])


class Relaxation:
    """LAMMPS relaxes the free sites of a disc; the others (`fixed`, (n,)) stay where they are."""

    def __init__(
        self, y: np.ndarray, period: float, fixed: np.ndarray, table: Path, log: Path, style: str
    ) -> None:
        self.start, self.period = y, period
        pair = ("pair_style eam/alloy", f"pair_coeff * * {table} Al Al")
        self.lammps = disc_in_lammps(y, period, pair, 1.0, log, np.where(fixed, 2, 1))
        self.lammps.commands_list(
            [
                "neigh_modify delay 0 every 1 check yes",
                "group rim type 2",
                "fix clamp rim setforce 0 0 0",
                f"thermo {NEVER}",
                f"min_style {style}",
                "min_modify norm inf",
                "timestep 0.002",  # for fire; cg has none
            ]
        )
        self.seconds, self.steps = 0.0, 0

    def down_to(self, fmax: float, limit: float) -> bool:
        """Minimise until no force component exceeds fmax (eV/A); False when `limit` s are over."""
        begin = time.perf_counter()
        left = max(1, round(limit - self.seconds))
        self.lammps.command(f"timer timeout {left // 3600}:{left // 60 % 60}:{left % 60}")
        self.lammps.command(f"minimize 0 {fmax} {NEVER} {NEVER}")
        self.seconds += time.perf_counter() - begin
        self.steps = self.lammps.extract_global("ntimestep")
        return self.largest_force() <= fmax

    def largest_force(self) -> float:
        """Largest component of a force, eV/A; zero on what is clamped."""
        return float(np.abs(self._gather("f")).max())

    def positions(self) -> np.ndarray:
        """Sites (n, 3), A, in the frame and the period of the start."""
        x = self._gather("x")
        low = np.append(self.start[:, :2].min(axis=0) - MARGIN, 0.0)
        moved = x + low - self.start
        moved[:, 2] -= self.period * np.round(moved[:, 2] / self.period)
        return self.start + moved

    def _gather(self, what: str) -> np.ndarray:
        n = len(self.start)
        return np.ctypeslib.as_array(self.lammps.gather_atoms(what, 1, 3)).reshape(n, 3).copy()
