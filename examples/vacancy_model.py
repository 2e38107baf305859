"""
A vacancy in the plane model crystal
====================================

The coupled solution against the fully atomistic one, for three sizes of the core: energy, and
the position of every atom of the core.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

import qcmethod as qc


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--extent", type=float, default=60.0, help="radius, lattice spacings")
    parser.add_argument("--out", type=Path, default=Path("out"), help="folder of the picture")
    args = parser.parse_args()
    crystal = qc.Crystal.hex2d(qc.load_potential("toy2d-c10"))
    F = [[1.0, 0.02], [0.0, 1.03]]
    # a free atom feels the density of atoms two cut-offs away: clamp that much
    domain = {
        "extent": args.extent * crystal.lattice_constant,
        "rim": 2.1 * crystal.potential.cutoff,
    }
    problem = qc.vacancy(crystal, F, **domain)
    exact = qc.relax(qc.couple(problem, "atomistic"), fmax=1e-8)
    # the same disc without the vacancy: what is left is not the energy of its outer surface
    perfect = qc.relax(qc.couple(qc.homogeneous(crystal, F, **domain), "atomistic"), fmax=1e-8)
    energy = exact.excess_energy - perfect.excess_energy
    print(f"{'method':10}{'core':>6}{'repatoms':>10}{'excess energy':>16}{'largest error':>15}")
    print(f"{'atomistic':10}{'':>6}{exact.system.n_repatoms:10d}{energy:16.8f}")
    for core in (4.0, 8.0, 12.0):
        system = qc.couple(problem, "bgfc", core=core, blend=core)
        solution = qc.relax(system, fmax=1e-8)
        error = core_error(solution, exact)
        energy = solution.excess_energy
        print(f"{'bgfc':10}{core:6.1f}{system.n_repatoms:10d}{energy:16.8f}{error:15.2e}")
    args.out.mkdir(parents=True, exist_ok=True)
    solution.plot(args.out / "vacancy_model.png")


def core_error(solution: qc.Solution, exact: qc.Solution) -> float:
    """Largest distance of an atom of the core from its exact position."""
    body, reference = solution.system.body, exact.system.body
    where = {tuple(ij): n for n, ij in enumerate(reference.ij_l)}
    core = np.flatnonzero(solution.system.weights.w_l == 1.0)
    match = [where[tuple(ij)] for ij in body.ij_l[core]]
    apart = body.positions(solution.u)[core] - reference.positions(exact.u)[match]
    return float(np.linalg.norm(apart, axis=1).max())


if __name__ == "__main__":
    main()
