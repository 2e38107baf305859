"""Radii of the coupled problems of a card: every choice in one place.

    core = max(20 A, 3.5 cut-offs),    blend = core/2,    extent 1e6 A

A load falls towards its limit as R^(-1/2): between 1e4 and 1e6 A by 0.4 % of K_G (tungsten).
"""

from __future__ import annotations

CORE, CUTOFFS = 20.0, 3.5
"""A; of the potential's cut-off."""
EXTENT = 1e6
"""Of a crack: the limit of a large domain, A."""
LINE_EXTENT = 1e4
"""Of a dislocation, A."""
FMAX, ITERATIONS = 1e-4, 60
"""eV/A; of a trial."""


def zones(cutoff: float, by: float = 1.0) -> tuple[float, float]:
    """Core and blend, A, of a potential with that cut-off, `by` times as large."""
    core = by * max(CORE, CUTOFFS * cutoff)
    return core, 0.5 * core
