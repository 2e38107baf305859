"""Energy and forces: microseconds an atom, ours and LAMMPS's, on the same atoms and the same skin.

Ours is the call that the solvers make (`SiteSum.at`: validity of the list, energies of all sites,
gradient, checks). LAMMPS's is its own line "Pair", so its communication of ghost atoms is left out.
It is timed with the energy, which is what a minimiser and ours compute, and without.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from discs import disc
from lammps_runs import ForceClock, disc_in_lammps
from oracles import lammps_table
from timing import clock, interleaved

import qcmethod as qc
from qcmethod.lattice.neighbours import VerletList
from qcmethod.potentials.forms.lennard_jones import lennard_jones
from qcmethod.potentials.sums.sites import SiteSum
from qcmethod.potentials.tables.export import write_setfl

SKIN = VerletList.skin
SIZES = (5_000, 50_000)
REPEATS = (1, 8)
HEADER = (
    f"{'potential':<24}{'atoms':>7}{'repeats':>9}{'ours':>15}{'LAMMPS E+F':>15}{'F only':>15}"
    f"{'ratio E+F':>11}{'F only':>8}"
)


@dataclass(frozen=True)
class Case:
    """A potential in both codes: our parameters, the lattice constant (A), LAMMPS's pair lines."""

    name: str
    params: Any
    a: float
    pair: tuple[str, str]


def cases(folder: Path) -> list[Case]:
    """EAM from our spline and from two tables, and Lennard-Jones with a plain cut-off."""
    al, table = qc.load_potential("Al-Ercolessi-1994"), folder / "Al.eam.alloy"
    write_setfl(table, al, nr=10001, nrho=10001)
    al_setfl = ("pair_style eam/alloy", f"pair_coeff * * {table} Al Al")
    mishin = lammps_table("Cu_mishin1.eam.alloy")
    copper = qc.load_potential(mishin)
    lj = lennard_jones(epsilon=0.0104, sigma=3.4, cutoff=8.5, treatment="cut")
    return [
        Case("Al-Ercolessi-1994", al.params, al.lattice_constant, al_setfl),
        Case("the same as setfl", qc.load_potential(table).params, al.lattice_constant, al_setfl),
        Case(
            "Cu_mishin1.eam.alloy",
            copper.params,
            copper.lattice_constant,
            ("pair_style eam/alloy", f"pair_coeff * * {mishin} Cu Cu"),
        ),
        Case(
            "Lennard-Jones 2.5 sigma",
            lj,
            5.25,
            ("pair_style lj/cut 8.5", "pair_coeff * * 0.0104 3.4"),
        ),
    ]


def compare(case: Case, atoms: int, repeats: int, folder: Path, rounds: int) -> str:
    """One line of the table: least and median microseconds an atom, ratios of the least."""
    x, period = disc(case.a, atoms, repeats)
    w = np.ones(len(x))
    verlet = VerletList(period, float(case.params.cutoff), w > 0.0, SKIN)
    sites = SiteSum(case.params, w, verlet, np.zeros(len(x)))
    energy = sites.at(x).energy
    logs = {name: folder / f"log.{name}" for name in ("E+F", "F")}
    runs = {n: disc_in_lammps(x, period, case.pair, SKIN, log) for n, log in logs.items()}
    both = ForceClock(runs["E+F"], logs["E+F"], energy=True)
    forces = ForceClock(runs["F"], logs["F"], energy=False)
    # our spline is exact where LAMMPS reads a table of it
    assert abs(both.energy - energy) < 1e-6 * abs(energy), "the two codes disagree"
    clocks = {"ours": clock(lambda: sites.at(x)), "E+F": both.seconds, "F": forces.seconds}
    taken = {n: 1e6 / len(x) * t for n, t in interleaved(clocks, rounds, 0.05).items()}
    for run in runs.values():
        run.close()
    best = {n: t.min() for n, t in taken.items()}
    columns = "".join(f"{t.min():>8.3f}{np.median(t):>7.3f}" for t in taken.values())
    ratios = f"{best['E+F'] / best['ours']:>11.2f}{best['F'] / best['ours']:>8.2f}"
    return f"{case.name:<24}{len(x):>7}{repeats:>9}{columns}{ratios}"


def run(say: Callable[[str], None], rounds: int = 15) -> None:
    """Print the table of all potentials, sizes and layouts."""
    say("1. Energy and forces, microseconds an atom: least and median of interleaved samples;")
    say(f"   ratio LAMMPS / ours of the least; skin {SKIN} A in both. 'repeats' is the height of")
    say("   the periodic disc: one repeat (the resolved zone) or a cell as LAMMPS is used to.")
    say(HEADER)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for case in cases(folder):
            for atoms in SIZES:
                for repeats in REPEATS:
                    say(compare(case, atoms, repeats, folder, rounds))
