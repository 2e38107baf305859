"""A coupled system: a problem, a mesh and a method, ready to be tested and solved.

`qcmethod.couple` makes one. It is plain data (`parts`) with the energy or the forces that it stands
for (`models`); methods with a frozen correction carry the ghost force of `ghost`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

from qcmethod.base.arguments import as_numbers, finite
from qcmethod.base.door import door
from qcmethod.base.stored import stored
from qcmethod.base.told import Reproducible
from qcmethod.base.toml import Tables
from qcmethod.base.types import Array
from qcmethod.coupling.ghost import ghost_force
from qcmethod.coupling.loads import body_of, repredicted
from qcmethod.coupling.method import find_method
from qcmethod.coupling.models import Modelled
from qcmethod.coupling.pristine import at_gradient, patch_number, pristine
from qcmethod.discretisation.body import Body
from qcmethod.problems.load import at_load

STATE = "a gradient (3, 3), or a corrector (n_k, 3)"


@stored
@door
@dataclass(frozen=True, eq=False, repr=False)
class System(Modelled, Reproducible):
    """A problem coupled by one method; make it with `couple`. Two systems are the same only if they
    are one object.

    Attributes
    ----------
    body : mesh, sites and cells
    partition : the method with its core radius, blending width and blending function; also as
        `method`, `core`, `blend`, `blending`
    weights : of sites, cells and rows
    elastic : elastic stiffness of the reference crystal on the mesh
    surface : surface energy of the continuum part of a free surface, if it has one
    g : (n_k, 3) frozen ghost force, eV/A (zero unless the method has one)
    lattice_reach : how far from the defect the continuum carries the force of the lattice on the
        predictor, A (`coupling.lattice_force`); 0: nowhere
    solver : what factorises the elastic stiffness, a word of `couple`
    law : of the cells, a name of `crystal.law.LAWS`
    known_patch : the patch number, where it was measured before
    made : the call of `couple`; its problem is told as it is now
    """

    def __repr__(self) -> str:
        zone = f"core={self.core:g} A, blend={self.blend:g} A"
        return (
            f"System({self.problem.name}, {self.method.name}, {zone}, {self.n_repatoms} repatoms)"
        )

    @door
    def at_load(self, reference: Array | None = None, /, **loads: float) -> Self:
        """The system of the problem at another load: KI, KII, KIII (MPa sqrt(m)), shear (MPa), ...

        `reference` is where the ghost force is frozen, as in `couple`; None: at the new predictor.
        Raises InputError for a load that the problem does not have or refuses.
        """
        state = None if reference is None else as_numbers("reference", reference, STATE)
        found = repredicted(self, at_load(self.problem, **loads), state)
        asked = (self.made or {}).get("coupling", {})
        elsewhere = state is not None or "reference" in asked  # the call said another place
        return replace(found, made=None) if elsewhere else found

    @door
    def told(self) -> Tables:
        """The call of `couple`, and the problem as it is now; see `Reproducible`."""
        made = super().told()
        return made if "coupling" not in made else {**made, **self.problem.told()}

    @door
    def body_at(self, **loads: float) -> Body:
        """The body of the problem at another load; see `at_load`."""
        return body_of(self, at_load(self.problem, **loads))

    @door
    def conservative_twin(self, u: Array) -> System:
        """The energy method with this beta whose forces at the corrector u are this system's."""
        u = finite("u", u, self.zero.shape, f"a finite corrector {self.zero.shape}")
        if self.method.conservative:
            return self
        twin = replace(self, partition=self.partition.by(find_method(self.method.partner)))
        return replace(twin, g=ghost_force(twin, u), made=None)

    @door
    def pristine(self, F: Array) -> System:
        """The same coupling on perfect crystal at the gradient F; the reference of g stays."""
        return pristine(self, F)

    @door
    def at_gradient(self, F: Array) -> System:
        """This pristine system with another homogeneous predictor (mesh, beta and g are kept)."""
        return at_gradient(self, F)

    @cached_property
    def patch_number(self) -> float:
        """Largest ghost force on perfect crystal, eV/A: the cheap part of the patch test.

        At the problem's own F and, where the crystal bears it, 2 % stretched and 2 % sheared. Logs
        and files carry it; it is measured when it is first asked for.
        """
        return patch_number(self) if self.known_patch is None else self.known_patch
