"""A problem: a crystal, a predictor, missing sites, and the domain - no numerical choices.

Sites lie at x(i, j) = i A1 + j A2 + origin; the domain is the disc |x| < extent: an interval for
a chain, a ball in space, the lower half of the disc, j <= 0, for a crystal that ends in a surface.
Everything beyond extent - rim is clamped at the predictor.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal, get_args

import numpy as np

from qcmethod.base.arguments import integers, is_number, number, rows, word
from qcmethod.base.door import door
from qcmethod.base.stored import stored
from qcmethod.base.told import Reproducible
from qcmethod.base.toml import Tables
from qcmethod.base.types import Array, Bools, Index
from qcmethod.crystal.at_gradient import one_gradient
from qcmethod.crystal.crystal import Crystal
from qcmethod.elasticity.predictor import Predictor
from qcmethod.errors import InputError
from qcmethod.lattice.counting import count
from qcmethod.lattice.plane import in_plane
from qcmethod.lattice.region import Region
from qcmethod.lattice.shapes import Ball, Points, Segment, Slab, Tube
from qcmethod.lattice.sites import LIMIT, Sites, checked_limit, sites_in
from qcmethod.mesh import Mesh
from qcmethod.problems.cut import Cut
from qcmethod.problems.external import External
from qcmethod.problems.foreign import Foreign
from qcmethod.problems.hops import hop_distance, hop_stretch
from qcmethod.problems.start import Start
from qcmethod.problems.watch import Watch

Metric = Literal["euclid", "hops", "strip"]
METRICS = get_args(Metric)


def lengths(crystal: Crystal, extent: float, rim: float | None) -> tuple[float, float]:
    """`extent` and `rim` (default: two cut-offs, or as far as a force sees if that is more) as
    numbers, A; InputError for what is none."""
    wide = max(2, crystal.potential.reach)
    usual = wide * crystal.potential.cutoff
    radius = number("extent", extent, "a positive radius in A", above=0.0)
    if rim is None and not usual < radius:
        expected = f"a radius above {usual:.4g} A, {wide} cut-offs: so wide is the clamped rim"
        raise InputError("extent", extent, expected, "a larger extent, or a rim= of your own")
    width = usual if rim is None else rim
    expected = f"a width in A between 0 and extent={radius}"
    return radius, number("rim", width, expected, least=0.0, below=radius)


def now(problem: Problem, given: Mapping[str, object]) -> dict[str, float]:
    """Loads and domain as they are, of those that were given as numbers, or may be."""
    found = {**problem.loads, "extent": problem.extent, "rim": problem.rim}
    return {k: found[k] for k, v in given.items() if k in found and (v is None or is_number(v))}


@stored
@door
@dataclass(frozen=True, eq=False, repr=False)
class Problem(Reproducible):
    """One defect in an infinite crystal, cut off at a radius.

    Attributes
    ----------
    name : for tables and files
    crystal : lattice and potential
    predictor : closed-form part of the deformation
    extent : radius of the domain, A
    rim : width of the clamped rim, A
    origin : (3,) position of the site (0, 0), A; the centre of the domain is at 0
    removed : (m, dim) integer coordinates of the missing sites
    row : (2, 2) ends (x, y) of the segment from which distances to the defect are measured, A; in
        space (2, 3)
    zone : (m, 2), in space (m, 3) positions of sites that take the place of the row, so that a core
        can have any shape (adaptive refinement), A; always in the "euclid" metric
    cuts : where the deformation may jump, or where the crystal ends
    external : what presses on the sites of the core
    watch : what is watched about the defect, so that a state is a result
    metric : how far a point is from the row: "euclid" (cores are discs) or "hops" over the six
        nearest lattice lines (cores are hexagons); hops x |A1| in A; or "strip", from the straight
        line along A1 through the row (cores are bands across the domain; see `with_metric`)
    loads : the numbers that define the load, for tables and files
    foreign : sites of other species than the crystal's (`substituted`)
    start : displacements on top of the predictor that a solver starts from (`own_atoms`)
    made : the call that posed it (`problems.posed`); loads and domain are told as they are now
    """

    name: str
    crystal: Crystal
    predictor: Predictor
    extent: float
    rim: float
    origin: Array = field(default_factory=lambda: np.zeros(3))
    removed: Index | None = None
    row: Array = field(default_factory=lambda: np.zeros((2, 2)))
    zone: Array | None = None
    cuts: tuple[Cut, ...] = ()
    external: tuple[External, ...] = ()
    watch: Watch = field(default_factory=Watch)
    metric: Metric = "euclid"
    loads: dict[str, float] = field(default_factory=dict)
    start: Start | None = None
    foreign: Foreign | None = None
    made: Tables | None = None

    def __repr__(self) -> str:
        return f"Problem({self.name}, {self.crystal}, {self.loads}, extent={self.extent:g} A)"

    def __post_init__(self) -> None:
        lengths(self.crystal, self.extent, self.rim)
        n = self.crystal.lattice.n_components
        if not self.crystal.lattice.is_space and not np.array_equal(
            self.predictor.F[:, 2], np.eye(3)[2]
        ):
            expected = "F e_z = e_z: the period along z is that of the lattice"
            hint = "build the crystal with another lattice constant a= to stretch it along z"
            raise InputError("F", self.predictor.F.tolist(), expected, hint)
        outside = self.predictor.F - np.eye(3)
        if np.abs(outside[n:, :]).max(initial=0.0) or np.abs(outside[:, n:]).max(initial=0.0):
            expected = f"a gradient of the {n} displacement component(s) of this crystal"
            raise InputError("F", self.predictor.F.tolist(), expected)
        self.crystal.require_stable(self.predictor.F)

    @door
    def told(self) -> Tables:
        """The call that posed it, at its loads and in its domain; see `Reproducible`."""
        made = super().told()
        if "problem" not in made:
            return made
        posed = {k: t for k, t in made.items() if k not in ("potential", "crystal")}
        return made | {k: {**t, **now(self, t)} for k, t in posed.items() if isinstance(t, dict)}

    @door
    def with_metric(self, metric: Metric) -> Problem:
        """The same problem with distances in a metric; the row of a strip crosses the domain."""
        word("metric", metric, METRICS)
        if metric != "euclid" and self.crystal.lattice.dim == 3:
            raise InputError("metric", metric, "'euclid' in space: cores are balls, or tubes")
        if metric != "strip" or self.crystal.lattice.dim == 1:
            return replace(self, metric=metric)
        y = float(self.row[0, 1])
        return replace(
            self, metric=metric, row=np.array([[-self.extent, y], [self.extent, y]]), zone=None
        )

    @door
    def position(self, ij: Index | Array) -> Array:
        """Reference positions (n, 3) of the sites ij (n, dim), A; of points between them too."""
        ij = rows("ij", ij, (self.crystal.lattice.dim,), "sites")
        return self.crystal.lattice.positions(ij) + self.origin

    @property
    def domain(self) -> Region:
        """Where there is matter: within the extent, up to where the crystal ends."""
        return self.bounded(self.within(self.extent))

    @door
    def bounded(self, region: Region) -> Region:
        """The part of a region in which there is matter."""
        for cut in self.cuts:
            region = cut.bounded(region, self.origin)
        return region

    @cached_property
    def n_sites(self) -> int:
        """Lattice sites of the domain, missing ones left out; counted, not estimated."""
        lattice, n = self.crystal.lattice, 0
        if self.removed is not None and len(self.removed):
            n = int(self.domain.contains(self.position(self.removed)).sum())
        return count(lattice.basis[: lattice.dim], self._once(self.domain), self.origin) - n

    @property
    def free(self) -> Tube | Ball:
        """Where the deformation is not given: beyond, atoms and nodes are clamped."""
        return self.within(self.extent - self.rim)

    @door
    def within(self, radius: float) -> Tube | Ball:
        """The disc, along the period, or the ball about the centre of the domain, A."""
        return Ball(radius) if self.crystal.lattice.is_space else Tube(radius)

    @door
    def from_centre(self, x: Array) -> Array:
        """Distance (n,) of positions x (n, 2) or (n, 3) from the centre of the domain, A."""
        return np.asarray(np.linalg.norm(self.across(x), axis=1))

    @door
    def across(self, x: Array) -> Array:
        """Components (n, 2 or 3) of positions in which distances are measured: a view."""
        return x if self.crystal.lattice.is_space else in_plane(x)

    @cached_property
    def focus(self) -> Region:
        """What distances are measured from: the zone, or the row."""
        if self.zone is not None:
            return Points(self.zone)
        first, last = self.ends_of_row.tolist()
        return Segment(tuple(first), tuple(last))

    @property
    def ends_of_row(self) -> Array:
        """(2, 2), in space (2, 3): the row."""
        row = np.zeros((2, 3 if self.crystal.lattice.is_space else 2))
        row[:, : self.row.shape[1]] = self.row
        return row

    @door
    def points(self, region: Region, limit: float = LIMIT) -> Index:
        """Lattice points ij (n, dim) of a region, missing sites included, row by row.

        Raises InputError: a region that is not bounded, or more points than the limit.
        """
        lattice = self.crystal.lattice
        once = self._once(region)
        return sites_in(lattice.basis[: lattice.dim], once, self.origin, checked_limit(limit)).ij

    def _once(self, region: Region) -> Region:
        """The part of a region in one period, where every site of a mesh that repeats is once."""
        lattice = self.crystal.lattice
        if not lattice.repeats:
            return region
        half = 0.5 * lattice.period
        quarter = 0.25 * lattice.period / lattice.repeats  # planes of sites are two of these apart
        at = float(self.origin[2]) - quarter
        return region & Slab(at - half, at + half)

    @door
    def sites(self, region: Region, limit: float = LIMIT) -> Index:
        """Sites ij (n, dim) of a region, row by row; errors as of `points`."""
        ij = self.points(region, limit)
        return ij[~self.is_removed(ij)]

    @door
    def distance(self, x: Array) -> Array:
        """Distance (n,) of the positions x (n, 2) or (n, 3) from the row, in the metric, A."""
        x = rows("x", x, (2, 3), "positions")
        if self.metric == "hops" and self.crystal.lattice.dim == 2 and self.zone is None:
            first, last = self.row
            along = float(last[0] - first[0])
            return hop_distance(in_plane(x) - first, along, self.crystal.lattice.plane_basis)
        return self.euclidean(x)

    @door
    def euclidean(self, x: Array) -> Array:
        """Distance (n,) of the positions x (n, 2) or (n, 3) from the row or the zone, A."""
        return self.focus.distance(rows("x", x, (2, 3), "positions"))

    @property
    def centres(self) -> Array:
        """Points (m, 2) from which distances are measured, A: the zone, or samples of the row."""
        first, last = self.ends_of_row
        return np.linspace(first, last, 33) if self.zone is None else self.zone

    @property
    def stretch(self) -> float:
        """How much further than its distance in the metric a point can be from the row."""
        if self.metric != "hops" or self.zone is not None or self.crystal.lattice.dim == 1:
            return 1.0
        return hop_stretch(self.crystal.lattice.plane_basis)

    @property
    def jumps(self) -> bool:
        """Whether the deformation may jump across a cut, up to its tip."""
        return any(cut.jumps for cut in self.cuts)

    @property
    def ends(self) -> bool:
        """Whether the crystal ends at a cut: the domain is no whole disc."""
        return any(cut.ends for cut in self.cuts)

    @door
    def is_void(self, ij: Index) -> Bools:
        """Which lattice points (n,) of ij (n, dim) are beyond the end of the crystal."""
        ij = integers("ij", ij, self.crystal.lattice.dim, "sites")
        void: Bools = np.zeros(len(ij), dtype=bool)
        for cut in self.cuts:
            void |= cut.is_void(ij)
        return void

    @door
    def is_last(self, ij: Index) -> Bools:
        """Which lattice points (n,) of ij (n, dim) are of the layer at which the crystal ends."""
        last: Bools = np.zeros(len(ij), dtype=bool)
        for cut in self.cuts:
            last |= cut.is_last(ij)
        return last

    @door
    def opened(self, mesh: Mesh) -> Mesh:
        """A mesh with two nodes for one where the deformation may jump."""
        for cut in self.cuts:
            mesh = cut.opened(mesh)
        return mesh

    @door
    def is_removed(self, ij: Index) -> Bools:
        """Whether the sites ij (n, dim) are missing ones, (n,)."""
        ij = integers("ij", ij, self.crystal.lattice.dim, "sites")
        missing = self.is_void(ij)
        if self.removed is not None and len(self.removed):
            missing |= Sites(self.removed).find(ij) >= 0
        return missing

    @door
    def pristine(self, F: Array) -> Problem:
        """The same domain filled with perfect crystal at the homogeneous gradient F (3, 3).

        Distances still refer to the row of the healed defect, so that a coupling built for this
        problem finds the same core. Raises UnstableCrystalError.
        """
        predictor = Predictor(one_gradient(F, self.crystal.lattice)[0])
        bare = replace(self, predictor=predictor, removed=None, cuts=(), external=(), made=None)
        return replace(bare, watch=Watch(), start=None, foreign=None)
