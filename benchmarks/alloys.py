"""Energy and forces of several species: microseconds an atom, ours and LAMMPS's, on the same atoms.

Tables of alloys on a shaken disc of fcc, angular forms on shaken zinc blende; timed as in
`kernels`, LAMMPS by its own line "Pair" with the energy.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from discs import disc
from kernels import SKIN
from lammps_runs import ForceClock, disc_in_lammps
from oracles import lammps_table
from timing import clock, interleaved

import qcmethod as qc

CASES = (
    ("AlCu.eam.alloy", ("Al", "Cu"), "eam/alloy", 4.0),
    ("AlFe_mm.eam.fs", ("Al", "Fe"), "eam/fs", 4.0),
    ("Si.sw", ("Si",), "sw", 5.43),
    ("CdTe.sw", ("Cd", "Te"), "sw", 6.48),
    ("Si.tersoff", ("Si",), "tersoff", 5.43),
    ("SiC.tersoff", ("Si", "C"), "tersoff", 4.36),
)
ATOMS = 5_000


def atoms(style: str, a: float, kinds: int) -> tuple[np.ndarray, np.ndarray, float]:
    """Positions, species and period: fcc at random, or a block of zinc blende."""
    rng = np.random.default_rng(2)
    if style.startswith("eam"):
        x, period = disc(a, ATOMS, 8)
        return x, rng.integers(0, kinds, len(x)), period
    fcc = np.array([[0, 0, 0], [0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]])
    n = round((ATOMS / 8) ** (1 / 3))
    steps = np.stack(np.meshgrid(*[np.arange(n)] * 3, indexing="ij"), -1).reshape(-1, 3)
    x = a * (steps[:, None] + np.concatenate([fcc, fcc + 0.25])[None]).reshape(-1, 3)
    species = np.tile([0] * 4 + [kinds - 1] * 4, len(steps))
    return x + rng.uniform(-0.05, 0.05, x.shape), species, n * a


def run(say: Callable[[str], None], rounds: int = 9) -> None:
    """Print the table."""
    say("1b. Several species, angles: microseconds an atom, least and median; LAMMPS over ours")
    with tempfile.TemporaryDirectory() as name:
        for file, elements, style, a in CASES:
            path, log = lammps_table(file), Path(name) / file
            potential = qc.load_potential(path, elements=list(elements))
            x, species, period = atoms(style, a, len(elements))
            one, zero = np.ones(len(x)), np.zeros(len(x))
            sites = potential.site_sum(period, one, zero, species=species.astype(np.int64))
            listed = " ".join((elements * 2)[:2])
            pair = (f"pair_style {style}", f"pair_coeff * * {path} {listed}")
            lammps = disc_in_lammps(x, period, pair, SKIN, log, species + 1)
            yardstick = ForceClock(lammps, log, energy=True)
            ours = sites.at(x).energy
            assert abs(ours - yardstick.energy) < 1e-9 * abs(ours), "the two codes disagree"
            clocks = {"ours": clock(lambda s=sites, y=x: s.at(y)), "LAMMPS": yardstick.seconds}
            taken = {n: 1e6 / len(x) * t for n, t in interleaved(clocks, rounds, 0.05).items()}
            lammps.close()
            columns = "".join(f"{t.min():>8.3f}{np.median(t):>7.3f}" for t in taken.values())
            ratio = taken["LAMMPS"].min() / taken["ours"].min()
            say(f"{file:<24}{len(x):>7}{columns}{ratio:>11.2f}")
