"""Stable and unstable stacking faults of fcc on {111}, and the tendency to twin.

    gamma_us, gamma_isf, gamma_ut, gamma_esf          (`crystal.faults.stacking`)

Relaxed twice, on a finer and on a coarser way: the difference is the error.
"""

from __future__ import annotations

from qcmethod.crystal.faults.stacking import stacking_fault
from qcmethod.studies.scorecard.row import ROWS, Curve, Found, Number, Row, Subject
from qcmethod.units import J_PER_M2

FINE, COARSE = 21, 14
"""Points along a partial."""
ROUNDED = 1e-9
"""Of an energy of relaxed layers."""
NAMES = {
    "unstable": "unstable fault",
    "intrinsic": "intrinsic fault",
    "unstable_twin": "unstable twin",
    "extrinsic": "extrinsic fault",
}


def measure(subject: Subject) -> Found:
    """The four energies, and the unstable one without relaxation, J/m^2."""
    fine = stacking_fault(subject.crystal, points=FINE)
    coarse = stacking_fault(subject.crystal, points=COARSE).j_per_m2()
    published = {"intrinsic": subject.published("isf")}
    how = "coarser way"
    numbers = [
        Number(
            NAMES[name],
            value,
            "J/m^2",
            max(abs(value - coarse[name]), ROUNDED * abs(value)),
            how=how,
            published=published.get(name),
        )
        for name, value in fine.j_per_m2().items()
    ]
    rigid = fine.rigid["unstable"] / J_PER_M2
    numbers.append(Number("unstable fault, rigid", rigid, "J/m^2", ROUNDED * rigid, how="rounding"))
    x, y = tuple(fine.slip.tolist()), tuple((fine.energy / J_PER_M2).tolist())
    panel = Curve("slip on {111}<112>", x, y, "slip (A)", "energy (J/m^2)")
    return Found(tuple(numbers), (panel,))


ROWS.add_named(Row("faults", "stacking faults on {111}", measure, structures=("fcc",), order=6.0))
