"""The Python blocks of the documentation run, page by page, with smaller domains; so do the
commands of the page of the command line, and what it says of their exit status holds."""

from __future__ import annotations

import re
import shlex
import tomllib

import pytest
from click.testing import CliRunner
from paths import ROOT

from qcmethod import cli

DOCS = ROOT / "docs"

# What is replaced to run the blocks of a page in seconds.
SMALLER: dict[str, dict[str, str]] = {
    "architecture": {},
    "alloys": {"extent=2000.0": "extent=70.0"},
    "command_line": {},
    "coming_from": {},
    "scorecard": {},
    "quickstart": {
        "extent=5000.0": "extent=150.0",
        "extent=2000.0": "extent=80.0",
        "core=4 *": "core=2 *",
        "core=6 *": "core=3 *",
    },
    "crack": {
        "extent=1e4": "extent=100.0",
        "core=25.0, blend=15.0": "core=15.0, blend=8.0",
        "extent=1000.0": "extent=200.0",
        "KI=[0.38, 0.385], KII=[0.10, 0.1013]": "KI=[0.38], KII=[0.10]",
    },
    "elasticity": {},
    "faq": {"extent=200.0": "extent=60.0"},
    "lammps": {"extent=1.4e4": "extent=150.0", "core=20.0, blend=12.0": "core=10.0, blend=6.0"},
    "patch_test": {
        "extent=5000.0": "extent=100.0",
        "core=25.0, blend=15.0": "core=12.0, blend=8.0",
    },
    "space": {
        "extent=1.5e4": "extent=60.0",
        "radius=10.0": "radius=4.0",
        "core=26.0": "core=8.0",
        "to_atoms(30.0)": "to_atoms(10.0)",
        "extent=100.0, period=68.0": "extent=50.0, period=24.0",
        "core=14.0": "core=9.0",
        "1e-4": "1e-2",
        "34.0": "12.0",
    },
    "stability": {},
    "tabulated_law": {"extent=1e4": "extent=150.0"},
}
SLOW: dict[str, dict[str, str]] = {
    "dislocations": {"extent=1e4": "extent=300.0", "core=25.0": "core=20.0", ", 1000]": "]"},
    "indentation": {"extent=1e4": "extent=300.0", "15.0, 0.5": "3.0, 1.0", "ramp.events[0]": ""},
    "adaptive": {"tolerance=0.03": "tolerance=0.06"},
    "arc": {
        "extent=40.0": "extent=28.0",
        "KI=1.62": "KI=1.88",
        "periods=2": "periods=0.2",
        "solution(20)": "solution(2)",
    },
    "compare": {
        "[7, 10, 14, 20, 28]": "[7, 10]",
        "extent=1000.0": "extent=80.0",
        "core=70": "core=25",
        "[10, 15, 20]": "[7, 10]",
        "core + a": "core + 3.0",
        "10.0 * core + 50.0": "core + 60.0",
    },
    "cluster": {"extent=1000.0": "extent=100.0", "blend=15.0": "blend=10.0"},
    "conservation": {
        "steps=15_000": "steps=10",
        "atoms.get_potential_energy()": "",
        "extent=60.0": "extent=45.0",
        "12.0, 10.0": "8.0, 7.0",
    },
    "emission": {
        "width=2e-4": "width=5e-3",
        "extent=100.0": "extent=60.0",
        "core=20.0": "core=14.0",
    },
    "faults": {},
    "own_potential": {},
    "own_problem": {},
    "iron": {
        "extent=1000.0": "extent=60.0",
        "1.6, 0.02": "1.5, 0.08",
        "0.87, -0.02": "0.87, -0.06",
    },
    "machine_learned": {
        "qc.crack(crystal, KI=KI, extent=1e4)": "qc.vacancy(crystal, extent=40.0)",
        "core=20.0, blend=12.0": "core=8.0, blend=5.0",
        "solution.tip, ": "",
    },
    "neb": {"extent=1000.0": "extent=60.0", "core=20.0, blend=10.0": "core=12.0, blend=8.0"},
    "structure": {"width=2e-3": "width=1e-2"},
}
UNTRIED = {
    "files": "what other pages have written",
    "metals": "a fragment",
    "potentials": "tables that are not ours to ship",
}
# what is not here; a large core, for the line to stay where it is set
WITHOUT = ("my_system", "dask", "mpi4py", "executorlib", "coupling_stress", "mace", "chgnet")


def run(page: str, replaced: dict[str, str]) -> None:
    """The Python blocks of a page, one after the other, with what is replaced."""
    blocks = re.findall(r"```python\n(.*?)```", (DOCS / f"{page}.md").read_text(), flags=re.S)
    source = "\n".join(b for b in blocks if not any(name in b for name in WITHOUT))
    for written, smaller in replaced.items():
        assert written in source, f"{page}.md has no {written!r} any more"
        source = source.replace(written, smaller)
    exec(compile(source, f"{page}.md", "exec"), {})


def test_the_python_of_every_page_is_tried():
    pages = {page.stem for page in DOCS.glob("*.md") if "```python" in page.read_text()}
    assert pages == {*SMALLER, *SLOW, *UNTRIED}


@pytest.mark.parametrize("page", SMALLER)
def test_the_python_of_a_page_runs(page: str, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run(page, SMALLER[page])


@pytest.mark.slow
@pytest.mark.parametrize("page", SLOW)
def test_the_python_of_a_page_runs_slowly(page: str, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run(page, SLOW[page])


def shell(line: str) -> tuple[int, str]:
    """Exit status and output of a command, which may go to a file, or on through a pipe."""
    command, _, file = line.partition(" > ")
    words = shlex.split(command.partition(" | ")[0], comments=True)
    assert words[0] == "qcmethod"
    done = CliRunner().invoke(cli.main, words[1:])
    if file:
        with open(file, "w") as out:
            out.write(done.stdout)
    return done.exit_code, done.output


@pytest.mark.slow
def test_the_commands_of_the_command_line_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = (DOCS / "command_line.md").read_text()
    for block in re.findall(r"```toml\n(.*?)```", text, flags=re.S):
        tomllib.loads(block)
    for block in re.findall(r"```console\n(.*?)```", text, flags=re.S):
        for line, said in re.findall(r"^\$ (.*)\n((?:(?!\$ ).+\n)*)", block, flags=re.M):
            status, output = shell(line)
            expected = re.search(r"# status (\d+)", line)
            assert status == (int(expected[1]) if expected else 0), (line, output)
            for part in said.strip().split(" ... "):
                assert part in output, (line, output)
    assert {f"crack.{end}" for end in ("toml", "png", "vtu", "xyz", "data")} <= {
        path.name for path in tmp_path.iterdir()
    }


def test_every_command_is_on_the_page_of_the_command_line():
    text = (DOCS / "command_line.md").read_text()
    assert [name for name in cli.COMMANDS if f"`{name}" not in text] == []
