"""
A crack in iron: cleavage, and how far the lattice traps it
===========================================================

A (001) crack with a [110] front in bcc iron cleaves: with rising loads the bond at its tip breaks
and the tip advances by a lattice period; with falling loads it heals again. Between those loads,
[K-, K+], the lattice traps it, on both sides of the Griffith load. All atoms in a small cylinder
say how good the coupled systems are; a coupled one of a tenth of a micrometre is large enough
for the clamped rim not to count.

The default takes some minutes; ``--methods bgfc --far 0 --events 2`` some seconds.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import qcmethod as qc
from qcmethod.plot.styles import STYLE

POTENTIAL = "Fe-Zhou-2004"
CORE, BLEND, PATH = 10.0, 7.0, (-6.0, 6.0)
FAR = "bgfc, far"


def ramps(crystal: qc.Crystal, method: str, extent: float, args: argparse.Namespace) -> dict:
    """The loads at which the tip advances, and those at which it goes back."""
    K_G, events = qc.griffith_load(crystal), args.events
    problem = qc.crack(crystal, KI=K_G, extent=extent, path=PATH)
    zone = () if method == "atomistic" else (CORE, BLEND)
    found = {}
    for name, step in (("rising", 0.02), ("falling", -0.02)):
        loads = K_G * (args.start + step * np.arange(10 if step < 0.0 else 30))
        found[name] = qc.ramp(
            problem, method, *zone, KI=loads, width=2e-3 * K_G, events=events, jump=0.2
        )
    return found


def row(name: str, found: dict, K_G: float) -> str:
    """A line of the table: where the tip first moves, over the Griffith load."""
    loads = []
    for way, kind in (("falling", "closure"), ("rising", "advance")):
        moved = [e.load / K_G for e in found[way].events if e.kind == kind]
        loads.append(f"{moved[0]:.4f}" if moved else "none")
    return f"{name:10} {found['rising'].follower.system.n_repatoms:6d}   {loads[0]:8} {loads[1]}"


def draw(path: Path, results: dict, K_G: float) -> None:
    """Load against the position of the tip, and the tip itself."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(10.5, 4.2), layout="constrained")
    for name, found in results.items():
        colour, mark = STYLE[name.removesuffix(", far")][0], "+" if name == FAR else "."
        for way, line in (("rising", "-"), ("falling", "--")):
            steps = found[way].steps
            label = f"{name}, {way}" if way == "rising" else None
            left.plot([t.tip for t in steps], [t.load for t in steps], line, marker=mark, ms=5,
                      lw=1.0, color=colour, label=label)  # fmt: skip
    left.axhline(K_G, color="0.5", lw=0.8)
    there = (left.get_xlim()[1], K_G)
    left.annotate("$K_G$, Griffith", there, ha="right", va="bottom", color="0.4")
    left.set(xlabel="position of the tip (Å)", ylabel=r"$K_\mathrm{I}$ (MPa$\sqrt{\mathrm{m}}$)")
    left.legend(frameon=False, title="dashed: falling")
    found = next(iter(results.values()))["rising"]
    event, period = found.events[0], found.follower.system.problem.crystal.lattice.period
    y = found.follower.positions(event.after, found.corrector(event.trial))
    height = np.round(2.0 * found.follower.bonds.x[:, 2] / period).astype(int) % 2
    right.scatter(y[:, 0], y[:, 1], c=height, s=45, cmap="coolwarm", edgecolors="k", lw=0.4)
    right.set(aspect="equal", xlim=(-16, 16), ylim=(-13, 13), xlabel="x (Å)", ylabel="y (Å)")
    load = rf"$K_\mathrm{{I}}$ = {event.after:.4f} MPa$\sqrt{{\mathrm{{m}}}}$"
    right.set_title(f"after the first {event.kind}, {load}; red: half a period up", fontsize=9)
    figure.savefig(path, dpi=160)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--extent", type=float, default=40.0, help="radius of the cylinder, A")
    parser.add_argument("--far", type=float, default=1000.0, help="of the large one; 0: none")
    parser.add_argument("--events", type=int, default=4, help="how many on each ramp")
    parser.add_argument("--start", type=float, default=1.06, help="first load over Griffith's")
    parser.add_argument("--methods", nargs="+", default=["atomistic", "bgfc", "bqcf"])
    parser.add_argument("--out", type=Path, default=Path("out"), help="folder of the files")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    crystal = qc.Crystal.bcc(qc.load_potential(POTENTIAL), x=(1, -1, 0), y=(0, 0, 1), z=(-1, -1, 0))
    K_G = qc.griffith_load(crystal)
    results = {method: ramps(crystal, method, args.extent, args) for method in args.methods}
    if args.far:
        results["bgfc, far"] = ramps(crystal, "bgfc", args.far, args)
    draw(args.out / "crack_iron.png", results, K_G)
    print("method      nodes   K-/K_G   K+/K_G")
    for name, found in results.items():
        print(row(name, found, K_G))
    print(f"Griffith load {K_G:.4f} MPa sqrt(m)")


if __name__ == "__main__":
    main()
