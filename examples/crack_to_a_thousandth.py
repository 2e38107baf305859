"""
A crack tip to a thousandth of an Angstrom
==========================================

Five lengths decide how far a coupled crack tip is from the atomistic one: the disc about the tip,
the core along the flanks, the blending zone, the wake and the edges of the mesh. Each of them is
refined in turn, and the answer in the core moves; an error that falls as length^-2 is

    d/(1 - f^-2),    d = max abs(u_finer - u),   f = finer / coarse

of which the largest says what to refine. The start is in cut-offs, and all atoms are asked only for
the last column; the rule itself, its start and LONGEST were chosen with these three cracks in view.
The run ends at the tolerance, or where the next choice would take more than a quarter of the atoms.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace

import numpy as np

import qcmethod as qc
from qcmethod.analysis.corrector import corrector_at

CLOSE_PACKED = ((1, 1, -2), (1, 1, 1), (1, -1, 0))  # fcc
CLEAVAGE = ((0, 0, 1), (1, 1, 0), (-1, 1, 0))  # bcc
METALS = {
    "Al": ("fcc", "Al-Ercolessi-1994", CLOSE_PACKED, 0.42),
    "W": ("bcc", "W-Ackland-1987", CLEAVAGE, 1.48),
    "Fe": ("bcc", "Fe-Finnis-1984", CLEAVAGE, 1.00),
}
LONGEST = 0.65
"""The wake ends this far from the rim: no longer part of the extent."""


@dataclass(frozen=True)
class Lengths:
    """What is chosen: disc about the tip, core, blend, wake, A; edge over distance of the mesh."""

    disc: float
    core: float
    blend: float
    wake: float
    edge_ratio: float

    def finer(self, cutoff: float) -> dict[str, tuple[Lengths, float]]:
        """By name, one of them refined, and by what factor."""
        grown = {"core": 1.25, "blend": 1.5, "wake": 1.35, "edge_ratio": 1.25}
        found = {
            name: (
                replace(
                    self, **{name: getattr(self, name) * (1 / f if name == "edge_ratio" else f)}
                ),
                f,
            )
            for name, f in grown.items()
        }
        whole = self.core + self.disc
        found["disc"] = replace(self, disc=self.disc + 0.5 * cutoff), 1.0 + 0.5 * cutoff / whole
        return found


def solved(problem: qc.Problem, chosen: Lengths) -> qc.Solution:
    """The coupled tip."""
    zone = qc.with_wake(problem, chosen.wake, chosen.disc)
    mesh = {"edge_ratio": chosen.edge_ratio, "round_rim": True}
    reach = 0.6 * problem.extent
    system = qc.couple(
        zone, "bqcf", core=chosen.core, blend=chosen.blend, lattice_reach=reach, **mesh
    )
    return qc.relax(system, fmax=1e-5)


def difference(one: qc.Solution, other: qc.Solution) -> float:
    """Largest difference on the sites of the core of `one`, A."""
    body, problem = one.system.body, one.system.problem
    core = problem.distance(body.x_l) <= one.system.core
    ij, upper = body.ij_l[core], np.zeros(int(core.sum()), dtype=bool)
    v, w = (corrector_at(s.system, s.u, ij, upper) for s in (one, other))
    return float(np.linalg.norm(v - w, axis=1).max())


def chosen_by_estimate(problem: qc.Problem, tolerance: float, most: int) -> qc.Solution:
    """Refine what the estimate blames, line by line."""
    cutoff, extent = problem.crystal.potential.cutoff, problem.extent
    lengths = Lengths(0.0, 1.3 * cutoff, 0.85 * cutoff, 0.25 * extent, 0.35)
    found = solved(problem, lengths)
    print("repatoms  estimate    disc    core   blend    wake  edge ratio  the largest part")
    while True:
        parts = {}
        for name, (finer, factor) in lengths.finer(cutoff).items():
            if finer.wake <= LONGEST * extent:
                better = solved(problem, finer)
                parts[name] = difference(found, better) / (1.0 - factor**-2), finer, better
        estimate = float(np.sqrt(sum(part[0] ** 2 for part in parts.values())))
        worst = max(parts, key=lambda name: parts[name][0])
        sizes = "".join(f"{size:8.1f}" for size in list(vars(lengths).values())[:4])
        repatoms, ratio = found.system.n_repatoms, lengths.edge_ratio
        print(f"{repatoms:8d} {estimate:9.1e}{sizes}{ratio:12.3f}  {worst}", flush=True)
        fit = [part for part in parts.values() if part[2].system.n_repatoms <= most]
        if estimate <= tolerance or not fit:
            return found
        _, lengths, found = max(fit, key=lambda part: part[0])


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--metals", nargs="+", choices=METALS, default=list(METALS))
    parser.add_argument("--extent", type=float, default=100.0, help="radius of the cylinder, A")
    parser.add_argument("--tolerance", type=float, default=1e-3, help="in the core, A")
    args = parser.parse_args()
    for metal in args.metals:
        lattice, card, axes, KI = METALS[metal]
        crystal = getattr(qc.Crystal, lattice)(qc.load_potential(card), *axes)
        problem = qc.crack(crystal, KI=KI, extent=args.extent)
        atoms = qc.relax(qc.couple(problem, "atomistic"), fmax=1e-8)
        whole = atoms.system.n_repatoms
        print(f"\n{metal}, {whole} atoms")
        found = chosen_by_estimate(problem, args.tolerance, whole // 4)
        share = found.system.n_repatoms / whole
        print(f"{metal}: true error {difference(found, atoms):.2e} A, {share:.3f} of the atoms")


if __name__ == "__main__":
    main()
