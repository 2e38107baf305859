"""A patch report in words: the verdict, and what to know before trusting it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qcmethod.analysis.patch.report import PatchReport


def verdict(report: PatchReport) -> str:
    """The result in one sentence."""
    if report.forces_pass and not report.stresses_pass:
        return (
            f"{report.method} has no ghost force, but its cells ({report.tested.law}) have not the "
            f"stress of the atoms: {report.mismatch:.2g} of the largest"
        )
    if report.proves_nothing:
        return f"{report.method}: the test is vacuous, the plain energy has no ghost force"
    if report.passes:
        return f"{report.method} passes at every gradient (worst {report.worst:.1e} eV/A)"
    top = max((row for row in report.rows if not row.passes), key=lambda row: row.worst)
    if report.reference and report.reference.passes and report.reference.name not in report.vacuous:
        elsewhere = f"largest elsewhere {top.worst:.3g} eV/A, {top.name}"
        return f"{report.method} passes at the reference only ({elsewhere})"
    where = f"{top.name}, x = ({top.position[0]:.1f}, {top.position[1]:.1f}) A"
    return f"{report.method} does not pass: {top.worst:.3g} eV/A ({where})"


def notes(report: PatchReport) -> tuple[str, ...]:
    """Gradients left out and why, what the test could not have found."""
    found = [f"skipped {name}: {reason}" for name, reason in report.skipped.items()]
    if not (report.stresses_pass or report.forces_pass):
        found.append(f"the stress of the cells is wrong too, by {report.mismatch:.2g}")
    if report.tested.method.coupled and report.at_predictor.uncorrected is None:
        name = report.tested.problem.crystal.potential.name
        return (*found, f"{name} has no site energies: what a plain energy would show is not known")
    if all(row.uncorrected is None for row in report.rows):
        return (*found, "no interface: atoms or continuum only, nothing to couple")
    if report.forces_pass and not report.at_predictor.passes:
        found.append(
            "at the predictor the strain is not uniform: those forces are the difference to the "
            "blended forces with the same beta, they are no ghost forces"
        )
    if report.vacuous:
        which = ", ".join(report.vacuous)
        says = "the plain energy has no ghost force there, to pass says nothing"
        found.append(f"vacuous at {which}: {says}")
    return tuple(found)
