"""The patch test as one assertion; see `qcmethod.testing`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from qcmethod.base.arguments import word
from qcmethod.base.door import door
from qcmethod.base.files import PICTURES, checked
from qcmethod.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from qcmethod.analysis.patch import PatchReport
    from qcmethod.coupling.system import System
    from qcmethod.solve.solution import Solution

At = Literal["every gradient", "reference"]
AT = get_args(At)


class GhostForceError(AssertionError):
    """A failed patch test: the table in the message, the report in `report`."""

    def __init__(self, why: str, report: PatchReport, picture: Path | None = None) -> None:
        self.why, self.report, self.picture = why, report, picture
        shown = f"\nmap: {picture}" if picture else ""
        super().__init__(f"{why}\n{report}{shown}")


@door
def assert_patch_test(
    system: System | Solution,
    tolerance: float = 1e-10,
    *,
    at: At = "every gradient",
    gradients: Mapping[str, ArrayLike] | Iterable[ArrayLike] | None = None,
    magnitude: float = 0.02,
    picture: str | Path | None = None,
) -> PatchReport:
    """Assert that a coupling has no ghost force above a tolerance, eV/A.

    Parameters
    ----------
    system, gradients, magnitude : see `qcmethod.patch_test`
    at : "every gradient", or "reference": the homogeneous gradient of the system's own problem,
        where frozen corrections are exact
    picture : file for the map of a failure (`.png`, `.pdf`, `.svg`)

    Returns the report. Raises GhostForceError (an AssertionError) with the table, and what
    `patch_test` raises.
    """
    from qcmethod.analysis.patch import patch_test

    __tracebackhide__ = True
    if not (isinstance(at, str) and at in AT):
        raise InputError("at", at, "'every gradient' or 'reference'")
    if picture is not None:
        checked(picture, PICTURES)
    report = patch_test(system, gradients, tolerance, magnitude=magnitude)
    why = failure(report, at)
    if why is None:
        return report
    drawn = None
    if picture is not None:
        drawn = report.plot(picture, _shown(report, at))
    raise GhostForceError(why, report, drawn)


@door
def failure(report: PatchReport, at: str) -> str | None:
    """Why a report fails the assertion, or None."""
    from qcmethod.analysis.patch import PatchReport

    word("at", at, AT)
    if not isinstance(report, PatchReport):
        raise InputError("report", report, "a PatchReport", "qcmethod.patch_test(system)")
    if at == "reference":
        row = report.reference
        if row is None:
            return "the patch test did not include the reference gradient"
        if not row.passes:
            return f"{report.method}: ghost force {row.worst:.3g} eV/A at the reference"
        if not report.stresses_pass:
            return f"{report.method}: stress of the cells wrong by {report.mismatch:.2g}"
        vacuous = row.name in report.vacuous
        hint = "give the problem a strained F, or test every gradient"
    else:
        if not report.passes:
            return report.verdict
        vacuous, hint = report.proves_nothing, "test strained gradients"
    return f"{report.method}: the patch test is vacuous; {hint}" if vacuous else None


def _shown(report: PatchReport, at: str) -> str | None:
    return report.reference.name if at == "reference" and report.reference else None
