"""A relaxed crack tip: seconds of QC (bgfc) and of LAMMPS, and how far the tips differ.

Both start from the same K-field with the same clamped rim. A force tolerance says little about the
tip, for the domain is soft in its long waves; therefore the state of LAMMPS is compared with QC at
several tolerances on the way. The clamped rim changes the load on the tip as R^-1/2: the two codes
are compared at one R, and QC alone at one micrometre.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from lammps_runs import Relaxation
from scipy.spatial import cKDTree

import qcmethod as qc
from qcmethod.potentials.tables.export import write_setfl

K = 0.415  # MPa sqrt(m), just above the Griffith load
TOLERANCES = (1e-2, 1e-3, 3e-4, 1e-4)  # eV/A
BUDGET = 60.0  # s, for LAMMPS on its largest domain
PILOT = 120.0  # A
TIP = 15.0  # A, where displacements are compared
MICROMETRE = 1e4  # A, radius
CUBIC = 3.0  # atoms grow as R^2, steps of a minimiser as R


@dataclass(frozen=True)
class Tip:
    """Reference sites (n, 3) about the tip and their displacements (n, 3), A."""

    x: np.ndarray
    u: np.ndarray

    @classmethod
    def of(cls, x: np.ndarray, y: np.ndarray) -> Tip:
        """Of all sites x (m, 3) displaced to y (m, 3)."""
        near = np.linalg.norm(x[:, :2], axis=1) < TIP
        return cls(x[near], y[near] - x[near])

    def differs(self, other: Tip) -> float:
        """Largest difference of a displacement, A."""
        distance, same = cKDTree(other.x[:, :2]).query(self.x[:, :2])
        assert len(other.x) == len(self.x) and distance.max() < 1e-6
        return float(np.linalg.norm(self.u - other.u[same], axis=1).max())

    def opening(self, behind: float = 10.0) -> float:
        """Opening (A) of the two rows that face each other, `behind` (A) the tip."""
        ends = [self._facing(side, behind) for side in (1.0, -1.0)]
        return float(self.u[ends[0], 1] - self.u[ends[1], 1])

    def _facing(self, side: float, behind: float) -> int:
        """The site of the row above (1) or below (-1) the plane, nearest to x = -behind."""
        height = side * self.x[:, 1]
        row = np.abs(height - height[height > 0.0].min()) < 1e-6
        return int(np.argmin(np.where(row, np.abs(self.x[:, 0] + behind), np.inf)))


def crack(extent: float) -> qc.Problem:
    al = qc.load_potential("Al-Ercolessi-1994")
    crystal = qc.Crystal.fcc(al, x=(1, 1, -2), y=(1, 1, 1), z=(1, -1, 0))
    return qc.crack(crystal, KI=K, extent=extent)


def by_qc(problem: qc.Problem, fmax: float = 1e-4) -> tuple[Tip, float, str]:
    """Tip, seconds of mesh, coupling and relaxation (kernels compiled), and a line about them."""
    taken = []
    for _ in range(3):
        begin = time.perf_counter()
        system = qc.couple(problem, "bgfc", core=25.0, blend=15.0)
        solution = qc.relax(system, fmax=fmax)
        taken.append(time.perf_counter() - begin)
    tip = Tip.of(system.body.x_l, system.body.positions(solution.u))
    text = (
        f"   QC bgfc, R = {problem.extent:.0f} A: {min(taken):.2f} s (setting up "
        f"{taken[-1] - solution.seconds:.2f} s), {system.n_repatoms} repatoms, "
        f"{solution.evaluations} evaluations, fmax {solution.fmax:.0e}, "
        f"opening {tip.opening():.4f} A"
    )
    return tip, min(taken), text


def by_lammps(
    problem: qc.Problem, style: str, folder: Path, limit: float, qc_tip: Tip, qc_seconds: float
) -> tuple[list[str], float]:
    """A line for each tolerance, and the seconds until the last."""
    crystal, body = problem.crystal, qc.couple(problem, "atomistic").body
    fixed = np.linalg.norm(body.x_l[:, :2], axis=1) > problem.extent - problem.rim
    table = folder / "Al.eam.alloy"
    write_setfl(table, crystal.potential, nr=10001, nrho=10001)
    run = Relaxation(body.y0_l, crystal.lattice.period, fixed, table, folder / "log", style)
    lines = [f"   LAMMPS {style}, R = {problem.extent:.0f} A, {len(body.x_l)} atoms:"]
    for fmax in TOLERANCES:
        done = run.down_to(fmax, limit)
        tip = Tip.of(body.x_l, run.positions())
        lines.append(
            f"      fmax {run.largest_force():.0e}: {run.seconds:7.2f} s, {run.steps:5d} steps, "
            f"opening {tip.opening():.4f} A, differs from QC by {tip.differs(qc_tip):.4f} A; "
            f"{run.seconds / qc_seconds:.1f} times QC{'' if done else ' (stopped)'}"
        )
        if not done:
            break
    run.lammps.close()
    return lines, run.seconds


def largest(pilot: float, seconds: float, budget: float) -> float:
    """Radius (A, a multiple of 10) whose relaxation takes `budget` s if `pilot` took `seconds`."""
    return 10.0 * float(np.floor(0.1 * pilot * (budget / seconds) ** (1.0 / CUBIC)))


def run(say: Callable[[str], None]) -> None:
    """Pilot on a small disc, the largest disc for the budget, and one micrometre by QC."""
    say("2. A crack tip in aluminium, K_I = 0.415 MPa sqrt(m); 'differs': largest displacement")
    say(f"   within {TIP:.0f} A of the tip; opening: of the flanks 10 A behind it.")
    with tempfile.TemporaryDirectory() as name:
        folder, problem = Path(name), crack(PILOT)
        tip, seconds, text = by_qc(problem)
        say(text)
        for style in ("fire", "cg"):
            lines, spent = by_lammps(problem, style, folder, BUDGET, tip, seconds)
            say("\n".join(lines))
        problem = crack(largest(PILOT, spent, BUDGET))
        tip, seconds, text = by_qc(problem)
        say(text)
        lines, spent = by_lammps(problem, "cg", folder, 1.5 * BUDGET, tip, seconds)
        say("\n".join(lines))
    far, far_seconds, text = by_qc(crack(MICROMETRE))
    say(text)
    days = spent * (MICROMETRE / problem.extent) ** CUBIC / 86400.0
    say(f"   the full relaxation there, by atoms x steps ~ R^3: {days:.0f} days (extrapolated);")
    ratio = 86400.0 * days / far_seconds
    say(f"   {ratio:.1e} times QC. Tips at the two radii differ by {far.differs(tip):.3f} A")
    say("   (the rim, see docs/crack.md).")
