"""A million repatoms on one processor: seconds, memory, and whether the iterations notice.

    python benchmarks/million.py                        cores of 25, 140 and 885 A
    python benchmarks/million.py 25 60 --solver pardiso --limit 8

A crack tip in aluminium by bgfc, below the Griffith load, in a crystal of ten micrometres. Each
core is coupled and relaxed in a process of its own, so that its peak of memory is its own; one that
comes to need more than the limit is ended (on Linux), and nobody else is.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path

CORES = (25.0, 140.0, 885.0)  # A; the last one makes a million repatoms
BLEND = 0.35  # of the core, at most MOST
MOST = 60.0  # A
EXTENT = 1e5  # A
K = 0.40  # MPa sqrt(m)
FMAX = 1e-5  # eV/A
GIGA = 1e9
COLUMNS = {
    "core": "{:8.0f}",
    "repatoms": "{:10,d}",
    "sites": "{:10.1e}",
    "couple": "{:9.1f}",
    "relax": "{:9.1f}",
    "steps": "{:6d}",
    "inner": "{:6d}",
    "peak": "{:8.2f}",
    "kB": "{:6.1f}",
}


def measured(core: float, solver: str) -> dict[str, float]:
    """Couple and relax in this process: CPU seconds, peak in GB, kB a repatom above the start."""
    import qcmethod as qc

    potential = qc.load_potential("Al-Ercolessi-1994")
    crystal = qc.Crystal.fcc(potential, (1, 1, -2), (1, 1, 1), (1, -1, 0))
    qc.relax(qc.couple(qc.crack(crystal, KI=K, extent=300.0), "bgfc", 15.0, 10.0))  # compiles
    before, start = _peak(), time.process_time()
    problem = qc.crack(crystal, KI=K, extent=EXTENT)
    system = qc.couple(problem, "bgfc", core, min(BLEND * core, MOST), solver=solver)
    coupled = time.process_time()
    solution = qc.relax(system, FMAX)
    n = system.n_repatoms
    return {
        "core": core,
        "repatoms": n,
        "sites": system.n_sites,
        "couple": coupled - start,
        "relax": time.process_time() - coupled,
        "steps": solution.iterations,
        "inner": solution.inner,
        "peak": _peak() / GIGA,
        "kB": (_peak() - before) / n / 1e3,
    }


def _peak() -> float:
    """Most memory that this process has held, bytes."""
    unit = 1 if sys.platform == "darwin" else 1024
    return float(unit * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def run(command: list[str], limit: float) -> tuple[str, str]:
    """What a process says, or why it ended without a word; no more than `limit` bytes for it."""
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    ended = ""
    while child.poll() is None:
        time.sleep(0.5)
        if _resident(child.pid) > limit:
            child.kill()
            ended = f"ended: more than {limit / GIGA:.1f} GB"
    said, failed = child.communicate()
    return said, ended or (failed.strip().splitlines() or [""])[-1] if child.returncode else ""


def _resident(pid: int) -> float:
    """Memory that a process holds, bytes; 0 where the system does not say."""
    try:
        return float(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize()
    except (OSError, IndexError):
        return 0.0


def main() -> None:
    """One line for each core."""
    parser = argparse.ArgumentParser(description="A million repatoms: seconds and memory.")
    parser.add_argument("cores", type=float, nargs="*", default=CORES, help="radii, A")
    parser.add_argument("--solver", default="superlu", help='"superlu" or "pardiso"')
    parser.add_argument("--limit", type=float, default=20.0, help="of memory, GB")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child:
        print(json.dumps(measured(asked.cores[0], asked.solver)))
        return
    print(" ".join(f"{name:>{len(form.format(0))}}" for name, form in COLUMNS.items()))
    for core in asked.cores:
        command = [sys.executable, __file__, str(core), "--child", "--solver", asked.solver]
        said, failed = run(command, asked.limit * GIGA)
        if failed:
            print(f"{core:8.0f} {failed}")
            continue
        found = json.loads(said.splitlines()[-1])
        print(" ".join(form.format(found[name]) for name, form in COLUMNS.items()), flush=True)


if __name__ == "__main__":
    main()
