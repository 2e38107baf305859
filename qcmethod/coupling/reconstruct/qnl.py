"""The quasi-nonlocal coupling of a plane interface, in closed form (QNL).

The bonds that point two rows outwards from the outermost row of the core are centred on their site,

    r = (a, 2):    d_r = y_(l+(a',1)) - y_(l-(a'',1)),    a' + a'' = a,  |a' - a''| <= 1,

and all others stay. It has no ghost force when no bond spans more than two rows and the interface
is a lattice row (or the end of a chain). On a chain with the core |l| <= K this keeps exactly the
next-nearest bonds whose centre is at |c| <= K and makes Cauchy-Born terms of the others.

Shimokawa et al. 2004 (Phys. Rev. B 69, 214104); Dobson and Luskin 2009 (SIAM J. Numer. Anal. 47,
2455).
"""

from __future__ import annotations

import numpy as np

from qcmethod.coupling.reconstruct.reconstruction import Reconstruction
from qcmethod.coupling.reconstruct.shell import SHELL_FACTOR, Columns, Interface
from qcmethod.discretisation.body import Body
from qcmethod.errors import CouplingError
from qcmethod.problems.problem import Problem

ROWS = 2
"""Rows that a bond may span."""


def shortened(body: Body, core: float) -> Reconstruction:
    """The reconstruction on a perfect crystal; core in A.

    Raises CouplingError for an interface with a corner or a potential that reaches a third row.
    """
    problem = body.problem
    columns = _columns(problem)
    face = Interface.find(body, core, columns)
    ij = face.sites.ij[face.own]
    row, core_rows = ij[:, -1], face.sites.ij[face.atoms, -1]
    if not len(core_rows):
        expected = "a core with atoms out of reach of its edge"
        raise CouplingError("core", core, expected, "a larger core")
    if ((row >= core_rows.min()) & (row <= core_rows.max())).any():
        raise CouplingError("core", core, "an interface of two lattice rows", "method='grac'")
    outward = np.where(row == row.max(), 1, 0) - np.where(row == row.min(), 1, 0)
    long = (outward[:, None] * columns.ij[:, -1] == ROWS).ravel()
    site, column = (a.ravel() for a in np.indices(face.on.shape))
    whole = columns.ij[column]
    first = np.where(long[:, None], whole // ROWS, whole)
    second = (first - whole)[long]
    return Reconstruction(
        ij=ij,
        columns=columns,
        site=np.concatenate([site, site[long]]),
        column=np.concatenate([column, column[long]]),
        offset=np.concatenate([first, second]),
        value=np.concatenate([np.ones(len(first)), -np.ones(len(second))]),
        on=face.on,
    )


def _columns(problem: Problem) -> Columns:
    """The shell, which ends before the third row."""
    crystal, cutoff = problem.crystal, problem.crystal.potential.cutoff
    if crystal.lattice.dim == 2 and problem.metric != "strip":
        expected = "metric='strip': qnl needs a plane interface, without corners"
        raise CouplingError("metric", problem.metric, expected, "method='grac'")
    third = (ROWS + 1) * float(crystal.lattice.plane_basis[-1, -1])
    if third < 1.02 * cutoff:
        expected = f"a cut-off below {third:.4g} A: bonds that span two rows of sites at most"
        raise CouplingError("potential", f"a cut-off of {cutoff:.4g} A", expected, "method='grac'")
    return Columns.within(crystal, min(third, SHELL_FACTOR * cutoff))
