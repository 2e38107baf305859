"""
Not conservative: the work of force-based methods
=================================================

Work around closed loops, and the energy of undamped runs, with energy- and force-based methods.
"""

from __future__ import annotations

import argparse

import qcmethod as qc

METHODS = ("qce", "bqce", "bgfc", "qcf", "bqcf")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--potential", default="Al-Ercolessi-1994", help="of an fcc metal")
    parser.add_argument("--extent", type=float, default=45.0, help="radius of the domain, A")
    parser.add_argument("--steps", type=int, default=800, help="of the undamped runs, 4 fs each")
    args = parser.parse_args()
    crystal = qc.Crystal.fcc(
        qc.load_potential(args.potential), x=(1, 1, -2), y=(1, 1, 1), z=(1, -1, 0)
    )
    problem = qc.vacancy(crystal, extent=args.extent)
    systems = {name: qc.couple(problem, name, core=8.0, blend=8.0) for name in METHODS}

    print(
        f"{'method':8}{'loop work (eV)':>16}{'of that exchanged':>19}{'largest curl (eV/A^2)':>23}"
    )
    for name, system in systems.items():
        work = qc.loop_work(system, loops=2)
        print(f"{name:8}{work.worst:16.2e}{work.relative:19.1e}{work.largest_curl:23.3f}")

    runs = [qc.drift(systems[name], steps=args.steps, dt=4.0, kick=40.0) for name in METHODS[2::2]]
    print("wrote", runs[0].plot("not_conservative.png", *runs[1:]))
    print(f"\n{'method':8}{'repatoms':>10}{'drift (eV/ps)':>15}{'largest change (eV)':>21}")
    for run in runs:
        repatoms = systems[run.method].n_repatoms
        print(f"{run.method:8}{repatoms:10d}{run.slope:15.2e}{run.excursion:21.2e}")


if __name__ == "__main__":
    main()
