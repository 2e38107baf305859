"""The command line: what it prints and writes, its exit status, and refusals in one line."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import tomllib
from importlib import import_module
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from paths import ROOT

import qcmethod as qc
from qcmethod import cli
from qcmethod.cli.setup import ProblemOptions, miller
from qcmethod.errors import InputError

CHAIN = ("patch-test", "--potential", "LJ", "--structure", "chain")


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli.main, [str(a) for a in arguments])


def fresh(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, cwd=ROOT)


# --- the group


def test_version_and_help() -> None:
    assert run("--version").output == f"qcmethod, version {qc.__version__}\n"
    shown = run("--help").output
    assert all(name in shown for name in cli.COMMANDS) and "patch-test" in shown
    for name in cli.COMMANDS:
        assert run(name, "--help").exit_code == 0


def test_python_m_is_the_same_command() -> None:
    done = fresh("-m", "qcmethod", "--version")
    assert done.stdout == f"qcmethod, version {qc.__version__}\n" and done.returncode == 0


def test_help_loads_no_number_crunching() -> None:
    code = "import sys; from qcmethod.cli import main; main(['--help'], standalone_mode=False); "
    loaded = fresh("-c", code + "print(*sys.modules)").stdout.splitlines()[-1].split()
    assert "click" in loaded
    assert not {"numpy", "numba", "scipy", "matplotlib", "ase"} & set(loaded)


def test_entry_points_exist() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    module, name = project["scripts"]["qcmethod"].split(":")
    assert getattr(import_module(module), name) is cli.main
    plugin = project["entry-points"]["pytest11"]["qcmethod"]
    assert hasattr(import_module(plugin), "patch_test")
    assert any(d.startswith("click") for d in project["dependencies"])


def test_list_potentials() -> None:
    shown = run("list-potentials")
    assert shown.exit_code == 0
    rows = json.loads(run("list-potentials", "--json").output)
    assert [row["name"] for row in rows] == qc.list_potentials()
    assert [line.split()[0] for line in shown.output.splitlines()[1:]] == qc.list_potentials()
    aluminium = next(row for row in rows if row["name"] == "Al-Ercolessi-1994")
    assert aluminium["structure"] == "fcc" and aluminium["cutoff"] == pytest.approx(5.558, abs=1e-3)


# --- patch-test


def test_patch_test_prints_the_table_of_each_method_and_a_summary(tmp_path) -> None:
    done = run(*CHAIN, "--method", "qce,bqcf", "--json", tmp_path / "a.json")
    assert done.exit_code == 0
    assert "Patch test of qce" in done.output and "Patch test of bqcf" in done.output
    summary = done.output[done.output.index("Largest ghost force") :].splitlines()
    assert summary[2].endswith("passes: no") and summary[3].endswith("passes: every gradient")
    data = json.loads((tmp_path / "a.json").read_text())
    crystal = qc.Crystal.chain(qc.load_potential("LJ"))
    problem = qc.vacancy(crystal, extent=60.0 * crystal.potential.cutoff)
    for method, found in zip(("qce", "bqcf"), data["reports"], strict=True):
        report = qc.patch_test(qc.couple(problem, method, core=7.5, blend=7.5))
        assert found == json.loads(json.dumps(report.as_dict()))


def test_all_methods_but_the_one_that_needs_no_coupling() -> None:
    done = run("patch-test", "--potential", "toy2d-c10", "--method", "all", "--extent", 25)
    assert done.exit_code == 0
    for method in ("local", "qce", "gfc", "bqce", "bgfc", "qcf", "bqcf"):
        assert f"Patch test of {method}:" in done.output
    assert "Patch test of atomistic" not in done.output


def test_a_method_that_cannot_serve_is_named_and_the_others_go_on(monkeypatch) -> None:
    from qcmethod.coupling import couple as assembly

    couple = assembly.couple

    def refuse(problem, method, **options):
        if method == "gfc":
            raise qc.errors.CouplingError("core", 1.0, "a plane interface")
        return couple(problem, method, **options)

    monkeypatch.setattr(assembly, "couple", refuse)
    done = run(*CHAIN, "--method", "all")
    assert done.exit_code == 0
    assert "gfc cannot serve this problem: core: got 1.0, expected a plane interface" in done.output
    assert "Patch test of bqcf" in done.output
    assert run(*CHAIN, "--method", "gfc").exit_code == 2


def test_check_decides_the_exit_status() -> None:
    assert run(*CHAIN, "--method", "qcf", "--check").exit_code == 0
    assert run(*CHAIN, "--method", "qce").exit_code == 0
    assert run(*CHAIN, "--method", "qce", "--check").exit_code == 1
    assert run(*CHAIN, "--method", "qce", "--check", "--tolerance", "0.1").exit_code == 1  # vacuous
    assert run(*CHAIN, "--method", "gfc", "--check").exit_code == 1
    assert run(*CHAIN, "--method", "gfc", "--check", "--at", "reference").exit_code == 0


def test_files_of_one_and_of_several_methods(tmp_path) -> None:
    one = run(*CHAIN, "--method", "qce", "--plot", tmp_path / "m.png", "--vtu", tmp_path / "m.vtu")
    assert one.exit_code == 0 and f"wrote {tmp_path / 'm.png'}" in one.output
    several = run(
        *CHAIN, "--method", "qce,qcf", "--xyz", tmp_path / "m.xyz", "--gradient", "stretch"
    )
    assert several.exit_code == 0
    assert {p.name for p in tmp_path.iterdir()} == {"m.png", "m.vtu", "m-qce.xyz", "m-qcf.xyz"}
    assert "gradient=stretch" in (tmp_path / "m-qce.xyz").read_text().splitlines()[1]


def test_a_file_of_the_user(tmp_path) -> None:
    table = tmp_path / "mine.eam.alloy"
    qc.write_setfl(table, qc.load_potential("Al-Ercolessi-1994"))
    done = run(
        "patch-test", "--potential", table, "--element", "Al", "--structure", "fcc", "--problem",
        "vacancy", "--method", "bqcf", "--core", 12, "--blend", 8, "--extent", 60, "--check",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "fcc" in done.output and "bqcf passes at every gradient" in done.output
    wrong = run("patch-test", "--potential", table, "--element", "Cu")
    assert wrong.exit_code == 2 and "element" in wrong.output


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--potential", "Al-Ercolesi-1994"], "Al-Ercolessi-1994"),
        (["--potential", "LJ", "--structure", "chain", "--method", "qcx"], "qcf"),
        (["--potential", "LJ", "--structure", "chain", "--method", ","], "method"),
        (["--potential", "LJ", "--structure", "chain", "--plane", "111"], "plane"),
        (["--potential", "LJ", "--structure", "chain", "--KI", "1"], "KI"),
        (["--potential", "LJ", "--structure", "chain", "--problem", "crack"], "crystal"),
        (["--potential", "LJ", "--structure", "chain", "--core", "0.1"], "core"),
        (["--potential", "LJ", "--structure", "chain", "--tolerance", "-1"], "tolerance"),
        (["--potential", "LJ", "--structure", "chain", "--magnitude", "1"], "magnitude"),
        (["--potential", "LJ", "--structure", "chain", "--extent", "0"], "extent: got 0.0"),
        (
            ["--potential", "LJ", "--structure", "chain", "--gradient", "x", "--xyz", "x.xyz"],
            "half stretch",
        ),
        (["--potential", "LJ", "--structure", "chain", "--json", "no/a.json"], "folder"),
        (["--potential", "LJ", "--structure", "chain", "--plot", "a.gif"], ".png"),
        (["--potential", "Al-Ercolessi-1994", "--plane", "1,2"], "Miller"),
        (["--potential", "Al-Ercolessi-1994", "--plane", "111", "--front", "111"], "front"),
        (["--potential", "Al-Ercolessi-1994", "--F", "1", "1", "0"], "--KI"),
        (["--potential", "toy2d-c10", "--F", "1.3", "1.3", "0"], "unstable"),
    ],
)
def test_refusals_are_one_line_with_status_2(arguments, says, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = run("patch-test", *arguments)
    assert done.exit_code == 2
    last = done.output.splitlines()[-1]
    assert last.startswith("Error: ") and says in last
    assert "Traceback" not in done.output and list(tmp_path.iterdir()) == []


def test_usage_errors_have_status_2() -> None:
    assert run("patch-test").exit_code == 2
    assert run("no-such-command").exit_code == 2
    assert run("patch-test", "--potential", "LJ", "--structure", "hcp").exit_code == 2


def test_a_table_that_names_no_structure_needs_one(tmp_path) -> None:
    setup = ProblemOptions("x", *[None] * 7, 3, None, None, None)
    card = tmp_path / "card.eam.alloy"
    qc.write_setfl(card, qc.load_potential("Al-Ercolessi-1994"))
    text = card.read_text().replace(" fcc", " hcp")
    card.write_text(text)
    with pytest.raises(InputError, match="structure"):
        ProblemOptions(**{**vars(setup), "potential": str(card)}).crystal()


def test_an_interrupt_has_a_status_of_its_own(monkeypatch) -> None:
    from qcmethod.coupling import couple as assembly

    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(assembly, "couple", stop)
    done = run(*CHAIN, "--method", "qce")
    assert done.exit_code == 130 and done.stderr == "interrupted\n"


@pytest.mark.parametrize("lost", [False, True])
def test_ctrl_c_is_never_lost(monkeypatch, lost) -> None:
    """Not where it is raised in a destructor, whose exceptions Python prints and forgets."""
    from qcmethod.coupling import couple as assembly

    def stop(*_, **__):
        try:
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(10)
        except KeyboardInterrupt:
            if not lost:
                raise
        raise InputError("extent", 1, "another one")

    before = signal.getsignal(signal.SIGINT)
    monkeypatch.setattr(assembly, "couple", stop)
    done = run(*CHAIN, "--method", "qce")
    assert done.exit_code == 130 and done.stderr == "interrupted\n"
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.parametrize("wrong", [("--cor", "3"), ("--core", "x" * 10**5), ("--core",), ("x",)])
def test_a_wrong_option_is_a_line(wrong) -> None:
    done = run(*CHAIN, *wrong)
    (line,) = done.stderr.splitlines()
    assert done.exit_code == 2 and line.startswith("Error: ") and len(line) < 5000


def test_a_folder_that_cannot_be_written_to_is_a_line(monkeypatch, tmp_path) -> None:
    from qcmethod.analysis.patch import PatchReport

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(PatchReport, "write", full)
    done = run(*CHAIN, "--method", "qce", "--xyz", tmp_path / "a.xyz")
    assert done.exit_code == 2 and done.output.splitlines()[-1].endswith("No space left on device")


# --- the problem that is meant


def test_defaults_are_those_of_the_crystal() -> None:
    def problem(potential: str, **given) -> qc.Problem:
        base = ProblemOptions(potential, *[None] * 7, 3, None, None, None)
        return ProblemOptions(**{**vars(base), **given}).build()

    fcc = problem("Al-Ercolessi-1994")
    assert fcc.name == "crack" and fcc.loads["KI"] == pytest.approx(0.4132, abs=1e-4)
    axes = fcc.crystal.lattice.axes
    for direction, row in (((1, 1, -2), 0), ((1, 1, 1), 1), ((1, -1, 0), 2)):
        unit = [h / sum(k * k for k in direction) ** 0.5 for h in direction]
        assert axes[row] == pytest.approx(unit)
    assert problem("Al-Ercolessi-1994", plane="111", front="11-2").crystal.lattice.axes[
        0
    ] == pytest.approx([-(0.5**0.5), 0.5**0.5, 0.0])
    assert problem("toy2d-c10").name == "vacancy"
    row = problem("toy2d-c10", problem="microcrack", vacancies=5, F=(1.0, 1.02, 0.03))
    assert len(row.removed) == 5 and row.predictor.F[0].tolist() == [1.0, 0.03, 0.0]
    assert row.predictor.F[1, 1] == 1.02


@pytest.mark.parametrize(
    ("text", "hkl"),
    [("1,-1,0", (1, -1, 0)), ("111", (1, 1, 1)), ("[1-10]", (1, -1, 0)), ("(11-2)", (1, 1, -2)),
     ("1 1 -12", (1, 1, -12)), ("<001>", (0, 0, 1))],
)  # fmt: skip
def test_miller_indices(text, hkl) -> None:
    assert miller("plane", text) == hkl


@pytest.mark.parametrize(
    "text", ["", "11", "1,1", "1111", "a,b,c", "1.5,0,0", "1--10", "1,1,1,1", "999999999999,1,1"]
)
def test_what_is_no_miller_triplet(text) -> None:
    with pytest.raises(InputError, match="Miller"):
        miller("plane", text)
