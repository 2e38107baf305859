"""Ramps and adaptive runs: CPU seconds of this checkout against those of another one.

    BASELINE=/path/to/a/checkout python benchmarks/ramps.py [case ...]

Each case runs in a process of its own, once to load its kernels and then timed, the two checkouts
in turn, so that both meet the same load of the machine. Brackets must be the same. Without a
BASELINE this checkout's own seconds are said.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

METHODS = ("qce", "bqce", "gfc", "bgfc", "grac", "qcf", "bqcf")
CASES = ("readme", *METHODS, "adapt")
ROUNDS = 2
HERE = Path(__file__).resolve()


def crack(KI: float, extent: float):
    import qcmethod as qc

    crystal = qc.Crystal.fcc(
        qc.load_potential("Al-Ercolessi-1994"), x=(1, 1, -2), y=(1, 1, 1), z=(1, -1, 0)
    )
    return qc.crack(crystal, KI=KI, extent=extent)


def ramp(case: str):
    """The ramp of the README, or one of `examples/emission_by_method.py`."""
    import qcmethod as qc

    if case == "readme":
        loads = [0.42, 0.44, 0.46, 0.48]
        return qc.ramp(crack(0.42, 60.0), "bgfc", core=14.0, blend=8.0, KI=loads)
    loads = [0.46 + 0.01 * n for n in range(20)]
    words = {"width": 2.5e-3, "max_iterations": 400}
    return qc.ramp(crack(0.46, 50.0), case, 10.0, 6.0, KI=loads, **words)


def timed_ramp(case: str) -> dict:
    """CPU seconds of a ramp, its work and the brackets of its events."""
    ramp(case)  # compiled kernels are loaded
    begin = time.process_time()
    result = ramp(case)
    return {
        "seconds": time.process_time() - begin,
        "iterations": sum(trial.iterations for trial in result.trials),
        "found": [(e.before, e.after, e.kind) for e in result.events],
    }


def timed_adapt(_: str) -> dict:
    """CPU seconds of a run to 1e4 repatoms; the last estimate, marking and refinement against the
    solve of their cycle."""
    import qcmethod as qc

    time.perf_counter = time.process_time  # what cycles are timed by
    words = {"tolerance": 4e-4, "goal": "displacement", "max_repatoms": 12_000}
    qc.adapt(crack(0.42, 200.0), **{**words, "max_repatoms": 600})
    begin = time.process_time()
    last = qc.adapt(crack(0.42, 200.0), **words).cycles[-1]
    return {
        "seconds": time.process_time() - begin,
        "iterations": last.iterations,
        "found": [(last.repatoms, round(last.estimate_seconds / last.solve_seconds, 2))],
    }


def taken(case: str, checkout: Path) -> dict:
    """What a case takes with the package of a checkout, in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(checkout)}
    command = [sys.executable, str(HERE), "--only", case]
    done = subprocess.run(
        command, env=environment, cwd=checkout, capture_output=True, text=True, check=False
    )
    if done.returncode:
        return {"seconds": float("nan"), "iterations": 0, "found": done.stderr.splitlines()[-1:]}
    return json.loads(done.stdout.splitlines()[-1])


def _in_turn(case: str, own: Path, other: str | None) -> tuple[list[dict], list[dict]]:
    """What a case takes with this checkout, and with another one if there is one."""
    after, before = [], []
    for _ in range(1 if other is None else ROUNDS):
        after.append(taken(case, own))
        before += [] if other is None else [taken(case, Path(other))]
    return after, before


def run(say: Callable[[str], None], cases: tuple[str, ...] = CASES) -> None:
    """A line a case."""
    own, other = HERE.parents[1], os.environ.get("BASELINE")
    say(f"ramps and adaptive runs, CPU seconds; before: {other or '(no BASELINE)'}")
    for case in cases:
        after, before = _in_turn(case, own, other)
        least, found = min(one["seconds"] for one in after), after[0]["found"]
        text = f"  {case:8} {least:7.2f} s, {after[0]['iterations']} iterations, {found}"
        if before:
            first = min(one["seconds"] for one in before)
            text += f"; before {first:.2f} s, {before[0]['iterations']}: {first / least:.2f} times"
            text += "" if before[0]["found"] == found else f", found {before[0]['found']}"
        say(text)


if __name__ == "__main__":
    if "--only" in sys.argv:
        name = sys.argv[-1]
        print(json.dumps(timed_adapt(name) if name == "adapt" else timed_ramp(name)))
    else:
        chosen = tuple(sys.argv[1:]) or CASES
        run(lambda line: print(line, flush=True), chosen)
