"""
Which coupling, for a metal?
============================

Error against degrees of freedom with real EAM: four metals (Al, Cu: fcc; W, Fe: bcc), two
problems each: a row of vacancies (one a period along the front) under 1 % tension, and a crack
under a K-field with a tip that holds. Every method is measured against all atoms of the same
clamped cylinder, and put to the patch test. Finished cases stay in ``--directory``.

The default is small (aluminium, vacancies, two sizes). ``--full`` is the study of the page on
real metals.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

import qcmethod as qc
from qcmethod.plot.compare import AXES
from qcmethod.plot.styles import STYLE, marked

Axes = tuple[tuple[int, int, int], tuple[int, int, int], tuple[int, int, int]]
CLOSE_PACKED: Axes = ((1, 1, -2), (1, 1, 1), (1, -1, 0))  # fcc
CUBE: Axes = ((1, 0, 0), (0, 1, 0), (0, 0, 1))  # no {111} plane holds this front
CLEAVAGE: Axes = ((0, 0, 1), (1, 1, 0), (-1, 1, 0))  # bcc


@dataclass(frozen=True)
class Metal:
    """Potential, lattice, axes of both problems (x, y, z), K_I in MPa sqrt(m), radii in A."""

    card: str
    lattice: str
    vacancy: Axes
    crack: Axes
    KI: float
    extent: float

    def problem(self, kind: str, extent: float) -> qc.Problem:
        """The problem "vacancy" or "crack" in a cylinder of that radius, A."""
        build = qc.Crystal.fcc if self.lattice == "fcc" else qc.Crystal.bcc
        crystal = build(qc.load_potential(self.card), *getattr(self, kind))
        if kind == "crack":
            return qc.crack(crystal, KI=self.KI, extent=extent)
        return qc.vacancy(crystal, np.diag([1.0, 1.01, 1.0]), extent=extent)


METALS = {
    "Al": Metal("Al-Ercolessi-1994", "fcc", CLOSE_PACKED, CLOSE_PACKED, 0.42, 130.0),
    "Cu": Metal("Cu-Zhou-2004", "fcc", CLOSE_PACKED, CUBE, 0.70, 130.0),
    "W": Metal("W-Ackland-1987", "bcc", CLEAVAGE, CLEAVAGE, 1.48, 110.0),
    "Fe": Metal("Fe-Finnis-1984", "bcc", CLEAVAGE, CLEAVAGE, 1.00, 90.0),
}
PROBLEMS = {"vacancy": "row of vacancies", "crack": "crack"}
WITHIN = {"vacancy": 0.8, "crack": 0.5}  # of the radius: error norms leave the clamped rim out
SHARP = ("qce", "gfc", "grac", "qcf")
METHODS = ("qce", "bqce", "gfc", "grac", "bgfc", "bgfc P2", "qcf", "bqcf")
NARROW = ("bgfc narrow", "bqcf narrow")  # blend a third of the core
FULL = {"sizes": (1.2, 1.6, 2.2, 3.0, 4.0), "extent": 1.0}  # cut-offs; times the metal's radius
SMALL = {"sizes": (1.2, 1.6), "extent": 0.4}
OTHER = {
    "bgfc P2": ("#332288", "s", "-."),
    "bgfc narrow": ("#44AA99", "<", "-"),
    "bqcf narrow": ("#882255", ">", "--"),
}


def options(method: str) -> dict:
    """What is a curve's own. At equal size all resolve as much: sharp cores are twice as large."""
    if method == "bgfc P2":
        return {"method": "bgfc", "elements": "P2"}
    if method in NARROW:
        zones = {"core": lambda core: 1.5 * core, "blend": lambda core: 0.5 * core}
        return {"method": method.split()[0], **zones}
    return {"core": lambda core: 2.0 * core} if method in SHARP else {}


def ghost_forces(problem: qc.Problem, methods: Sequence[str], core: float) -> None:
    """Print the patch test of each method, or why it is refused."""
    print("ghost force (eV/A): worst of the patch test; at its reference; seconds: couple, test")
    for method in methods:
        own = {"method": method, "core": core, "blend": core, **options(method)}
        own = {key: given(core) if callable(given) else given for key, given in own.items()}
        start = time.perf_counter()
        try:
            system = qc.couple(problem, **own)
            coupled = time.perf_counter()
            report = qc.patch_test(system)
        except qc.QCError as error:
            print(f"  {method:8} {error}")
            continue
        seconds = f"{coupled - start:.2f}  {time.perf_counter() - coupled:.2f}"
        print(f"  {method:8} {report.worst:.1e}  {report.rows[0].worst:.1e}  {seconds}", flush=True)


def run(
    metal: str, kind: str, methods: Sequence[str], plan: dict, directory: Path | None
) -> qc.Study:
    """Study and patch tests of one metal and problem."""
    data = METALS[metal]
    problem = data.problem(kind, plan["extent"] * data.extent)
    cutoff = problem.crystal.potential.cutoff
    print(f"\n{metal}, {PROBLEMS[kind]}: {problem}")
    ghost_forces(problem, methods, cutoff * plan["sizes"][1])
    study = qc.compare(
        problem,
        {method: options(method) for method in methods},
        [cutoff * size for size in plan["sizes"]],
        within=WITHIN[kind] * problem.extent,
        stability=False,
        directory=None if directory is None else directory / f"{metal}-{kind}",
    )
    print(study, flush=True)
    for method in study.labels:
        rate = study.rate(method, "dof")
        print(f"  rate in DOF: {method:8} {'-' if rate is None else format(rate, '+.2f')}")
    return study


def panel(axes: plt.Axes, study: qc.Study, title: str) -> None:
    """Error against degrees of freedom, log-log."""
    for method in study.labels:
        x, y = study.curve(method, "dof")
        style = marked({**STYLE, **OTHER}[method])
        axes.plot(x, y, **style, ms=5, lw=1.2, label=method)
    axes.set_title(title, fontsize=10)
    axes.set(xscale="log", yscale="log")
    for axis, ticks in ((axes.xaxis, (1.0, 2.0, 3.0, 5.0)), (axes.yaxis, (1.0, 2.0, 5.0))):
        axis.set_major_locator(LogLocator(subs=ticks))
        axis.set_minor_formatter(NullFormatter())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:g}"))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{100 * v:g} %"))
    axes.grid(True, which="major", color="0.9", lw=0.6)
    axes.spines[["top", "right"]].set_visible(False)


def draw(studies: dict[tuple[str, str], qc.Study], path: Path) -> None:
    """Small multiples: a column a metal, a row a problem; one row for one metal."""
    plt.rcParams.update({"font.size": 9.5})
    n = len({metal for metal, _ in studies})
    columns = n if n > 1 else len(studies)
    rows = len(studies) // columns
    size = (2.7 * columns + 0.9, 2.7 * rows + 0.9) if rows > 1 else (3.7 * columns + 0.3, 3.9)
    figure, grid = plt.subplots(rows, columns, figsize=size, layout="constrained", squeeze=False)
    for axes, ((metal, kind), study) in zip(grid.flat, studies.items(), strict=True):
        panel(axes, study, f"{metal}, {PROBLEMS[kind]}")
    for axes in grid[-1]:
        axes.set_xlabel(AXES["dof"])
    for axes in grid[:, 0]:
        axes.set_ylabel(AXES["error"])
    handles, labels = grid[0, 0].get_legend_handles_labels()
    ncols = len(labels) if columns > 2 else (len(labels) + 1) // 2
    figure.legend(handles, labels, loc="outside lower center", ncols=ncols, frameon=False)
    figure.savefig(path, dpi=150)
    print(f"wrote {path}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--metal", choices=METALS, nargs="+", help="default: Al; with --full all")
    parser.add_argument("--problem", choices=PROBLEMS, nargs="+", help="default: vacancy; all")
    parser.add_argument("--methods", choices=METHODS + NARROW, nargs="+", default=METHODS)
    parser.add_argument("--full", action="store_true", help="the study of the documentation")
    parser.add_argument("--out", type=Path, default=Path("out"), help="folder of the results")
    parser.add_argument("--directory", type=Path, help="folder of finished cases")
    args = parser.parse_args()
    metals = args.metal or (list(METALS) if args.full else ["Al"])
    kinds = args.problem or (list(PROBLEMS) if args.full else ["vacancy"])
    args.out.mkdir(parents=True, exist_ok=True)
    studies = {}
    for kind in kinds:
        for metal in metals:
            plan = FULL if args.full else SMALL
            studies[metal, kind] = run(metal, kind, args.methods, plan, args.directory)
            studies[metal, kind].write(args.out / f"metals-{metal}-{kind}.csv")
    draw(studies, args.out / "metals.png")
    for (metal, kind), found in studies.items():
        errors = {label: 100.0 * min(found.curve(label, "dof")[1]) for label in found.labels}
        best = min(errors, key=lambda label: errors[label])
        print(f"{metal}, {PROBLEMS[kind]}: smallest error {errors[best]:.3g} % ({best})")


if __name__ == "__main__":
    main()
