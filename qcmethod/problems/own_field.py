"""A predictor of your own: any object that knows its displacement and the gradient of it.

    y0(x) = F x + u(x),     grad y0 = F + grad u

    displacement(x, lower)  ->  u (n, 3), A          x (n, 3), A; uniform along z
    gradient(x, lower)      ->  du_a/dx_j (n, 3, 3)

The field is centred at the origin, where the atoms are. `lower` (n,) says on which side of a cut
points lie that are on it: +1 above, -1 below, 0 where the place says it; a field without a cut does
not look at it. Where u jumps by a lattice vector, as a dislocation's does, the gradient does not
know of it. `testing.check_predictor` proves the field; a frozen dataclass under `base.stored` goes
into files.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from qcmethod.base.arguments import as_numbers, finite
from qcmethod.base.door import door
from qcmethod.base.told import remembered
from qcmethod.crystal.crystal import Crystal
from qcmethod.elasticity.predictor import Predictor, SingularField
from qcmethod.errors import InputError
from qcmethod.problems.frame import off_cells
from qcmethod.problems.problem import Problem, lengths


@remembered("problem")
@door
def own_field(
    crystal: Crystal,
    field: SingularField,
    F: ArrayLike | None = None,
    *,
    extent: float,
    rim: float | None = None,
    centre: tuple[float, float] = (0.5, 0.5),
) -> Problem:
    """A problem whose far field is an object of yours.

    Parameters
    ----------
    crystal : of two or three displacement components
    field : with `displacement(x, lower)` and `gradient(x, lower)`, see this module
    F : (3, 3) homogeneous gradient that is added (default: none)
    extent : radius of the domain, A
    rim : width of the clamped rim, A (default two cut-offs)
    centre : where the origin is, in columns and rows from a site (0.5, 0.5: midway)

    Raises InputError (arguments; a field without these two, or that is not finite at a site) and
    UnstableCrystalError (F). A file can hold the problem where the class of the field is stored,
    but a recipe cannot say it: pose the problem by a function of your own (`problems.posed`).
    """
    if crystal.lattice.dim != 2:
        raise InputError("crystal", crystal.lattice.structure, "a crystal of a plane or of space")
    extent, rim = lengths(crystal, extent, rim)
    expected = "two numbers, columns and rows, e.g. (0.5, 0.5)"
    place = off_cells(finite("centre", centre, (2,), expected), crystal)
    G = np.eye(3) if F is None else as_numbers("F", F, "a deformation gradient (3, 3)")
    if G.shape != (3, 3) or not np.isfinite(G).all():
        raise InputError("F", F, "a finite deformation gradient (3, 3)")
    basis = crystal.lattice.basis
    problem = Problem(
        name="own field",
        crystal=crystal,
        predictor=Predictor(G, field),
        extent=extent,
        rim=rim,
        origin=np.array([place[0] * basis[0, 0], place[1] * basis[1, 1], 0.0]),
    )
    _require_field(field, problem)
    return problem


def _require_field(field: SingularField, problem: Problem) -> None:
    """InputError unless the field has a displacement and a gradient at the sites of the middle."""
    from qcmethod.lattice.shapes import Tube

    x = problem.position(problem.points(Tube(3.0 * problem.crystal.lattice.neighbour)))
    side, shapes = np.zeros(len(x), dtype=np.int8), {"displacement": (3,), "gradient": (3, 3)}
    for name, shape in shapes.items():
        expected = f"a field whose {name}(x, lower) is finite, of shape (n, {str(shape)[1:-1]}"
        hint = "centre=: a site may lie where the field is singular"
        if not callable(getattr(field, name, None)):
            raise InputError("field", field, f"an object with {name}(x, lower)")
        found = as_numbers("field", getattr(field, name)(x, side), expected)
        if found.shape != (len(x), *shape) or not np.isfinite(found).all():
            raise InputError("field", f"{name} of shape {found.shape}", expected + ")", hint)
