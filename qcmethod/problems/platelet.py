"""A platelet: no atoms in a disc, some layers thick, on a plane of the crystal in space.

    sites missing:  |x - (x . n) n| <= R,   |x . n| < layers d/2

One layer is a platelet of vacancies, which may close to a dislocation loop (`loop`); opened by a
tension across it, it is a penny crack: K_I = 2 T sqrt(R/pi) (Sneddon 1946, Proc. R. Soc. A 187,
229). Cores are measured from the missing sites.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from qcmethod.base.arguments import number, whole_number
from qcmethod.base.door import door
from qcmethod.base.types import Array
from qcmethod.crystal.crystal import Crystal
from qcmethod.elasticity.predictor import Predictor
from qcmethod.lattice.lattice import Lattice
from qcmethod.lattice.miller import miller
from qcmethod.lattice.oriented import Triplet
from qcmethod.lattice.shapes import Ball
from qcmethod.problems.example import example, space
from qcmethod.problems.missing import less
from qcmethod.problems.posed import posed
from qcmethod.problems.problem import Problem, lengths
from qcmethod.problems.tension import pulled, require_space

FLAT = 1e-6
"""Of the lattice constant: heights of the sites of a layer differ by less."""


@posed
@door
def platelet(
    crystal: Crystal,
    normal: Triplet = (1, 1, 1),
    *,
    radius: float,
    layers: int = 1,
    extent: float,
    rim: float | None = None,
    F: ArrayLike | None = None,
    tension: float = 0.0,
    stress: ArrayLike | None = None,
) -> Problem:
    """A disc of missing atoms about the centre of the domain.

    Parameters
    ----------
    crystal : fcc or bcc, with dimensions=3
    normal : Miller indices of its plane
    radius : of the disc, A
    layers : of sites that are missing
    extent : radius of the domain, A
    rim : width of the clamped rim, A (default two cut-offs)
    F : (3, 3) deformation gradient of the crystal far away, or in its place a stress
    tension : stress along y, MPa (a load: `ramp(problem, ..., tension=[...])`)
    stress : further components of the far Cauchy stress, eV/A^3, (6,) xx yy zz yz xz xy or (3, 3)

    Errors as of `void`.
    """
    require_space(crystal, "a platelet")
    extent, rim = lengths(crystal, extent, rim)
    n = unit_normal(crystal.lattice, normal)
    most = extent - rim
    expected = f"a length in A below {most:.4g}"
    r = number("radius", radius, expected, above=0.0, below=most)
    count = whole_number("layers", layers, "layers of sites, 1 or more", least=1, most=1000)
    gradient, loads = pulled(crystal, F, tension, stress)
    d = spacing(crystal.lattice, n)
    problem = Problem(
        name="platelet",
        crystal=crystal,
        predictor=Predictor(gradient),
        extent=extent,
        rim=rim,
        origin=(0.5 * d * n if count % 2 == 0 else np.zeros(3)),
        row=np.zeros((2, 3)),
        loads=loads,
    )
    reach = float(np.hypot(r, 0.5 * count * d))
    ij = problem.points(Ball(reach + d))
    x = problem.position(ij)
    height = x @ n
    across = np.linalg.norm(x - height[:, None] * n, axis=1)
    return less(problem, ij[(np.abs(height) < 0.5 * count * d) & (across <= r)])


def unit_normal(lattice: Lattice, normal: Triplet) -> Array:
    """The normal (3,) of a lattice plane in the laboratory, of length 1 (OrientationError)."""
    h = np.array(miller("normal", normal), dtype=np.float64)
    return np.asarray(lattice.axes @ (h / np.linalg.norm(h)))


def spacing(lattice: Lattice, normal: Array) -> float:
    """Distance of the layers of sites across a normal (3,), A."""
    heights = np.abs(lattice.shell(4.0 * lattice.constant) @ normal)
    return float(heights[heights > FLAT * lattice.constant].min())


@example("platelet")
def _small() -> Problem:
    crystal, extent = space()
    return platelet(crystal, (1, 1, 0), radius=2.0, extent=extent, tension=300.0)
