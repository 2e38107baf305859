"""The repatoms of a system as `ase.Atoms`: ASE's optimisers and molecular dynamics run on them.

    y_k = y0(x_k) + u_k,    f_k = -dE/du_k (or the force field itself),
    m_k = m (sum_l w_l N_k(x_l) + sum_{c at k} omega_c / v)

with v the vertices of a cell: the lumped mass of the sites that a node stands for, row sums of the
P1 mass matrix (Hughes, The Finite Element Method, 7.3), so that sum_k m_k = m (sum w + sum omega).
Only nodes with mass are atoms: one that no weighted site or cell touches, a vacancy or the lower
flank inside the core, is none. Copies of a node on the two flanks of a closed crack coincide.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from ase import Atoms
from ase.constraints import FixAtoms, FixCartesian, FixConstraint
from numpy.typing import ArrayLike, NDArray

from qcmethod.base.door import door
from qcmethod.base.types import Array
from qcmethod.coupling.system import System
from qcmethod.errors import CouplingError
from qcmethod.solve.corrector import Corrected, corrector_of
from qcmethod.solve.repatoms.calculator import RepatomCalculator, RepatomOptimizable

if TYPE_CHECKING:
    from qcmethod.solve.repatoms.precon import ElasticPrecon


class Repatoms(Atoms):
    """`ase.Atoms` whose atoms are repatoms; make them with `repatoms`."""

    @property
    def u(self) -> Array:
        """The corrector (n_k, 3) of the present positions, A: what `relax(u=)` starts from."""
        return self.calc.corrector(self.positions)

    def elastic_precon(self) -> ElasticPrecon:
        """`precon=` of ASE's preconditioned optimisers: the elastic stiffness of the mesh.

        ASE's own preconditioners look for neighbours at atomic distances, which coarse nodes lack.
        """
        from qcmethod.solve.repatoms.precon import ElasticPrecon

        return ElasticPrecon(self.calc.system, self.calc.node)

    def __ase_optimizable__(self) -> RepatomOptimizable:
        return RepatomOptimizable(self)


@door
def repatoms(system: System, u: ArrayLike | Corrected | None = None) -> Repatoms:
    """The repatoms of a coupled system as `ase.Atoms` with a calculator.

    Parameters
    ----------
    u : (n_k, 3) corrector, A, or a Solution (default: the predictor as it is)

    Returns
    -------
    Atoms with positions y0 + u (A), lumped masses (u), the arrays `node` (row of u), `sites` (that
    the repatom stands for), `beta` and `lower_flank`, and a calculator of forces (eV/A) and, for
    energy methods, of the excess energy (eV per period, as `Solution.excess_energy`); `get_stress`
    is the mean of the domain, where it has one (`calculator.RepatomCalculator`). Clamped nodes
    are atoms under `FixAtoms`; the directions a plane problem lacks are under `FixCartesian`.
    Positions are never wrapped: there are no periodic images of repatoms (pbc is off), the period
    of a quasi-2-D crystal is inside the forces.

    Raises
    ------
    InputError : not a system, or a u that does not fit it
    CouplingError : P2 elements, whose edge unknowns are displacements of no atom; free repatoms
        that no weighted site or cell gives a mass

    The energy of a force method raises NoEnergyError, which is ASE's PropertyNotImplementedError
    too. ASE's BFGS keeps a dense matrix of (3 n)^2 numbers; LBFGS, FIRE and PreconLBFGS (with
    `precon=atoms.elastic_precon()`) do not.
    """
    u = corrector_of(system, u)
    body, weights = system.body, system.weights
    if len(body.bubbles):
        expected = "P1 elements: an edge unknown of P2 is the displacement of no atom"
        raise CouplingError("elements", body.elements, expected, "couple(..., elements='P1')")
    sites = _sites_of_node(system)
    free = system.free.any(axis=1)
    if (sites[free] <= 0.0).any():
        given = f"{system.problem.rim:g} A, {np.count_nonzero(sites[free] <= 0.0)} without a mass"
        expected = "free repatoms that weighted sites or cells give a mass"
        raise CouplingError("rim", given, expected, "a clamped rim of two cut-offs, the default")
    node = np.flatnonzero((sites > 0.0) | free)
    potential = system.problem.crystal.potential
    atoms = Repatoms([potential.symbol] * len(node), positions=(body.y0_k + u)[node])
    atoms.set_masses(potential.mass * sites[node])
    atoms.set_array("node", node)
    atoms.set_array("sites", sites[node])
    atoms.set_array("beta", weights.beta_k[node])
    atoms.set_array("lower_flank", body.is_lower[node])
    atoms.set_constraint(_constraints(system, node))
    atoms.calc = RepatomCalculator(system, node)
    return atoms


def _sites_of_node(system: System) -> Array:
    """Sites that each node stands for (n_k,): its share of weighted sites and cells."""
    vertices = system.body.cells.vertices
    shared = np.repeat(system.weights.omega_c / vertices.shape[1], vertices.shape[1])
    on_cells = np.bincount(vertices.ravel(), shared, minlength=system.body.n_nodes)
    sites: Array = system.body.S.T @ system.weights.w_l + on_cells
    return sites


def _constraints(system: System, node: NDArray[np.int64]) -> list[FixConstraint]:
    """Clamped repatoms, and the directions that the free ones of a plane problem do not have."""
    free = system.free[node]
    constraints: list[FixConstraint] = [FixAtoms(np.flatnonzero(~free.any(axis=1)))]
    partly = np.flatnonzero(free.any(axis=1) & ~free.all(axis=1))
    if len(partly):
        constraints.append(FixCartesian(partly, ~free[partly[0]]))
    return constraints
