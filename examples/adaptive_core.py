"""
Adaptive refinement: name a tolerance, not a mesh
=================================================

An edge dislocation in aluminium: from the few atoms about its line to a flat core that covers
both partials and the stacking fault between them. The program finds where atoms are needed.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import qcmethod as qc


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--potential", default="Al-Ercolessi-1994", help="of an fcc metal")
    parser.add_argument("--extent", type=float, default=400.0, help="first outer radius, A")
    parser.add_argument("--tolerance", type=float, default=0.03, help="relative, energy norm")
    parser.add_argument("--out", type=Path, default=Path("adaptive_core"), help="of the files")
    args = parser.parse_args()
    crystal = qc.Crystal.fcc(qc.load_potential(args.potential))
    problem = qc.dislocation(crystal, (0.5, -0.5, 0), (1, 1, 1), (-1, -1, 2), extent=args.extent)
    result = qc.adapt(problem, tolerance=args.tolerance, progress=True)
    print(result.reason)
    found = qc.disregistry(result.solution)
    (left, bottom), (right, top) = result.zone.min(axis=0), result.zone.max(axis=0)
    reach = result.choice.pad
    print(f"partials {found.separation:.1f} +- 0.1 A apart")
    print(f"core from x = {left - reach:.1f} to {right + reach:.1f} A, ", end="")
    print(f"y = {bottom - reach:.1f} to {top + reach:.1f} A")
    print("wrote", result.write(args.out.with_suffix(".json")))
    print("wrote", result.plot(args.out.with_suffix(".png")))
    value, error = result.energy
    print(f"energy over the predictor {value:.4f} +- {error:.4f} eV per period")


if __name__ == "__main__":
    main()
