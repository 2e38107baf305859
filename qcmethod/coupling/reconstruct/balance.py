"""One pair of bonds +-r of an interface as a linear program (see `reconstruct.grac`).

min sum_l,s |X_(l,s)|,    sum_s X_(l,s) s = 0 at each interface site l, and at each free node k
sum_l,s X_(l,s) [N_k(l+s) - N_k(l)] = -sum_(atoms and interface l) [N_k(l+r) - N_k(l-r)]
                                      - 2 sum_c omega_c grad N_k,c . r
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array, eye_array, hstack, vstack
from scipy.sparse.linalg import splu

from qcmethod.base.types import Array, Index
from qcmethod.coupling.reconstruct.shell import Interface
from qcmethod.discretisation.body import Body
from qcmethod.lattice.plane import radius

NEAR = 1e-8
"""Unknowns below this are zeros of the linear program."""
BALANCED = 1e-12
"""Largest violation of the balance that rounding may leave, in bonds."""
SHIFT, STEPS = 1e-6, 6
"""Of the steps that tell whether a balance exists at all."""
CONSISTENT = 1e-4
"""Largest violation, in bonds, that these steps leave where one exists."""


@dataclass(frozen=True, eq=False)
class Program:
    """One pair +-r: unknowns X at entries (site, offset), rows A X = b.

    Attributes
    ----------
    site : (n,) interface site of an entry
    offset : (n, dim) its s
    ring : how far steps go, the bond itself aside
    A, b : (n_rows, n), (n_rows,) sum_s X s = 0 at each site, then balance at each node
    """

    site: Index
    offset: Index
    A: csr_array
    b: Array
    ring: int

    @classmethod
    def build(cls, face: Interface, body: Body, r: Index, omega: Array, ring: int) -> Program:
        """Entries at the steps -ring ... ring from each site and at those of +-r not inwards."""
        own = face.sites.ij[face.own]
        steps = _steps(r, ring)
        other = face.sites.find(own[:, None] + steps)
        near = np.abs(steps).max(axis=1) <= ring
        site, s = np.nonzero((other >= 0) & (near | ~inwards(body, own, steps)))
        G = (face.S[other[site, s]] - face.S[face.own[site]]).tocsc()
        load = _load(face, body, r, omega)
        rows = np.flatnonzero(_near(body, G, omega) & _movable(body, r))
        n, dim = len(site), steps.shape[1]
        moments = [
            coo_array((steps[s, a].astype(float), (site, np.arange(n))), shape=(len(own), n))
            for a in range(dim)
        ]
        A = vstack([*moments, G[:, rows].T]).tocsr()
        return cls(site, steps[s], A, np.concatenate([np.zeros(dim * len(own)), -load[rows]]), ring)

    def is_consistent(self) -> bool:
        """Whether A X = b has any solution, which costs a thousandth of the best one.

        b - A X of least length is what is left of b in steps left <- left - A A^T (A A^T + e)^-1
        left, each of which takes the part that A can reach off, up to a factor e/(s^2 + e) for each
        of its singular values s.
        """
        normal = (self.A @ self.A.T + SHIFT * eye_array(len(self.b))).tocsc()
        lu, left = splu(normal), self.b
        for _ in range(STEPS):
            left = SHIFT * lu.solve(left)
        return bool(np.abs(left).max(initial=0.0) <= CONSISTENT)

    def solve(self) -> Array | None:
        """X (n,) of least l1 norm, exact up to rounding; None if there is none."""
        from scipy.optimize import linprog

        n = self.A.shape[1]
        both = hstack([self.A, -self.A]).tocsc()
        for method in ("highs-ipm", "highs-ds"):  # the interior point crosses over to a vertex
            found = linprog(np.ones(2 * n), A_eq=both, b_eq=self.b, bounds=(0, None), method=method)
            if found.status == 0:
                X = found.x[:n] - found.x[n:]
                X = self._polished(np.where(np.abs(X) > NEAR, X, 0.0))
                if self.violation(X) <= BALANCED:
                    return X
        return None

    def _polished(self, X: Array) -> Array:
        """X corrected on its support so that A X = b holds beyond the tolerance of the solver."""
        from scipy.sparse.linalg import lsqr

        on = np.flatnonzero(X)
        A = self.A[:, on]
        for _ in range(4):
            left = self.b - self.A @ X
            if np.abs(left).max(initial=0.0) < 1e-14:
                break
            X = X.copy()
            X[on] += lsqr(A, left, atol=1e-10, btol=1e-10, conlim=0.0)[0]
        return X

    def violation(self, X: Array) -> float:
        """Largest violation of a row."""
        return float(np.abs(self.b - self.A @ X).max(initial=0.0))

    def entries(self, X: Array, column: int) -> tuple[Index, Index, Index, Array]:
        """Sites, columns, offsets and values of the entries that are not 0."""
        on = np.flatnonzero(X)
        return self.site[on], np.full(len(on), column), self.offset[on], X[on]


def _steps(r: Index, ring: int) -> Index:
    grid = np.indices((2 * ring + 1,) * len(r)).reshape(len(r), -1).T - ring
    steps = np.unique(np.concatenate([grid, [r, -r]]), axis=0)
    return np.asarray(steps[steps.any(axis=1)])


def _load(face: Interface, body: Body, r: Index, omega: Array) -> Array:
    """The balance (n_k,) of atoms, cells and interface bonds of the lattice, X = 0."""
    whole = np.concatenate([np.flatnonzero(face.atoms), face.own])
    ends = [face.sites.find(face.sites.ij[whole] + d) for d in (r, -r)]
    known = (ends[0] >= 0) & (ends[1] >= 0)
    load = np.asarray((face.S[ends[0][known]] - face.S[ends[1][known]]).sum(axis=0)).ravel()
    cells = body.cells
    P_q = np.zeros((len(cells.point_cell), 3, 3))
    dim = len(r)
    P_q[:, 0, :dim] = r @ body.problem.crystal.lattice.plane_basis
    P_q *= (2.0 * omega[cells.point_cell] * cells.fraction)[:, None, None]
    return np.asarray(load + cells.load(P_q)[:, 0])


def _near(body: Body, G: csr_array, omega: Array) -> NDArray[np.bool_]:
    """Nodes (n_k,) that the interface or the weights of its cells touch."""
    near = np.zeros(body.n_nodes, dtype=bool)
    near[np.diff(G.indptr) > 0] = True
    part = (omega > 0.0) & (omega < (1.0 - 1e-9) * body.cells.volume)
    near[body.cells.vertices[part]] = True
    return near


def _movable(body: Body, r: Index) -> NDArray[np.bool_]:
    """Nodes (n_k,) that are not clamped, nor two bonds r from where a strip ends."""
    problem = body.problem
    length = float(np.linalg.norm(r @ problem.crystal.lattice.plane_basis))
    rim = max(problem.rim, 2.0 * length) if problem.metric == "strip" else problem.rim
    inside = radius(body.x_k) <= problem.extent - rim
    return np.asarray(inside & body.used)


def inwards(body: Body, own: Index, steps: Index) -> NDArray[np.bool_]:
    """(n_i, n_s) steps from the sites own (n_i, dim) that end deeper in the core."""
    d = distance(body, (own[:, None] + steps).reshape(-1, own.shape[1]))
    return np.asarray(d.reshape(len(own), -1) < distance(body, own)[:, None] - 1e-6)


def distance(body: Body, ij: Index) -> Array:
    """Distance (n,) of the sites ij (n, dim) from the row of the problem, A."""
    return body.problem.distance(body.problem.position(ij))
