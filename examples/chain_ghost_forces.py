"""
Ghost forces of a chain, in closed form
=======================================

The smallest model that has them: a chain with nearest and next-nearest neighbours under a uniform
stretch F. Every atom is in equilibrium by symmetry, so any force is the doing of the coupling.
"""

from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

import qcmethod as qc
from qcmethod.plot.styles import STYLE

# %%
# A potential need not come from a file: this card is :math:`\varphi = r^{-12} - 2 r^{-6}`, cut
# between second and third neighbours.

card = {
    "name": "chain",
    "form": "lennard-jones",
    "element": "X",
    "structure": "chain",
    "doi": "-",
    "citation": "-",
    "lattice_constant": 1.0,
    "parameters": {"epsilon": 1.0, "sigma": 2.0 ** (-1 / 6), "cutoff": 2.5, "treatment": "cut"},
}
crystal = qc.Crystal.chain(qc.load_potential(card), a=1.0)
F = np.eye(3)
problem = qc.homogeneous(crystal, F, extent=300.0)

# %%
# **A sharp interface.** A bond that leaves the core pulls with half of its strength: its other
# end is no atom but continuum, and continuum stretches the bonds between nearest neighbours
# only. Beyond the last atom of the core, K = 8, that does not balance, and four atoms feel
# :math:`\varphi'(2F)\, (-1, 1, 1, -1)/2`.

K = 8
report = qc.patch_test(qc.couple(problem, "qce", core=K + 0.5), [F])
atoms, forces = report.x_k[:, 0].round().astype(int), report.forces["F0"][:, 0]
closed_form = (-12.0 * 2.0**-13 + 12.0 * 2.0**-7) * np.array([-0.5, 0.5, 0.5, -0.5])
for i, expected in zip(range(K - 1, K + 3), closed_form, strict=True):
    print(f"atom {i:3d}: force {forces[atoms == i][0]:+.9f}, closed form {expected:+.9f}")

# %%
# **Other couplings.** A blend of width w spreads and weakens them. The strain that they cause
# is of the size of the second difference of :math:`\beta`, and the force is its derivative: a
# linear ramp has kinks and gains 1/w only, a cubic (continuous slope) :math:`w^{-2}`, a quintic
# (continuous curvature) :math:`w^{-3}` in the end. A correction frozen at F removes them there,
# and force-based methods have none at any stretch.

widths = np.array([4, 8, 16, 32, 64])
worst = {}
for blending in ("linear", "cubic", "quintic"):
    worst[blending] = [
        qc.patch_test(qc.couple(problem, "bqce", K, width, blending=blending), [F]).worst
        for width in widths
    ]
    slope = np.log2(worst[blending][-1] / worst[blending][-2])
    print(f"bqce, {blending:8}", *(f"{v:.2e}" for v in worst[blending]), f"  rate {slope:+.2f}")
for method in ("bgfc", "bqcf"):
    print(f"{method}: {qc.patch_test(qc.couple(problem, method, K, 8.0), [F]).worst:.0e}")

# %%
# Ghost forces of ``qce`` along the chain, and the largest one of ``bqce`` against the width.

QCE = STYLE["qce"][0]
figure, (left, right) = plt.subplots(1, 2, figsize=(9.0, 3.6), layout="constrained")
order = np.argsort(atoms)
left.stem(atoms[order], forces[order], basefmt="0.6", linefmt=QCE, markerfmt="k.")
left.axvspan(-K, K, color="0.92", label="core")
left.legend(frameon=False)
left.set(xlim=(-16, 16), xlabel="atom", ylabel="ghost force of qce (reduced units)")
for (blending, values), marker in zip(worst.items(), "os^", strict=True):
    right.loglog(widths, values, marker=marker, label=blending)
right.axhline(report.worst, color=QCE, ls=":", label="qce, sharp")
right.set(xlabel="width of the blend (atoms)", ylabel="largest ghost force of bqce (reduced units)")
right.set_xticks(widths, map(str, widths))
right.minorticks_off()
right.legend(frameon=False)
for axes in (left, right):
    axes.spines[["top", "right"]].set_visible(False)
Path("out").mkdir(exist_ok=True)
figure.savefig("out/chain_ghost_forces.png", dpi=150)

# %%
print(f"worst ghost force of qce: {report.worst:.7f}")
