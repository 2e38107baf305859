"""One relaxation, run as a program by any version of the package: what it took, as JSON, and u.

    python benchmarks/relaxed.py problem method elements core blend rounds file.npy

CPU seconds of `relax` alone, the least of some rounds in a process whose kernels are compiled, and
by how much the peak of memory grew from before the system to after it.
"""

from __future__ import annotations

import json
import resource
import sys
import time
import warnings

import numpy as np

import qcmethod as qc

EXTENT = 1e4  # A
FMAX = 1e-5  # eV/A
SMALL = {"core": 20.0, "blend": 10.0}


def problem(name: str) -> qc.Problem:
    al = qc.load_potential("Al-Ercolessi-1994")
    crystal = qc.Crystal.fcc(al, x=(1, 1, -2), y=(1, 1, 1), z=(1, -1, 0))
    if name == "crack":
        return qc.crack(crystal, KI=0.415, extent=EXTENT)
    return qc.dislocation(crystal, (0.5, -0.5, 0.0), extent=EXTENT)  # a screw


def peak() -> float:
    """Of the memory of this process, kB."""
    return float(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def main(
    name: str, method: str, elements: str, core: str, blend: str, rounds: str, to: str
) -> None:
    warnings.simplefilter("ignore")
    asked = problem(name)
    qc.relax(qc.couple(asked, method, elements=elements, **SMALL), fmax=FMAX)
    before, taken = peak(), []
    system = qc.couple(asked, method, elements=elements, core=float(core), blend=float(blend))
    for _ in range(int(rounds)):
        begin = time.process_time()
        solution = qc.relax(system, fmax=FMAX)
        taken.append(time.process_time() - begin)
    np.save(to, solution.u)
    found = {
        "repatoms": system.n_repatoms,
        "seconds": min(taken),
        "iterations": solution.iterations,
        "memory": (peak() - before) / system.n_repatoms,
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
