r"""The error estimate: the elastic answer of a richer model to the residual of the solution.

    R = f_force(u_h) on the enriched model,      K e = R,      eta_k = R_k . e_k

The enriched model is force-based, without ghost forces: its core is larger, its cells are bisected
once, its domain is twice as wide. K is its Cauchy-Born stiffness in the reference crystal, near
the Hessian spectrally. e estimates u - u_h, ||e||^2_K = sum eta_k its elastic energy, and eta_k
says where it comes from: nodes that were resolved but not fully atomistic carry the model error,
new nodes the discretisation error, nodes that were clamped the truncation error.

Enrichment sees a part of each error; `saturation` is the square of the whole over what is seen, so

    ||u - u_h||^2 = sum saturation_k eta_k.

A core that is too small has more than its share in the energy: the ghost force is frozen there and
the lattice is not harmonic, so energies are compared in two models, not by the square alone.

What a clamped rim cuts off the cells that straddle it, P u_h - v, is error too. Norms leave out the
finest cells with a corner that carries no atom, a vacancy's or the far side of a flank: there no
field has a value.

Residual-force estimators for QC: Wang, Liao, Lin, Zhang 2018, SIAM J. Sci. Comput. 40, A2087;
hierarchical (enriched) estimators: Bank and Smith 1993, SIAM J. Numer. Anal. 30, 921.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from qcmethod import mesh as meshing
from qcmethod.analysis.corrector import over_predictor
from qcmethod.base.types import Array
from qcmethod.coupling.method import find_method
from qcmethod.coupling.system import System
from qcmethod.mesh import Mesh
from qcmethod.solve.linear import Linear
from qcmethod.solve.preconditioner import Preconditioner
from qcmethod.studies.adapt.discretise import Choice, prolongation, resolved, system_on
from qcmethod.studies.adapt.elastic import ElasticAnswer
from qcmethod.studies.adapt.saturation import KINDS, norm, saturation
from qcmethod.studies.adapt.zone import inflated, with_zone


@dataclass(frozen=True, eq=False)
class Estimate:
    """An estimated error.

    Attributes
    ----------
    energy_norm : |grad(u - u_h)|/|grad u| in L2, relative to the corrector
    displacement : largest |u - u_h| on an atom of the core, A
    energy : of the excess energy, eV per period (`_energy`)
    parts : squares of the elastic norm by kind (model, discretisation, truncation), eV
    rich : the enriched system
    eta : (n_k,) contributions of its nodes, eV; kind : (n_k,) index into KINDS
    """

    energy_norm: float
    displacement: float
    energy: float
    parts: dict[str, float]
    rich: System
    eta: Array
    kind: NDArray[np.int8]

    def of(self, goal: str) -> float:
        """The estimate of a goal: "energy norm", "displacement" (A) or "energy" (eV)."""
        return {
            "energy norm": self.energy_norm,
            "displacement": self.displacement,
            "energy": self.energy,
        }[goal]


def estimate(
    system: System,
    u: Array,
    mesh: Mesh,
    choice: Choice,
    *,
    widen: bool = True,
    goal: str = "",
    lu: Linear | None = None,
    energy: float | None = None,
) -> Estimate:
    """Estimate the error of a state.

    Parameters
    ----------
    system, u : what was solved, and its corrector (n_k, 3), A
    mesh : its mesh before it was slit
    choice : of the adaptive run
    widen : look beyond the extent (False: the clamped rim is part of the problem)
    goal : "displacement" weighs eta by the influence on the displacements of the core
    lu : a solver of the system's elastic stiffness, where one is known
    energy : excess energy of the state, eV, where it is known
    """
    if energy is None and choice.method.conservative:
        energy = system.energy_model.at(u).energy
    rich = enriched(system, mesh, choice, widen)
    P = prolongation(system, rich)
    v = np.where(rich.free, P @ u, 0.0)
    state = rich.model.at(v)
    R = np.where(rich.free, state.forces, 0.0)
    kind = _kinds(system, rich, choice)
    answer = ElasticAnswer(system, lu or Preconditioner(system), rich, P)
    square = saturation(mesh, rich, kind)[:, None]
    whole = np.sqrt(square)  # e stands for the whole error
    J = rich.model.stiffness(state)
    e = answer.exact(J, whole * R)
    eta, cut = (whole * R * e).sum(axis=1), whole * (P @ u - v)
    parts = {name: float(max(eta[kind == i].sum(), 0.0)) for i, name in enumerate(KINDS)}
    core = (rich.body.site_of_node >= 0) & (system.problem.distance(rich.body.x_k) <= choice.pad)
    shift = np.where(core[:, None], answer.exact(J, square * R, e), 0.0)
    size = np.linalg.norm(shift, axis=1)
    if goal == "displacement" and size.any():
        dual = answer(shift / np.linalg.norm(size))
        eta = (square * R * dual).sum(axis=1)
    return Estimate(
        energy_norm=norm(rich, e - cut) / max(norm(rich, v), 1e-300),
        displacement=float(size.max(initial=0.0)),
        energy=_energy(system, energy, rich, v, choice, sum(parts.values())),
        parts=parts,
        rich=rich,
        eta=eta,
        kind=kind,
    )


def enriched(system: System, mesh: Mesh, choice: Choice, widen: bool) -> System:
    """The force-based model with a larger core, bisected cells and twice the extent."""
    problem = system.problem
    wide = with_zone(problem, inflated(problem, choice.blend))
    if widen:
        wide = replace(wide, extent=2.0 * problem.extent)
    centre = mesh.x[mesh.cells].mean(axis=1) + problem.origin[: mesh.dim]
    inside = np.linalg.norm(centre, axis=1) < problem.extent
    fine = meshing.refine(mesh, np.flatnonzero(inside & ~mesh.is_finest))
    fine = resolved(wide, fine, choice.resolved(problem))
    method = choice.method
    force = find_method(method.partner) if method.conservative else method
    return system_on(wide, fine, choice, force)


def _kinds(system: System, rich: System, choice: Choice) -> NDArray[np.int8]:
    """(n_k,) 0 model, 1 discretisation, 2 truncation, of the nodes of the enriched system."""
    problem, x = system.problem, rich.body.x_k
    kind = np.where(problem.distance(x) <= choice.resolved(problem), 0, 1)
    kind[~problem.free.contains(x)] = 2
    return kind.astype(np.int8)


def _energy(
    system: System, energy: float | None, rich: System, v: Array, choice: Choice, seen: float
) -> float:
    """|E_rich(v) - E(u) - 1/2 ||u - u_h||^2|, eV, with `seen` = ||u - u_h||^2 and the excess energy
    E(u): what a richer model makes of the same state, and what it gains by relaxing.

    The second alone for a method without an energy.
    """
    gain = 0.5 * seen
    if energy is None:
        return gain
    after = _richer(rich, v, choice)
    return abs(after - over_predictor(system, energy) - gain)


def _richer(rich: System, v: Array, choice: Choice) -> float:
    """E_rich(v), eV, of the conservative method on the enriched body, its ghost force frozen at the
    predictor: of a singular predictor what it is above that one's. Two or three evaluations."""
    partition = replace(rich.partition, method=choice.method)
    model = replace(System.of(rich.body, partition, choice.surface), law=rich.law).energy_model
    singular, frozen = rich.problem.predictor.singular is not None, choice.method.frozen
    energy = model.at(v).energy or 0.0
    if singular or frozen:
        before = model.at(rich.zero)
        energy -= (before.energy or 0.0) if singular else 0.0
        g = rich.model.at(rich.zero).forces - before.forces if frozen else rich.zero
        energy -= float(np.vdot(g, v))
    return energy
