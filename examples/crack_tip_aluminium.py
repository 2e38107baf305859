"""
A crack in aluminium, in a cylinder of a micrometre
===================================================

Just above the Griffith load, by an energy-based and by a force-based method. They share the
mesh and treat the interface differently, so what they differ by is an estimate of the error.

Writes a picture, the mesh (``.vtu``, ParaView) and the atoms (``.xyz``, OVITO) into ``out/``.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

import qcmethod as qc

POTENTIAL = "Al-Ercolessi-1994"  # its Griffith load in this orientation is 0.413 MPa sqrt(m)
KI = 0.415  # MPa sqrt(m); in a domain of this size the tip emits a partial before 0.42
EXTENT = 1e4  # A: a radius of one micrometre
CORE, BLEND = 25.0, 15.0  # A
FMAX = 1e-5  # eV/A
METHODS = ("bgfc", "bqcf")


def solve(problem: qc.Problem, method: str, args: argparse.Namespace, console: Console):
    """Couple, test and relax; a line of progress for each step."""
    with console.status(f"{method}: coupling") as status:
        system = qc.couple(problem, method, core=args.core, blend=args.blend)
        console.print(
            f"{method}: {system.n_repatoms} repatoms for {system.n_sites:.3e} sites of the lattice"
        )
        status.update(f"{method}: patch test")
        report = qc.patch_test(system)
        console.print(f"  {report.verdict}")

        def progress(iteration: int, fmax: float, energy: float | None) -> None:
            status.update(f"{method}: iteration {iteration}, fmax {fmax:.2e} eV/A")

        solution = qc.relax(system, fmax=FMAX, progress=progress)
        console.print(f"  fmax {solution.fmax:.1e} eV/A after {solution.iterations} iterations")
    return report, solution


def core_difference(a: qc.Solution, b: qc.Solution) -> float:
    """Largest distance of the same atom in two solutions on one mesh, over the core, A."""
    system = a.system
    core = system.problem.distance(system.body.x_l) <= system.core
    apart = system.body.positions(a.u) - b.system.body.positions(b.u)
    return float(np.linalg.norm(apart[core], axis=1).max())


def table(results: dict, seconds: float) -> Table:
    """The two solutions side by side."""
    rows = {
        "lattice sites in the domain": lambda r, s: f"{s.system.n_sites:.4g}",
        "repatoms": lambda r, s: f"{s.system.n_repatoms}",
        "degrees of freedom": lambda r, s: f"{s.system.n_dof}",
        "worst ghost force of the patch test (eV/A)": lambda r, s: f"{r.worst:.1e}",
        "the same at the reference state (eV/A)": lambda r, s: f"{r.at_reference:.1e}",
        "iterations": lambda r, s: f"{s.iterations}",
        "force evaluations": lambda r, s: f"{s.evaluations}",
        "residual fmax (eV/A)": lambda r, s: f"{s.fmax:.1e}",
        "seconds to relax": lambda r, s: f"{s.seconds:.1f}",
    }
    out = Table("", *results, title=f"{POTENTIAL}, K_I = {KI} MPa sqrt(m)")
    for name, value in rows.items():
        out.add_row(name, *[value(*pair) for pair in results.values()])
    difference = core_difference(*[solution for _, solution in results.values()])
    out.add_row("seconds in all", f"{seconds:.1f}", "")
    out.add_row("largest difference in the core (A)", f"{difference:.2e}", "")
    return out


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--extent", type=float, default=EXTENT, help="radius of the domain, A")
    parser.add_argument("--core", type=float, default=CORE, help="core radius, A")
    parser.add_argument("--blend", type=float, default=BLEND, help="blending width, A")
    parser.add_argument("--out", type=Path, default=Path("out"), help="folder of the files")
    args, console, start = parser.parse_args(), Console(), time.perf_counter()
    args.out.mkdir(parents=True, exist_ok=True)
    crystal = qc.Crystal.fcc(qc.load_potential(POTENTIAL), x=(1, 1, -2), y=(1, 1, 1), z=(1, -1, 0))
    problem = qc.crack(crystal, KI=KI, extent=args.extent)
    results = {method: solve(problem, method, args, console) for method in METHODS}
    solution = results[METHODS[0]][1]
    files = [solution.plot(args.out / "crack_tip_aluminium.png")]
    files += [solution.write(args.out / f"crack_tip_aluminium{end}") for end in (".vtu", ".xyz")]
    console.print(*files, sep="\n", soft_wrap=True)
    console.print(table(results, time.perf_counter() - start))


if __name__ == "__main__":
    main()
