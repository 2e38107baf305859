"""What a problem sees of a coupled system that was made of it: `coupling.System` is one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from qcmethod.base.types import Array, Bools, Index
from qcmethod.mesh import Mesh
from qcmethod.problems.external import Pressed

if TYPE_CHECKING:
    from qcmethod.problems.problem import Problem


class Method(Protocol):
    """What a coupling method is, as far as a defect cares."""

    @property
    def name(self) -> str:
        """For messages."""

    @property
    def core(self) -> bool:
        """Whether there are atoms about the defect."""

    @property
    def all_atoms(self) -> bool:
        """Whether every site is an atom."""

    @property
    def coupled(self) -> bool:
        """Whether atoms end somewhere inside of the domain."""


class Discrete(Protocol):
    """The problem on a mesh: sites (n_l,) and nodes (n_k,); see `discretisation.body`."""

    @property
    def mesh(self) -> Mesh:
        """Its nodes and cells."""

    @property
    def ij_l(self) -> Index:
        """(n_l, dim) integer coordinates of the sites."""

    @property
    def x_l(self) -> Array:
        """(n_l, 3) reference positions of the sites, A."""

    @property
    def x_k(self) -> Array:
        """(n_k, 3) those of the nodes, A."""

    @property
    def site_of_node(self) -> Index:
        """(n_k,) site at a node, -1 where there is none."""

    @property
    def n_nodes(self) -> int:
        """Number n_k of nodes and bubbles."""

    @property
    def used(self) -> Bools:
        """(n_k,) nodes that belong to a cell of the domain."""

    @property
    def y0_k(self) -> Array:
        """(n_k, 3) predicted positions of the nodes, A."""

    def positions(self, u: Array) -> Array:
        """Positions of the sites (n_l, 3) at the corrector u (n_k, 3), A."""


class Coupled(Protocol):
    """A problem whose atoms end in something else, at a core."""

    @property
    def problem(self) -> Problem:
        """What was coupled."""

    @property
    def body(self) -> Discrete:
        """It on its mesh."""

    @property
    def method(self) -> Method:
        """By which method."""

    @property
    def core(self) -> float:
        """Radius of the core, A."""

    @property
    def blend(self) -> float:
        """Width of the blending zone, A."""

    @property
    def pressed(self) -> Pressed | None:
        """What presses on its sites."""


class State(Protocol):
    """A coupled system at a corrector."""

    @property
    def u(self) -> Array:
        """(n_k, 3), A."""
