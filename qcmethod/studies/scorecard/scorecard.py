"""`scorecard`: what a potential says about fracture and plasticity, number by number.

    scorecard([A, B], "bcc")    =    {(A, row), (B, row) : row in ROWS}, each a case of a sweep

Every row of every potential is a case: it fails by itself, is kept in a folder when it is finished,
and runs on any executor. What rows there are is said by the files of `rows`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from qcmethod.base.arguments import nearest, word
from qcmethod.base.door import door
from qcmethod.base.log import Logfile
from qcmethod.base.version import __version__
from qcmethod.errors import InputError
from qcmethod.potentials.contract import Potential
from qcmethod.studies.scorecard.card import Entry, Scorecard
from qcmethod.studies.scorecard.measure import measured
from qcmethod.studies.scorecard.row import LEVELS, ROWS, Row, listed
from qcmethod.studies.sweep import sweep
from qcmethod.studies.sweep.outcome import Outcome

STRUCTURES = ("bcc", "fcc")


@door
def scorecard(
    potentials: Potential | Sequence[Potential],
    structure: str | None = None,
    *,
    level: str = "quick",
    only: str | Sequence[str] | None = None,
    directory: str | Path | None = None,
    executor: Any = None,
    retry: bool = False,
    progress: bool | None = False,
    logfile: Logfile = None,
) -> Scorecard:
    """Numbers of one potential or of several side by side, each with its error.

    Parameters
    ----------
    potentials : one, or several of different names
    structure : "bcc" or "fcc" (default: what the first potential was made for)
    level : "quick" (crystal, surfaces, faults, Griffith and Rice: seconds) or "full" (ramps of
        cracks and dislocations too: minutes)
    only : names of the rows that are wanted (default: all of structure and level)
    directory : finished rows are kept there, and not computed again when the same call is repeated;
        potentials and rows may be added
    executor : runs rows side by side, see `sweep`
    retry : compute rows again that failed before
    progress, logfile : as in `sweep`

    Returns
    -------
    Scorecard : `print` it for the table; a row that failed is there, with the reason

    Raises
    ------
    InputError : arguments; two potentials of one name; a folder of another card
    SweepInterrupted : on Ctrl-C
    """
    several = _checked(potentials)
    kind = word("structure", structure or several[0].structure, STRUCTURES)
    rows = _rows(kind, word("level", level, LEVELS), only)
    cases = [
        {"potential": one, "structure": kind, "row": row.name} for one in several for row in rows
    ]
    found = sweep(
        measured,
        cases,
        executor=executor,
        directory=directory,
        retry=retry,
        progress=progress,
        logfile=logfile,
    )
    names = [one.name for one in several for _ in rows]
    entries = tuple(_entry(n, row) for n, row in zip(names, found.rows, strict=True))
    return Scorecard(kind, level, __version__, tuple(one.name for one in several), entries)


def _checked(potentials: Potential | Sequence[Potential]) -> tuple[Potential, ...]:
    """Several potentials of different names (InputError)."""
    several = [potentials] if isinstance(potentials, Potential) else potentials
    expected, hint = "a Potential, or a list of some", 'qcmethod.load_potential("W-Zhou-2004")'
    if not isinstance(several, list | tuple) or not several:
        raise InputError("potentials", potentials, expected, hint)
    for number, one in enumerate(several):
        if not isinstance(one, Potential):
            raise InputError(f"potentials[{number}]", one, "a Potential", hint)
        if one.name in [other.name for other in several[:number]]:
            expected = "a name that no other potential of the card has"
            raise InputError(
                f"potentials[{number}]", one.name, expected, "dataclasses.replace(potential, name=)"
            )
    return tuple(several)


def _rows(structure: str, level: str, only: str | Sequence[str] | None) -> tuple[Row, ...]:
    """The rows that are asked for, in their order (InputError)."""
    known = listed(structure, level)
    if only is None:
        return known
    asked = [only] if isinstance(only, str) else only
    names = [row.name for row in known]
    if not isinstance(asked, list | tuple) or not asked:
        raise InputError("only", only, f"names of rows: {', '.join(names)}")
    for name in asked:
        if name not in names:
            hint = nearest(name, names)
            if name in ROWS and structure in ROWS[name].structures:
                hint = f'level="{ROWS[name].level}"'
            expected = f"a row of {structure}, {level}: {', '.join(names)}"
            raise InputError("only", name, expected, hint)
    return tuple(row for row in known if row.name in asked)


def _entry(potential: str, outcome: Outcome) -> Entry:
    """What became of a case."""
    row = str(outcome.case["row"])
    return Entry.made(potential, row, outcome.values, outcome.reason, outcome.seconds)
