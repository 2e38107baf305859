"""Unstable faults of bcc: gamma lines along <111> on {110} and {112}.

    gamma_us = max gamma(s),    tau_max = max d gamma/ds

A slip by 1/2 <111> is a lattice vector: what is left of gamma there is the error.
"""

from __future__ import annotations

import numpy as np

from qcmethod.crystal.faults.line import GammaLine, gamma_line
from qcmethod.lattice.miller import Miller
from qcmethod.studies.scorecard.row import ROWS, Curve, Found, Number, Row, Subject
from qcmethod.units import GPA, J_PER_M2

SYSTEMS: dict[str, tuple[Miller, Miller]] = {
    "{110}<111>": ((1, -1, 0), (1, 1, 1)),
    "{112}<111>": ((1, 1, -2), (1, 1, 1)),
}
POINTS = 41
ROUNDED = 1e-9
"""Of an energy of relaxed layers."""


def measure(subject: Subject) -> Found:
    """gamma_us relaxed and rigid (J/m^2), ideal shear strength of a plane (GPa)."""
    numbers: list[Number] = []
    curves = []
    for name, (plane, direction) in SYSTEMS.items():
        lines = {
            relax: gamma_line(subject.crystal, plane, direction, points=POINTS, relax=relax)
            for relax in ("normal", "rigid")
        }
        for relax, line in lines.items():
            about = name if relax == "normal" else f"{name}, rigid"
            top = line.unstable.j_per_m2
            left = max(abs(float(line.energy[-1])) / J_PER_M2, ROUNDED * top)
            numbers.append(Number(f"unstable {about}", top, "J/m^2", left, how="slip by b"))
        numbers.append(_strength(name, lines["normal"]))
        curves.append(curve(f"slip on {name}", lines["normal"]))
    return Found(tuple(numbers), tuple(curves))


def _strength(name: str, line: GammaLine) -> Number:
    """The largest slope, of a parabola through the three highest points; error: that to a point."""
    slope = line.slope / GPA
    top = int(np.clip(np.argmax(slope), 1, len(slope) - 2))
    left, middle, right = slope[top - 1 : top + 2].tolist()
    bend = left - 2.0 * middle + right
    value = middle - (right - left) ** 2 / (8.0 * bend) if bend < 0.0 else float(slope.max())
    error = max(value - middle, ROUNDED * value)
    return Number(f"ideal shear {name}", value, "GPa", error, how="spacing of points")


def curve(panel: str, line: GammaLine) -> Curve:
    """A gamma line for the picture."""
    x, y = tuple(line.slip.tolist()), tuple(line.j_per_m2.tolist())
    return Curve(panel, x, y, "slip (A)", "energy (J/m^2)")


ROWS.add_named(
    Row("slip", "unstable faults of slip along <111>", measure, structures=("bcc",), order=6.0)
)
