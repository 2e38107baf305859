"""The edge dislocation of fcc: the distance of its partials, on atoms.

    d = |x(3b/4) - x(b/4)|,      elastic: d = b1 . L b2/(2 pi gamma_isf)   (Hirth and Lothe 1982)

The core must hold both partials: it grows until it does. The error is the digit that can be read
and the difference to a core a quarter larger.
"""

from __future__ import annotations

import numpy as np

from qcmethod.analysis.dislocation.disregistry import READ, Disregistry, disregistry
from qcmethod.coupling.couple import couple
from qcmethod.crystal.faults.stacking import stacking_fault
from qcmethod.elasticity import partial_separation, stroh
from qcmethod.errors import QCError
from qcmethod.problems.dislocation import dislocation
from qcmethod.problems.problem import Problem
from qcmethod.solve.relax import relax
from qcmethod.studies.scorecard.lengths import FMAX, LINE_EXTENT, zones
from qcmethod.studies.scorecard.row import ROWS, Curve, Found, Number, Row, Subject

AXES = ((0.5, -0.5, 0), (1, 1, 1), (-1, -1, 2))
LARGER, MOST, WIDEST = 1.25, 100.0, 20.0
"""Of a core; the largest one, A; the widest blend, A."""


def measure(subject: Subject) -> Found:
    """d on atoms and by elasticity, A; the slip for the picture."""
    problem = dislocation(subject.crystal, *AXES, extent=LINE_EXTENT)
    elastic, error = _elastic(problem, subject)
    cutoff = subject.potential.cutoff
    core = max(zones(cutoff)[0], 0.75 * elastic + 2.0 * cutoff + 8.0)
    slip = _slip(problem, subject, core)
    while not slip.in_core:
        core *= LARGER
        slip = _slip(problem, subject, core)
    d = slip.separation
    spread = READ + abs(_slip(problem, subject, LARGER * core).separation - d)
    x, s = slip.x, slip.along
    return Found(
        (
            Number("edge, partials", d, "A", spread, how="larger core"),
            Number("edge, partials, elastic", elastic, "A", error, how="fault energy"),
        ),
        (Curve("edge", tuple(x.tolist()), tuple(s.tolist()), "x (A)", "slip along b (A)"),),
    )


def _elastic(problem: Problem, subject: Subject) -> tuple[float, float]:
    """The elastic distance and its error, A (InputError: no positive fault energy)."""
    crystal = problem.crystal
    solid = stroh(crystal.elastic_constants().at_rest)
    fault = stacking_fault(subject.crystal).intrinsic.energy
    rough = stacking_fault(subject.crystal, points=14).intrinsic.energy
    b = crystal.lattice_constant / np.sqrt(2.0)
    half, across = 0.5 * b, b / np.sqrt(12.0)
    pair = np.array([[half, 0.0, across], [half, 0.0, -across]])
    d = partial_separation(solid, pair[0], pair[1], fault)
    return d, max(abs(d * (rough - fault) / fault), 1e-9 * d)


def _slip(problem: Problem, subject: Subject, core: float) -> Disregistry:
    """The slip with a core, A (QCError: too large a one)."""
    if core > MOST:
        raise QCError(f"the partials need a core of {core:.0f} A, more than {MOST:g} A")
    system = couple(problem, subject.method, core=core, blend=min(0.5 * core, WIDEST))
    return disregistry(relax(system, FMAX))


ROWS.add_named(
    Row("partials", "partials of the edge", measure, structures=("fcc",), level="full", order=9.0)
)
