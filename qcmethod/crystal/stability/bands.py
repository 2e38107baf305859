"""Phonon branches along a path of special points; the points are named as in ASE.

    crystal.phonons("GXWLGK").plot("phonons.png")

Setyawan and Curtarolo 2010 (Comput. Mater. Sci. 49, 299) for the points; ASE places them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from qcmethod.base.arguments import as_numbers, whole_number
from qcmethod.base.door import door
from qcmethod.base.result import Drawn
from qcmethod.base.types import Array
from qcmethod.crystal.at_gradient import one_gradient
from qcmethod.crystal.stability import phonons
from qcmethod.crystal.stability.waves import reciprocal
from qcmethod.errors import InputError
from qcmethod.lattice.lattice import Lattice
from qcmethod.potentials.contract import Potential

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DEFAULT = {"fcc": "GXWLGK", "bcc": "GHNGP", "hex2d": "GMKG", "chain": "GX"}
"""The path of each lattice that is taken when none is given."""


@dataclass(frozen=True, eq=False, repr=False)
class Phonons(Drawn):
    """Phonons at wave vectors of the reference lattice.

    Attributes
    ----------
    k : (n, 3) wave vectors, 1/A (2 pi included), laboratory frame
    frequencies : (n, c) THz, ascending; an imaginary one is given as a negative number
    modes : (n, c, 3) unit polarisations
    distance : (n,) position along the path, 1/A
    labels : (distance, name) of the special points on the path
    title : crystal and gradient
    """

    k: Array
    frequencies: Array
    modes: Array
    distance: Array
    labels: tuple[tuple[float, str], ...] = ()
    title: str = field(default="")

    def __repr__(self) -> str:
        low, high = self.frequencies.min(), self.frequencies.max()
        return f"Phonons({len(self.k)} wave vectors, {low:.4g} to {high:.4g} THz)"

    @property
    def stable(self) -> bool:
        """Whether no frequency is imaginary (to rounding)."""
        return bool(self.frequencies.min() > -1e-5 * np.abs(self.frequencies).max())

    @door
    def plot(
        self, file: str | Path | None = None, dpi: int = 200, *, ax: Axes | None = None
    ) -> Any:
        """Draw the branches, imaginary ones below zero: a file, an axis or a figure (`Drawn`)."""
        return super().plot(file, ax=ax, dpi=dpi)


MOST_POINTS = 100_000
"""Wave vectors along a path."""


def phonons_of(
    potential: Potential,
    lattice: Lattice,
    path: str | ArrayLike | None,
    F: ArrayLike | None,
    points: int,
) -> Phonons:
    """Phonons along a path of special points, or at wave vectors (n, 3), 1/A."""
    expected = f"at least 2 wave vectors along the path, up to {MOST_POINTS}"
    n_k = whole_number("points", points, expected, least=2, most=MOST_POINTS)
    F_q = one_gradient(np.eye(3) if F is None else F, lattice)
    constants = phonons.of_lattice(potential, lattice, F_q[0])
    if path is None or isinstance(path, str):
        k, distance, labels = _along(lattice, path or DEFAULT[lattice.structure], n_k)
    else:
        k, labels = _given(path), ()
        distance = np.concatenate([[0.0], np.linalg.norm(np.diff(k, axis=0), axis=1).cumsum()])
    found, polarisation = phonons.modes(constants, k, potential.mass)
    title = f"{potential.name}, {lattice.structure}, a = {lattice.constant:.4f} \N{ANGSTROM SIGN}"
    if F is not None and not np.array_equal(F_q[0], np.eye(3)):
        title += ", deformed"
    return Phonons(k, found, polarisation, distance, labels, title)


def _given(path: ArrayLike) -> Array:
    expected = "special points such as 'GXWLGK', or finite wave vectors (n, 3) in 1/A"
    k = np.atleast_2d(as_numbers("path", path, expected))
    if k.ndim != 2 or k.shape[1] != 3 or not len(k) or not np.isfinite(k).all():
        raise InputError("path", path, expected)
    return k


def _along(
    lattice: Lattice, path: str, n_k: int
) -> tuple[Array, Array, tuple[tuple[float, str], ...]]:
    """Wave vectors (n, 3), their distance along the path and the labels of its corners."""
    from ase.cell import Cell

    n = lattice.n_components
    cell: Array = lattice.basis.copy()
    if n == 3:
        # along the cube edges: there the cell has no rounding that could make it another lattice
        edges = (reciprocal(lattice) @ lattice.axes * lattice.constant / np.pi).round()
        cell = np.asarray(2.0 * lattice.constant * np.linalg.inv(edges).T, dtype=np.float64)
    periodic = [i < n for i in range(3)]
    known = sorted(Cell(cell).bandpath(npoints=2, pbc=periodic).special_points)
    if set(path) - {*known, ","} or "" in path.split(","):
        example = repr(DEFAULT[lattice.structure])
        raise InputError("path", path, f"a path over the points {', '.join(known)}", example)
    band = Cell(cell).bandpath(path, npoints=n_k, pbc=periodic)
    distance, corners, names = band.get_linear_kpoint_axis()
    k = 2.0 * np.pi * band.cartesian_kpts() @ lattice.axes.T
    labels = tuple((float(x), str(s)) for x, s in zip(corners, names, strict=True))
    return k, distance, labels  # 2 pi included
