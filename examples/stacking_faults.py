"""
Stacking faults, and the load at which a tip should slip
========================================================

For each potential: the stable and unstable stacking faults of (111), relaxed; then for the crack
(111)[11-2] the easiest slip system, Rice's load on it, with and without the step that the slip
leaves at the tip, and Griffith's load of cleavage. All of it follows from the potential alone.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import qcmethod as qc
from qcmethod.units import J_PER_M2

METALS = ("Al-Ercolessi-1994", "Cu-Zhou-2004", "Ni-Zhou-2004", "Ag-Zhou-2004")
SLIP = "plane ({} {} {}), slip [{} {} {}] at {:.1f} degrees"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "potentials", nargs="*", default=METALS, help="cards or files of fcc metals"
    )
    parser.add_argument("--map", action="store_true", help="also the gamma surface of the first")
    parser.add_argument("--out", type=Path, default=Path("out"), help="folder of the files")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    for number, name in enumerate(args.potentials):
        crystal = qc.Crystal.fcc(qc.load_potential(name), x=(1, 1, -2), y=(1, 1, 1), z=(1, -1, 0))
        faults = qc.stacking_fault(crystal)
        print(f"{crystal.potential.name}  (J/m^2 and MPa sqrt(m))")
        for kind, energy in faults.j_per_m2().items():
            rigid = faults.rigid[kind] / J_PER_M2
            print(f"  {kind:14} {energy:.4f}   rigid {rigid:.4f}")
        loads = qc.emission_loads(crystal)
        easiest = loads.lowest
        s = easiest.system
        print(f"  {SLIP.format(*s.plane, *s.direction, s.theta)}")
        print(f"  Rice {easiest.K:.4f}   with a step {easiest.K_step:.4f}   ", end="")
        print(f"Griffith {loads.griffith:.4f}")
        if number == 0:
            faults.write(args.out / "stacking_faults.json")
            print(f"  wrote {faults.plot(args.out / 'stacking_faults.png')}")
            if args.map:
                gamma = qc.gamma_surface(crystal)
                print(f"  wrote {gamma.plot(args.out / 'gamma_surface.png')}")


if __name__ == "__main__":
    main()
