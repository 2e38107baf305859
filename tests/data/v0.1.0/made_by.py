"""Results and run folders of qcmethod 0.1.0, small, for the test that later versions read them."""

import json
import sys
from pathlib import Path

import numpy as np

import qcmethod as qc

print(qc.__file__)
out = Path(sys.argv[1])
out.mkdir(parents=True, exist_ok=True)
S = [[1.0, 0.02], [0.0, 1.03]]
plane = qc.Crystal.hex2d(qc.load_potential("toy2d-c10"))
alu = qc.Crystal.fcc(
    qc.load_potential("Al-Ercolessi-1994"), x=(1, 1, -2), y=(1, 1, 1), z=(1, -1, 0)
)
ni = qc.Crystal.fcc(
    qc.load_potential("Al-Ercolessi-1994"), x=(1, -1, 0), y=(1, 1, 1), z=(-1, -1, 2)
)
tung = qc.crack(
    qc.Crystal.bcc(qc.load_potential("W-Ackland-1987"), x=(0, 1, 1), y=(1, 0, 0), z=(0, 1, -1)),
    1.88,
    extent=28.0,
)
crack = qc.crack(alu, KI=0.46, extent=50.0)
facts = {}


def keep(name, s):
    s.write(out / f"{name}.npz")
    facts[name] = {
        "fmax": s.fmax,
        "excess_energy": s.excess_energy,
        "sum_u": float(np.abs(s.u).sum()),
        "n_repatoms": s.system.n_repatoms,
        "patch_number": s.patch_number,
        "n_sites": s.system.n_sites,
        "tip": s.tip,
        "repr": repr(s),
    }


vac = qc.vacancy(plane, S, extent=25.0)
keep("vacancy_bgfc_P2", qc.relax(qc.couple(vac, "bgfc", 4.0, 4.0, elements="P2"), fmax=1e-6))
keep(
    "dipole",
    qc.relax(
        qc.couple(
            qc.dipole(ni, (0.5, -0.5, 0), (1, 1, 1), (-1, -1, 2), separation=8, extent=80.0),
            "bqcf",
            16.0,
            8.0,
        )
    ),
)
keep("vacancy_cluster", qc.relax(qc.couple(vac, "cluster", 6.0), fmax=1e-6))
keep("crack_bqcf", qc.relax(qc.couple(crack, "bqcf", 10.0, 6.0)))
keep(
    "crack_round_rim",
    qc.relax(
        qc.couple(crack, "bgfc", 10.0, 6.0, edge_ratio=0.3, round_rim=True, lattice_reach=20.0)
    ),
)

keep(
    "dislocation",
    qc.relax(
        qc.couple(
            qc.dislocation(alu, (0.5, -0.5, 0), (1, 1, 1), (1, 1, -2), extent=70.0, shear=5.0),
            "bgfc",
            14.0,
            8.0,
        )
    ),
)
ind = qc.indentation(alu, "cylinder", radius=40.0, depth=0.3, extent=60.0)
keep("indentation", qc.relax(qc.couple(ind, "bgfc", 18.0, 8.0)))
mc = qc.microcrack(plane, 5, S, extent=30.0)
keep("microcrack_qnl_hops", qc.relax(qc.couple(mc, "grac", 5.0, metric="hops"), fmax=1e-6))
r = qc.ramp(crack, "bgfc", core=10.0, blend=6.0, KI=(0.46, 0.464), directory=out / "ramp")
r.write(out / "ramp.npz")
facts["ramp"] = {"loads": [float(s.load) for s in r.steps], "n": len(r.trials)}
a = qc.arc(tung, "atomistic", KI=1.88, steps=2, directory=out / "arc")
facts["arc"] = {"K": [float(p.load) for p in a.points], "n": len(a.points)}
ad = qc.adapt(vac, tolerance=0.03, directory=out / "adapt")
facts["adapt"] = {
    "sum_u": float(np.abs(ad.solution.u).sum()),
    "n_repatoms": ad.solution.system.n_repatoms,
}
st = qc.compare(
    vac, methods=("bqce", "bgfc"), cores=(4.0, 6.0), blends=4.0, directory=out / "study"
)
facts["study"] = {"n": len(st.rows), "fmax": max(x.fmax for x in st.rows)}
st.write(out / "study.json")
(out / "facts.json").write_text(json.dumps(facts, indent=1) + "\n")
print(json.dumps(facts, indent=1))
