"""
The load at which a dislocation leaves a crack tip
==================================================

A mode I crack in aluminium in a cylinder with a clamped rim is loaded in steps until a Shockley
partial leaves the tip; `qcmethod.ramp` brackets the load. All methods have the same core, so
they differ by what their interfaces do to it: the ghost forces of qce and bqce shift the event.

The default is a small cylinder with a small core. ``--full`` is the study of the page on load
ramps: the cylinder of 100 A in which LAMMPS found the event between 0.44625 and 0.44725 MPa
sqrt(m).
"""

from __future__ import annotations

import argparse
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

import qcmethod as qc
from qcmethod.plot.ramp import draw_atoms

POTENTIAL = "Al-Ercolessi-1994"
METHODS = ("qce", "bqce", "gfc", "bgfc", "grac", "qcf", "bqcf")
LAMMPS = (0.44625, 0.44725)  # MPa sqrt(m), R = 100 A
FULL = {
    "extent": 100.0,
    "zones": [(10.0, 6.0), (14.0, 8.0), (20.0, 10.0)],
    "width": 2e-4,
    "first": 0.42,
}
SMALL = {"extent": 50.0, "zones": [(10.0, 6.0)], "width": 2.5e-3, "first": 0.46}
STEP = 0.01  # MPa sqrt(m)
COLOURS = ("#b2182b", "#2166ac", "#1b7837")


def emitted(method: str, zone: tuple[float, float], study: dict, out: Path) -> dict:
    """The event of a method: a row of the table and the ramp itself."""
    crystal = qc.Crystal.fcc(qc.load_potential(POTENTIAL), x=(1, 1, -2), y=(1, 1, 1), z=(1, -1, 0))
    problem = qc.crack(crystal, KI=study["first"], extent=study["extent"])
    sizes = () if method == "atomistic" else zone
    loads = study["first"] + STEP * np.arange(20)
    name = "_".join([method, *(f"{size:g}" for size in sizes)])
    try:
        ramp = qc.ramp(
            problem,
            method,
            *sizes,
            KI=loads,
            width=study["width"],
            max_iterations=400,
            directory=out / name,
        )
    except qc.errors.ConvergenceError as error:
        return {"method": method, "zone": zone, "ramp": None, "error": str(error)}
    return {"method": method, "zone": zone, "ramp": ramp, "error": ""}


def line(row: dict, exact: float) -> str:
    """A row of the table."""
    method, ramp = row["method"], row["ramp"]
    zone = "" if method == "atomistic" else f"{row['zone'][0]:g}/{row['zone'][1]:g}"
    if ramp is None:
        return f"{method:10} {zone:>6}   does not hold the crack: {row['error'][:60]}"
    if not ramp.events:
        return f"{method:10} {zone:>6}   no event up to {ramp.K[-1]:.4f}"
    event, system = ramp.events[0], ramp.follower.system
    low, high = sorted((event.before, event.after))
    ghost = ramp.store.run["patch_number"]
    what = f"{event.kind}, {event.slip.name}" if event.slip and event.slip.name else event.kind
    return (
        f"{method:10} {zone:>6} {system.n_repatoms:6d}   {low:.5f} {high:.5f}   "
        f"{event.K - exact:+.5f}   {100.0 * (event.K / exact - 1.0):+6.2f}   {ghost:8.1e}   {what}"
    )


def draw(rows: list[dict], study: dict, path: Path) -> None:
    """Brackets by method, and the atoms after an event (of bgfc, in its largest core)."""
    plt.rcParams.update({"font.size": 9})
    figure, (left, right) = plt.subplots(1, 2, figsize=(10.0, 4.6))
    exact = rows[0]["ramp"].events[0]
    left.axhspan(*sorted((exact.before, exact.after)), color="0.6", alpha=0.6, lw=0)
    left.text(-0.4, exact.K - 3e-4, "atomistic", va="top", fontsize=8, color="0.3")
    marks = dict(zip(study["zones"], ("o", "s", "D"), strict=False))
    for row in rows[1:]:
        if row["ramp"] is None or not row["ramp"].events:
            continue
        event, marker = row["ramp"].events[0], marks[row["zone"]]
        shift = 0.12 * (list(marks).index(row["zone"]) - 0.5 * (len(marks) - 1))
        x = METHODS.index(row["method"]) + shift
        colour = COLOURS[list(marks).index(row["zone"])]
        left.errorbar(x, event.K, 0.5 * event.width, fmt=marker, color=colour, ms=5, capsize=2)
    for i, (zone, marker) in enumerate(marks.items()):
        label = f"core {zone[0]:g}, blend {zone[1]:g} \N{ANGSTROM SIGN}"
        left.plot([], [], marker, color=COLOURS[i], ms=5, label=label)
    left.set_xticks(range(len(METHODS)), METHODS)
    left.set_ylabel(r"$K_\mathrm{I}$ of the emission (MPa$\sqrt{\mathrm{m}}$)")
    left.legend(frameon=False, fontsize=8)
    left.spines[["top", "right"]].set_visible(False)
    shown = [r for r in rows if r["ramp"] is not None and r["ramp"].events]
    best = max(shown, key=lambda r: (r["method"] == "bgfc", sum(r["zone"])))
    dots = draw_atoms(right, best["ramp"], half=1.02 * sum(best["zone"]))
    figure.colorbar(dots, ax=right, shrink=0.8, label="largest bond change (\N{ANGSTROM SIGN})")
    figure.tight_layout()
    figure.savefig(path, dpi=150)
    print(f"wrote {path}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--full", action="store_true", help="the study of the documentation")
    parser.add_argument("--methods", nargs="+", default=METHODS, choices=METHODS)
    parser.add_argument("--out", type=Path, default=Path("out"), help="folder of the files")
    args = parser.parse_args()
    study = FULL if args.full else SMALL
    args.out.mkdir(parents=True, exist_ok=True)
    if args.full:
        print(f"LAMMPS: emission between {LAMMPS[0]} and {LAMMPS[1]} MPa sqrt(m)")
    print("method     core/blend nodes   K- and K+           K - K_at    (%)   ghost force   event")
    rows = [emitted("atomistic", study["zones"][0], study, args.out)]
    exact = rows[0]["ramp"].events[0].K
    print(line(rows[0], exact), flush=True)
    for zone in study["zones"]:
        for method in args.methods:
            rows.append(emitted(method, zone, study, args.out))
            print(line(rows[-1], exact), flush=True)
    draw(rows, study, args.out / "emission_by_method.png")
    ramps = {row["method"]: row["ramp"] for row in rows if row["ramp"] and row["ramp"].events}
    shifts = {method: ramp.events[0].K - exact for method, ramp in ramps.items()}
    worst = max(shifts, key=lambda method: abs(shifts[method]))
    print(f"largest shift of the emission: {shifts[worst]:+.4f} MPa sqrt(m), {worst}")


if __name__ == "__main__":
    main()
