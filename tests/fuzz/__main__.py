"""The fuzzer by hand.

python tests/fuzz tables --count 5000 --seed 7 --jobs 2     some trials of a family
python tests/fuzz tables --seed 7 --only 1234               one of them, with its traceback
python tests/fuzz --minutes 60                              every family, for an hour in all
python tests/fuzz tables --record                           the full count, kept in docs/checked
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")
os.environ.setdefault("MPLBACKEND", "Agg")
sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

import click  # noqa: E402
import numpy as np  # noqa: E402
from counts import Counts  # noqa: E402
from harness import Family, families  # noqa: E402
from workers import verdicts  # noqa: E402

EVER = float("inf")


@click.command()
@click.argument("names", nargs=-1)
@click.option("--count", type=int, help="trials of each family (default: its full count)")
@click.option("--minutes", type=float, help="time for all of them together")
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--jobs", type=int, default=1, show_default=True, help="worker processes")
@click.option("--only", type=int, help="one trial, in this process")
@click.option("--record", is_flag=True, help="write docs/checked/FAMILY.json")
def main(
    names: tuple[str, ...],
    count: int | None,
    minutes: float | None,
    seed: int,
    jobs: int,
    only: int | None,
    record: bool,
) -> None:
    """Run random trials; exit status 1 where one failed."""
    chosen = [_family(name) for name in names or families()]
    if only is not None:
        _alone(chosen[0], seed, only)
        return
    share = EVER if minutes is None else 60.0 * minutes / len(chosen)
    failed = 0
    for family in chosen:
        most = count or (family.count if minutes is None else sys.maxsize)
        failed += _run(family, seed, most, jobs, share, record)
    sys.exit(failed > 0)


def _family(name: str) -> Family:
    if name not in families():
        raise click.UsageError(f"no family {name!r}: {', '.join(families())}")
    return families()[name]


def _alone(family: Family, seed: int, index: int) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        print(family.trial(np.random.default_rng([seed, index]), Path(folder)))


def _run(family: Family, seed: int, count: int, jobs: int, share: float, record: bool) -> int:
    counts, start = Counts(family, seed), time.time()
    print(f"{family.name}: {family.what}", flush=True)
    said = start
    for verdict in verdicts(family, seed, 0, count, jobs, start + share):
        counts.add(verdict)
        if verdict in counts.failed[-1:] and len(counts.failed) <= 50:
            print(f"  {verdict}", flush=True)
        if time.time() - said > 30:
            said = time.time()
            print(f"  {counts.total} trials, {len(counts.failed)} failed", flush=True)
    seconds = time.time() - start
    print(f"{counts.table()}\n{counts.total} trials in {seconds:.0f} s, seed {seed}\n", flush=True)
    if record:
        print(f"written: {counts.record(seconds)}")
    return len(counts.failed)


if __name__ == "__main__":
    main()
