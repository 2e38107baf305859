"""Between what a true error lies, by what was measured: an estimate is no bound.

    low estimate  <=  |error|  <=  high estimate

with the least and the largest true / estimate at the ends of runs to a tolerance, on cracks, rows
of vacancies and dislocations in Al, W and Fe and on the model problem, against all atoms or far
larger cores (`examples/adaptive_accuracy.py --full`; docs/adaptive.md has the table). No number of
the estimate was fitted to them, but it was developed on several of them. An energy may be better
than its estimate by any factor: its parts have either sign. Of a crack, the norm leaves out the
layers of its flanks beyond the core.
"""

from __future__ import annotations

RATIOS = {"energy norm": (0.85, 1.35), "displacement": (0.5, 1.85), "energy": (0.0, 1.15)}
"""Least and largest true / estimate by goal."""
IN_SPACE = {"energy norm": (0.85, 1.35), "displacement": (0.1, 1.85), "energy": (0.0, 1.15)}
"""The same in space: of a vacancy and of a void of radius 5 A in Al, 0.86 to 1.05, 0.1 to 1.02 and
0 to 1.14."""


def bracket(goal: str, estimate: float, dim: int = 2) -> tuple[float, float]:
    """Where the true error of a goal lies, in the unit of the goal, on a mesh of dim directions."""
    low, high = (IN_SPACE if dim == 3 else RATIOS)[goal]
    return low * estimate, high * estimate
