"""
Which coupling should I use?
============================

Six of them on one problem, a row of vacancies (one a period of the crystal) in EAM aluminium,
against all atoms. Draws the error against degrees of freedom and against time, and writes
figure and numbers into ``--out``. With ``--directory`` finished cases are kept: interrupt it,
start it again, and it goes on.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import qcmethod as qc


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--extent", type=float, default=60.0, help="radius of the domain, A")
    parser.add_argument("--cores", type=float, nargs="+", default=[7.0, 10.0, 14.0], help="A")
    parser.add_argument("--out", type=Path, default=Path("out"), help="folder of the results")
    parser.add_argument("--directory", type=Path, help="folder of finished cases")
    args = parser.parse_args()
    crystal = qc.Crystal.fcc(
        qc.load_potential("Al-Ercolessi-1994"), x=(1, 1, -2), y=(1, 1, 1), z=(1, -1, 0)
    )
    study = qc.compare(
        qc.vacancy(crystal, extent=args.extent),
        ("qce", "bqce", "gfc", "bgfc", "qcf", "bqcf"),
        args.cores,
        directory=args.directory,
    )
    args.out.mkdir(parents=True, exist_ok=True)
    print(f"wrote {study.plot(args.out / 'compare_methods.png')}")
    print(f"wrote {study.write(args.out / 'compare_methods.csv')}")
    print(study)
    smallest = {method: min(study.curve(method)[1]) for method in ("bqce", "bgfc")}
    print("smallest error (%):", *(f"{name} {100 * e:.2f}" for name, e in smallest.items()))


if __name__ == "__main__":
    main()
