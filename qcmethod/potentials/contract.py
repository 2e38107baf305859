"""The contract of a potential: what it can, how far it sees, and the sums that models ask it for.

    E = sum_l w_l (V_l - V0_l)        site by site (`sums.sites`, `sums.fixed_bonds`)

Models know these sums and nothing of what a site costs; the functional form is the business of
`potentials` (see `site` for what one must provide) and of the law of a cell (`crystal.laws`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Flag, auto

import numpy as np

from qcmethod.base.digest import digest
from qcmethod.base.door import door
from qcmethod.base.stored import stored
from qcmethod.base.told import UNTOLD, Reproducible
from qcmethod.base.toml import Tables
from qcmethod.base.types import Array
from qcmethod.potentials.site import Params, embed, is_many_body, is_pair, site
from qcmethod.potentials.sums.fixed_bonds import Stencil, StencilSum
from qcmethod.potentials.sums.many_body import ManyBodyStencilSum, ManyBodySum
from qcmethod.potentials.sums.sites import External, SiteSum


class Can(Flag):
    """What a potential provides; what a method needs of it is stated in the same words."""

    FORCES = auto()
    SITE_ENERGY = auto()
    """Energies of single sites: the sum can be weighted."""
    STRESS = auto()
    """Energy and stress of homogeneously deformed crystal: cells."""
    HESSIAN = auto()


@stored
@door
@dataclass(frozen=True, eq=False, repr=False)
class Potential(Reproducible):
    """A parametrised potential of one element.

    Attributes
    ----------
    name : as in the card or file, for messages and output files
    element : chemical symbol, or what a table calls it ("X" for model potentials)
    params : NamedTuple whose type selects the kernels
    structure : "fcc", "bcc", "hex2d" or "chain": the lattice it was made for ("" if unknown)
    lattice_constant : first guess of the lattice constant, A
    mass : atomic mass, u
    doi : of the publication
    reference : published or recomputed values (a0 in A, energies in eV, moduli in GPa)
    made : how `load_potential` was called
    """

    name: str
    element: str
    params: Params
    structure: str = ""
    lattice_constant: float = 0.0
    mass: float = 1.0
    doi: str = ""
    reference: dict[str, float] = field(default_factory=dict)
    made: Tables | None = None

    def __repr__(self) -> str:
        return f"Potential({self.name}, {self.element}, {self.form}, cutoff={self.cutoff:.4f} A)"

    @door
    def told(self) -> Tables:
        """Where it was read, and the digest of its numbers; see `Reproducible`."""
        made = super().told()
        if UNTOLD in made or "potential" not in made:
            return made
        return {"potential": {**made["potential"], "digest": digest(self.numbers)}}

    @property
    def symbol(self) -> str:
        """The chemical symbol of `element` as ASE has it, "X" where it is none ("meta_CuZn")."""
        from ase.data import atomic_numbers

        return self.element if self.element in atomic_numbers else "X"

    @property
    def form(self) -> str:
        """Name of the functional form."""
        return type(self.params).__name__

    @property
    def numbers(self) -> list[object]:
        """The form and all its numbers: two potentials are one when these are."""
        return [self.form, *self.params]

    @property
    def cutoff(self) -> float:
        """Interaction range, A."""
        return float(self.params.cutoff)

    @property
    def can(self) -> Can:
        """Everything: site energies are sums of bonds, or told by their form with a derivative."""
        return Can.FORCES | Can.SITE_ENERGY | Can.STRESS | Can.HESSIAN

    @property
    def reach(self) -> int:
        """How many cut-offs away the atoms are that a force feels: 1 with pairs alone, 2 with
        embedding, for then a neighbour's density counts too, as its angles do."""
        return 2 if is_many_body(self.params) or not is_pair(self.params, 0) else 1

    @property
    def isolated(self) -> float:
        """Energy of an atom by itself, eV."""
        if is_many_body(self.params):
            return float(site(self.params, np.zeros((0, 3)))[0])
        return float(embed(self.params, 0.0)[0])

    @door
    def site_sum(
        self, period: float, w: Array, reference: Array, external: External | None = None
    ) -> SiteSum:
        """The sum over sites with weights w (n,) and reference energies V0 (n,), eV, periodic
        along z (A)."""
        of = ManyBodySum if is_many_body(self.params) else SiteSum
        return of.build(self.params, period, w, reference, external)

    @door
    def stencil_sum(self, stencil: Stencil, reference: float) -> StencilSum:
        """The sum over sites whose bonds are given; `reference` is the V0 of each, eV."""
        of = ManyBodyStencilSum if is_many_body(self.params) else StencilSum
        return of(self.params, stencil, reference)
