"""`compare`: the same problem by several methods, side by side, against one reference."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

from qcmethod.base.door import door
from qcmethod.base.log import Logfile, told_to
from qcmethod.base.told import whole_path
from qcmethod.base.types import Facts
from qcmethod.coupling.method import MethodName
from qcmethod.errors import InputError
from qcmethod.problems.problem import Problem
from qcmethod.solve import require_fmax
from qcmethod.solve.solution import Solution
from qcmethod.studies.compare.case import Case
from qcmethod.studies.compare.cases import Lengths, Methods, list_cases
from qcmethod.studies.compare.definition import (
    about_study,
    definition,
    given_reference,
    measured_radii,
)
from qcmethod.studies.compare.measure import Yardstick
from qcmethod.studies.compare.reference import Reference, atomistic
from qcmethod.studies.compare.report import Study
from qcmethod.studies.compare.row import Row
from qcmethod.studies.compare.run_case import run_case
from qcmethod.studies.compare.stopped import StudyFailed, StudyInterrupted
from qcmethod.studies.compare.store import Store
from qcmethod.studies.given import told
from qcmethod.studies.progress import Bar, progress_bar
from qcmethod.studies.recipe import keep_recipe
from qcmethod.studies.workers import Lost, require_executor, require_sendable, results

USUAL: tuple[MethodName, ...] = ("qce", "bqce", "bgfc", "bqcf")


@door
def compare(
    problem: Problem,
    methods: Methods = USUAL,
    cores: float | Iterable[float] = (),
    blends: Lengths = None,
    *,
    reference: Solution | str | Path = "atomistic",
    extents: Lengths = None,
    options: Mapping[str, Any] | None = None,
    fmax: float = 1e-6,
    near: float | None = None,
    within: float | None = None,
    stability: bool = True,
    directory: str | Path | None = None,
    executor: Any = None,
    progress: bool | None = False,
    logfile: Logfile = None,
) -> Study:
    """Solve one problem by several methods and measure each against a reference.

    Parameters
    ----------
    problem : from `crack`, `vacancy`, `microcrack`, ...
    methods : names of `couple`, values of `Coupling`, or a mapping from the label of a curve to
        what is its own: a `Coupling`, or a mapping with "method" (default: the label), keywords of
        `couple`, and "core", "blend", "extent" as functions of the study's core, e.g.
        {"bqce": {}, "sharp": {"method": "gfc", "metric": "hops"}}
    cores : core radii, A
    blends : blending widths, A: one for all, one a core (paired), or a function of the core
        (default: as wide as the core)
    reference : "atomistic" (all atoms of the problem are relaxed), a solution of the same problem,
        or a `.npz` file of `Solution.write`
    extents : radii of the domains, A, given like `blends` (default: the problem's own)
    options : further keywords of `couple` for all cases
    fmax : residual at which all solvers stop, eV/A
    near : radius about the defect of the errors there, A (default: the cut-off, which every core
        contains)
    within : radius about the defect in which the error norms are taken, A (default: everywhere,
        or half the extent where the predictor is singular)
    stability : compute the stability constant of each solution (not of engines: hundreds of calls)
    directory : finished cases are kept there, and not computed again when the same call is repeated
    executor : runs cases side by side: anything with the `submit` of `concurrent.futures`, or a
        client of Dask. A case whose worker dies is run again, once
    progress : True draws a bar on the terminal; None does so where there is a terminal
    logfile : gets a line a case: "-" for standard output, the name of a file, or an open one

    Returns
    -------
    Study : one row a case; a case that was refused or did not converge is a row with its reason

    Raises
    ------
    InputError : arguments; a reference of another problem, or too large; a directory of another
        study
    CouplingError : an unknown method
    ConvergenceError : the atomistic reference itself
    StudyInterrupted, StudyFailed : on Ctrl-C, or when the executor ended, with the finished rows in
        `study`
    """
    made = told(compare, {**locals(), "reference": whole_path(reference)})
    if not isinstance(problem, Problem):
        raise InputError("problem", problem, "a Problem", "qcmethod.vacancy(crystal, ...)")
    require_fmax(fmax, problem.crystal.potential)
    executor = require_executor(executor)
    cases = list_cases(problem, methods, cores, blends, extents, {} if options is None else options)
    radii = measured_radii(problem, near, within)
    about = about_study(problem, fmax, radii)
    known = given_reference(reference)
    defined = definition(about, problem, cases, known, stability)
    kept = nullcontext() if directory is None else Store.claim(directory, defined)
    with kept as store, told_to(logfile), progress_bar(progress, len(cases)) as bar:
        if store is not None:
            keep_recipe(store.folder, made)
        if known is None:
            known = _atomistic(problem, fmax, store, bar)
        known.require(problem, max(case.extent for case in cases))
        Yardstick(known, problem, **radii)  # refuses what cannot be measured before anything is run
        if store is not None:
            store.keep_reference(known)
        arguments = {"problem": problem, "reference": known, **radii}
        arguments |= {"fmax": float(fmax), "stability": stability}
        rows = _rows(cases, arguments, store, executor, bar, about)
    return replace(_study(about, known, cases, rows), made=made)


def _rows(
    cases: tuple[Case, ...],
    arguments: dict[str, Any],
    store: Store | None,
    executor: Any,
    bar: Bar,
    about: Facts,
) -> list[Row]:
    """The rows that the store has and those that are still to be computed."""
    rows = [] if store is None else store.rows()
    bar.advance(len(rows))
    done = [row.case for row in rows]
    todo = [case for case in cases if case not in done]
    calls = [{**arguments, "case": case} for case in todo]
    require_sendable(executor, run_case, calls[:1])
    try:
        for number, came in results(run_case, calls, executor):
            row = _lost(todo[number], came) if isinstance(came, Lost) else came
            rows.append(row)
            if store is not None and row is came:  # a worker may live the next time
                store.keep(row)
            bar.advance(1, str(row.case))
    except KeyboardInterrupt as stop:
        raise StudyInterrupted(_study(about, arguments["reference"], cases, rows)) from stop
    except InputError:  # of the executor
        raise
    except Exception as error:
        raise StudyFailed(_study(about, arguments["reference"], cases, rows), error) from error
    return rows


def _lost(case: Case, came: Lost) -> Row:
    """The row of a case whose worker died each time."""
    why = " ".join(f"{type(came.error).__name__}: {came.error}".split())
    return Row(case, reason=f"its worker died, twice. {why}")


def _study(about: Facts, reference: Reference, cases: tuple[Case, ...], rows: list[Row]) -> Study:
    """The study with its rows in the order of the cases."""
    done = [row.case for row in rows]
    ordered = tuple(rows[done.index(case)] for case in cases if case in done)
    missing = tuple(case for case in cases if case not in done)
    return Study(about, reference.record(), ordered, missing)


def _atomistic(problem: Problem, fmax: float, store: Store | None, bar: Bar) -> Reference:
    """All atoms of the problem, from the study directory if it has them."""
    known = None if store is None else store.reference()
    if known is not None:
        return known
    bar.advance(0, "atomistic reference")
    return atomistic(problem, fmax)
