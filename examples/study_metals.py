"""Which coupling should I use, for a metal? Error against degrees of freedom, with real EAM.

Four metals (Al, Cu: fcc; W, Fe: bcc), two problems each: a row of vacancies (one a period along
the front) under 1 % tension, and a crack under a K-field with a tip that holds. Every method is
measured against all atoms of the same clamped cylinder, and put to the patch test. Prints the
tables and writes figure and numbers into --out; finished cases stay in --directory.

The default is small (aluminium, vacancies, two sizes). `--full` is the study of docs/metals.md.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

import qcmethod as qc
from qcmethod.study.figure import AXES, STYLE

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
    "W": Metal("W-Ackland-1987", "bcc", CLEAVAGE, CLEAVAGE, 1.55, 110.0),
    "Fe": Metal("Fe-Finnis-1984", "bcc", CLEAVAGE, CLEAVAGE, 1.00, 90.0),
}
PROBLEMS = {"vacancy": "row of vacancies", "crack": "crack"}
SHARP = ("qce", "gfc", "grac", "qcf")
METHODS = ("qce", "bqce", "gfc", "grac", "bgfc", "bgfc P2", "qcf", "bqcf")
FULL = {"sizes": (1.2, 1.6, 2.2, 3.0, 4.0), "extent": 1.0}  # cut-offs; times the metal's radius
SMALL = {"sizes": (1.2, 1.6), "extent": 0.4}
P2 = ("#332288", "s", "-.")
DEFAULT_METHODS = ("qce", "bqce", "gfc", "grac", "bgfc", "qcf", "bqcf")


def options(method: str) -> dict:
    """What is a curve's own. At equal size all resolve as much: sharp cores are twice as large."""
    if method == "bgfc P2":
        return {"method": "bgfc", "elements": "P2"}
    return {"core": lambda core: 2.0 * core} if method in SHARP else {}


def patch_tests(problem: qc.Problem, methods: list[str], core: float) -> dict[str, list]:
    """Worst force over the battery and at its reference, eV/A, and the couple's degrees of freedom;
    the reason where a method is refused."""
    found = {}
    for method in methods:
        own = options(method)
        sizes = (own["core"](core), None) if "core" in own else (core, core)
        more = {"elements": own["elements"]} if "elements" in own else {}
        try:
            system = qc.couple(problem, own.get("method", method), *sizes, **more)
            report = qc.patch_test(system)
            found[method] = [report.worst, report.rows[0].worst, system.n_dof]
        except qc.QCError as error:
            found[method] = [None, None, str(error)]
        shown = " ".join(v if isinstance(v, str) else f"{v:9.1e}" for v in found[method][:2] if v)
        print(f"  {method:8} {shown or found[method][2]}", flush=True)
    return found


def run(
    metal: str, kind: str, methods: list[str], plan: dict, directory: Path | None
) -> tuple[qc.Study, dict[str, list]]:
    """Study and patch tests of one metal and problem."""
    data = METALS[metal]
    problem = data.problem(kind, plan["extent"] * data.extent)
    cutoff = problem.crystal.potential.cutoff
    print(f"\n{metal}, {PROBLEMS[kind]}: {problem}")
    print("ghost forces: worst over the battery, at its reference (eV/A)")
    patched = patch_tests(problem, methods, cutoff * plan["sizes"][1])
    study = qc.compare(
        problem,
        {method: options(method) for method in methods},
        [cutoff * size for size in plan["sizes"]],
        stability=False,
        directory=None if directory is None else directory / f"{metal}-{kind}",
    )
    print(study, flush=True)
    for method in study.labels:
        rate = study.rate(method, "dof")
        print(f"  rate in DOF: {method:8} {'-' if rate is None else format(rate, '+.2f')}")
    return study, patched


def panel(axes: plt.Axes, study: qc.Study, title: str) -> None:
    """Error against degrees of freedom, log-log."""
    for method in study.labels:
        x, y = study.curve(method, "dof")
        colour, marker, dash = STYLE.get(method, P2)
        fill = {"mfc": "none" if dash == "--" else colour, "mew": 1.2}
        axes.loglog(x, y, dash, color=colour, marker=marker, ms=5, lw=1.2, label=method, **fill)
    axes.set_title(title, fontsize=10)
    axes.grid(True, which="major", color="0.9", lw=0.6)
    axes.spines[["top", "right"]].set_visible(False)


def draw(studies: dict[tuple[str, str], qc.Study], path: Path) -> None:
    """Small multiples: a column a metal, a row a problem."""
    plt.rcParams.update({"font.size": 9.5})
    metals = list(dict.fromkeys(metal for metal, _ in studies))
    kinds = list(dict.fromkeys(kind for _, kind in studies))
    shape = {"nrows": len(kinds), "ncols": len(metals), "squeeze": False, "sharey": "row"}
    size = (max(2.7 * len(metals), 4.2) + 0.4, 2.7 * len(kinds) + 0.9)
    figure, grid = plt.subplots(**shape, figsize=size, layout="constrained")
    for (metal, kind), study in studies.items():
        axes = grid[kinds.index(kind), metals.index(metal)]
        panel(axes, study, f"{metal}, {PROBLEMS[kind]}")
    for axes in grid[-1]:
        axes.set_xlabel(AXES["dof"])
    for axes in grid[:, 0]:
        axes.set_ylabel(AXES["error"])
    handles, labels = grid[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=min(len(labels), 8))
    figure.savefig(path, dpi=150)
    print(f"wrote {path}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--metal", choices=METALS, nargs="+", help="default: Al; with --full all")
    parser.add_argument("--problem", choices=PROBLEMS, nargs="+", help="default: vacancy; all")
    parser.add_argument("--methods", choices=METHODS, nargs="+", default=None)
    parser.add_argument("--full", action="store_true", help="the study of the documentation")
    parser.add_argument("--out", type=Path, default=Path("out"), help="folder of the results")
    parser.add_argument("--directory", type=Path, help="folder of finished cases")
    args = parser.parse_args()
    metals = args.metal or (list(METALS) if args.full else ["Al"])
    kinds = args.problem or (list(PROBLEMS) if args.full else ["vacancy"])
    methods = args.methods or list(METHODS if args.full else DEFAULT_METHODS)
    args.out.mkdir(parents=True, exist_ok=True)
    studies, patched = {}, {}
    for kind in kinds:
        for metal in metals:
            plan = FULL if args.full else SMALL
            study, forces = run(metal, kind, methods, plan, args.directory)
            studies[metal, kind], patched[f"{metal}-{kind}"] = study, forces
            study.write(args.out / f"metals-{metal}-{kind}.json")
    (args.out / "metals-patch.json").write_text(json.dumps(patched, indent=1) + "\n")
    draw(studies, args.out / "metals.png")


if __name__ == "__main__":
    main()
