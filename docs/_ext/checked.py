"""The tables of docs/checked.md, made from the counts that `python tests/fuzz --record` keeps.

python docs/_ext/checked.py        writes them anew (a test holds the page to the counts)
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).parents[1]
PAGE, COUNTS = HERE / "checked.md", HERE / "checked"
BEGIN, END = "<!-- made by docs/_ext/checked.py -->", "<!-- end -->"


def found() -> list[dict[str, Any]]:
    """What the runs kept, a family each."""
    return [json.loads(file.read_text()) for file in sorted(COUNTS.glob("*.json"))]


def line(name: str, outcomes: dict[str, int]) -> str:
    """A row of a table."""
    return f"| {name} | " + " | ".join(f"{n:,}" if n else "" for n in outcomes.values()) + " |"


def table(first: str, rows: list[str], outcomes: dict[str, int]) -> list[str]:
    """Rows under their head."""
    return [
        f"| {first} | " + " | ".join(outcomes) + " |",
        "|---" * (len(outcomes) + 1) + "|",
        *rows,
    ]


def section(run: dict[str, Any]) -> str:
    """What one run found, by kind."""
    rows = [line(kind, outcomes) for kind, outcomes in run["kinds"].items()]
    limits = f"a trial may take {run['most_seconds']:g} s and {run['most_gigabytes']:g} GB"
    head = [f"### {run['family']}: {run['what']}", ""]
    text = f"{run['trials']:,} trials, seed {run['seed']}, in {run['seconds']:,} s; {limits}."
    return "\n".join([*head, text, "", *table("kind", rows, run["outcomes"])])


def tables() -> str:
    """All of it: a row a family, then the kinds of each."""
    runs = found()
    if not runs:
        return ""
    rows = [line(f"{run['family']} ({run['trials']:,})", run["outcomes"]) for run in runs]
    in_all = table("family (trials)", rows, runs[0]["outcomes"])
    return "\n".join(in_all) + "\n\n" + "\n\n".join(section(run) for run in runs)


def page(text: str) -> str:
    """The page with its tables made anew."""
    head, rest = text.split(BEGIN)
    return f"{head}{BEGIN}\n\n{tables()}\n\n{END}{rest.split(END)[1]}"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text()))
