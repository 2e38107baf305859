"""
A screw in iron: which stresses move it
=======================================

A screw dislocation in bcc does not obey Schmid's law. The shear stress along b at which it glides
on (1-10) depends on shear on other planes of its zone, and on stresses that do not push it at all.
"""

import argparse

import numpy as np

import qcmethod as qc

parser = argparse.ArgumentParser(
    description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
)
parser.add_argument("--potential", default="Fe-Finnis-1984", help="a card, or a table of LAMMPS")
parser.add_argument("--extent", type=float, default=200.0, help="radius of the domain, A")
parser.add_argument("--size", type=float, default=400.0, help="of the stresses beside it, MPa")
parser.add_argument("--first", type=float, default=400.0, help="first load, MPa")
parser.add_argument("--step", type=float, default=100.0, help="step of the load, MPa")
parser.add_argument("--last", type=float, default=4000.0, help="last load, MPa")
parser.add_argument("--width", type=float, default=10.0, help="of the bracket, MPa")
parser.add_argument("--cases", type=int, default=5, help="how many of the stresses below")
given = parser.parse_args()

# %%
# The axes are x = [-1 -1 2], y = [1 -1 0], z = [1 1 1]. `shear` is the pure shear along b on y. A
# stress xz is shear along b on x: with both, the plane of largest shear is turned by atan(xz/yz),
# for xz < 0 towards (2 -1 -1), where shear along +b twins the crystal, for xz > 0 towards
# (1 -2 1), where it does not. (-xx, +yy) is shear across b: it does not push the line. Tension
# along y + z, which makes its largest shear on (1-10), has a positive yy, compression a negative.

size = given.size * qc.units.MPA
cases = {
    "pure shear": None,
    "turned to antitwinning": size * np.array([0, 0, 0, 0, 1, 0]),
    "turned to twinning": size * np.array([0, 0, 0, 0, -1, 0]),
    "tension across the plane": size * np.array([-1, 1, 0, 0, 0, 0]),
    "compression across the plane": size * np.array([1, -1, 0, 0, 0, 0]),
}

# %%
# The easy place of the line is amid three columns. Loads rise to the first event. The compact core
# of Mendelev's iron (Fe_mm.eam.fs, which LAMMPS ships) glides by a valley; the polarised one of the
# card may first change its arms, a rearrangement.

crystal = qc.Crystal.bcc(qc.load_potential(given.potential))
loads = [0.0, *np.arange(given.first, given.last, given.step)]
for name, stress in list(cases.items())[: given.cases]:
    line = qc.dislocation(
        crystal,
        (0.5, 0.5, 0.5),
        (1, -1, 0),
        (1, 1, 1),
        extent=given.extent,
        stress=stress,
        centre=(0.5, 1 / 3),
    )
    result = qc.ramp(line, "bgfc", 20.0, 10.0, shear=loads, width=given.width, max_iterations=60)
    for event in result.events:
        print(f"{name:30s} {event.kind} at {event.load:.1f} +- {0.5 * event.width:.1f} MPa")
