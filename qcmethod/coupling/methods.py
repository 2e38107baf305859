"""The table of coupling methods: a method is a choice of numbers.

With a blending field beta (0 atomistic, 1 continuum) every energy method is one sum

    E(u) = sum_l w_l V_l(y) + sum_c omega_c W(F_c) - g . u,   w_l = 1 - beta_l,
                                                              omega_c = vol_c mean_vertices(beta)

and every force method one row-wise mixture  f = -(1 - beta) dE_a/du - beta dE_c/du. The row of
the table says which beta, which of the two, and whether the ghost force g of the energy at a
reference state is frozen in:  g = dE(y*) + f_force(y*).

References: qce Tadmor, Ortiz, Phillips 1996; gfc Shenoy et al. 1999; bqce Van Koten and Luskin
2011; bgfc Ortner and Zhang 2016; qcf Dobson and Luskin 2008; bqcf Li, Ortner, Shapeev, Van Koten
2016; cluster Eidel and Stukowski 2009; cluster-force Knap and Ortiz 2001 (`coupling.cluster`).
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

from qcmethod.base.stored import stored
from qcmethod.errors import CouplingError


@stored
@dataclass(frozen=True)
class Method:
    """One row: the kind of model, the shape of beta, whether a ghost force is frozen in, and how
    the bonds of interface sites are reconstructed (`coupling.reconstruction`)."""

    name: str
    kind: Literal["energy", "force"]
    beta: Literal["zero", "one", "sharp", "smooth", "cluster"]
    frozen: bool
    passes: Literal["every gradient", "reference", "no"]
    about: str
    reconstruct: Literal["", "qnl", "grac"] = ""


METHODS: dict[str, Method] = {
    row.name: row
    for row in (
        Method("atomistic", "energy", "zero", False, "every gradient", "all sites, no continuum"),
        Method("local", "energy", "one", False, "every gradient", "Cauchy-Born everywhere"),
        Method("qce", "energy", "sharp", False, "no", "the original energy-based QC"),
        Method("gfc", "energy", "sharp", True, "reference", "qce, ghost force corrected"),
        Method("bqce", "energy", "smooth", False, "no", "blended energies"),
        Method("bgfc", "energy", "smooth", True, "reference", "bqce, ghost force corrected"),
        Method("qnl", "energy", "sharp", False, "every gradient", "plane interfaces", "qnl"),
        Method("grac", "energy", "sharp", False, "every gradient", "reconstructed bonds", "grac"),
        Method("cluster", "energy", "cluster", False, "no", "summation over clusters of sites"),
        Method("cluster-force", "force", "cluster", False, "every gradient", "the same for forces"),
        Method("qcf", "force", "sharp", False, "every gradient", "force-based, sharp"),
        Method("bqcf", "force", "smooth", False, "every gradient", "blended forces"),
    )
}


def find_method(name: str) -> Method:
    """The row of that name; CouplingError naming the nearest ones otherwise."""
    if not isinstance(name, str) or name not in METHODS:
        near = get_close_matches(str(name).lower(), METHODS, n=3, cutoff=0.3)
        raise CouplingError("method", name, f"one of {sorted(METHODS)}", ", ".join(near))
    return METHODS[name]
