"""
An edge dislocation in aluminium: two partials
==============================================

Two Shockley partials and the fault between them, in a cylinder of a micrometre: the slip across
the glide plane, the energy within growing radii and the core energy.
"""

import argparse
from pathlib import Path

import qcmethod as qc

parser = argparse.ArgumentParser(
    description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
)
parser.add_argument("--extent", type=float, default=1e4, help="radius of the domain, A")
parser.add_argument("--core", type=float, default=25.0, help="radius of the atomistic core, A")
parser.add_argument("--blend", type=float, default=15.0, help="width of the blending zone, A")
given = parser.parse_args()

# %%
# The Burgers vector is a/2 [1-10] on the plane (111), the line [-1-12]: Miller indices, which also
# turn the crystal.

crystal = qc.Crystal.fcc(qc.load_potential("Al-Ercolessi-1994"))
problem = qc.dislocation(crystal, (0.5, -0.5, 0), (1, 1, 1), (-1, -1, 2), extent=given.extent)
system = qc.couple(problem, "bgfc", given.core, given.blend)
print(f"{system.n_sites:.3g} sites, {system.n_repatoms} repatoms")
solution = qc.relax(system, fmax=1e-6)

# %%
# The partials are where the slip across the glide plane passes a quarter and three quarters of b.

slip = qc.disregistry(solution)
print(f"partials at b/4 and 3b/4: {slip.separation:.1f} +- 0.1 A apart")

out = Path("out")
out.mkdir(exist_ok=True)
slip.plot(out / "dislocation_aluminium_slip.png")
solution.plot(out / "dislocation_aluminium.png")
solution.write(out / "dislocation_aluminium.xyz")

# %%
# Far from the core the energy grows with the logarithm of the radius, and elasticity knows its
# prefactor. What is left is the core energy.

radii = [r for r in (10.0, 30.0, 100.0, 1e3, 1e4) if r < 0.95 * given.extent]
energy = qc.line_energy(solution, radii)
for r, E in zip(energy.radius, energy.energy, strict=True):
    print(f"energy within {r:6.0f} A: {E:.4f} eV/A")
print(f"prefactor b.L.b/4pi: {energy.K:.4f} eV/A")
print(f"core energy (r0 = b): {energy.core_energy():.4f} eV/A")
