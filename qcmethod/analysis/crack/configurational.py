"""The force on the position of a crack, or on its load: minus the derivative of the energy.

    f_a = -dE/da = -[ sum_l dE_a/dy_l . dy0_l/da  +  sum_q omega_q P_q : d(grad y0)_q/da
                      + dE_f/da - u . dg/da ]

for a predictor y0(x; a) and any parameter a of it: the x of the tip about which the K-field is
centred, or a stress intensity. At an equilibrium the corrector does not count (dE/du = 0: the
envelope theorem), so f_a is the derivative of the energy of relaxed states, clamped at y0(x; a),
with respect to a (Eshelby 1951: the force on a singularity).

What is differentiated is the predictor, which is known in closed form, the flank's energy E_f at
fixed u, and the frozen ghost force g: by central differences of fourth order, whose error is below
1e-10 of the result. No equilibrium but the given one is needed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np

from qcmethod.base.arguments import as_numbers, word
from qcmethod.base.door import door
from qcmethod.base.types import Array
from qcmethod.coupling.energy import EnergyModel
from qcmethod.coupling.loads import repredicted
from qcmethod.coupling.system import System
from qcmethod.errors import InputError, NoEnergyError
from qcmethod.problems.crack import crack_field, with_tip
from qcmethod.solve.solution import Solution

Parameter = Literal["tip", "KI", "KII", "KIII"]
H_TIP, H_LOAD = 4e-3, 1e-3
"""Steps of the difference quotients, A and MPa sqrt(m)."""


@door
def configurational_force(
    solution: Solution, of: Parameter = "tip", *, reference: Array | None = None
) -> float:
    """-dE/da of an equilibrium of a crack, eV/A per period for the tip.

    Parameters
    ----------
    solution : of an energy method
    of : "tip", the x of the crack tip about which the K-field is centred, or a load "KI", "KII",
        "KIII" (then in eV/(MPa sqrt(m)) per period)
    reference : gradient (3, 3) where a ghost force was frozen; None: the predictor

    Raises InputError (no crack, another parameter, reconstructed bonds) and NoEnergyError (force
    methods).
    """
    system = solution.system
    model = _checked(system, of)
    if reference is not None:
        reference = as_numbers("reference", reference, "a gradient (3, 3)")
    state = model.at(solution.u)
    h = H_TIP if of == "tip" else H_LOAD

    def at(a: float) -> System:
        return moved(system, of, a, reference)

    y = _difference(lambda a: at(a).body.y0_l, h)
    F = _difference(lambda a: at(a).body.F0_q, h)
    cells = model.continuum.cells
    on = cells.active
    P = cells.law.at(system.body.deformation(solution.u)[on]).P
    total = float(np.vdot(state.sites.gradient, y))
    total += float(np.einsum("q,qaj,qaj->", cells.weight, P, F[on]))
    if model.continuum.film is not None:
        total += float(_difference(lambda a: np.array(_film_energy(at(a), solution.u)), h))
    if model.g.any():
        total -= float(np.vdot(solution.u, _difference(lambda a: at(a).g, h)))
    return -total


def moved(system: System, of: Parameter, by: float, reference: Array | None = None) -> System:
    """The system on its mesh whose predictor has another tip (by A) or load (by MPa sqrt(m))."""
    problem = system.problem
    if of != "tip":
        return system.at_load(reference, **{of: problem.loads[of] + by})
    return repredicted(system, with_tip(problem, by), reference)


def _checked(system: System, of: str) -> EnergyModel:
    crack_field(system.problem, "solution")
    word("of", of, ("tip", "KI", "KII", "KIII"))
    model = system.model
    if not isinstance(model, EnergyModel):
        expected = "an energy method: the forces of this one are no derivative"
        raise NoEnergyError(f"configurational_force: {system.method.name}: expected {expected}")
    if model.interface is not None:
        raise InputError("solution", system.method.name, "a method without reconstructed bonds")
    return model


def _difference(value: Callable[[float], Array], h: float) -> Array:
    """Derivative at 0 by central differences of fourth order."""
    near, far = value(h) - value(-h), value(2.0 * h) - value(-2.0 * h)
    return (8.0 * near - far) / (12.0 * h)


def _film_energy(system: System, u: Array) -> float:
    model = system.model
    assert isinstance(model, EnergyModel) and model.continuum.film is not None
    return model.continuum.film.at(u).energy
