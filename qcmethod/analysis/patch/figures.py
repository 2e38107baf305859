"""What a field of ghost forces amounts to: its size, its place, its resultants.

    worst = max_k |f_k|        rms = (sum_k |f_k|^2 / n)^(1/2)        over the n free repatoms
    net   = sum_k f_k          moment = sum_k (y_k x f_k)_z           about the centre of the domain

(in space the length of the whole vector)

Ghost forces that derive from an energy balance: both resultants vanish because that energy does not
change under a translation or a rotation of the whole crystal. So a small resultant proves nothing,
and one that is not small shows a frozen or non-conservative part.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qcmethod.analysis.sites import zone_of
from qcmethod.base.types import Array
from qcmethod.discretisation.body import Body

REGIONS = ("core", "blend", "continuum")
"""Names of the zones 0, 1, 2 of `analysis.sites`."""


@dataclass(frozen=True)
class Region:
    """Free repatoms of one region: how many, largest and root-mean-square force, eV/A."""

    count: int
    worst: float
    rms: float


@dataclass(frozen=True, eq=False)
class Figures:
    """Figures of one force field; units eV/A, A, eV.

    Attributes
    ----------
    worst, rms : largest and root-mean-square force over the free repatoms
    position : (3,) reference position of the worst repatom
    net : (3,) sum of the forces
    moment : sum of the moments about z, in space the size of the sum, eV; None for a chain
    regions : by name, of the regions that have free repatoms
    """

    worst: float
    rms: float
    position: Array
    net: Array
    moment: float | None
    regions: dict[str, Region]


@dataclass(frozen=True, eq=False, kw_only=True)
class PatchRow(Figures):
    """Ghost forces at one gradient; the figures of the forces are those of `Figures`.

    Attributes
    ----------
    name, F : the gradient (3, 3); of the row at the predictor its homogeneous part
    energy_error : |E(F)/n - W(F)| per site, eV (None for force methods and at the predictor)
    rounding : bound of the rounding error on the coarsest repatom, eV/A
    passes : every repatom is below the tolerance (and its rounding)
    uncorrected : worst ghost force of the plain energy with the same blending, eV/A: what the
        test was able to find (None for methods without an interface, and potentials that have no
        site energies)
    """

    name: str
    F: Array
    energy_error: float | None
    rounding: float
    passes: bool
    uncorrected: float | None

    def record(self) -> dict[str, object]:
        """All of it as numbers, texts and lists."""
        values = {k: v.tolist() if isinstance(v, np.ndarray) else v for k, v in vars(self).items()}
        return values | {"regions": {name: vars(region) for name, region in self.regions.items()}}


def figures(f: Array, body: Body, free: NDArray[np.bool_], beta_k: Array) -> Figures:
    """Figures of the forces f (n_k, 3) on a body at its predictor, zero where not free.

    Parameters
    ----------
    free : (n_k,) free repatoms
    beta_k : (n_k,) blending

    The bubbles of P2 cells count as repatoms, but in no resultant: a rigid motion has none.
    """
    y, on_nodes = body.y0_k, np.where(body.is_bubble[:, None], 0.0, f)
    size, where = np.linalg.norm(f, axis=1), zone_of(beta_k)
    regions = {}
    for i, name in enumerate(REGIONS):
        here = free & (where == i)
        if here.any():
            regions[name] = Region(int(here.sum()), float(size[here].max()), _rms(size[here]))
    turning = np.cross(y, on_nodes).sum(axis=0)
    whole = body.problem.crystal.lattice.is_space
    moment = float(np.linalg.norm(turning)) if whole else float(turning[2])
    return Figures(
        worst=float(size.max()),
        rms=_rms(size[free]),
        position=body.x_k[int(size.argmax())],
        net=on_nodes.sum(axis=0),
        moment=moment if body.problem.crystal.lattice.dim > 1 else None,
        regions=regions,
    )


def _rms(size: Array) -> float:
    return float(np.sqrt((size**2).sum() / max(len(size), 1)))
