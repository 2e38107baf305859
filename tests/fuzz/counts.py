"""Counts of a run of the fuzzer: by kind and outcome, kept as JSON from which the page is made."""

from __future__ import annotations

import datetime
import json
from collections import Counter
from pathlib import Path
from typing import Any

from harness import FAILURES, OUTCOMES, Family, Verdict

import qcmethod

FOLDER = Path(__file__).parents[2] / "docs" / "checked"
NAMED = 20
"""Failures that are kept by name."""


class Counts:
    """What came of the trials of one family so far."""

    def __init__(self, family: Family, seed: int) -> None:
        self.family, self.seed = family, seed
        self.by: Counter[tuple[str, str]] = Counter()
        self.failed: list[Verdict] = []

    def add(self, verdict: Verdict) -> None:
        """Count one."""
        self.by[verdict.kind, verdict.outcome] += 1
        if verdict.outcome in FAILURES:
            self.failed.append(verdict)

    @property
    def total(self) -> int:
        """Trials so far."""
        return self.by.total()

    def row(self, kind: str | None = None) -> list[int]:
        """Trials of a kind (None: of all) by outcome."""
        return [
            sum(n for (k, o), n in self.by.items() if o == outcome and kind in (None, k))
            for outcome in OUTCOMES
        ]

    def table(self) -> str:
        """The counts as text, a line a kind."""
        kinds = sorted({k for k, _ in self.by})
        wide = max([len(k) for k in kinds] + [len("in all")])
        lines = [" " * wide + "".join(f"{o:>10}" for o in OUTCOMES)]
        lines += [f"{k:{wide}}" + "".join(f"{n:10d}" for n in self.row(k)) for k in kinds]
        return "\n".join([*lines, f"{'in all':{wide}}" + "".join(f"{n:10d}" for n in self.row())])

    def facts(self, seconds: float) -> dict[str, Any]:
        """The counts as they are kept."""
        kinds = sorted({k for k, _ in self.by})
        return {
            "family": self.family.name,
            "what": self.family.what,
            "version": qcmethod.__version__,
            "date": datetime.date.today().isoformat(),
            "seed": self.seed,
            "trials": self.total,
            "seconds": round(seconds),
            "most_seconds": self.family.seconds,
            "most_gigabytes": self.family.gigabytes,
            "outcomes": dict(zip(OUTCOMES, self.row(), strict=True)),
            "kinds": {k: dict(zip(OUTCOMES, self.row(k), strict=True)) for k in kinds},
            "failures": [str(verdict) for verdict in self.failed[:NAMED]],
        }

    def record(self, seconds: float) -> Path:
        """Write the counts to docs/checked."""
        FOLDER.mkdir(exist_ok=True)
        file = FOLDER / f"{self.family.name}.json"
        file.write_text(json.dumps(self.facts(seconds), indent=1, ensure_ascii=False) + "\n")
        return file
