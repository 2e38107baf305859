"""
How good is the estimate of an adaptive run?
============================================

Runs to a tolerance, and their true errors at the end: against all atoms of the same clamped
cylinder, relaxed from the state that was found, or, for the vacancies of the model problem in an
unbounded plane, against a large core in a domain of thousands of steps. No number of the
estimate was fitted to them, but it was developed on several of them.

The default is small (four problems). ``--full`` makes the table of the page on adaptive refinement.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial

import numpy as np

import qcmethod as qc
from qcmethod.analysis.corrector import comparable_energy, corrector_at
from qcmethod.studies.adapt import AdaptResult
from qcmethod.studies.adapt.discretise import carried

CLOSE_PACKED = ((1, 1, -2), (1, 1, 1), (1, -1, 0))  # fcc
CLEAVAGE = ((0, 0, 1), (1, 1, 0), (-1, 1, 0))  # bcc
LATTICE = {
    "Al": ("fcc", "Al-Ercolessi-1994", CLOSE_PACKED, 0.42),
    "W": ("bcc", "W-Ackland-1987", CLEAVAGE, 1.48),
    "Fe": ("bcc", "Fe-Finnis-1984", CLEAVAGE, 1.00),
}
MODEL = {
    "A": (1, "toy2d-c10", [[1.0, 0.02], [0.0, 1.03]]),
    "C": (5, "toy2d-c20", [[1, 0.02], [0, 1.02]]),
}
LAYERS = 2.0
"""Of a crack, cells this many cut-offs off the flanks count in the core only."""


@cache
def crystal(metal: str) -> qc.Crystal:
    lattice, card, axes, _ = LATTICE[metal]
    return getattr(qc.Crystal, lattice)(qc.load_potential(card), *axes)


def crack(metal: str, extent: float = 80.0) -> qc.Problem:
    return qc.crack(crystal(metal), KI=LATTICE[metal][3], extent=extent)


def vacancies(metal: str) -> qc.Problem:
    return qc.vacancy(crystal(metal), np.diag([1.0, 1.01, 1.0]), extent=80.0)


def line(metal: str, *line: Sequence[float], extent: float = 80.0) -> qc.Problem:
    lattice, card, _, _ = LATTICE[metal]
    return qc.dislocation(
        getattr(qc.Crystal, lattice)(qc.load_potential(card)), *line, extent=extent
    )


def model(case: str, extent: float = 20.0) -> qc.Problem:
    """Vacancies in a row of the plane model crystal, in a disc that ends `extent` steps beyond."""
    n, card, F = MODEL[case]
    plane = qc.Crystal.hex2d(qc.load_potential(card))
    return qc.microcrack(plane, n, F, extent=(extent + 0.5 * (n - 1)) * plane.lattice_constant)


PROBLEMS: dict[str, Callable[[], qc.Problem]] = {
    **{f"model problem {case}": partial(model, case) for case in MODEL},
    **{f"{metal}, vacancies": partial(vacancies, metal) for metal in LATTICE},
    "Al, Lomer": partial(line, "Al", (0.5, 0.5, 0), (0, 0, 1), (1, -1, 0)),
    "Al, edge": partial(line, "Al", (0.5, -0.5, 0), (1, 1, 1), (-1, -1, 2), extent=100.0),
    "W, screw": partial(line, "W", (0.5, 0.5, 0.5), (1, -1, 0), (1, 1, 1), extent=60.0),
    **{f"{metal}, crack": partial(crack, metal) for metal in LATTICE},
}
SHORT = (
    ("W, vacancies", "energy norm", 0.01),
    ("Al, Lomer", "energy norm", 0.03),
    ("W, crack", "displacement", 5e-3),
    ("W, vacancies", "energy", 1e-4),
)
LINES = ("Al, Lomer", "Al, edge", "W, screw")
ROWS = tuple(f"{metal}, vacancies" for metal in LATTICE)
CRACKS = tuple(f"{metal}, crack" for metal in LATTICE)
FULL = (
    *((f"model problem {case}", "energy norm", part) for case in MODEL for part in (0.02, 0.01)),
    *((name, "energy norm", part) for name in ROWS for part in (0.03, 0.01)),
    *((name, "energy norm", part) for name in LINES for part in (0.03, 0.015)),
    *((name, "energy norm", part) for name in CRACKS for part in (0.1, 0.06)),
    *((name, "displacement", length) for name in ROWS for length in (1e-3, 3e-4)),
    *((name, "displacement", length) for name in LINES for length in (2e-2, 5e-3)),
    *((name, "displacement", length) for name in CRACKS for length in (1e-2, 3e-3)),
    *((name, "energy", energy) for name in ROWS for energy in (1e-3, 1e-4)),
    *((name, "energy", energy) for name in LINES[:2] for energy in (3e-3, 1e-3)),
    ("W, screw", "energy", 1e-4),
)


@dataclass(frozen=True)
class Row:
    """The end of a run: what was asked, estimated and true, and the sizes of both models."""

    problem: str
    goal: str
    asked: float
    estimate: float
    true: float
    repatoms: int
    whole: int

    @property
    def ratio(self) -> float:
        """True over estimated."""
        return self.true / self.estimate

    def __str__(self) -> str:
        return (
            f"{self.problem:16} {self.goal:12} {self.asked:8.1e} {self.estimate:9.2e} "
            f"{self.true:9.2e} {self.ratio:7.2f} {self.repatoms:9d} {self.whole:7d}"
        )


@cache
def plane_reference(case: str) -> qc.Solution:
    """A core of 44 steps, 16 of blending, in a disc of 3000 steps."""
    problem = model(case, 3000.0)
    step = problem.crystal.lattice_constant
    return qc.relax(qc.couple(problem, "bgfc", 44 * step, 16 * step, metric="hops"), fmax=1e-9)


def reference(problem: qc.Problem, result: AdaptResult) -> qc.Solution:
    """All atoms of the cylinder, from the state that was found."""
    full = qc.couple(problem, "atomistic")
    return qc.relax(full, fmax=1e-7, u=carried(result.solution.system, result.solution.u, full))


def true_error(result: AdaptResult, known: qc.Solution) -> float:
    """The error of the goal of a run."""
    system, u, body = result.solution.system, result.solution.u, known.system.body
    if result.goal == "energy":
        return abs(comparable_energy(known.system, known.u) - comparable_energy(system, u))
    problem, cells, lower = system.problem, body.cells, body.mesh.lower_of >= 0
    v = corrector_at(known.system, known.u, body.mesh.ij, lower)
    difference = corrector_at(system, u, body.mesh.ij, lower) - v
    if result.goal == "displacement":
        core = (body.site_of_node >= 0) & (problem.distance(body.x_k) <= result.choice.pad)
        return float(np.linalg.norm(difference[core], axis=1).max())
    middle = body.x_k[cells.vertices].mean(axis=1)
    counts = ~(body.is_removed | lower)[cells.vertices].any(axis=1)
    if problem.cuts:
        off = np.abs(middle[:, 1]) > LAYERS * problem.crystal.potential.cutoff
        counts &= off | (middle[:, 0] > 0.0) | (problem.distance(middle) <= result.choice.pad)
    volume = (counts * cells.volume)[cells.point_cell] * cells.fraction
    norm = [volume @ (cells.gradient_of(w) ** 2).sum(axis=(1, 2)) for w in (difference, v)]
    return float(np.sqrt(norm[0] / norm[1]))


def measured(name: str, goal: str, tolerance: float, indicator: str = "residual") -> Row:
    """One run to its tolerance and its true error."""
    problem = PROBLEMS[name]()
    case = name.removeprefix("model problem ")
    plane = case in MODEL
    result = qc.adapt(problem, tolerance=tolerance, goal=goal, indicator=indicator, widen=plane)
    if not result.converged:
        raise RuntimeError(f"{name}: {result.reason}")
    known = plane_reference(case) if plane else reference(problem, result)
    true, repatoms = true_error(result, known), result.solution.system.n_repatoms
    return Row(name, goal, tolerance, result.estimate, true, repatoms, known.system.n_repatoms)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--full", action="store_true", help="all problems, goals and tolerances")
    parser.add_argument("--indicator", default="residual", help="where to refine")
    parser.add_argument("--only", default="", help="problems with this in their name")
    args = parser.parse_args()
    print("problem          goal            asked  estimate      true   ratio  repatoms   whole")
    rows = []
    for run in FULL if args.full else SHORT:
        if args.only not in run[0]:
            continue
        rows.append(measured(*run, args.indicator))
        print(rows[-1], flush=True)
    for goal in dict.fromkeys(row.goal for row in rows):
        ratios = [row.ratio for row in rows if row.goal == goal]
        print(f"true / estimate, {goal}: {min(ratios):.2f} to {max(ratios):.2f}")


if __name__ == "__main__":
    main()
