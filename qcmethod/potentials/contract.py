"""The contract of a potential: what it can, how far it sees, and the sums that models ask it for.

    E = sum_l w_l (V_l - V0_l)        site by site (`sums.sites`, `sums.fixed_bonds`)

Models know these sums and nothing of what a site costs; the functional form is the business of
`potentials` (see `site` for what one must provide) and of the law of a cell (`crystal.laws`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from qcmethod.base.digest import digest
from qcmethod.base.door import door
from qcmethod.base.stored import stored
from qcmethod.base.told import UNTOLD, Reproducible, tell
from qcmethod.base.toml import Tables
from qcmethod.base.types import Array, Index
from qcmethod.errors import EngineError
from qcmethod.potentials.can import NATIVE, Can
from qcmethod.potentials.engine import Engine, EngineParams
from qcmethod.potentials.site import Params, embed, is_many_body, is_mixed, is_pair, site
from qcmethod.potentials.sums.engine import EngineSum
from qcmethod.potentials.sums.fixed_bonds import Stencil, StencilSum
from qcmethod.potentials.sums.many_body import ManyBodyStencilSum, ManyBodySum
from qcmethod.potentials.sums.mixed import MixedSum
from qcmethod.potentials.sums.protocol import Sum
from qcmethod.potentials.sums.sites import External, SiteSum


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
    elements : symbols of all species, the first is that of crystals; one by default
    engine : what computes it in the place of a form (`params` then holds its range alone)
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
    engine: Engine | None = None
    elements: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.elements:
            object.__setattr__(self, "elements", (self.element,))

    @classmethod
    @door
    def of_engine(
        cls, engine: Engine, structure: str = "", lattice_constant: float = 0.0
    ) -> Potential:
        """The potential that an engine computes; arguments as the attributes above."""
        return cls(
            name=engine.name,
            element=engine.elements[0],
            params=EngineParams(engine.cutoff),
            structure=structure,
            lattice_constant=lattice_constant,
            mass=engine.masses[0],
            engine=engine,
            elements=tuple(engine.elements),
        )

    @classmethod
    @door
    def of(
        cls,
        calculator: Any,
        elements: Sequence[str],
        cutoff: float,
        reach: int | None = None,
        *,
        structure: str = "",
        lattice_constant: float | None = None,
        masses: Sequence[float] | None = None,
        name: str | None = None,
    ) -> Potential:
        """Any calculator of ASE as a potential; what it claims is checked here.

        Parameters
        ----------
        calculator : of ASE, an `ase.Atoms` that has one, or a function without arguments that makes
            one (for other processes, where calculators cannot be copied)
        elements : chemical symbols; a crystal is of the first one
        cutoff : range of the neighbours of a site, A
        reach : how many cut-offs away the atoms are that a force feels: 1 of pairs, 2 of embedding,
            angles and descriptors, 1 + layers of message passing (default: as is measured)
        structure, lattice_constant : "fcc" or "bcc" and A, a first guess (default: a coarse scan)
        masses : of the elements, u (default: the usual ones)
        name : for messages and files

        Raises InputError, naming it: no forces, forces that are no slopes of the energy (other
        units), site energies that do not sum to it, an element that it does not know, a cut-off or
        reach below the truth, forces without a cut-off, energies that are no numbers; EngineError:
        a function that makes no calculator.
        """
        from qcmethod.potentials.calculator.door import engine_of, guess_of

        given = locals()
        guess = guess_of(structure, lattice_constant)
        engine = engine_of(calculator, elements, cutoff, reach, masses, name)
        return replace(cls.of_engine(engine, *guess), made=tell(cls.of, given, "potential"))

    @property
    def floor(self) -> float:
        """What rounding leaves of forces, eV/A: of an engine in single precision, else 0."""
        return self.engine.floor if self.engine else 0.0

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
        """Name of the functional form, or of the kind of engine."""
        return type(self.engine).__name__ if self.engine else type(self.params).__name__

    @property
    def numbers(self) -> list[object]:
        """The form and all its numbers: two potentials are one when these are."""
        return [self.form, *(self.engine.numbers if self.engine else self.params)]

    @property
    def cutoff(self) -> float:
        """Interaction range, A."""
        return float(self.params.cutoff)

    @property
    def can(self) -> Can:
        """What it provides: a form everything, for its site energies are sums of bonds, or told
        with a derivative."""
        return self.engine.can if self.engine else NATIVE

    @property
    def reach(self) -> int:
        """How many cut-offs away the atoms are that a force feels: 1 with pairs alone, 2 with
        embedding, for then a neighbour's density counts too, as its angles do."""
        if self.engine:
            return self.engine.reach
        return 2 if is_many_body(self.params) or not is_pair(self.params, 0) else 1

    @property
    def law(self) -> str:
        """The usual law of its cells (`crystal.law`): of an engine a table."""
        return "tabulated" if self.engine else "cauchy-born"

    @property
    def isolated(self) -> float:
        """Energy of an atom by itself, eV."""
        if self.engine:
            return self.engine.isolated
        if is_many_body(self.params):
            return float(site(self.params, np.zeros((0, 3)), np.zeros(1, dtype=np.int64))[0])
        return float(embed(self.params, 0.0)[0])

    @door
    def site_sum(
        self,
        period: float,
        w: Array,
        reference: Array,
        external: External | None = None,
        species: Index | None = None,
    ) -> Sum:
        """The sum over sites with weights w (n,) and reference energies V0 (n,), eV, periodic
        along z (A); species (n,) : indices of elements, all the first one by default.

        Raises EngineError for weights that an engine cannot give.
        """
        if self.engine:
            return EngineSum.build(self.engine, period, w, reference, external, species)
        of: type[SiteSum] = ManyBodySum if is_many_body(self.params) else SiteSum
        if species is not None and is_mixed(self.params):
            of = MixedSum
        elif species is not None and not is_many_body(self.params) and species.any():
            raise EngineError(f"{self.name} is a potential of one element: {self.element}")
        return of.build(self.params, period, w, reference, external, species)

    @door
    def force_sum(
        self,
        period: float,
        needed: Array,
        external: External | None = None,
        species: Index | None = None,
    ) -> Sum:
        """The sum of which only forces are asked, on atoms whose neighbours are all among the sites
        with needed (n,) = 1: an engine then needs no site energies."""
        if self.engine:
            return EngineSum.forces_on(self.engine, period, len(needed), external, species)
        return self.site_sum(period, needed, np.zeros(len(needed)), external, species)

    @door
    def stencil_sum(self, stencil: Stencil, reference: float) -> StencilSum:
        """The sum over sites whose bonds are given; `reference` is the V0 of each, eV. Raises
        EngineError for an engine."""
        if self.engine:
            raise EngineError(f"{self.name} is no form of this package: its sites take no bonds")
        of = ManyBodyStencilSum if is_many_body(self.params) else StencilSum
        return of(self.params, stencil, reference)
