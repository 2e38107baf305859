"""
A void in three dimensions
==========================

A void of 253 missing atoms under a tension of 2 GPa, in a ball of aluminium of 1.5 micrometre radius: 8.6e11 sites of the
lattice, on a mesh of 28,600 nodes.
"""

from __future__ import annotations

import time
from pathlib import Path

import qcmethod as qc


def relaxed(extent: float = 1.5e4, radius: float = 10.0, core: float = 26.0) -> qc.Solution:
    """The void by ``bgfc``, blended over 4 A."""
    crystal = qc.Crystal.fcc(qc.load_potential("Al-Ercolessi-1994"), dimensions=3)
    problem = qc.void(crystal, radius, extent=extent, tension=2000.0)
    system = qc.couple(problem, "bgfc", core=core, blend=4.0)
    print(f"{system.n_sites:.2e} sites, {system.n_repatoms:,} nodes, {system.n_dof:,} unknowns")
    return qc.relax(system, progress=True)


def main(folder: str = "out") -> None:
    start = time.perf_counter()
    solution = relaxed()
    P = qc.elastic_dipole(solution)
    print(f"excess energy {solution.excess_energy:.5f} eV, elastic dipole {P[1, 1]:.1f} eV along y")
    print(f"{time.perf_counter() - start:.0f} s, the first time with the kernels compiled")
    out = Path(folder)
    out.mkdir(exist_ok=True)
    solution.plot(out / "void_in_space.png")
    solution.write(out / "void_in_space.vtu")
    solution.to_atoms(30.0).write(out / "void_in_space.xyz", format="extxyz")
    print(f"{out}/void_in_space.png, .vtu and .xyz, {time.perf_counter() - start:.0f} s in all")


if __name__ == "__main__":
    main()
