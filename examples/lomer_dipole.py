"""
Two Lomer dislocations: interaction energy
==========================================

A dipole of two Lomer dislocations in aluminium at growing separation d. Its energy is that of two
lines in an anisotropic medium, E = 2 (K log(d/b) + E_core + E_ct), with the core energy E_core of a
single dislocation and the work E_ct of the tractions about its core: nothing is fitted.
"""

import argparse
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import qcmethod as qc
from qcmethod.elasticity import core_traction_energy, stroh
from qcmethod.plot.styles import STYLE

parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
parser.add_argument("--extent", type=float, default=2e4, help="radius of the domain, A")
parser.add_argument("--core", type=float, default=20.0, help="radius of the atomistic core, A")
parser.add_argument("--blend", type=float, default=12.0, help="width of the blending zone, A")
parser.add_argument("--columns", type=int, nargs="+", default=[12, 16, 24, 32, 48])
given = parser.parse_args()

crystal = qc.Crystal.fcc(qc.load_potential("Al-Ercolessi-1994"))
# b = a/2 [110] on the plane (001), both lines along [1-10]
triad = ((0.5, 0.5, 0), (0, 0, 1), (1, -1, 0))

# %%
# One dislocation gives the core energy, elasticity the rest.
single = qc.dislocation(crystal, *triad, extent=given.extent)
alone = qc.relax(qc.couple(single, "bgfc", given.core, given.blend), fmax=1e-6)
line = qc.line_energy(alone, [50.0, 100.0])
solid = stroh(single.crystal.elastic_constants().tensor)
traction = core_traction_energy(solid, single.predictor.singular.b)
print(f"K: {line.K:.4f} eV/A")
print(f"core energy of a single line: {line.core_energy():.4f} eV/A")
print(f"core traction: {traction:.4f} eV/A")

# %%
# The dipoles.
print("columns   d (A)   repatoms   energy (eV/A)   elastic (eV/A)")
found, slips = [], []
for columns in given.columns:
    pair = qc.dipole(crystal, *triad, separation=columns, extent=given.extent)
    solution = qc.relax(qc.couple(pair, "bgfc", given.core, given.blend), fmax=1e-6)
    slip = qc.disregistry(solution)
    left, right = slip.crossings(0.5)
    energy = solution.excess_energy / pair.crystal.lattice.period
    elastic = 2 * (line.K * np.log((right - left) / line.b) + line.core_energy() + traction)
    repatoms = solution.system.n_repatoms
    print(f"{columns:7d} {right - left:7.3f} {repatoms:10d} {energy:15.5f} {elastic:16.5f}")
    found.append((right - left, energy, elastic))
    slips.append(slip)
d, energy, elastic = np.array(found).T
print(f"largest difference: {100 * np.abs(energy / elastic - 1).max():.2f} %")

figure, (left, right) = plt.subplots(1, 2, figsize=(9.2, 3.8), layout="constrained")
for slip, apart in zip(slips, d, strict=True):
    left.plot(slip.x, slip.along / line.b, ".-", ms=4, lw=1, label=f"{apart:.0f} Å")
left.legend(frameon=False, fontsize=8, title="separation")
left.set(xlabel="x along the glide plane (Å)", ylabel="slip  $s/b$", title="Slip of the dipoles")
left.set_xlim(-0.75 * d[-1], 0.75 * d[-1])
curve = np.geomspace(0.9 * d[0], 1.1 * d[-1], 50)
theory = 2 * (line.K * np.log(curve / line.b) + line.core_energy() + traction)
label = r"$2\,(K\,\ln(d/b) + E_\mathrm{core} + E_\mathrm{ct})$"
right.plot(curve, theory, "0.4", lw=1, label=label)
right.plot(d, energy, "D", color=STYLE["bgfc"][0], label="bgfc")
right.set(xscale="log", xlabel="separation $d$ (Å)", ylabel="energy (eV/Å)", title="Energy")
right.set_xticks([30, 50, 100], ["30", "50", "100"])
right.minorticks_off()
right.legend(frameon=False)
out = Path("out")
out.mkdir(exist_ok=True)
figure.savefig(out / "lomer_dipole.png", dpi=150)
