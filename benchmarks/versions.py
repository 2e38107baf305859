"""Before and after: what a relaxation takes in another version of the package and in this one.

`make bench BASELINE=...` names the other: a checkout, or the Python of an environment that has it.
Each case is relaxed by both, one after the other in processes of their own; ratios are of one run.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).parents[1]
CASES = (
    # problem, method, elements, core, blend (A), rounds
    ("crack", "bgfc", "P1", 25.0, 15.0, 3),
    ("crack", "bgfc", "P1", 66.0, 29.0, 2),
    ("crack", "bgfc", "P1", 135.0, 55.0, 1),
    ("crack", "bqcf", "P1", 25.0, 15.0, 3),
    ("crack", "bgfc", "P2", 66.0, 29.0, 2),
    ("dislocation", "bgfc", "P1", 66.0, 29.0, 2),
)
HEADER = (
    f"{'':<26}{'repatoms':>9}{'before':>9}{'after':>8}{'ratio':>7}{'steps':>9}"
    f"{'kB a repatom':>15}{'differ, A':>11}"
)


def environment(where: Path) -> tuple[str, dict[str, str]]:
    """Python and the variables with which the package at a checkout or an interpreter is run."""
    if where.is_file():
        return str(where), {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    if not (where / "qcmethod").is_dir():
        raise SystemExit(f"BASELINE: {where} is no checkout of qcmethod and no Python")
    return sys.executable, {**os.environ, "PYTHONPATH": str(where)}


def relaxed(where: Path, case: tuple[Any, ...], to: Path) -> dict[str, float]:
    """What `relaxed.py` found with the package there."""
    python, variables = environment(where)
    words = [python, str(HERE / "benchmarks" / "relaxed.py"), *map(str, case), str(to)]
    done = subprocess.run(words, env=variables, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def line(case: tuple[Any, ...], before: dict[str, float], after: dict[str, float], u: float) -> str:
    name = " ".join(map(str, case[:3]))
    return (
        f"   {name:<23}{after['repatoms']:>9.0f}{before['seconds']:>9.2f}{after['seconds']:>8.2f}"
        f"{before['seconds'] / after['seconds']:>7.2f}"
        f"{before['iterations']:>6.0f}{after['iterations']:>3.0f}"
        f"{before['memory']:>10.1f}{after['memory']:>5.1f}{u:>11.0e}"
    )


def run(baseline: str, say: Callable[[str], None]) -> None:
    """Print the table; '' compares nothing."""
    if not baseline:
        say("3. Before and after: none (BASELINE=path of a checkout of another version)")
        return
    other = Path(baseline).absolute()
    say(f"3. Before ({other}) and after: CPU seconds of a relaxation to 1e-5 eV/A,")
    say("   Newton steps, growth of the peak of memory, largest difference of the solutions.")
    say(HEADER)
    with tempfile.TemporaryDirectory() as name:
        files = [Path(name) / "before.npy", Path(name) / "after.npy"]
        for case in CASES:
            before, after = (
                relaxed(where, case, file) for where, file in zip((other, HERE), files, strict=True)
            )
            u = [np.load(file) for file in files]
            differ = np.nan
            if u[0].shape == u[1].shape:
                differ = float(np.linalg.norm(u[0] - u[1], axis=1).max())
            say(line(case, before, after, differ))
