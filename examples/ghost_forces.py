"""
Patch test: ghost forces in a perfect crystal
=============================================

Aluminium under a uniform strain has no forces on its atoms. What a coupling method shows there
is its ghost force: the largest of ten gradients, and that at the undeformed crystal, for seven
methods. With ``--maps`` it also draws where they sit.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import qcmethod as qc

METHODS = ("qce", "bqce", "gfc", "bgfc", "grac", "qcf", "bqcf")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--potential", default="Al-Ercolessi-1994", help="of an fcc metal")
    parser.add_argument("--extent", type=float, default=200.0, help="radius of the domain, A")
    parser.add_argument("--core", type=float, default=20.0, help="core radius, A")
    parser.add_argument("--blend", type=float, default=20.0, help="blending width, A")
    parser.add_argument("--maps", type=Path, help="folder for a map of each method")
    args = parser.parse_args()
    crystal = qc.Crystal.fcc(
        qc.load_potential(args.potential), x=(1, 1, -2), y=(1, 1, 1), z=(1, -1, 0)
    )
    problem = qc.vacancy(crystal, extent=args.extent)
    print(f"{'method':8}{'repatoms':>10}{'worst (eV/A)':>14}{'at reference':>14}   passes")
    for method in METHODS:
        report = qc.patch_test(system := qc.couple(problem, method, args.core, args.blend))
        found = f"{report.worst:14.2e}{report.at_reference:14.2e}   {report.passes}"
        print(f"{method:8}{system.n_repatoms:10d}{found}")
        if args.maps:
            args.maps.mkdir(parents=True, exist_ok=True)
            report.plot(args.maps / f"ghost_forces_{method}.png")


if __name__ == "__main__":
    main()
