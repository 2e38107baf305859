"""
Adaptive refinement follows a dislocation
=========================================

A dislocation leaves a crack tip, and the atomistic zone goes with it. At the first load the
core is a few rows at the tip. At the second there is no equilibrium with the dislocation
inside: the zone opens ahead of it until it stands still, against the clamped rim.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

import qcmethod as qc
from qcmethod.plot.adapt import side_by_side
from qcmethod.studies.adapt import AdaptResult
from qcmethod.studies.adapt.shrink import largest_jump

TITLE = r"$K_\mathrm{{I}}$ = {:g} MPa$\sqrt{{\mathrm{{m}}}}$"


def slipped(result: AdaptResult) -> float:
    """Distance from the tip of the farthest bond that has slipped, A; 0 where none has."""
    system = result.solution.system
    jump = largest_jump(system, result.solution.u)
    away = system.problem.distance(system.body.x_l) <= system.core
    return float(np.linalg.norm(system.body.x_l[away & (jump > 0.3), :2], axis=1).max(initial=0.0))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--loads", type=float, nargs=2, default=(0.41, 0.44), help="KI")
    parser.add_argument("--extent", type=float, default=400.0, help="radius of the domain, A")
    parser.add_argument("--tolerance", type=float, default=0.08, help="relative, energy norm")
    parser.add_argument("--blend", type=float, default=5.6, help="narrow: the slip trace is long")
    parser.add_argument("--out", type=Path, default=Path("adaptive_ramp.png"), help="picture")
    args = parser.parse_args()
    crystal = qc.Crystal.fcc(
        qc.load_potential("Al-Ercolessi-1994"), x=(1, 1, -2), y=(1, 1, 1), z=(1, -1, 0)
    )
    results: list[AdaptResult] = []
    for load in args.loads:
        result = qc.adapt(
            qc.crack(crystal, KI=load, extent=args.extent),
            tolerance=args.tolerance,
            blend=args.blend,
            widen=False,
            start=results[-1] if results else None,
            progress=True,
        )
        print(f"KI = {load:g}: {result.reason}")
        results.append(result)
    before, after = results
    print("wrote", side_by_side(results, args.out, [TITLE.format(load) for load in args.loads]))
    print(f"farthest slipped bond (A) {slipped(before):10.1f} {slipped(after):10.1f}")
    most, first = max(c.repatoms for c in after.cycles), before.cycles[-1].repatoms
    print(f"repatoms at most {most}, {first} before: {most / first:.2f}")


if __name__ == "__main__":
    main()
