"""
A void in three dimensions: 8.6e11 sites
========================================

A void of 253 missing atoms under a tension of 2 GPa, in a ball of aluminium of 1.5 micrometre
radius. Every atom is a site of the lattice; a mesh of 28,600 nodes stands for them.
"""

import argparse
import time
from pathlib import Path

import qcmethod as qc

parser = argparse.ArgumentParser(
    description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
)
parser.add_argument("--radius", type=float, default=10.0, help="of the void, A")
parser.add_argument("--extent", type=float, default=1.5e4, help="radius of the ball, A")
parser.add_argument("--core", type=float, default=26.0, help="atoms this far about the centre, A")
given = parser.parse_args()

# %%
# The mesh is fine about the void and coarsens as the field decays.

start = time.perf_counter()
crystal = qc.Crystal.fcc(qc.load_potential("Al-Ercolessi-1994"), dimensions=3)
problem = qc.void(crystal, given.radius, extent=given.extent, tension=2000.0)
system = qc.couple(problem, "bgfc", core=given.core, blend=4.0)
print(f"sites {system.n_sites:.3e}, nodes {system.n_repatoms}, unknowns {system.n_dof}")
solution = qc.relax(system, progress=True)

# %%
# Far away the void is an elastic dipole.

P = qc.elastic_dipole(solution)
print(f"excess energy {solution.excess_energy:.5f} eV, dipole along y {P[1, 1]:.2f} eV")

# %%
# A picture, the mesh for ParaView, the atoms about the void for OVITO.

out = Path("out")
out.mkdir(exist_ok=True)
solution.plot(out / "void_in_space.png")
solution.write(out / "void_in_space.vtu")
solution.to_atoms(given.core + 4.0).write(out / "void_in_space.xyz", format="extxyz")
print(f"{out}/void_in_space: .png, .vtu and .xyz; {time.perf_counter() - start:.0f} s in all")
