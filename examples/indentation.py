"""
A flat punch on aluminium: force over depth, first dislocation
==============================================================

The classic of the quasicontinuum method: a punch pressed into a crystal of a micrometre, with atoms
at the contact only. Its sides are parallel to {111} planes, and edge dislocations leave both edges
of the contact, straight down (Tadmor, Miller, Phillips and Ortiz 1999, J. Mater. Res. 14, 2233).
"""

import argparse
from pathlib import Path

import numpy as np

import qcmethod as qc

parser = argparse.ArgumentParser(
    description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
)
parser.add_argument("--half-width", type=float, default=8.0, help="of the punch, A")
parser.add_argument("--extent", type=float, default=1e4, help="radius of the half disc, A")
parser.add_argument("--core", type=float, default=20.0, help="atoms this far about the contact, A")
parser.add_argument("--blend", type=float, default=8.0, help="width of the blending zone, A")
parser.add_argument("--width", type=float, default=0.25, help="of the bracket of the event, A")
given = parser.parse_args()

# %%
# Surface normal y, indenter along z. The depth counts from the first contact.

crystal = qc.Crystal.fcc(
    qc.load_potential("Al-Ercolessi-1994"), x=(1, 1, 1), y=(-1, 1, 0), z=(-1, -1, 2)
)
problem = qc.indentation(crystal, "flat", half_width=given.half_width, extent=given.extent)

# %%
# The ramp goes back where bonds jump, halves the step, and brackets the event.

out = Path("out")
out.mkdir(exist_ok=True)
ramp = qc.ramp(
    problem,
    "bgfc",
    given.core,
    given.blend,
    depth=np.arange(1.0, 20.0),
    width=given.width,
    max_iterations=100,
    directory=out / "indentation",
    progress=True,
)
for event in ramp.events:
    print(event)
ramp.plot(out / "indentation_ramp.png")

# %%
# The last state before the dislocation.

before = ramp.solution()
print(f"{before.system.n_sites:.3g} sites, {before.system.n_repatoms} repatoms")
print(f"force {before.contact.force:.3f} N/m at depth {before.contact.depth:.3f} A")
before.plot(out / "indentation.png")
before.write(out / "indentation.vtu")
before.write(out / "indentation.xyz")
