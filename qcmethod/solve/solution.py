"""An equilibrium of a coupled system, and what can be done with it; `relax` finds one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from qcmethod.base.amounts import require_few
from qcmethod.base.door import door
from qcmethod.base.result import Result, analyses, files, pictures
from qcmethod.base.stored import stored
from qcmethod.base.told import Reproducible
from qcmethod.base.toml import Tables
from qcmethod.base.types import Array, Facts
from qcmethod.coupling.ghost import ghost_force
from qcmethod.coupling.summary import summary
from qcmethod.coupling.system import System
from qcmethod.errors import InputError
from qcmethod.lattice.region import Region
from qcmethod.lattice.sites import checked_limit
from qcmethod.potentials.can import Can
from qcmethod.problems.contact import Contact
from qcmethod.problems.face_contact import FaceContact
from qcmethod.solve.free import largest_force
from qcmethod.solve.stability import Stability, stability_of

if TYPE_CHECKING:
    from ase import Atoms
    from matplotlib.axes import Axes

    from qcmethod.analysis.events.state import Slipped
    from qcmethod.analysis.measure import MeasureName
    from qcmethod.base.registry import Name
    from qcmethod.solve.repatoms import Repatoms


@stored
@door
@dataclass(frozen=True, eq=False, repr=False)
class Solution(Result, Reproducible):
    """An equilibrium of a system.

    Attributes
    ----------
    system : what was solved
    u : (n_k, 3) corrector at the nodes, A: displacement on top of the predictor
    forces : (n_k, 3) residual forces, eV/A (reactions where a node is clamped)
    excess_energy : energy over that of the homogeneous reference crystal, eV per period
        (None for force-based methods, which have no energy). It includes the clamped cells that
        reach beyond the extent, so for a singular predictor compare it on one mesh only
    fmax : largest residual force on a free node, eV/A
    iterations, evaluations, inner : Newton steps, force evaluations, Jacobian products
    seconds : wall time of the solver
    known_stability : `stability`, where it was measured before: force methods, by `relax`
    made : the calls of `relax`, `couple` and the problem, for `recipe()`
    reading : what the problem's watch reads off it, by name (`problems.watch`)
    """

    system: System
    u: Array
    forces: Array
    excess_energy: float | None
    fmax: float
    iterations: int
    evaluations: int
    inner: int
    seconds: float
    known_stability: Stability | None = None
    made: Tables | None = None
    reading: Mapping[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        found = self.system.problem.watch.reading(self.system, self.u)
        object.__setattr__(self, "reading", found)

    def __repr__(self) -> str:
        """What is known: stability and patch-test number where they have been measured."""
        tip = "" if self.tip is None else f"tip {self.tip:.1f} A, "
        done = f"{self.iterations} iterations, fmax={self.fmax:.1e} eV/A"
        known = vars(self.system).get("patch_number", self.system.known_patch)
        patch = "" if known is None else f", patch_number={known:.1e} eV/A"
        soft = vars(self).get("stability", self.known_stability)
        stable = "" if soft is None else f", softest direction {soft.value:.2g}"
        events = "" if self.tip is None else "".join(f", {event}" for event in self.events())
        return f"Solution({self.system}, {tip}{done}{stable}{patch}{events})"

    @property
    def energy(self) -> float | None:
        """Total energy, eV per period: excess energy + that of the homogeneous reference crystal.

        None for force-based methods. Differences are better taken of `excess_energy`, which does
        not lose digits to the number of sites.
        """
        if self.excess_energy is None:
            return None
        return self.excess_energy + self.system.reference_total

    @property
    def displacement(self) -> Array:
        """Total displacement at `body.x_k` (n_k, 3), predictor and corrector, A."""
        body = self.system.body
        return body.y0_k - body.x_k + body.nodal(self.u)

    @cached_property
    def ghost_force(self) -> float:
        """Largest ghost force that the method adds at the predictor, eV/A (0 if corrected)."""
        g = ghost_force(self.system, self.system.zero)
        return float(np.linalg.norm(g, axis=1).max())

    @property
    def patch_number(self) -> float:
        """Largest ghost force of the coupling on perfect, strained crystal, eV/A (`System`)."""
        return self.system.patch_number

    @door
    def summary(self) -> Facts:
        """Numbers and names that identify the solution, as every file carries them: flat."""
        happened = "; ".join(map(str, self.events()))
        facts: Facts = {**summary(self.system, self.u)}
        if Can.HESSIAN in self.system.problem.crystal.potential.can:
            facts["stability"] = self.stability.value
        return facts | ({"events": happened} if happened else {})

    @door
    def events(self) -> tuple[Slipped, ...]:
        """What has happened to the crystal since its predictor: slips, a tip that moved.

        Each has a `kind` ("emission", "twinning", "advance", "closure", "slip") and a `slip` with
        plane, vector and both ends; the longest comes first. Empty where the crystal is whole.
        """
        return self._events

    @cached_property
    def _events(self) -> tuple[Slipped, ...]:
        found: tuple[Slipped, ...] = analyses().happened(self)
        return found

    @cached_property
    def stability(self) -> Stability:
        """The softest direction, its value below 0 at a saddle: an energy's is measured when it is
        first asked for (some tens of products with its Hessian, of an engine as many calls)."""
        if self.known_stability is not None:
            return self.known_stability
        return stability_of(self.system, self.u)

    @property
    def tip(self) -> float | None:
        """x of the crack tip, A, between the last open and the first closed bond, if any."""
        return self.reading.get("tip")

    @property
    def contact(self) -> Contact | FaceContact | None:
        """Force, width and sites of the contact with the indenter, if there is one."""
        return self.reading.get("contact")

    @door
    def write(self, path: str | Path) -> Path:
        """Write the solution: `.vtu` (mesh, ParaView), `.xyz` (atoms, OVITO), or `.npz`.

        The last one holds everything: `qcmethod.load` gives this solution back. Raises InputError
        for another suffix. A file is complete or absent, never half written.
        """
        return super().write(path)

    @door
    def plot(
        self,
        path: str | Path | None = None,
        *,
        measure: MeasureName | Name | None = None,
        deformed: bool = True,
        zoom: float | None = None,
        normal: ArrayLike | None = None,
        ax: Axes | None = None,
        dpi: int = 200,
    ) -> Any:
        """Draw mesh and atoms, coloured by a measure, and the zone about the defect.

        Parameters
        ----------
        path : `.png`, `.pdf` or `.svg`, whose path is returned; None returns the Matplotlib figure
        measure : "shear" (default), "volumetric" (default of a chain), a component "xx" ... "xy" of
            the Green-Lagrange strain, "displacement" (its magnitude, A), "stress_xx" ...
            "stress_xy", "hydrostatic", "von_mises" (GPa), or yours (`analysis.measure`)
        deformed : draw deformed or reference positions
        zoom : half-width of the last panel, A (default: the core and the blending zone)
        normal : in space, (3,) normal of the section that is drawn, in laboratory axes (default: z)
        ax : an axis, which takes the last panel alone

        Raises InputError before anything is drawn.
        """
        return super().plot(path, measure, deformed, zoom, normal, ax=ax, dpi=dpi)

    @door
    def view(self, *, measure: MeasureName | Name | None = None, deformed: bool = True) -> Any:
        """A scene to turn: a `pyvista.Plotter` (extra `view`), or the atoms in OVITO.

        Call `show()` of the plotter. measure, deformed : as of `plot`. Raises NotInstalledError
        where there is neither, saying what to install.
        """
        return pictures().view(self, measure, deformed)

    @door
    def repatoms(self) -> Repatoms:
        """The repatoms as `ase.Atoms` with forces, for ASE's optimisers and molecular dynamics."""
        from qcmethod.solve.repatoms import repatoms

        return repatoms(self.system, self.u)

    @door
    def to_atoms(
        self,
        region: float | str | tuple[tuple[float, float], ...] | Region | None = None,
        centre: tuple[float, ...] | None = None,
        *,
        limit: float = 5_000_000,
    ) -> Atoms:
        """Sites as `ase.Atoms` with displacement, beta, energy and strain arrays.

        region : None: the resolved zone (`io.to_atoms`); or any part of the domain, interpolated
            (`io.atoms_in`): a radius about `centre` (default: the tip, or the middle of the
            defect), a box ((x0, x1), (y0, y1)), in space with (z0, z1), A, "all", or a `Region`
        centre : (x, y), in space (x, y, z), A
        limit : more atoms than this are refused (InputError)
        """
        if region is None:
            if centre is not None:
                expected = "None without a region: the resolved zone has its own place"
                raise InputError("centre", centre, expected, "region=30.0, a radius in A")
            n = len(self.system.body.x_l)
            require_few("limit", limit, n, checked_limit(limit), "sites in the list")
            return files().to_atoms(self.system, self.u, self.forces)
        return files().atoms_in(self.system, self.u, region, centre, limit)


def evaluated(
    system: System,
    u: Array,
    iterations: int = 0,
    evaluations: int = 0,
    inner: int = 0,
    seconds: float = 0.0,
) -> Solution:
    """The corrector u (n_k, 3) that some solver ended at, with its forces: none runs here."""
    state = system.model.at(u)
    fmax, energy = largest_force(system, state), state.energy
    work = (iterations, evaluations, inner, seconds)
    return Solution(system, u, state.forces, energy, fmax, *work)
