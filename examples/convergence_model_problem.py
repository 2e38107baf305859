"""
Error against degrees of freedom: the model problem
===================================================

A vacancy (or a row of five) in the plane model crystal of the a/c literature. Core, blending
width and domain grow together, as published: core K + 1 (grac K + 2; blended: core and width
K), domain K^2 + 10 lattice steps. With quadratic elements (bgfc-P2) a core of K, half as wide a
blend and a domain of 4 K^3 steps balance all errors. The error is that of the displacement
gradient, relative, against a much larger bgfc calculation. Prints a table with fitted rates and
draws it.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

import qcmethod as qc
from qcmethod import mesh as meshing
from qcmethod.plot.styles import marked, styles

CASES = {
    "vacancy": ("toy2d-c10", 1, [[1.0, 0.02], [0.0, 1.03]]),
    "microcrack": ("toy2d-c20", 5, [[1.0, 0.02], [0.0, 1.02]]),
}
METHODS = ("atomistic", "qce", "bqce", "gfc", "grac", "bgfc", "bqcf", "bgfc-P2")
BLENDED = ("bqce", "bgfc", "bqcf")
LARGEST_P2 = 8  # beyond, the errors are those of the reference


def lengths(method: str, K: int) -> tuple[float, float, float]:
    """Core, width of the blend and extent in steps."""
    if method == "atomistic":
        return 0, 0, 2 * K + 5  # a disc of atoms with about the nodes of the blended methods
    if method == "bgfc-P2":
        return K, K // 2, 4 * K**3
    if method in BLENDED:
        return K, K, K**2 + 10
    return K + (2 if method == "grac" else 1), 0, K**2 + 10


def relaxed(case: str, method: str, core: float, blend: float, extent: float) -> qc.Solution:
    """Lengths in lattice steps beyond the row of vacancies.

    Cores are hexagons as published, but discs with P2 elements. The blending functions minimise
    second differences, which a function of the hexagonal distance does not: it has kinks.
    """
    card, n, F = CASES[case]
    crystal = qc.Crystal.hex2d(qc.load_potential(card))
    step = crystal.lattice_constant
    problem = qc.microcrack(crystal, n, F, extent=(extent + 0.5 * (n - 1)) * step)
    if method == "atomistic":
        return qc.relax(qc.couple(problem, method), fmax=1e-9)
    # sites at `core` steps belong to the core, and those at core + blend to the continuum
    widths = ((core + 1e-4) * step, (blend - 2e-4) * step)
    name, _, p2 = method.partition("-")
    options = {"metric": "hops", "elements": "P1"} if not p2 else {"elements": "P2"}
    system = qc.couple(problem, name, *widths, blending="min-hessian", **options)
    return qc.relax(system, fmax=1e-9)


def error(solution: qc.Solution, exact: qc.Solution) -> float:
    """|grad(u - u_exact)| / |grad u_exact| in L2, without the triangles that touch a vacancy."""
    given, mesh = solution.system.problem, exact.system.body.mesh
    cells, (gradients, volume) = meshing.canonical(mesh), meshing.gradients(mesh)
    vacant = given.is_removed(mesh.ij)
    volume = np.where(vacant[cells].any(axis=1), 0.0, volume)
    body = solution.system.body
    inside = meshing.covers(body.mesh, mesh.ij)
    u = np.zeros_like(exact.u)  # beyond its domain a solution is the predictor
    u[inside] = body.interpolation(mesh.ij[inside]) @ solution.u

    def norm2(v: np.ndarray) -> float:
        G = np.einsum("cva,cvi->cia", gradients, v[cells])
        return float(volume @ (G**2).sum(axis=(1, 2)))

    return float(np.sqrt(norm2(u - exact.u) / norm2(exact.u)))


def study(case: str, sizes: list[int]) -> dict[str, np.ndarray]:
    """Nodes and error (n, 2) of each method."""
    exact = relaxed(case, "bgfc", 44, 16, 6000)
    print(f"{case}: excess energy {exact.excess_energy:.6f}, {exact.system.n_repatoms} nodes")
    found = {}
    for method in METHODS:
        rows = []
        for K in sizes:
            if method != "bgfc-P2" or K <= LARGEST_P2:
                solution = relaxed(case, method, *lengths(method, K))
                rows.append((solution.system.n_repatoms, error(solution, exact)))
        found[method] = np.array(rows)
        line = "  ".join(f"{int(n):6d} {e:.4f}" for n, e in rows)
        print(f"{method:10} {line}   rate {rate(found[method]):+.2f}", flush=True)
    return found


def rate(rows: np.ndarray) -> float:
    """Slope of log error against log nodes over the larger half of the sizes."""
    tail = rows[len(rows) // 2 :] if len(rows) > 4 else rows
    return float(np.polyfit(*np.log(tail.T), 1)[0])


def draw(results: dict[str, dict[str, np.ndarray]], path: Path) -> None:
    """One panel a defect, log-log."""
    plt.rcParams.update({"font.size": 9})
    style = styles(METHODS) | {"bgfc-P2": ("#332288", "*", "-.")}
    figure, panels = plt.subplots(1, len(results), figsize=(5 * len(results), 4), squeeze=False)
    for axes, (case, found) in zip(panels[0], results.items(), strict=True):
        for method, rows in found.items():
            label = f"{method}  {rate(rows):+.2f}"
            axes.loglog(*rows.T, **marked(style[method]), ms=4.5, lw=1.2, label=label)
        axes.set(xlabel="nodes", ylabel="relative error of the displacement gradient", title=case)
        axes.grid(True, which="major", color="0.9", lw=0.6)
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(
            title="method, rate",
            frameon=False,
            fontsize=8,
            loc="center left",
            bbox_to_anchor=(1, 0.5),
        )
    figure.tight_layout()
    figure.savefig(path, dpi=150)
    print(f"wrote {path}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--case", choices=sorted(CASES), action="append", help="default: both")
    parser.add_argument("--sizes", type=int, nargs="+", default=[3, 4, 6, 8, 11, 16, 22])
    parser.add_argument("--output", type=Path, default=Path("convergence.png"))
    args = parser.parse_args()
    results = {case: study(case, args.sizes) for case in args.case or CASES}
    draw(results, args.output)
    for case, found in results.items():
        nodes, smallest = found["bgfc"][-1]
        print(f"{case}, bgfc: error {smallest:.4f} with {int(nodes)} nodes")


if __name__ == "__main__":
    main()
