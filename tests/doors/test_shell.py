"""The main job from the shell: run, resume, info, convert, plot, init; and what it says."""

from __future__ import annotations

import ast
import json
import re
import runpy
import signal
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import ase.io
import meshio
import numpy as np
import pytest
from click.testing import CliRunner, Result
from paths import ROOT

import qcmethod as qc
from qcmethod import cli
from qcmethod.cli.hints import PYTHON, in_shell, refusal
from qcmethod.cli.run import change
from qcmethod.errors import InputError
from qcmethod.problems.example import EXAMPLES

DEMO = ROOT / "examples" / "crack_tip_aluminium.toml"
JOB = """
[potential]
source = "toy2d-c10"
[crystal]
structure = "hex2d"
[problem]
kind = "vacancy"
extent = 15.0
[coupling]
method = "bqcf"
core = 4.0
blend = 3.0
[relax]
fmax = 1e-3
[output]
files = ["result.npz"]
"""


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli.main, [str(a) for a in arguments])


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder with a job in it, where the shell is."""
    (tmp_path / "job.toml").write_text(JOB)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refused(*arguments: str | Path) -> str:
    done = run(*arguments)
    assert done.exit_code == 2 and "Traceback" not in done.output
    last = done.output.splitlines()[-1]
    assert last.startswith("Error: ")
    return last


# --- a job, its result, and the result again


def test_a_job_is_done_and_its_result_says_how_to_make_it_again(folder: Path) -> None:
    done = run("run", "job.toml")
    assert done.exit_code == 0 and "wrote job/result.npz" in done.output
    assert "fmax" in done.stderr and "excess_energy" not in done.output  # a method of forces
    recipe = run("info", "job/result.npz", "--recipe")
    assert recipe.exit_code == 0
    (folder / "again.toml").write_text(recipe.stdout + '\n[output]\nfiles = ["a.npz"]\n')
    assert run("run", "again.toml", "--quiet").stderr == ""
    first, second = (qc.load(folder / name) for name in ("job/result.npz", "again/a.npz"))
    np.testing.assert_array_equal(first.u, second.u)
    shown = run("info", "job/result.npz").output
    assert "Solution(System(vacancy, bqcf" in shown and re.search(r"core +4 +A", shown)
    assert "lattice constant (A)" in run("info", "job.toml").output


def test_a_key_is_changed_on_the_command_line(folder: Path) -> None:
    options = ("--set", "coupling.method=bqce", "--set", "problem.F=[[1.01, 0], [0, 1]]")
    assert run("run", "job.toml", *options, "--folder", "other").exit_code == 0
    kept = tomllib.loads((folder / "other" / "run.toml").read_text())
    assert kept["coupling"]["method"] == "bqce" and kept["problem"]["F"] == [[1.01, 0], [0, 1]]
    assert change("a.b=1e3") == ("a.b", 1000.0) and change("a.b=[1") == ("a.b", "[1")
    assert "TABLE.KEY" in refused("run", "job.toml", "--set", "method=bqce")
    assert "Try: core" in refused("run", "job.toml", "--set", "coupling.coer=3")
    assert not (folder / "job").exists()


def test_a_result_is_converted_and_drawn(folder: Path) -> None:
    run("run", "job.toml")
    for name in ("a.vtu", "a.xyz", "a.png", "a.npz"):
        assert run("convert", "job/result.npz", name).stdout == f"wrote {name}\n"
    assert run("plot", "job/result.npz", "-o", "b.pdf").stdout == "wrote b.pdf\n"
    assert run("plot", "job/result.npz").stdout == "wrote job/result.png\n"
    solution = qc.load(folder / "job" / "result.npz")
    assert len(ase.io.read(folder / "a.xyz")) == len(solution.to_atoms())
    assert len(meshio.read(folder / "a.vtu").points) == solution.system.n_repatoms
    assert ".vtu" in refused("convert", "job/result.npz", "a.gif")
    assert ".png" in refused("plot", "job/result.npz", "-o", "a.vtu")
    assert "dpi: got 1" in refused("plot", "job/result.npz", "--dpi", "1")
    assert "path" in refused("info", "no.npz")


def test_atoms_for_lammps_lie_in_their_box(tmp_path: Path) -> None:
    crack = EXAMPLES["crack"]()
    cutoff = crack.crystal.potential.cutoff
    solution = qc.relax(qc.couple(crack, "bgfc", 3.0 * cutoff, cutoff), 1e-2)
    solution.write(tmp_path / "a.data")
    found, ours = ase.io.read(tmp_path / "a.data", format="lammps-data"), solution.to_atoms()
    assert len(found) == len(ours) and "W" in set(found.symbols)
    assert found.get_masses() == pytest.approx(ours.get_masses(), rel=1e-6)
    inside = found.get_scaled_positions(wrap=False)
    assert (inside >= 0.0).all() and (inside < 1.0).all()
    assert found.cell[2, 2] == pytest.approx(crack.crystal.lattice.period)
    apart = (found.positions - ours.positions)[:, :2]
    assert np.ptp(apart, axis=0) == pytest.approx(0.0, abs=1e-9)  # moved as one


RAMP = """
[ramp]
shear = {{ from = 0, to = {last}, by = 20 }}
fmax = 1e-4
[output]
files = ["result.json"]
"""


def ramp_job(last: int) -> str:
    made = run("init", "dislocation")
    return made.stdout.split("[relax]")[0].rsplit("#", 1)[0] + RAMP.format(last=last)


def test_a_run_that_was_interrupted_goes_on(folder: Path) -> None:
    (folder / "ramp.toml").write_text(ramp_job(40))
    assert run("run", "ramp.toml", "--quiet").exit_code == 0
    log = folder / "ramp" / "log.jsonl"
    lines = log.read_text().splitlines(keepends=True)
    log.write_text(lines[0])  # as if it had been killed after the first step
    done = run("resume", "ramp")
    assert done.exit_code == 0 and "wrote ramp/result.json" in done.output
    steps = [line.split()[0] for line in done.stderr.splitlines() if "accepted" in line]
    assert steps == ["1", "2"] and len(log.read_text().splitlines()) == len(lines)
    once_more = run("run", "ramp.toml")  # it is finished: it is read
    assert once_more.exit_code == 0 and "accepted" not in once_more.stderr
    assert "run.toml" in refused("resume", "nowhere")


@pytest.mark.slow
def test_a_run_that_was_killed_goes_on(folder: Path) -> None:
    (folder / "ramp.toml").write_text(ramp_job(160))
    log = folder / "ramp" / "log.jsonl"
    going = subprocess.Popen([sys.executable, "-m", "qcmethod", "run", "ramp.toml", "--quiet"])
    for _ in range(3000):
        if log.exists() or going.poll() is not None:
            break
        time.sleep(0.02)
    going.send_signal(signal.SIGKILL)
    going.wait()
    before = log.read_text().splitlines()
    done = run("resume", "ramp")
    assert done.exit_code == 0 and "wrote ramp/result.json" in done.output
    assert log.read_text().splitlines()[: len(before)] == before  # nothing is done again
    steps = json.loads((folder / "ramp" / "result.json").read_text())["trials"]
    assert [step["load"] for step in steps] == list(range(0, 161, 20))
    assert run("info", "ramp").output.count("accepted") == 9


def test_another_job_in_the_same_folder_is_refused(folder: Path) -> None:
    (folder / "ramp.toml").write_text(ramp_job(20))
    assert run("run", "ramp.toml", "--quiet").exit_code == 0
    assert "fmax" in refused("run", "ramp.toml", "--set", "ramp.fmax=1e-3")
    assert "these are numbers" in refused("plot", "ramp/result.json")


def test_init_names_the_problems_and_writes_jobs() -> None:
    assert run("init").stdout.split("\n")[:-1] == list(EXAMPLES)
    assert tomllib.loads(run("init", "flat punch").stdout)["problem"]["shape"] == "flat"
    assert "Try: crack" in refused("init", "carck")
    assert "relax" in refused("init", "crack", "--task", "relaxx")


def test_a_study_of_the_shell_says_how_to_make_it_again(folder: Path) -> None:
    job = JOB.split("[coupling]")[0]
    compared = '[compare]\nmethods = ["bqcf"]\ncores = [4.0]\n[output]\nfiles = ["found.json"]\n'
    (folder / "study.toml").write_text(job + compared)
    assert run("run", "study.toml", "--quiet").exit_code == 0
    recipe = tomllib.loads(run("info", "study", "--recipe").stdout)
    assert recipe["compare"] == {"methods": ["bqcf"], "cores": [4.0]}
    assert (
        "bqcf" in run("info", "study").output and "bqcf" in run("info", "study/found.json").output
    )
    own = ("--set", 'output.files=["study.json"]')
    assert "another name" in refused("run", "study.toml", *own)
    assert run("plot", "study").stdout == "wrote study.png\n"


def test_methods_are_listed() -> None:
    lines = run("list-methods").output.splitlines()[1:]
    assert {line.split()[0] for line in lines} >= {"bgfc", "bqcf", "qnl", "cluster-force"}


# --- the demo


def differences(folder: Path, *options: str) -> tuple[qc.Solution, qc.Solution, float]:
    """What the demo's job finds by both methods, and how far they differ in the core, A."""
    found = []
    for method in ("bgfc", "bqcf"):
        where = str(folder / method)
        both = ("--set", f"coupling.method={method}", "--folder", where, "--quiet", *options)
        assert run("run", DEMO, *both).exit_code == 0
        found.append(qc.load(folder / method / "solution.npz"))
    demo = runpy.run_path(str(DEMO.with_suffix(".py")))
    return found[0], found[1], demo["core_difference"](*found)


def test_the_demo_of_the_shell_is_that_of_the_script(tmp_path: Path) -> None:
    """In the small domain of `test_examples`; below, as it stands."""
    demo, job = runpy.run_path(str(DEMO.with_suffix(".py"))), tomllib.loads(DEMO.read_text())
    asked = [job["potential"]["source"], job["problem"]["KI"], job["problem"]["extent"]]
    asked += [job["coupling"]["core"], job["coupling"]["blend"], job["relax"]["fmax"]]
    assert asked == [demo[name] for name in ("POTENTIAL", "KI", "EXTENT", "CORE", "BLEND", "FMAX")]
    bgfc, bqcf, apart = differences(tmp_path, "--set", "problem.extent=300")
    assert bgfc.system.n_repatoms == bqcf.system.n_repatoms == 2163
    assert apart == pytest.approx(7.22e-3, rel=0.01)
    assert {p.suffix for p in (tmp_path / "bgfc").iterdir()} == {
        ".npz",
        ".vtu",
        ".xyz",
        ".png",
        ".toml",
    }


@pytest.mark.slow
def test_the_demo_as_it_stands(tmp_path: Path) -> None:
    bgfc, bqcf, apart = differences(tmp_path)
    assert (bgfc.system.n_repatoms, bgfc.system.n_dof) == (2628, 7746)
    assert (bgfc.iterations, bqcf.iterations) == (9, 10)
    assert bgfc.excess_energy == pytest.approx(4699.33942, abs=1e-4)
    assert apart == pytest.approx(1.12e-2, rel=0.01)


# --- what the shell says


def test_whoever_has_read_enough_ends_a_list_in_silence() -> None:
    command = [sys.executable, "-m", "qcmethod", "list-potentials"]
    listing = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert listing.stdout is not None and listing.stderr is not None
    listing.stdout.close()  # as `head -0` does
    said = listing.stderr.read().decode()
    listing.stderr.close()
    assert listing.wait() == 1 and said == ""


def test_a_missing_file_is_no_name_of_a_card(folder: Path) -> None:
    (folder / "Al99.eam.alloy").write_text("")
    said = refused("patch-test", "--potential", "Al9.eam.alloy")
    assert f"there is none of that name in {folder}" in said and "Try: Al99.eam.alloy" in said
    assert "there is no folder no" in refused("patch-test", "--potential", "no/Al.eam")
    assert "Al-Ercolessi-1994" in refused("patch-test", "--potential", "Al-Ercolesi")


def test_an_extent_within_the_rim_is_refused_as_an_extent() -> None:
    crystal = qc.Crystal.hex2d(qc.load_potential("toy2d-c10"))
    with pytest.raises(InputError, match=r"^extent: got 2\.0, expected a radius above 2\.9 A"):
        qc.vacancy(crystal, extent=2.0)
    with pytest.raises(InputError, match=r"^rim: got 2\.5"):
        qc.vacancy(crystal, extent=2.0, rim=2.5)
    assert qc.vacancy(crystal, extent=2.0, rim=0.5).rim == 0.5


@pytest.mark.parametrize(
    ("hint", "said"),
    [
        ("Path('out').mkdir(parents=True)", "mkdir -p out"),
        ("qcmethod.list_potentials() names all", "qcmethod list-potentials names all"),
        ("qcmethod.Crystal.fcc(potential, ...)", 'structure = "fcc"'),
        ("qcmethod.vacancy(crystal, ...)", 'kind = "vacancy"'),
        ("z=(-1, 1, 0)", "z = [-1, 1, 0]"),
        ("a larger core, a larger KI, or method='atomistic'",
         "a larger core, a larger KI, or method = 'atomistic'"),
        ("KI=numpy.arange(0.4, 0.5, 0.01)", "KI = { from = 0.4, to = 0.5, by = 0.01 }"),
        ("another plane=", "another plane"),
        ("blend=11.1, or a sharp method: qce", "blend = 11.1, or a sharp method: qce"),
    ],
)  # fmt: skip
def test_hints_are_said_in_the_words_of_the_shell(hint: str, said: str) -> None:
    assert in_shell(hint) == said
    line = refusal(InputError("x", 1, "a thing", hint))
    assert line == f"x: got 1, expected a thing. Try: {said}"


def test_a_hint_that_only_python_understands_is_left_out() -> None:
    error = InputError("x", 1, "a thing", "qcmethod.units.make(crystal) or numpy.eye(3)")
    assert refusal(error) == "x: got 1, expected a thing"


def test_no_hint_of_the_package_speaks_python_in_the_shell() -> None:
    """Every text with which the source ends a refusal, said as the shell says it."""
    for file in sorted((ROOT / "qcmethod").rglob("*.py")):
        for text in hints(ast.parse(file.read_text())):
            line = refusal(InputError("x", 1, "a thing", text))
            said = line.removeprefix("x: got 1, expected a thing").removeprefix(". Try: ")
            assert not PYTHON.search(said), (file, text, said)


def hints(tree: ast.AST) -> list[str]:
    """Texts that are called `hint`, or the fourth argument of an error; {...} where they vary."""
    found: list[ast.expr] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and any(
            getattr(t, "id", "") == "hint" for t in node.targets
        ):
            found.append(node.value)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "").endswith("Error"):
            found += node.args[3:4]
    return [text(value) for value in found if isinstance(value, ast.Constant | ast.JoinedStr)]


def text(value: ast.expr) -> str:
    if isinstance(value, ast.JoinedStr):
        return "".join(text(part) for part in value.values)
    return str(value.value) if isinstance(value, ast.Constant) else "3"
