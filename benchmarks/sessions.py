"""What a session of LAMMPS takes beyond its pair style: one repeat of a shaken disc of fcc.

    (time of a call - time of "Pair") / time of "Pair"

A call writes positions that differ from the last ones, has LAMMPS evaluate them, and reads energy
and forces. It pays for ghost atoms, checks and copies, of which the line "Pair" knows nothing.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from itertools import cycle
from pathlib import Path

import numpy as np
from discs import disc
from kernels import SKIN
from lammps_runs import ForceClock, disc_in_lammps
from timing import clock, interleaved

import qcmethod as qc

NICKEL = "Ni_Zuo_JPCA2020"
CASES = (
    ("eam/alloy", "* * Al_zhou.eam.alloy {}", "Al", 4.05, 5_000),
    ("sw", "* * Si.sw {}", "Si", 4.15, 5_000),
    ("meam", "* * library.meam Cu Cu.meam {}", "Cu", 3.62, 2_000),
    ("snap", f"* * {NICKEL}.snapcoeff {NICKEL}.snapparam {{}}", "Ni", 3.52, 500),
)


def run(say: Callable[[str], None], rounds: int = 9) -> None:
    """Print the table."""
    say("1c. Sessions of LAMMPS: microseconds an atom, least and median, a call and its pair style")
    with tempfile.TemporaryDirectory() as name:
        for style, line, element, a, atoms in CASES:
            log = Path(name) / style.replace("/", "_")
            x, period = disc(a, atoms, 1)
            potential = qc.lammps(style, line.format(element), elements=[element])
            sites = potential.site_sum(period, np.ones(len(x)), np.zeros(len(x)))
            whole = potential.engine.coeff[0].removesuffix(element)  # files with their paths
            pair = (f"pair_style {style}", f"pair_coeff {whole}{element} {element}")
            lammps = disc_in_lammps(x, period, pair, SKIN, log)
            yardstick = ForceClock(lammps, log, energy=True)
            ours = sites.at(x).energy
            assert abs(ours - yardstick.energy) < 1e-9 * abs(ours), "the two runs disagree"
            turns = cycle((x, x + 1e-3))
            clocks = {
                "call": clock(lambda s=sites, y=turns: s.at(next(y))),
                "pair": yardstick.seconds,
            }
            taken = {n: 1e6 / len(x) * t for n, t in interleaved(clocks, rounds, 0.1).items()}
            lammps.close()
            columns = "".join(f"{t.min():>9.3f}{np.median(t):>9.3f}" for t in taken.values())
            more = 100.0 * (taken["call"].min() / taken["pair"].min() - 1.0)
            say(f"{style:<24}{len(x):>7}{columns}{more:>9.1f} %")
