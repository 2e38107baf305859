"""`qcmethod patch-test`: the ghost-force audit of a potential, a crystal and a coupling."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from qcmethod.base.version import __version__
from qcmethod.cli.options import CouplingOptions, ProblemOptions, coupling_options, problem_options
from qcmethod.errors import InputError

if TYPE_CHECKING:
    from qcmethod.analysis.patch import PatchReport
    from qcmethod.problems.problem import Problem

_FILE = click.Path(dir_okay=False, path_type=Path)
_ALL = 'Names separated by commas, or "all": all but atomistic.'
_CHECK = "Exit with status 1 unless every method passes (see --at)."
_GRADIENT = "Of --plot, --xyz and --vtu: a name in the table. [default: the worst]"


@click.command("patch-test")
@problem_options
@coupling_options
@click.option("--method", "names", default="all", show_default=True, help=_ALL)
@click.option("--magnitude", type=float, default=0.02, show_default=True, help="Strain.")
@click.option("--seed", type=int, default=None, help="Of the random gradients.")
@click.option("--tolerance", type=float, default=1e-10, show_default=True, help="eV/Angstrom.")
@click.option("--check", is_flag=True, help=_CHECK)
@click.option("--at", type=click.Choice(["every gradient", "reference"]), default="every gradient")
@click.option("--gradient", help=_GRADIENT)
@click.option("--json", "as_json", type=_FILE, help="Write all figures.")
@click.option("--plot", "picture", type=_FILE, help="Draw the map (.png, .pdf, .svg).")
@click.option("--xyz", type=_FILE, help="Write the repatoms for OVITO.")
@click.option("--vtu", type=_FILE, help="Write the mesh for ParaView.")
def patch_test(
    setup: ProblemOptions,
    zones: CouplingOptions,
    names: str,
    magnitude: float,
    seed: int | None,
    tolerance: float,
    check: bool,
    at: str,
    gradient: str | None,
    as_json: Path | None,
    picture: Path | None,
    xyz: Path | None,
    vtu: Path | None,
) -> None:
    """Ghost forces of coupling methods on perfect crystal under a battery of uniform strains.

    \b
    qcmethod patch-test --potential Al-Ercolessi-1994 --method all
    qcmethod patch-test --potential my.eam.alloy --element Al --structure fcc --plot map.png
    qcmethod patch-test --potential W-Zhou-2004 --method bqcf --check

    With several methods the files of each have its name: map-qce.png.
    """
    from qcmethod.analysis.patch import SEED
    from qcmethod.analysis.patch import patch_test as audit
    from qcmethod.base.registry import Name
    from qcmethod.coupling.couple import couple
    from qcmethod.coupling.method import METHODS, find_method

    every = names.strip().lower() == "all"
    methods = [m for m in METHODS if m != "atomistic"] if every else _split(names)
    for name in methods:
        find_method(name)
    _require_files(as_json, picture, xyz, vtu)
    problem = setup.build()
    seeded = SEED if seed is None else seed
    reports: list[PatchReport] = []
    refused: dict[str, str] = {}
    for name in methods:
        try:
            system = couple(problem, Name(name), **zones.keywords(problem))
            report = audit(system, tolerance=tolerance, magnitude=magnitude, seed=seeded)
        except InputError as error:
            if not every or (name == methods[-1] and not reports):
                raise
            refused[name] = str(error)
            continue
        reports.append(report)
        click.echo(f"{report}\n")
        for path in (xyz, vtu):
            if path is not None:
                click.echo(f"wrote {report.write(_of(path, name, methods), gradient)}")
        if picture is not None:
            click.echo(f"wrote {report.plot(_of(picture, name, methods), gradient)}")
    for name, why in refused.items():
        click.echo(f"{name} cannot serve this problem: {why}")
    if len(reports) > 1:
        click.echo(_side_by_side(problem, reports))
    if as_json is not None:
        _write_json(as_json, reports)
    if check and not all(passes_at(report, at) for report in reports):
        click.get_current_context().exit(1)


def passes_at(report: PatchReport, at: str) -> bool:
    """Whether a test passes, and not for want of anything to find."""
    from qcmethod.testing import failure

    return failure(report, at) is None


def _split(names: str) -> list[str]:
    methods = [name.strip() for name in names.split(",") if name.strip()]
    if not methods:
        raise InputError("method", names, "a method, or several separated by commas", "all")
    return list(dict.fromkeys(methods))


def _require_files(*paths: Path | None) -> None:
    """Refuse a suffix or a folder before anything is computed."""
    from qcmethod.base.files import PICTURES, checked

    suffixes = [[".json"], PICTURES, [".extxyz", ".xyz"], [".vtu"]]
    for path, known in zip(paths, suffixes, strict=True):
        if path is not None:
            checked(path, known)


def _of(path: Path, method: str, methods: list[str]) -> Path:
    """The file of one method out of several."""
    return path if len(methods) == 1 else path.with_name(f"{path.stem}-{method}{path.suffix}")


def _side_by_side(problem: Problem, reports: list[PatchReport]) -> str:
    """One line a method; forces in eV/A."""
    lines = [f"Largest ghost force (eV/A), {problem.crystal.potential.name}, {problem.name}"]
    wide = max(len(r.method) for r in reports) + 1
    head = f"{'repatoms':>9}{'reference':>11}{'battery':>10}{'predictor':>11}"
    lines.append(f"  {'method':{wide}}{head}")
    for r in reports:
        passes = "every gradient" if r.passes else "reference" if _at_reference(r) else "no"
        count = r.tested.n_repatoms
        forces = f"{r.at_reference:11.1e}{r.worst:10.1e}{r.predictor:11.1e}"
        lines.append(f"  {r.method:{wide}}{count:9d}{forces}   passes: {passes}")
    return "\n".join(lines)


def _at_reference(report: PatchReport) -> bool:
    row = report.reference
    return row is not None and row.passes and row.name not in report.vacuous


def _write_json(path: Path, reports: list[PatchReport]) -> None:
    from qcmethod.base.files import write_json

    content = {"qcmethod": __version__, "reports": [report.as_dict() for report in reports]}
    click.echo(f"wrote {write_json(path, content)}")
