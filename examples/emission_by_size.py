"""
The load of an emission without the size of the domain
======================================================

A clamped rim holds a crack tip: the load at which a Shockley partial leaves it falls with the
radius R of the domain, as R^(-1/2). Domains of a micrometre and more cost a coupled system hardly
more than one of 100 A, so the limit can be read off:

    K(R) = K_limit + C R^(-1/2)

through the two largest domains. The default takes some minutes; ``--extents 100 1000 --width 2e-3``
half a minute. ``--wake`` couples by bqcf with a core that follows the flanks, which is nearer to
all atoms, and takes longer.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np

import qcmethod as qc

POTENTIAL = "Al-Ercolessi-1994"
EXPECTED = (0.418, 0.25)  # MPa sqrt(m), MPa sqrt(m) A^(1/2): where to begin
STEP = 0.004
WAKE = {"core": 9.3, "blend": 4.7, "edge_ratio": 0.35, "round_rim": True, "lattice_reach": 60.0}


def emission(crystal: qc.Crystal, extent: float, args: argparse.Namespace) -> Any:
    """The first event in a domain."""
    first = EXPECTED[0] + EXPECTED[1] / np.sqrt(extent) - 1.8 * STEP
    problem = qc.crack(crystal, KI=first, extent=extent)
    problem = qc.with_wake(problem, 56.0) if args.wake else problem
    method, zone = ("bqcf", WAKE) if args.wake else ("bgfc", {"core": 20.0, "blend": 10.0})
    loads = first + STEP * np.arange(12)
    ramp = qc.ramp(problem, method, KI=loads, width=args.width, max_iterations=60, **zone)
    return ramp.events[0]


def draw(path: Path, extents: np.ndarray, events: list, fit: np.ndarray, K_G: float) -> None:
    """Load over R^(-1/2), and the line to its limit."""
    figure, axis = plt.subplots(figsize=(6.4, 4.2), layout="constrained")
    x, half = extents**-0.5, [0.5 * e.width for e in events]
    axis.errorbar(x, [e.load for e in events], half, fmt="o", color="#2166ac", capsize=2)
    line = np.array([0.0, x.max()])
    axis.plot(line, np.polyval(fit, line), "-", lw=0.9, color="0.4", label="two largest domains")
    axis.plot(0.0, fit[1], "s", color="#b2182b", ms=6, clip_on=False, label=f"limit {fit[1]:.4f}")
    axis.axhline(K_G, color="0.6", lw=0.8, ls="--", label=f"Griffith {K_G:.4f}")
    for i, (R, event) in enumerate(zip(extents[::-1], events[::-1], strict=True)):
        label = f"{R:g} \N{ANGSTROM SIGN}" if R < 1e3 else f"{1e-4 * R:g} \N{MICRO SIGN}m"
        above = {"xytext": (-3, 7), "ha": "right" if i > 1 else "left"}
        side = above if i % 2 else {"xytext": (5, -12)}  # neighbours must not cover each other
        at = (R**-0.5, event.load)
        axis.annotate(label, at, textcoords="offset points", fontsize=8, **side)
    axis.set(
        xlabel="(radius of the domain)$^{-1/2}$ (\N{ANGSTROM SIGN}$^{-1/2}$)",
        ylabel=r"$K_\mathrm{I}$ of the emission (MPa$\sqrt{\mathrm{m}}$)",
        xlim=(0.0, 1.15 * x.max()),
    )
    axis.legend(frameon=False, loc="upper left")
    axis.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=150)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    sizes = [100.0, 1e3, 1e4, 1e5, 1e6]
    parser.add_argument("--extents", type=float, nargs="+", default=sizes, help="radii, A")
    parser.add_argument("--width", type=float, default=1.3e-4, help="of brackets, MPa sqrt(m)")
    parser.add_argument("--wake", action="store_true", help="bqcf, a core along the flanks")
    parser.add_argument("--out", type=Path, default=Path("out"), help="folder of the picture")
    args = parser.parse_args()
    if len(args.extents) < 2:
        parser.error("--extents: two or more radii are needed for a limit")
    args.out.mkdir(parents=True, exist_ok=True)
    crystal = qc.Crystal.fcc(qc.load_potential(POTENTIAL), x=(1, 1, -2), y=(1, 1, 1), z=(1, -1, 0))
    extents, events = np.sort(args.extents), []
    print("  extent (A)   K (MPa sqrt(m))   event")
    for extent in extents:
        events.append(emission(crystal, extent, args))
        e = events[-1]
        print(f"{extent:12,.0f}   {e.load:.5f} +- {0.5 * e.width:.5f}   {e.kind}", flush=True)
    fit = np.polyfit(extents[-2:] ** -0.5, [e.load for e in events[-2:]], 1)
    draw(args.out / "emission_by_size.png", extents, events, fit, qc.griffith_load(crystal))
    print(f"limit {fit[1]:.4f} MPa sqrt(m), C = {fit[0]:.3f} MPa sqrt(m) A^(1/2)")


if __name__ == "__main__":
    main()
