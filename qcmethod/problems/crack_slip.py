"""A crack that should slip, said before it is relaxed: Rice's load of its easiest slip system.

    K_I > K_e = (gamma_us / s)^(1/2)          (Rice 1992, J. Mech. Phys. Solids 40, 239)

It is an estimate, no refusal: the step that slip leaves at the tip is not in it, and lattices hold
tips above it (aluminium emits at 1.46 times K_e). But where a dislocation leaves, the relaxation
ends at the edge of the core, after its longest run.
"""

from __future__ import annotations

from functools import lru_cache

from qcmethod.base.log import announce, heard
from qcmethod.crystal.crystal import Crystal
from qcmethod.crystal.faults.emission import rice_load
from qcmethod.errors import QCError
from qcmethod.problems.problem import Problem


def announce_slip(problem: Problem) -> None:
    """Say that the load is above Rice's, to whoever listens (it takes up to a second)."""
    K = problem.loads["KI"]
    if not heard() or K <= 0.0:
        return
    easiest = _rice(problem.crystal)
    if easiest is not None and easiest < K:
        announce(
            f"KI = {K:.4g} is above Rice's load of the easiest slip system, {easiest:.4g} "
            "MPa sqrt(m): a dislocation may leave the tip (qcmethod.emission_loads)"
        )


@lru_cache(maxsize=8)
def _rice(crystal: Crystal) -> float | None:
    """MPa sqrt(m), None where no slip plane holds the front, or the crystal has none."""
    try:
        return rice_load(crystal)
    except QCError:
        return None
