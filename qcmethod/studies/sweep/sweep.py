"""`sweep`: one function over many cases, side by side; what is finished stays finished.

    sweep(f, cases)    =    {case: f(**case)}, each computed once, whoever dies meanwhile

Cases are given to workers and their outcomes taken as they come (`studies.workers`). With a
directory, each is a file that its worker writes (`place`), so that the same call goes on after any
death: of a worker, of this process, of a scheduler. A case that fails is an outcome, too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from qcmethod.base.door import door
from qcmethod.base.log import Logfile, told_to
from qcmethod.base.types import Facts
from qcmethod.base.version import __version__
from qcmethod.errors import InputError
from qcmethod.studies.progress import Bar, progress_bar
from qcmethod.studies.sweep.attempt import attempt, require_folder
from qcmethod.studies.sweep.cases import Case, list_cases
from qcmethod.studies.sweep.folder import begun, known_in, name_of
from qcmethod.studies.sweep.outcome import Outcome
from qcmethod.studies.sweep.place import Place
from qcmethod.studies.sweep.report import Sweep
from qcmethod.studies.sweep.stopped import SweepFailed, SweepInterrupted
from qcmethod.studies.workers import Lost, require_executor, require_sendable, results


@door
def sweep(
    function: Callable[..., Any],
    cases: Iterable[Mapping[str, Any]] | Mapping[str, Sequence[Any]],
    *,
    executor: Any = None,
    directory: str | Path | None = None,
    retry: bool = False,
    progress: bool | None = False,
    logfile: Logfile = None,
) -> Sweep:
    """Call a function for many cases, and make a table of what it returns.

    Parameters
    ----------
    function : is called with the arguments of a case by name. It returns a mapping of numbers and
        texts, one of them, or a result of this package; a `Solution` or the result of a ramp is
        kept whole, too (`Sweep.result`). If it has an argument `directory` that the cases do not
        give, it gets a folder of the case's own, in which a ramp goes on where it was killed
    cases : mappings from arguments to values; or one mapping of lists, whose combinations are the
        cases: {"KI": [0.40, 0.42], "extent": [1e3, 1e4]}
    executor : runs cases side by side: anything with the `submit` of `concurrent.futures`
        (processes, threads, mpi4py, executorlib), or a client of Dask
    directory : finished cases are kept there, and not computed again when the same call is
        repeated; cases may be added
    retry : compute cases again that failed before
    progress : True draws a bar on the terminal; None does so where there is a terminal
    logfile : gets a line a case: "-" for standard output, the name of a file, or an open one

    Returns
    -------
    Sweep : one row a case; a case that raised, or whose worker died twice, is a row with the reason

    Raises
    ------
    InputError : arguments; a case that is no call of the function, or cannot be sent to another
        process; an executor that takes no calls; a directory of another sweep
    FolderInUseError : another sweep works in the directory
    SweepInterrupted, SweepFailed : on Ctrl-C, or when the executor ended meanwhile, with the
        finished rows in `sweep`
    """
    executor = require_executor(executor)
    listed = list_cases(function, cases, directory is not None)
    require_sendable(executor, function, [case.arguments for case in listed])
    about = {"version": __version__, "function": name_of(function)}
    require_folder(function, listed[0], None if directory is None else Place(Path(directory)))
    with begun(directory, about, listed) as place:
        known = known_in(function, listed, place, retry)
        table = _Table(about, listed, known, place)
        todo = [case for case in listed if case.number not in known]
        with told_to(logfile), progress_bar(progress, len(listed), "sweep") as bar:
            bar.advance(len(known))
            _carried_out(partial(attempt, function), todo, executor, retry, table, bar)
    return table.sweep()


class _Table:
    """The outcomes so far."""

    def __init__(
        self, about: Facts, cases: tuple[Case, ...], known: dict[int, Outcome], place: Place | None
    ) -> None:
        self.about, self.cases, self.place = about, cases, place
        self.outcomes: dict[int, Outcome] = dict(known)
        self.found: dict[int, Any] = {}

    def add(self, case: Case, outcome: Outcome, found: Any, kept: bool) -> None:
        """Take an outcome, and keep it where its worker has not (WriteError)."""
        if self.place is not None and not kept:
            self.place.keep(outcome, found)
        elif found is not None:
            self.found[case.number] = found
        self.outcomes[case.number] = outcome

    def sweep(self) -> Sweep:
        """What is finished, in the order of the cases."""
        finished = [case.number for case in self.cases if case.number in self.outcomes]
        rows = tuple(self.outcomes[number] for number in finished)
        missing = tuple(c.facts for c in self.cases if c.number not in self.outcomes)
        whole = {finished.index(number): found for number, found in self.found.items()}
        return Sweep(self.about, rows, missing, self.place, whole)


def _carried_out(
    run: Callable[..., Any],
    todo: list[Case],
    executor: Any,
    again: bool,
    table: _Table,
    bar: Bar,
) -> None:
    """Compute cases; what is finished is in the table whatever happens."""
    shared = {"place": table.place, "again": again, "away": executor is not None}
    try:
        for number, came in results(run, [{"case": case, **shared} for case in todo], executor):
            case = todo[number]
            if isinstance(came, Lost):
                came = Outcome.lost(case.facts, came.error), None, False
            table.add(case, *came)
            bar.advance(1, _line(case, table))
    except KeyboardInterrupt as stop:
        raise SweepInterrupted(table.sweep()) from stop
    except InputError:
        raise
    except Exception as error:
        raise SweepFailed(table.sweep(), error) from error


def _line(case: Case, table: _Table) -> str:
    """A finished case in one line."""
    outcome = table.outcomes[case.number]
    asked = ", ".join(f"{name} {value}" for name, value in outcome.said().items())
    text = f"failed: {asked}: {outcome.reason}" if outcome.failed else asked
    return f"{len(table.outcomes)} of {len(table.cases)}: {text}"
