"""`make bench`: the speed of qcmethod side by side with LAMMPS, and with an earlier version of it
where BASELINE says which, each on one thread, in one run."""

from __future__ import annotations

import os
import sys
import time

for variable in ("OMP", "OPENBLAS", "MKL", "NUMBA"):  # before NumPy and LAMMPS are loaded
    os.environ[f"{variable}_NUM_THREADS"] = "1"

from oracles import lammps_problem  # noqa: E402


def say(line: str) -> None:
    print(line, flush=True)


def main() -> int:
    problem = lammps_problem()
    if problem:
        print(f"nothing to compare with: {problem}", file=sys.stderr)
        return 1
    import alloys
    import cracks
    import kernels
    import ramps
    import sessions
    import versions

    begin = time.perf_counter()
    load = os.getloadavg()[0]
    say(f"load of the machine at the start: {load:.1f} on {os.cpu_count()} cores")
    if load > 0.5:
        say("other programs are running: the least times count, and ratios may be off by 10-20 %")
    kernels.run(say)
    alloys.run(say)
    sessions.run(say)
    cracks.run(say)
    ramps.run(say)
    versions.run(os.environ.get("BASELINE", ""), say)
    say(f"{time.perf_counter() - begin:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
