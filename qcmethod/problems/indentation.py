"""A rigid indenter on the free surface of a crystal (Tadmor, Miller, Phillips and Ortiz 1999).

The crystal fills the lower half of the disc |x| < extent: surface normal y, indenter along z, the
row j = 0 on top. The predictor is the free surface at rest: the perfect crystal with its relaxed
layers. The load is the depth of the indenter below its first contact with that surface; the force
follows (`problems.contact`). The half disc is clamped at its round side, which fixes what an
infinite half plane leaves open: under a line force P the surface sinks by

    depth = P (L^-1)_22/pi ln(extent) + const,    L: Barnett and Lothe's tensor (Flamant; Stroh)

so a depth belongs to an extent; forces and events as functions of the contact do not. In space the
indenter is a body of revolution about y (`indentation_in_space`), and depths settle as 1/extent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from qcmethod.base.arguments import number, word
from qcmethod.base.door import door
from qcmethod.crystal.crystal import Crystal, require_cubic
from qcmethod.crystal.surface import surface_energy
from qcmethod.elasticity.predictor import Predictor
from qcmethod.errors import InputError
from qcmethod.lattice.shapes import Box
from qcmethod.lattice.sites import sites_in
from qcmethod.problems.contact import ContactWatch
from qcmethod.problems.example import example, metal, space
from qcmethod.problems.free_plane import FreePlane
from qcmethod.problems.free_surface import FreeSurface
from qcmethod.problems.front import front, straight
from qcmethod.problems.indentation_in_space import half_ball
from qcmethod.problems.indenter import Indenter, Shape
from qcmethod.problems.load import Load, register
from qcmethod.problems.posed import posed
from qcmethod.problems.problem import Problem, lengths
from qcmethod.problems.round_indenter import RoundIndenter

ROWS = 4
"""Rows of sites that the lowest point of an indenter may meet first."""
LARGEST, STIFF, SHARP = 1e7, 1e6, 0.01
"""Above this size, A, digits of the overlap are lost; stiffer, eV/A^3, or sharper, A, is a wall."""
SHAKE = 0.01
"""Size of the displacement, A, that breaks the mirror which an indenter shares with its crystal."""


@posed
@door
def indentation(
    crystal: Crystal,
    shape: Shape | None = None,
    *,
    radius: float | None = None,
    half_width: float | None = None,
    depth: float = 0.0,
    extent: float,
    rim: float | None = None,
    centre: float | Sequence[float] = 0.0,
    stiffness: float = 10.0,
    edge: float = 2.0,
    period: float | None = None,
) -> Problem:
    """An indenter on the free surface normal to y of a crystal, at x = 0 (in space on the y axis).

    Parameters
    ----------
    crystal : fcc or bcc; its axes x, y, z are along the surface, its normal, and the indenter; in
        space the surface is a plane of the mesh: {100}, {110}, of fcc {111} too
    shape : "cylinder" (default) of a `radius`, or "flat" punch of a `half_width`; in space "sphere"
        (default) of a `radius`, or "flat", round punch whose radius is `half_width`
    radius, half_width : size of the cylinder or sphere, or of the flat punch, A
    depth : of the lowest point of the indenter below its first contact with the relaxed surface, A
        (negative: lifted off)
    extent : radius of the half disc, or half ball, A
    rim : width of the clamped rim, A (default two cut-offs)
    centre : where the indenter is between the columns of the surface row: 0 above one, 0.5 midway;
        in space two such numbers, of the shortest steps along the surface, or one for both
    stiffness : k of the potential k/3 g^3 of a site that is inside by g, eV/A^3
    edge : length over which the edges of a flat punch are rounded, A
    period : makes the indenter of a crystal with dimensions=3 a cylinder, or a flat punch, along z
        as in the plane: length along z after which all repeats itself, A, rounded to what a mesh
        can close on (`problems.front`); the extent is a radius about z then

    Raises
    ------
    InputError : a plane crystal or a chain, another shape, a size that is missing, not positive, or
        that of the other shape, a cylinder pressed in deeper than its radius, or so thin that it
        falls between two columns of atoms.
    OrientationError : in space, a surface that is no plane of the mesh; of a period, a z that no
        edge of the mesh's bricks follows.
    ConvergenceError : the layers of the free surface do not relax.
    """
    expected = "an fcc or bcc crystal (three displacement components)"
    crystal = require_cubic(crystal, expected, "qcmethod.Crystal.fcc(...)")
    if period is not None:
        crystal = front(crystal, period)
    lattice = crystal.lattice
    kind = _shape(shape, lattice.is_space)
    size = _size(kind, radius, half_width)
    k = number("stiffness", stiffness, f"up to {STIFF:g} eV/A^3, e.g. 10", above=0.0, most=STIFF)
    e = number("edge", edge, f"a length from {SHARP} A on, e.g. 2", least=SHARP, most=LARGEST)
    extent, rim = lengths(crystal, extent, rim)
    if lattice.is_space:
        body = RoundIndenter(kind, size, 0.0, 0.0, k, e)
        return at_load(half_ball(crystal, body, centre, extent, rim), depth=depth)
    at = number("centre", centre, "a number of columns, e.g. 0 or 0.5") % 1.0
    indenter = Indenter(kind, size, 0.0, 0.0, k, e)
    half = size if kind == "flat" else 0.0
    plane = straight(crystal)
    problem = Problem(
        name="indentation",
        crystal=crystal,
        predictor=Predictor(),
        extent=extent,
        rim=rim,
        origin=np.array([at * plane.lattice.basis[0, 0], 0.0, 0.0]),
        row=np.array([[-half, 0.0], [half, 0.0]]),
        cuts=(FreeSurface() if lattice.dim == 2 else FreePlane.of(lattice),),
        external=(replace(indenter, contact=_first_contact(plane, indenter, at)),),
        watch=ContactWatch(),
        loads={"depth": 0.0},
    )
    return at_load(problem, depth=depth)


def at_load(problem: Problem, **loads: float) -> Problem:
    """The same indenter at another `depth`, A.

    Raises InputError for a problem without an indenter, another load, or an impossible depth.
    """
    indenters = [one for one in problem.external if isinstance(one, Indenter)]
    if len(indenters) != 1:
        hint = "qcmethod.indentation(crystal, ...)"
        raise InputError("problem", problem.name, "one with an indenter", hint)
    (indenter,) = indenters
    for name in loads:
        if name != "depth":
            raise InputError("loads", name, "'depth'")
    depth = number("depth", loads.get("depth"), "a depth below the first contact in A, e.g. 2.5")
    if indenter.shape != "flat" and not depth < indenter.size:
        expected = f"less than the radius of the {indenter.shape}, {indenter.size:g} A"
        raise InputError("depth", depth, expected, "a larger radius")
    lowered = replace(indenter, depth=depth)
    return replace(problem, external=(lowered,), loads={"depth": depth})


def _first_contact(crystal: Crystal, indenter: Indenter, at: float) -> float:
    """y of the lowest point where the indenter, lowered, meets the first site of the surface, A.

    With its lowest point at y = 0 its lower side is h(x): the first contact is at max y_l - h(x_l).
    """
    layers, lattice = surface_energy(crystal).relaxation, crystal.lattice
    (step, _, _), (_, rise, _) = lattice.basis[:2]
    width = min(indenter.size, 3.0 * step) + 2.0 * step
    top = Box((-width, (0.5 - ROWS) * rise), (width, 0.0))
    origin = np.array([at * step, 0.0, 0.0])
    ij = sites_in(lattice.basis[:2], top, origin).ij
    x = lattice.positions(ij) + origin - layers[-ij[:, 1]]
    gap = x[:, 1] - indenter.profile(x[:, 0])
    met = np.isfinite(gap)
    if not met.any():
        expected = "a cylinder that does not fall between two columns of atoms"
        raise InputError("radius", indenter.size, expected, f"{step:.2f} A or more")
    return float(gap[met].max())


def _shape(shape: object, space: bool) -> Shape:
    """A known shape (InputError)."""
    known: tuple[Shape, ...] = ("sphere", "flat") if space else ("cylinder", "flat")
    return known[known.index(word("shape", known[0] if shape is None else shape, known))]


def _size(shape: Shape, radius: object, half_width: object) -> float:
    """Radius or half width, A (InputError)."""
    flat = shape == "flat"
    name, value = ("half_width", half_width) if flat else ("radius", radius)
    other, unused = ("radius", radius) if flat else ("half_width", half_width)
    if unused is not None:
        raise InputError(other, unused, f"None for the shape {shape!r}", f"{name}=...")
    return number(name, value, "a positive length in A, e.g. 50", above=0.0, most=LARGEST)


register(
    Load(
        name="depth",
        symbol="d",
        unit="A",
        latex="\N{ANGSTROM SIGN}",
        width=0.02,
        example="depth=numpy.arange(0.5, 10, 0.5)",
        at=at_load,
        of="an indentation",
        shake=SHAKE,
        presses=True,
    )
)


@example("indentation")
def _small() -> Problem:
    crystal, extent = metal()
    return indentation(crystal, radius=20.0, depth=0.5, extent=extent)


@example("flat punch")
def _small_punch() -> Problem:
    crystal, extent = metal()
    return indentation(crystal, "flat", half_width=5.0, depth=0.3, extent=extent)


@example("indentation-in-space")
def _small_in_space() -> Problem:
    crystal, extent = space(((0, 0, 1), (1, 1, 0), (-1, 1, 0)))
    return indentation(crystal, radius=20.0, depth=0.3, extent=extent)
