"""Geometric reconstruction: coefficients without ghost force by a linear program (GRAC).

At y = F x the force of the bonds +-r is the same vector, up to sign, at every site and in every
cell, and otherwise arbitrary. So forces vanish at every F and for every potential if and only if,
for each pair +-r and each free node, with N the hat function of the node,

    sum_(atoms l) [N(l+r) - N(l-r)] + sum_(interface l) sum_s D_(l,s) [N(l+s) - N(l)]
        + 2 sum_c omega_c grad N_c . r = 0,          D_(l,s) = C_(l,r,s) - C_(l,-r,s)

Of all C with this balance and with sum_s C_(l,r,s) s = r one nearest to the bonds of the lattice in
l1 is taken: errors are bounded by that norm, and it is sparse. Only D enters the balance, so with
D = delta_r - delta_-r + X it is enough to find X of least l1 norm (`reconstruct.balance`); the
outward one of the two bonds takes all of it and the inward one stays. That is as near to the
lattice as any other division of X, and more stable: on a chain it is the quasi-nonlocal method,
whose stability constant is exact, and half of X for each bond is not.

Ortner and Zhang 2012 (SIAM J. Numer. Anal. 50, 2940), 2014 (Comput. Methods Appl. Mech. Eng. 279,
29), who minimise |C| itself; on their model problem |C - delta| has 1 to 12 % less error.
"""

from __future__ import annotations

import logging

import numpy as np

from qcmethod.base.types import Array, Index
from qcmethod.coupling.reconstruct.balance import Program, distance
from qcmethod.coupling.reconstruct.reconstruction import Reconstruction
from qcmethod.coupling.reconstruct.shell import SHELL_FACTOR, Columns, Interface
from qcmethod.discretisation.body import Body
from qcmethod.errors import CouplingError

log = logging.getLogger(__name__)
RINGS = (1, 2)
"""Unknowns are at steps so far from a site, the further ones where the nearer have no balance."""
SECONDS, LONGEST = 8e-8, 120.0
"""Measured: a program takes so long a squared unknown; together they may take LONGEST, s."""


def balanced(body: Body, core: float, omega: Array) -> Reconstruction:
    """The reconstruction on a perfect crystal; core in A, omega (n_c,) in sites.

    Raises CouplingError when no reconstruction balances the forces, or the search would take long:
    both before the search.
    """
    crystal = body.problem.crystal
    columns = Columns.within(crystal, SHELL_FACTOR * crystal.potential.cutoff)
    face = Interface.find(body, core, columns)
    parts, worst = [], 0.0
    programs = _programs(face, body, omega, core)
    for done, ((plus, minus), program) in enumerate(zip(columns.pairs, programs, strict=True)):
        log.info("grac: bonds %d of %d, %d unknowns", done + 1, len(programs), len(program.site))
        X = program.solve()
        if X is None and program.ring < RINGS[-1]:
            program = Program.build(face, body, columns.ij[plus], omega, RINGS[-1])
            X = program.solve()
        if X is None:
            raise _infeasible(columns.vectors[plus], core)
        worst = max(worst, program.violation(X))
        share = _outward(face, body, columns.ij[plus])[program.site]
        parts += [program.entries(share * X, plus), program.entries((share - 1.0) * X, minus)]
    n_i, m = len(face.own), len(columns.ij)
    site, column = (a.ravel() for a in np.indices((n_i, m)))
    parts.append((site, column, columns.ij[column], np.ones(n_i * m)))
    site, column, offset, value = (np.concatenate(a) for a in zip(*parts, strict=True))
    ij = face.sites.ij[face.own]
    return Reconstruction(ij, columns, site, column, offset, value, face.on, worst)


def _programs(face: Interface, body: Body, omega: Array, core: float) -> list[Program]:
    """The program of each pair of bonds, of the nearest steps that have a balance at all.

    Raises CouplingError for a pair without one and for more than minutes of work, before the first
    is solved.
    """
    columns, programs = face.columns, []
    for plus, _ in columns.pairs:
        for ring in RINGS:
            program = Program.build(face, body, columns.ij[plus], omega, ring)
            _require_few(len(program.site), len(columns.pairs), core)
            if program.is_consistent():
                break
        else:
            raise _infeasible(columns.vectors[plus], core)
        programs.append(program)
    return programs


def _require_few(unknowns: int, pairs: int, core: float) -> None:
    """Refuse what would take minutes: the time grows as the square of the unknowns."""
    seconds = SECONDS * pairs * unknowns**2
    if seconds > LONGEST:
        expected = (
            f"an interface of fewer bonds: {pairs} linear programs of about {unknowns} unknowns "
            f"each take some {seconds / 60.0:.0f} minutes, more than {LONGEST / 60.0:.0f}"
        )
        hint = "a smaller core, an orientation of low indices, or bgfc, qcf, bqcf"
        raise CouplingError("core", core, expected, hint)


def _infeasible(r: Array, core: float) -> CouplingError:
    return CouplingError(
        "core",
        core,
        f"a core whose interface can be balanced (no bonds do that for r = {r.round(3).tolist()})",
        "metric='hops', a larger core, or a method without reconstruction: bgfc, qcf, bqcf",
    )


def _outward(face: Interface, body: Body, r: Index) -> Array:
    """For each interface site (n_i,): 1 if +r points out of the core, 0 if -r does."""
    own = face.sites.ij[face.own]
    further = distance(body, own + r) - distance(body, own - r)
    return np.asarray(0.5 + 0.5 * np.sign(further.round(6)))
