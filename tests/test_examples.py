"""Every example runs as a user would run it, in an empty folder, and says what it should."""

from __future__ import annotations

import re
import runpy
import sys
from pathlib import Path

import ase.io
import meshio
import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """A function that runs an example with arguments and returns what it printed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")

    def example(name: str, *arguments: str) -> str:
        monkeypatch.setattr(sys, "argv", [name, *arguments])
        runpy.run_path(str(EXAMPLES / name), run_name="__main__")
        return capsys.readouterr().out

    return example


def row(text: str, name: str) -> list[float]:
    """The numbers of the first line that starts with (the frame and) `name`."""
    line = next(part for part in text.splitlines() if part.strip(" │|").startswith(name))
    return [float(n) for n in re.findall(r"[-+]?\d+\.?\d*(?:e[-+]?\d+)?", line.split(name, 1)[1])]


def test_every_example_is_tested():
    source = Path(__file__).read_text()
    assert [p.name for p in sorted(EXAMPLES.glob("*.py")) if f'"{p.name}"' not in source] == []


def test_crack_tip_aluminium(run, tmp_path):
    """A small domain; the demo itself takes a micrometre."""
    printed = run("crack_tip_aluminium.py", "--extent", "300")
    assert row(printed, "repatoms") == [2163.0, 2163.0]
    bgfc, bqcf = row(printed, "worst ghost force of the patch test (eV/A)")
    assert bqcf < 1e-10 < bgfc < 1e-2
    assert max(row(printed, "the same at the reference state (eV/A)")) < 1e-10
    assert max(row(printed, "residual fmax (eV/A)")) <= 1e-5
    # measured; what two methods that treat the interface differently may differ by here
    assert row(printed, "largest difference in the core (A)")[0] == pytest.approx(7.22e-3, rel=0.01)
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [
        f"crack_tip_aluminium{end}" for end in (".png", ".vtu", ".xyz")
    ]
    atoms = ase.io.read(tmp_path / "out" / "crack_tip_aluminium.xyz")
    mesh = meshio.read(tmp_path / "out" / "crack_tip_aluminium.vtu")
    assert len(atoms) == 870 and len(mesh.points) == 2163
    assert mesh.field_data["excess_energy"] == pytest.approx(atoms.info["excess_energy"], abs=1e-9)


def test_crack_tip_aluminium_makes_its_folder(run, tmp_path):
    run("crack_tip_aluminium.py", "--extent=150", "--core=15", "--blend=10", "--out=a/b")
    assert len(list((tmp_path / "a" / "b").iterdir())) == 3


def test_twenty_lines(run, tmp_path):
    assert len((EXAMPLES / "twenty_lines.py").read_text().splitlines()) <= 20
    printed = run("twenty_lines.py")
    assert "bgfc passes at the reference only" in printed
    assert {p.name for p in tmp_path.iterdir()} == {"crack.vtu", "crack.png"}
    assert row(printed, "870 atoms, fmax")[0] <= 1e-5


def test_vacancy_model(run):
    """Excess energy of the infinite domain: 3.759929 (extrapolated); here a disc of 40 spacings."""
    printed = run("vacancy_model.py", "--extent", "40")
    atomistic, *blended = [
        [float(word) for word in line.split()[1:]] for line in printed.splitlines()[1:]
    ]
    assert atomistic[1] == pytest.approx(3.759929, abs=1e-4)
    assert atomistic[1] == pytest.approx(3.75995627, abs=1e-7)
    for _, repatoms, energy, error in blended:
        assert repatoms < atomistic[0]
        assert energy == pytest.approx(atomistic[1], abs=2e-5)
        assert error < 3e-5
    assert [row[2] for row in blended] == pytest.approx(
        [3.7599662, 3.75995539, 3.75995516], abs=1e-7
    )


def test_ghost_forces(run):
    printed = run("ghost_forces.py")
    worst = {name: row(printed, name) for name in ("qce ", "bqce", "gfc", "bgfc", "qcf", "bqcf")}
    for name in ("qcf", "bqcf"):
        assert worst[name][1] < 1e-10
    for name in ("gfc", "bgfc"):
        assert worst[name][2] < 1e-10 < worst[name][1]
    assert worst["qce "][1] == pytest.approx(0.182, rel=0.01)
    assert worst["bqce"][1] == pytest.approx(9.38e-3, rel=0.01)


def test_convergence_model_problem(run, tmp_path):
    printed = run("convergence_model_problem.py", "--case", "vacancy", "--sizes", "3", "6")
    assert (tmp_path / "convergence.png").exists()
    nodes, error, more_nodes, smaller_error, rate = row(printed, "gfc")
    assert (nodes, more_nodes) == (259, 563)
    assert [error, smaller_error, rate] == pytest.approx([0.0827, 0.0410, -0.90], rel=0.02)
    assert row(printed, "qce")[-1] == pytest.approx(0.0, abs=0.05)  # the plateau
