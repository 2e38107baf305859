"""An edge dislocation in aluminium: two partials and the fault between them, in a micrometre.

    python examples/dislocation_aluminium.py [--extent 10000] [--core 25] [--blend 15]

Relaxes the dislocation, prints where its partials are, the energy within growing radii and the
core energy, and draws the slip across the glide plane and the atoms, into out/.
"""

import argparse
from pathlib import Path

import qcmethod as qc

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--extent", type=float, default=1e4, help="radius of the domain, A")
parser.add_argument("--core", type=float, default=25.0, help="radius of the atomistic core, A")
parser.add_argument("--blend", type=float, default=15.0, help="width of the blending zone, A")
given = parser.parse_args()

crystal = qc.Crystal.fcc(qc.load_potential("Al-Ercolessi-1994"))
# b = a/2 [1-10] on the plane (111); the line is [-1-12]
problem = qc.dislocation(crystal, (0.5, -0.5, 0), (1, 1, 1), (-1, -1, 2), extent=given.extent)
system = qc.couple(problem, "bgfc", given.core, given.blend)
print(f"{system.n_sites:.3g} sites, {system.n_repatoms} repatoms")
solution = qc.relax(system, fmax=1e-6)

slip = qc.disregistry(solution)
print(f"partials at b/4 and 3b/4: {slip.separation:.2f} A apart")
radii = [r for r in (10.0, 30.0, 100.0, 1e3, 1e4) if r < 0.95 * given.extent]
energy = qc.line_energy(solution, radii)
for r, E in zip(energy.radius, energy.energy, strict=True):
    print(f"energy within {r:6.0f} A: {E:.4f} eV/A")
print(f"prefactor b.L.b/4pi: {energy.K:.4f} eV/A")
print(f"core energy (r0 = b): {energy.core_energy():.4f} eV/A")

out = Path("out")
out.mkdir(exist_ok=True)
slip.plot(out / "dislocation_aluminium_slip.png")
solution.plot(out / "dislocation_aluminium.png")
solution.write(out / "dislocation_aluminium.xyz")
