"""The model problem of the a/c literature: n vacancies in a row of the plane model crystal.

    error(u) = |grad(u - u_ref)|_L2 / |grad u_ref|_L2

over the triangles of the reference mesh, u interpolated there; the triangles that touch a vacancy
are left out, a field has no value there. The reference is bgfc with a core of many steps in a
domain of thousands of steps. Lengths in lattice steps: sharp methods have a hexagonal core of
K0 + 1 ("hops" as in the literature), grac one of K0 + 2, blended ones a core and a width of K0, all
a domain of K0^2 + 10 (Luskin, Ortner and Van Koten 2013; Ortner and Zhang 2016). Published blending
is on hexagons too and minimises second differences (`as_published`); `solve` has discs and the
cubic.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
from paths import DATA
from scipy.sparse import csc_array, eye_array
from scipy.sparse.linalg import splu

import qcmethod as qc
from qcmethod import mesh as meshing

PUBLISHED = json.loads((DATA / "model_problem.json").read_text())
CASES = PUBLISHED["cases"]
BLENDED = ("bqce", "bgfc", "bqcf")
EDGE = 1e-4  # sites at a whole number of hops are inside


def problem(case: str, extent: float) -> tuple[qc.Problem, float]:
    """The problem in a disc that ends `extent` steps beyond the row, and the lattice step, A."""
    given = CASES[case]
    crystal = qc.Crystal.hex2d(qc.load_potential(given["potential"]))
    step, n = crystal.lattice_constant, given["vacancies"]
    radius = (extent + 0.5 * (n - 1)) * step
    return qc.microcrack(crystal, n, given["F"], extent=radius), step


def solve(case: str, method: str, K0: int, *, grading: float = 1.5, **options) -> qc.Solution:
    """Relax with the published choices of core, width and extent for K0."""
    given, step = problem(case, K0**2 + 10)
    core, blend = (K0 + EDGE, K0) if method in BLENDED else (K0 + 1 + EDGE, 0)
    core, blend = options.pop("core", core), options.pop("blend", blend)
    metric = "euclid" if method in BLENDED else "hops"
    options = {"blending": "cubic", "metric": metric, "grading": grading} | options
    system = qc.couple(given, method, core * step, blend * step, **options)
    return qc.relax(system, fmax=1e-9)


def as_published(case: str, method: str, K0: int, **options) -> qc.Solution:
    """Relax with the published core, blend and extent for K0, hexagons and min-Hessian blending.

    beta is 0 at K0 hops and 1 at 2 K0 hops.
    """
    core = K0 + {"grac": 2}.get(method, 0 if method in BLENDED else 1) + EDGE
    choice = {"core": core, "blend": K0 - 2.0 * EDGE, "metric": "hops", "blending": "min-hessian"}
    return solve(case, method, K0, **(choice | options))


def tuned(case: str, method: str, core: float, width: float, extent: float, **options):
    """Relax with lengths in steps; beta is 0 at the core and 1 at core + width."""
    given, step = problem(case, extent)
    widths = (core + EDGE) * step, (width - 2.0 * EDGE) * step
    system = qc.couple(given, method, *widths, blending="min-hessian", **options)
    return qc.relax(system, fmax=1e-9)


def solve_atoms(case: str, extent: float) -> qc.Solution:
    """Relax all atoms of a disc that ends `extent` steps beyond the row."""
    return qc.relax(qc.couple(problem(case, extent)[0], "atomistic"), fmax=1e-9)


def nodes(solution: qc.Solution) -> int:
    """Degrees of freedom as the literature counts them: nodes, the clamped ones included."""
    return solution.system.n_repatoms


@dataclass(frozen=True)
class Reference:
    """A reference solution and its triangles (`keep` marks those that touch no vacancy)."""

    solution: qc.Solution
    keep: np.ndarray

    @classmethod
    def build(cls, case: str, core: float, blend: float, extent: float) -> Reference:
        """Relax bgfc with the given core, width and extent, in steps."""
        given, step = problem(case, extent)
        widths = (core * step, blend * step)
        system = qc.couple(given, "bgfc", *widths, blending="quintic", metric="hops")
        solution = qc.relax(system, fmax=1e-10)
        mesh = system.body.mesh
        vacant = (mesh.ij[:, None] == given.removed[None]).all(axis=2).any(axis=1)
        return cls(solution, ~vacant[meshing.canonical(mesh)].any(axis=1))

    def error(self, solution: qc.Solution, cut: bool = True) -> float:
        """Relative error of a solution in the energy norm.

        Cells that straddle the rim end at clamped nodes beyond the extent. `cut` sets u = 0 at the
        extent: a jump, which counts where the reference is still resolved (`qc.compare` does not).
        """
        given, mesh = solution.system.problem, self.solution.system.body.mesh
        body = solution.system.body
        if cut:
            inside = np.linalg.norm(given.position(mesh.ij)[:, :2], axis=1) <= given.extent
        else:
            inside = meshing.covers(body.mesh, mesh.ij)
        u = np.zeros_like(self.solution.u)
        u[inside] = body.interpolation(mesh.ij[inside]) @ solution.u
        return self._norm(u - self.solution.u) / self._norm(self.solution.u)

    def best(self, system: qc.System) -> float:
        """The least relative error that any corrector on the mesh of a system can have."""
        mesh, exact = self.solution.system.body.mesh, self.solution.u
        inside = np.flatnonzero(meshing.covers(system.body.mesh, mesh.ij))
        onto = system.body.interpolation(mesh.ij[inside])[:, system.free.any(axis=1)].tocoo()
        S = csc_array((onto.data, (inside[onto.row], onto.col)), (len(exact), onto.shape[1]))
        gradient, volume = (array[self.keep] for array in meshing.gradients(mesh))
        cells = meshing.canonical(mesh)[self.keep]
        local = np.einsum("cva,cwa,c->cvw", gradient, gradient, volume)
        rows, columns = np.repeat(cells, 3, axis=1).ravel(), np.tile(cells, (1, 3)).ravel()
        K = csc_array((local.ravel(), (rows, columns)), (len(exact), len(exact)))
        A = S.T @ K @ S
        A += 1e-12 * eye_array(A.shape[0]) * A.diagonal().max()  # nodes in the void alone
        u = np.zeros_like(exact)
        u[:, :2] = S @ splu(A.tocsc()).solve(S.T @ (K @ exact[:, :2]))
        return self._norm(u - exact) / self._norm(exact)

    def _norm(self, u: np.ndarray) -> float:
        mesh = self.solution.system.body.mesh
        gradient, volume = (array[self.keep] for array in meshing.gradients(mesh))
        G = np.einsum("cva,cvi->cia", gradient, u[meshing.canonical(mesh)[self.keep]])
        return float(np.sqrt(volume @ (G**2).sum(axis=(1, 2))))


def rate(dof: list[float], error: list[float]) -> float:
    """Slope of log error against log dof."""
    return float(np.polyfit(np.log(dof), np.log(error), 1)[0])


def published_at(case: str, method: str, dof: float) -> float:
    """Published error at a number of nodes, log-log between (or beyond) the tabulated points."""
    table = CASES[case]
    error = np.log(table["error"][method])
    at = np.log(table["dof"][method][: len(error)])
    i = int(np.clip(np.searchsorted(at, np.log(dof)) - 1, 0, len(at) - 2))
    slope = (error[i + 1] - error[i]) / (at[i + 1] - at[i])
    return float(np.exp(error[i] + slope * (np.log(dof) - at[i])))


def dof_to_reach(target: float, dof: list[float], error: list[float]) -> float:
    """Nodes at which a falling error curve meets the target, log-log; nan if it never does."""
    x, y = np.log(dof), np.log(error)
    below = np.flatnonzero(y <= np.log(target))
    if not len(below) or below[0] == 0:
        return float("nan")
    i = below[0]
    return float(np.exp(np.interp(-np.log(target), -y[i - 1 : i + 1], x[i - 1 : i + 1])))


def extrapolated(solutions: list[qc.Solution], values: list, at: float = np.inf) -> np.ndarray:
    """Fit value = v + a/n + b/n^2, n the number of free sites, and evaluate at another n.

    The clamped rim costs its elastic image, R^-2 to leading order.
    """
    n = np.array([np.count_nonzero(s.system.free.any(axis=1)) for s in solutions], dtype=float)
    flat = np.array([np.ravel(v) for v in values])
    fit = np.polynomial.polynomial.polyfit(n[0] / n, flat, 2)
    return np.polynomial.polynomial.polyval(n[0] / at, fit).reshape(np.shape(values[0]))
