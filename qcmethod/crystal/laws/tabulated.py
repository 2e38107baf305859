"""The tabulated law: a polynomial in the Green strain where that is small, the true law elsewhere.

    W = W_0 + (1 - s) W_table(E) + s (W_true(F) - W_0),    s = s(|E|^2/R^2)
    s = 0 up to 0.7,  10 t^3 - 15 t^4 + 6 t^5 from there,  1 from 1 on

The table is fitted to cells of atoms (`crystal.table`), and nothing is extrapolated: beyond its
range R the potential is asked, cell by cell. Between the two the energy is a smooth mixture, so
that forces are those of one energy everywhere; W_true and W_table differ by the error of the fit.
This is the hierarchical scheme of multiscale modelling, and what makes the continuum of a slow
potential affordable. P = F S and A_aibj = F_ak C_kilj F_bl + delta_ab S_ij are exact derivatives.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from qcmethod.base.digest import digest
from qcmethod.base.log import announce
from qcmethod.base.types import Array
from qcmethod.crystal.law import Law, Response, law
from qcmethod.crystal.laws.cauchy_born import true_law
from qcmethod.crystal.table.cache import keep, kept
from qcmethod.crystal.table.fit import Table, fitted
from qcmethod.crystal.table.polynomial import PLACE, square, voigt
from qcmethod.errors import CouplingError
from qcmethod.potentials.range import refuse_inverted

if TYPE_CHECKING:
    from qcmethod.crystal.crystal import Crystal

ORDER, TOLERANCE = 7, 5e-4
"""Of the polynomial, and of its stress over the largest stress of its range."""
BEGINS = 0.7
"""Of |E|^2/R^2, where the true law begins to be asked."""
FORMAT = 2
"""Of the files of tables."""


@law("tabulated")
def tabulated(crystal: Crystal) -> Tabulated:
    """The law of a cubic crystal, fitted or read from disk. Raises CouplingError for a plane
    crystal and a chain, whose cells cost nothing."""
    return _of(crystal)


@lru_cache(maxsize=8)
def _of(crystal: Crystal) -> Tabulated:
    potential, lattice = crystal.potential, crystal.lattice
    if lattice.n_components != 3:
        raise CouplingError("law", "tabulated", f"'cauchy-born' of a {lattice.structure} crystal")
    truth = true_law(potential, lattice)
    settings = [FORMAT, ORDER, TOLERANCE, lattice.structure, lattice.constant]
    key = digest([*potential.numbers, *settings, lattice.axes])
    table = kept(key)
    if table is None:
        announce(f"tabulating the energy of cells of {potential.name}")
        table = fitted(truth, lattice.axes, ORDER, TOLERANCE)
        keep(key, table)
    announce(
        f"tabulated law of {potential.name}: strains up to {table.range:g}, largest error of a "
        f"stress {table.error:.1e} of the largest ({table.cells} cells that had no part in the fit)"
    )
    return Tabulated(table, truth, lattice.axes, float(truth.at(np.eye(3)[None]).W[0]))


@dataclass(frozen=True, eq=False)
class Tabulated:
    """A table in the axes of the cube, the true law, rows (3, 3) of the laboratory's axes in those
    of the cube, and the energy of a site at rest, eV."""

    table: Table
    true: Law
    axes: Array
    at_rest: float

    @property
    def error(self) -> float:
        """Largest error of a stress within the range, over the largest stress there."""
        return self.table.error

    @property
    def range(self) -> float:
        """Norm of the Green strain up to which the table has a part."""
        return self.table.range

    def at(self, F: Array) -> Response:
        """Energy and stress, eV a site. Raises what the true law raises, where that is asked."""
        refuse_inverted(F)
        E = self._strain(F)
        W, S = self._table(E)
        asked = self._asked(E)
        kept = np.zeros((len(F), 0))
        if asked.any():
            found = self.true.at(F[asked])
            s, ds, _ = self._share(E[asked])
            dW = found.W - self.at_rest - W[asked]
            dS = _second(F[asked], found.P) - S[asked]
            W[asked] += s * dW
            S[asked] += s[:, None, None] * dS + dW[:, None, None] * ds
            kept = np.zeros((len(F), found.kept[0].size))
            kept[asked] = found.kept.reshape(asked.sum(), -1)
        return Response(self.at_rest + W, F @ S, kept)

    def tangent(self, F: Array, found: Response) -> Array:
        """A (n, 3, 3, 3, 3), eV a site."""
        E = self._strain(F)
        W, S = self._table(E)
        C = self._moduli(E)
        asked = self._asked(E)
        if asked.any():
            own = F[asked]
            kept = found.kept[asked]
            shape = (len(own), 3, 3) if kept.shape[1] == 9 else (len(own),)
            truth = self.true.at(own)
            A = self.true.tangent(own, Response(truth.W, truth.P, kept.reshape(shape)))
            S_t = _second(own, truth.P)
            G = np.linalg.inv(own)
            C_t = np.einsum("nka,naibj,nlb->nkilj", G, A - _delta(S_t), G, optimize=True)
            s, ds, dds = self._share(E[asked])
            dW, dS = truth.W - self.at_rest - W[asked], S_t - S[asked]
            C[asked] += (
                s[:, None, None, None, None] * (C_t - C[asked])
                + np.einsum("nki,nlj->nkilj", dS, ds)
                + np.einsum("nki,nlj->nkilj", ds, dS)
                + dW[:, None, None, None, None] * dds
            )
            S[asked] += s[:, None, None] * dS + dW[:, None, None] * ds
        A = np.einsum("nak,nkilj,nbl->naibj", F, C, F, optimize=True)
        whole: Array = A + _delta(S)
        return whole

    def trust(self, F: Array) -> Array:
        """That of the true law (n,), which answers where the table does not."""
        return self.true.trust(F)

    def _strain(self, F: Array) -> Array:
        E: Array = 0.5 * (np.swapaxes(F, 1, 2) @ F - np.eye(3))
        return E

    def _asked(self, E: Array) -> Array:
        asked: Array = (E**2).sum(axis=(1, 2)) > BEGINS * self.range**2
        return asked

    def _table(self, E: Array) -> tuple[Array, Array]:
        """W over that at rest (n,) and S (n, 3, 3) of the table, zero where it has no part."""
        W, S = np.zeros(len(E)), np.zeros((len(E), 3, 3))
        on = (E**2).sum(axis=(1, 2)) < self.range**2
        table, A = self.table, self.axes
        W[on], s = table.at(voigt(A.T @ E[on] @ A))
        S[on] = A @ square(s) @ A.T
        return W, S

    def _moduli(self, E: Array) -> Array:
        """C (n, 3, 3, 3, 3) with [k, i, l, j] of the table, zero where it has no part."""
        C = np.zeros((len(E), 3, 3, 3, 3))
        on = (E**2).sum(axis=(1, 2)) < self.range**2
        table, A = self.table, self.axes
        c = table.moduli(voigt(A.T @ E[on] @ A))
        number = np.array([[PLACE[min(i, j), max(i, j)] for j in range(3)] for i in range(3)])
        full = c[:, number[:, :, None, None], number]
        C[on] = np.einsum("nKILJ,kK,iI,lL,jJ->nkilj", full, A, A, A, A, optimize=True)
        return C

    def _share(self, E: Array) -> tuple[Array, Array, Array]:
        """s (n,), ds/dE (n, 3, 3) and d2s/dE2 (n, 3, 3, 3, 3) of the true law."""
        scale = 1.0 / ((1.0 - BEGINS) * self.range**2)
        t = np.clip(((E**2).sum(axis=(1, 2)) - BEGINS * self.range**2) * scale, 0.0, 1.0)
        s = t**3 * (10.0 - 15.0 * t + 6.0 * t**2)
        slope = 30.0 * t**2 * (1.0 - t) ** 2 * scale
        curve = 60.0 * t * (1.0 - t) * (1.0 - 2.0 * t) * scale**2
        ds = 2.0 * slope[:, None, None] * E
        one = np.eye(3)
        same = 0.5 * (np.einsum("kl,ij->kilj", one, one) + np.einsum("kj,il->kilj", one, one))
        dds = 4.0 * curve[:, None, None, None, None] * np.einsum("nki,nlj->nkilj", E, E)
        return s, ds, dds + 2.0 * slope[:, None, None, None, None] * same


def _second(F: Array, P: Array) -> Array:
    """S = F^-1 P (n, 3, 3), symmetric."""
    S = np.linalg.solve(F, P)
    return np.asarray(0.5 * (S + np.swapaxes(S, 1, 2)))


def _delta(S: Array) -> Array:
    """delta_ab S_ij (n, 3, 3, 3, 3) with [a, i, b, j]."""
    found: Array = np.einsum("ab,nij->naibj", np.eye(3), S)
    return found
