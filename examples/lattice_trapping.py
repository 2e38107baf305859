"""
Lattice trapping: the equilibria of a cleavage crack
====================================================

A (100)[011] crack in tungsten, in a cylinder with a clamped rim. `qcmethod.arc` starts from a
stable crack, follows it to the load K+ at which the bond at its tip breaks, and goes on around
that fold through the saddle points, with falling loads, until at K- the next stable crack
begins, a column further on. A load ramp of the same system must find its event at the first
upper fold.

The default covers two lattice periods and takes some minutes; ``--extent 28 --KI 1.88 --periods
0.48`` takes some seconds.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import qcmethod as qc
from qcmethod.studies.arc import ArcResult

POTENTIAL = "W-Ackland-1987"
WIDTH = 2e-4  # of the bracket of the ramp, MPa sqrt(m)


def followed(args: argparse.Namespace) -> tuple[qc.Problem, ArcResult]:
    """The crack and its curve of equilibria."""
    crystal = qc.Crystal.bcc(qc.load_potential(POTENTIAL), x=(0, 1, 1), y=(1, 0, 0), z=(0, 1, -1))
    print(f"Griffith load {qc.griffith_load(crystal):.4f} MPa sqrt(m)")
    problem = qc.crack(crystal, KI=args.KI, extent=args.extent)
    sizes = () if args.method == "atomistic" else (args.core, args.blend)
    curve = qc.arc(problem, args.method, *sizes, KI=args.KI, periods=args.periods, ds=args.ds)
    return problem, curve


def bracketed(problem: qc.Problem, args: argparse.Namespace, K_plus: float) -> tuple[float, float]:
    """Where a load ramp finds that the tip advances."""
    sizes = () if args.method == "atomistic" else (args.core, args.blend)
    loads = (args.KI, 0.5 * (args.KI + K_plus), K_plus - 0.007, K_plus + 0.013)
    # some bonds of the tip stretch by half of their length before the fold: no jumps
    ramp = qc.ramp(problem, args.method, *sizes, KI=loads, width=WIDTH, jump=0.4)
    event = ramp.events[0]
    return event.before, event.after


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--extent", type=float, default=40.0, help="radius of the cylinder, A")
    parser.add_argument("--KI", type=float, default=1.62, help="first load, MPa sqrt(m)")
    parser.add_argument("--periods", type=float, default=2.0, help="lattice periods of the tip")
    parser.add_argument("--ds", type=float, default=0.4, help="longest step, A")
    parser.add_argument("--method", default="atomistic")
    parser.add_argument("--core", type=float, default=20.0)
    parser.add_argument("--blend", type=float, default=10.0)
    parser.add_argument("--out", type=Path, default=Path("out"), help="folder of the files")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    problem, curve = followed(args)
    print(f"{len(curve.points)} equilibria, {(~curve.stable).sum()} of them unstable")
    print("fold     K (MPa sqrt(m))   tip (A)   excess energy (eV)")
    for fold in curve.folds:
        print(f"{fold.fold:6}   {fold.load:15.5f}   {fold.tip:7.3f}   {fold.energy or 0.0:.6f}")
    for low, high in curve.trapping:
        print(f"stable from K- = {low:.5f} to K+ = {high:.5f}")
    before, after = bracketed(problem, args, curve.folds[0].load)
    curve.write(args.out / "lattice_trapping.json")
    print(f"wrote {curve.plot(args.out / 'lattice_trapping.png')}")
    print(f"a ramp brackets the first upper fold: {before:.5f} {after:.5f}")


if __name__ == "__main__":
    main()
