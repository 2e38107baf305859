"""
Dislocation cores, looked at in three ways
==========================================

An edge dislocation and a Lomer dislocation in aluminium, a screw dislocation in tungsten: which
atoms have left their structure, where the Burgers vector is, and how far columns have moved past
each other.
"""

import argparse
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

import qcmethod as qc

parser = argparse.ArgumentParser(
    description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
)
parser.add_argument("--extent", type=float, default=400.0, help="radius of the domains, A")
parser.add_argument("--out", type=Path, default=Path("out"), help="folder of the picture")
args = parser.parse_args()

# %%
# Burgers vector and plane and line in crystal axes, core and blend in Angstrom, half-width of the
# picture, and which component each has. A tungsten screw sits between three columns.

aluminium = qc.Crystal.fcc(qc.load_potential("Al-Ercolessi-1994"))
tungsten = qc.Crystal.bcc(qc.load_potential("W-Ackland-1987"))
edge = ((0.5, -0.5, 0), (1, 1, 1), (-1, -1, 2))
lomer = ((0.5, 0.5, 0), (0, 0, 1), (1, -1, 0))
screw = ((0.5, 0.5, 0.5), (-1, 1, 0), (1, 1, 1))
cores = {
    "edge in Al": (aluminium, edge, {}, 22.0, 10.0, 17.0, "edge", "zx"),
    "Lomer in Al": (aluminium, lomer, {}, 16.0, 8.0, 11.0, "edge", "zx"),
    "screw in W": (tungsten, screw, {"centre": (0.0, 2 / 3)}, 16.0, 8.0, 11.0, "screw", "zz"),
}

# %%
# One row for each: common neighbours, the Nye tensor, differential displacements. The integral of
# the Nye tensor over a core is its Burgers vector.

figure, axes = plt.subplots(3, 3, figsize=(14.5, 13.0), layout="constrained")
for row, (name, (crystal, vectors, options, core, blend, width, part, component)) in zip(
    axes, cores.items(), strict=True
):
    problem = qc.dislocation(crystal, *vectors, extent=args.extent, **options)
    solution = qc.relax(qc.couple(problem, "bgfc", core, blend), fmax=1e-6)
    kinds = qc.structure.common_neighbours(solution)
    nye = qc.structure.nye_tensor(solution)
    moved = qc.structure.differential_displacement(solution, part)
    kinds.draw(row[0], width)
    nye.draw(row[1], component, width)
    moved.draw(row[2], width)
    row[0].set_title(name)
    counts = kinds.counts
    print(f"{name}: {counts['other']} atoms of no structure, {counts['hcp']} of a fault (hcp)")
    if name == "edge in Al":
        between = nye.position(0.75) - nye.position(0.25)
        slip = qc.disregistry(solution).separation
        print(f"partials: {between:.2f} A apart (Nye tensor), {slip:.1f} A (disregistry)")
    found, b = np.linalg.norm(nye.burgers(18.0)), np.linalg.norm(moved.b)
    print(f"integral of the Nye tensor over b: {found / b:.4f}")

args.out.mkdir(parents=True, exist_ok=True)
figure.savefig(args.out / "dislocation_cores.png", dpi=100)
