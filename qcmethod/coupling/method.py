"""What a coupling method is: a choice of numbers and of rules, no kernel of its own.

With a blending field beta (0 atomistic, 1 continuum) every energy method is one sum

    E(u) = sum_l w_l V_l(y) + sum_c omega_c W(F_c) - g . u,   w_l = 1 - beta_l,
                                                              omega_c = vol_c mean_vertices(beta)

and every force method one row-wise mixture  f = -(1 - beta) dE_a/du - beta dE_c/du. A `Method` says
where beta lies between its ends, which of the two it is, and whether the ghost force g of the
energy at a reference state is frozen in:  g = dE(y*) + f_force(y*). One file in `coupling/methods`
makes one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from qcmethod.base.door import door
from qcmethod.base.registry import Registry
from qcmethod.base.stored import stored
from qcmethod.errors import CouplingError
from qcmethod.potentials.can import Can

if TYPE_CHECKING:
    from qcmethod.base.types import Array
    from qcmethod.coupling.partition import Partition
    from qcmethod.coupling.reconstruct.reconstruction import Reconstruction
    from qcmethod.coupling.weights import Weights
    from qcmethod.discretisation.body import Body

MethodName = Literal[
    "atomistic",
    "bgfc",
    "bqce",
    "bqcf",
    "cluster",
    "cluster-force",
    "gfc",
    "grac",
    "local",
    "qce",
    "qcf",
    "qnl",
]
"""The methods of the folder, spelled out for type checkers; a test compares."""
Weigh = Callable[["Body", "Partition"], "Weights"]
Reconstruct = Callable[["Body", float, "Array"], "Reconstruction"]


@stored
@door
@dataclass(frozen=True, kw_only=True)
class Method:
    """A coupling method.

    Attributes
    ----------
    name, about : for `couple`; for tables
    conservative : whether its forces are those of an energy; else it mixes forces
    passes : at which homogeneous gradients it has no ghost force
    core : whether there are atoms about the defect (False: beta = 1 everywhere)
    continuum : whether there are Cauchy-Born cells (False: beta = 0 everywhere)
    blended : whether atoms and continuum share a zone of the width `blend`; else beta jumps
    sampled : whether sites beyond the core are sampled in clusters, in place of a continuum
    frozen : whether its ghost force at a reference state is a part of it, a dead load
    partner : with the same beta: of a force method the energy method whose frozen twin has its
        forces, of an energy method the force method without ghost forces
    weigh : the weights of sites, cells and rows on a body (`coupling.weights`)
    reconstruct : the bonds of interface sites on perfect crystal, core in A, omega (n_c,) in sites
        (`coupling.reconstruct`); None: they keep their own
    """

    name: str
    about: str
    weigh: Weigh
    partner: str
    conservative: bool = True
    passes: Literal["every gradient", "reference", "no"] = "no"
    core: bool = True
    continuum: bool = True
    blended: bool = False
    sampled: bool = False
    frozen: bool = False
    reconstruct: Reconstruct | None = None

    @property
    def kind(self) -> str:
        """Its kind as a word, for tables."""
        return "energy" if self.conservative else "force"

    @property
    def all_atoms(self) -> bool:
        """Whether every site is an atom with its own energy."""
        return self.core and not self.continuum and not self.sampled

    @property
    def needs(self) -> Can:
        """What it asks of a potential: forces of atoms, energies of single sites where those are
        weighted, energy and stress of the cells; of a form of this package, sites with given bonds
        and clusters. A method of forces needs no site energies."""
        needs = Can.STRESS if self.continuum else Can(0)
        if self.core:
            needs |= Can.FORCES
        if self.conservative and self.coupled:
            needs |= Can.SITE_ENERGY
        if self.reconstruct is not None or self.sampled:
            needs |= Can.CENTRAL
        return needs

    @property
    def coupled(self) -> bool:
        """Whether atoms end somewhere inside of the domain, and something else begins."""
        return self.core and not self.all_atoms


METHODS: Registry[Method] = Registry("method", "qcmethod.coupling.methods", Method, CouplingError)
"""All coupling methods by name."""


def register(made: Method) -> Method:
    """Make a method known by its name: one of this package, or of a user's script (InputError)."""
    return METHODS.add_named(made)


def find_method(name: str) -> Method:
    """The method of that name; CouplingError naming the nearest ones otherwise."""
    return METHODS.find(name)
