"""The models of one system at all loads: what a load changes is linear in it.

    y0(x; K) = y0(x; K0) + (K - K0) u_1(x),      u_1 = du_K/dK

but for the relaxed layers of the flanks, which turn with them. Neighbour lists, interpolation and
weights are those of one system; `System.at_load`, which makes all of them anew, takes five times as
long.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from qcmethod.base.types import Array
from qcmethod.coupling.energy import EnergyModel
from qcmethod.coupling.force import ForceModel
from qcmethod.coupling.system import System
from qcmethod.discretisation.continuum import Continuum, film_of
from qcmethod.discretisation.kinematics import Kinematics
from qcmethod.errors import InputError
from qcmethod.problems.load import at_load
from qcmethod.problems.problem import Problem

Model = TypeVar("Model", EnergyModel, ForceModel)


@dataclass(frozen=True, eq=False)
class LoadLine:
    """A system and the derivatives of its predictor with respect to the load.

    Attributes
    ----------
    system : at the load `first` of the mode `mode`, MPa sqrt(m)
    y0_l, F0_q, y0_k : derivatives of those of its body (without relaxed layers)
    frozen : its ghost force at the predictor of each load: the twins that it is the difference of
        (None where there is none, or where it is frozen at a gradient)
    """

    system: System
    mode: str
    first: float
    y0_l: Array
    F0_q: Array
    y0_k: Array
    frozen: tuple[EnergyModel, ForceModel] | None

    @classmethod
    def of(cls, system: System, mode: str, reference: Array | None) -> LoadLine:
        """The line through a system; `reference` is where its ghost force is frozen."""
        if system.lattice_reach > 0.0:
            expected = "0 along an arc: the lattice's force on the predictor belongs to one load"
            raise InputError("lattice_reach", system.lattice_reach, expected)
        first = system.problem.loads[mode]
        span = max(abs(first), 0.1)  # as wide as the load: the difference keeps its digits
        body, other = system.body, system.body_at(**{mode: first + span})
        layers = _layers(other.problem, system) - _layers(body.problem, system)
        frozen = None
        if system.method.frozen and reference is None:
            # its own neighbour lists: the reference state is far from the solution
            twin = replace(system, g=np.zeros_like(system.g))
            frozen = (twin.energy_model, twin.force_model)
        return cls(
            system=system,
            mode=mode,
            first=first,
            y0_l=(other.y0_l - body.y0_l - layers) / span,
            F0_q=(other.F0_q - body.F0_q) / span,
            y0_k=(other.y0_k - body.y0_k) / span,
            frozen=frozen,
        )

    def model(self, K: float) -> EnergyModel | ForceModel:
        """The model at a load, MPa sqrt(m)."""
        there = self._kinematics(K)
        if isinstance(self.system.model, ForceModel):
            return self._placed(self.system.model, K, there)
        model = self._placed(self.system.model, K, there)
        if self.frozen is None:
            return model
        zero = self.system.zero
        energy, force = self.frozen
        g = self._placed(force, K, there).at(zero).forces
        g = g - self._placed(energy, K, there).at(zero).forces
        return replace(model, g=np.where(self.system.free, g, 0.0))

    def _kinematics(self, K: float) -> Kinematics:
        body, dK = self.system.body, K - self.first
        y0_l = body.y0_l + dK * self.y0_l
        if self.system.surface is not None:
            there = at_load(body.problem, **{self.mode: K})
            y0_l += _layers(there, self.system) - _layers(body.problem, self.system)
        return replace(body.kinematics, y0=y0_l, F0=body.F0_q + dK * self.F0_q)

    def _placed(self, model: Model, K: float, there: Kinematics) -> Model:
        """A model at a load, with its kinematics there."""
        film, surface = model.continuum.film, self.system.surface
        if film is not None and surface is not None:
            body = self.system.body
            ones = np.ones(body.n_nodes)
            beta_k = self.system.weights.beta_k if isinstance(model, EnergyModel) else ones
            y0_k = body.y0_k + (K - self.first) * self.y0_k
            film = film_of(body, y0_k, surface, beta_k)
        continuum = Continuum(replace(model.continuum.cells, kinematics=there), film)
        return replace(model, kinematics=there, continuum=continuum)


def _layers(problem: Problem, system: System) -> Array:
    """Displacements (n_l, 3) of the relaxed layers of the flanks, A."""
    body = system.body
    if system.relaxation is None:
        return np.zeros_like(body.y0_l)
    return system.relaxation.displacement(problem, body.ij_l, body.x_l)
