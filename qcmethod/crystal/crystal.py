"""A crystal: a lattice and a potential, relaxed, with its continuum properties and its phonons.

The lattice constant is the zero of the hydrostatic stress tr P(1) of the perfect lattice; moduli
are C_ijkl = A_ijkl / Omega at the stress-free state (Born and Huang 1954). What moves with F:
`crystal.at_gradient`; stability: `crystal.stability`; phonons: `crystal.stability.phonons`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal, overload

import numpy as np
from numpy.typing import ArrayLike

from qcmethod.base.arguments import whole_number
from qcmethod.base.door import door
from qcmethod.base.said import say
from qcmethod.base.stored import stored
from qcmethod.base.told import Reproducible
from qcmethod.base.toml import Tables
from qcmethod.base.types import Array
from qcmethod.base.voigt import mandel
from qcmethod.crystal import stability
from qcmethod.crystal.at_gradient import one_gradient
from qcmethod.crystal.equilibrium import relaxed
from qcmethod.crystal.law import Response
from qcmethod.crystal.laws.cauchy_born import true_law
from qcmethod.crystal.moduli import ElasticConstants
from qcmethod.crystal.of_atoms import axes_of, lattice_of, require_near
from qcmethod.crystal.stability import Stability, bands
from qcmethod.crystal.stability.bands import Phonons
from qcmethod.crystal.third_order import ThirdOrderConstants, third_order
from qcmethod.errors import InputError, PotentialWarning, UnstableCrystalError
from qcmethod.lattice import lattice
from qcmethod.lattice.bricked import build
from qcmethod.lattice.lattice import Lattice
from qcmethod.lattice.miller import along
from qcmethod.lattice.oriented import Triplet
from qcmethod.potentials.contract import Potential

if TYPE_CHECKING:
    from ase import Atoms


@stored
@door
@dataclass(frozen=True, repr=False)
class Crystal(Reproducible):
    """A Bravais crystal of one element; build it with `fcc`, `bcc`, `hex2d`, `chain` or `of`."""

    potential: Potential
    lattice: Lattice

    def __repr__(self) -> str:
        lattice = self.lattice
        return f"Crystal({lattice.structure} {self.potential.name}, a={lattice.constant:.6g} A)"

    @classmethod
    @door
    def fcc(
        cls,
        potential: Potential,
        x: Triplet = (1, 0, 0),
        y: Triplet = (0, 1, 0),
        z: Triplet = (0, 0, 1),
        a: float | None = None,
        dimensions: int = 2,
    ) -> Crystal:
        """Face-centred cubic crystal with laboratory axes along the Miller directions x, y, z.

        x, y, z : Miller triplets, orthogonal and right-handed; of a crack: growth, plane normal and
            front
        a : lattice constant, A (default: relaxed with the potential)
        dimensions : of the problems that it is for: 2, a plane mesh whose sites are columns of
            atoms along z (straight defects), or 3, where every atom is a site

        Raises OrientationError for triplets that are not orthogonal and right-handed, and
        UnstableCrystalError when the potential has no stress-free fcc crystal near its guess.
        """
        return cls(potential, relaxed(potential, "fcc", build("fcc", x, y, z, dimensions), a))

    @classmethod
    @door
    def bcc(
        cls,
        potential: Potential,
        x: Triplet = (1, 0, 0),
        y: Triplet = (0, 1, 0),
        z: Triplet = (0, 0, 1),
        a: float | None = None,
        dimensions: int = 2,
    ) -> Crystal:
        """Body-centred cubic crystal; arguments and errors as for `fcc`."""
        return cls(potential, relaxed(potential, "bcc", build("bcc", x, y, z, dimensions), a))

    @classmethod
    @door
    def hex2d(cls, potential: Potential, a: float | None = None) -> Crystal:
        """Triangular plane lattice (A1 along x); two displacement components.

        a : distance of neighbours, A (default: relaxed with the potential)
        """
        return cls(potential, relaxed(potential, "hex2d", lattice.hex2d, a))

    @classmethod
    @door
    def chain(cls, potential: Potential, a: float | None = None) -> Crystal:
        """Chain on the x axis; one displacement component. Arguments as for `hex2d`."""
        return cls(potential, relaxed(potential, "chain", lattice.chain, a))

    @classmethod
    @door
    def of(
        cls,
        atoms: Atoms,
        potential: Potential,
        x: Triplet | None = None,
        y: Triplet | None = None,
        z: Triplet | None = None,
        a: float | None = None,
    ) -> Crystal:
        """The perfect crystal whose unit cell is an `ase.Atoms`: fcc, bcc, hex2d or a chain.

        Parameters
        ----------
        atoms : a primitive, conventional or larger cell, turned as it may be, of the potential's
            element and with `pbc`; its lattice is told by the translations between atoms
        potential : what the crystal is at rest with
        x, y, z : Miller triplets (default: along the edges of the cell where it is orthogonal, else
            along the axes of its frame; of the equivalent names that with fewest minus signs)
        a : lattice constant, A (default: relaxed with the potential; a PotentialWarning says that
            of the atoms where it differs by more than 1e-4)

        Raises InputError, naming it: a lattice that is none of these, atoms that are no Bravais
        lattice, of two species or another one, a vacuum, a missing period, axes along no direction
        of the crystal, a lattice constant 5 % or more off. OrientationError, UnstableCrystalError:
        as `fcc`.
        """
        found = lattice_of(atoms, potential)
        triad = axes_of(atoms, found, {"x": x, "y": y, "z": z})
        made: Crystal = getattr(cls, found.structure)(potential, **triad, a=a)
        if a is None and (
            words := require_near(found.constant, made.lattice_constant, potential.name)
        ):
            say(words, PotentialWarning)
        return made

    @door
    def told(self) -> Tables:
        """Structure, axes and lattice constant, and the potential; see `Reproducible`."""
        lattice = self.lattice
        own: dict[str, object] = {"structure": lattice.structure}
        if lattice.n_components == 3:
            own |= {name: list(along(h)) for name, h in zip("xyz", lattice.axes, strict=True)}
        if lattice.dim == 3:
            own["dimensions"] = 3
        return {**self.potential.told(), "crystal": {**own, "a": lattice.constant}}

    @cached_property
    def cohesive(self) -> float:
        """Energy per site of the undeformed lattice, eV, with the potential's own zero."""
        return self.site_energy(np.eye(3))

    @property
    def lattice_constant(self) -> float:
        """Lattice constant, A (spacing of neighbours for hex2d and chain)."""
        return self.lattice.constant

    @cached_property
    def cohesive_energy(self) -> float:
        """Energy per atom against the isolated atom of the same potential, eV (negative)."""
        return self.cohesive - self.potential.isolated

    @door
    def site_energy(self, F: Array) -> float:
        """Cauchy-Born energy of one site at the gradient F (3, 3), eV."""
        return float(self._response(F).W[0])

    @door
    def energy_density(self, F: Array) -> float:
        """W(F), eV/A^3 (eV/A^2 for hex2d, eV/A for a chain), per undeformed volume."""
        return self.site_energy(F) / self.lattice.site_volume

    @door
    def stress(self, F: Array) -> Array:
        """First Piola-Kirchhoff stress P = dW/dF, (3, 3), eV/A^3."""
        return self._response(F).P[0] / self.lattice.site_volume

    @door
    def tangent(self, F: Array) -> Array:
        """dP/dF, (3, 3, 3, 3) with [a, i, b, j] = dP_ai/dF_bj, eV/A^3."""
        F_q = one_gradient(F, self.lattice)
        law = true_law(self.potential, self.lattice, F_q)
        return law.tangent(F_q, law.at(F_q))[0] / self.lattice.site_volume

    @overload
    def elastic_constants(self, order: Literal[2] = 2) -> ElasticConstants: ...

    @overload
    def elastic_constants(self, order: Literal[3]) -> ThirdOrderConstants: ...

    @door
    def elastic_constants(self, order: Literal[2, 3] = 2) -> ElasticConstants | ThirdOrderConstants:
        """Elastic constants of the undeformed lattice.

        order : 2: small-strain moduli, eV/A^3 (2-D: eV/A^2, 1-D: eV/A); 3: those of third order
            (`ThirdOrderConstants`), eV/A^3

        Raises InputError for another order, or the third of a plane or a chain.
        """
        if order == 3:
            return third_order(self)
        whole_number("order", order, "2 or 3", least=2, most=2)
        return ElasticConstants(self.tangent(np.eye(3)), self.lattice.axes)

    @door
    def stability(self, F: ArrayLike | None = None, *, plane: bool = False) -> Stability:
        """Stability of the continuum and of the lattice at F (3, 3) (default: undeformed).

        plane : only waves that are uniform along z, as those of a quasi-2-D problem are
        """
        return stability.analyse(self.potential, self.lattice, _or_one(F), plane)

    @door
    def phonons(
        self,
        path: str | ArrayLike | None = None,
        F: ArrayLike | None = None,
        *,
        points: int = 200,
    ) -> Phonons:
        """Frequencies (THz) and modes along a path or at wave vectors, of the lattice at F.

        path : special points as in ASE ("GXWLGK"; default: a path of the lattice), or wave vectors
            (n, 3) in the reference laboratory frame, 1/A, 2 pi included
        points : wave vectors along a path
        """
        return bands.phonons_of(self.potential, self.lattice, path, F, points)

    @door
    def plot_phonons(
        self,
        file: str | Path,
        path: str | ArrayLike | None = None,
        F: ArrayLike | None = None,
        **options: int,
    ) -> Path:
        """Draw the branches along a path to a `.png`, `.pdf` or `.svg` file; `points`, `dpi`."""
        dpi = options.pop("dpi", 200)
        return self.phonons(path, F, **options).plot(file, dpi=dpi)

    @door
    def acoustic_minimum(self, F: Array) -> float:
        """Smallest eigenvalue of the acoustic tensor over directions, eV/A^3."""
        F_q = one_gradient(F, self.lattice)
        key = F_q.tobytes()
        if key not in self._acoustic:
            self._acoustic[key] = stability.acoustic(self.potential, self.lattice, F_q[0]).value
        return self._acoustic[key]

    @cached_property
    def _acoustic(self) -> dict[bytes, float]:
        """What `acoustic_minimum` has found: a problem asks it of one gradient at every load."""
        return {}

    @door
    def is_stable(self, F: Array) -> bool:
        """Strong ellipticity at F: every long wave of the deformed lattice is stable."""
        return self.acoustic_minimum(F) > 0.0

    @door
    def stable_moduli(self) -> Array:
        """C_ijkl (3, 3, 3, 3), eV/A^3, for fields of linear elasticity.

        Raises UnstableCrystalError, naming crystal and potential, where it is not positive, and
        InputError for a lattice constant at which the crystal is far from rest.
        """
        moduli = self.elastic_constants()
        lowest = float(np.linalg.eigvalsh(mandel(moduli.voigt()))[0])
        if not lowest > 0.0:
            raise self._without_crystal(f"smallest eigenvalue of its moduli {lowest:.3g} eV/A^3")
        return moduli.at_rest

    def _without_crystal(self, why: str) -> UnstableCrystalError:
        """The error of a structure that the potential does not hold together."""
        potential, structure = self.potential, self.lattice.structure
        other = potential.structure if potential.structure != structure else ""
        hint = f"Crystal.{other}" if other else "a= of the relaxed crystal, or another potential"
        return UnstableCrystalError(
            f"{potential.name} has no stable {structure} crystal of a = "
            f"{self.lattice.constant:.6g} A ({why}, expected > 0). Try: {hint}"
        )

    @door
    def require_stable(self, F: Array) -> None:
        """Raise UnstableCrystalError when the crystal at F is not strongly elliptic.

        Only long waves are asked, for they are what a continuum needs; `stability` asks them all.
        """
        lowest = self.acoustic_minimum(F)
        if not lowest > 0.0:
            if (undeformed := self.acoustic_minimum(np.eye(3))) <= 0.0:
                raise self._without_crystal(f"smallest acoustic eigenvalue {undeformed:.3g} eV/A^3")
            raise UnstableCrystalError(
                f"F: the homogeneous crystal is unstable at {np.asarray(F).tolist()} (smallest "
                f"acoustic eigenvalue {lowest:.4g} eV/A^3, expected > 0). Try a smaller load."
            )

    def _response(self, F: ArrayLike) -> Response:
        F_q = one_gradient(F, self.lattice)
        return true_law(self.potential, self.lattice, F_q).at(F_q)


def require_crystal(crystal: object, example: str = "fcc(potential, ...)") -> Crystal:
    """The argument `crystal`, if it is a Crystal (InputError)."""
    if not isinstance(crystal, Crystal):
        raise InputError("crystal", crystal, "a Crystal", f"qcmethod.Crystal.{example}")
    return crystal


def require_cubic(
    crystal: object, expected: str = "an fcc or bcc crystal", hint: str = ""
) -> Crystal:
    """The argument `crystal`, if it is a Crystal that moves in three dimensions (InputError)."""
    solid = require_crystal(crystal)
    if solid.lattice.n_components != 3:
        raise InputError("crystal", solid.lattice.structure, expected, hint)
    return solid


def _or_one(F: ArrayLike | None) -> ArrayLike:
    return np.eye(3) if F is None else F
