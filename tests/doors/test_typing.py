"""`py.typed`: a type checker sees the types of the package in a user's script, and its mistakes."""

from __future__ import annotations

import subprocess
import sys

import pytest
from paths import ROOT

pytest.importorskip("mypy")

SCRIPT = """
import qcmethod as qc

potential = qc.load_potential("Al-Ercolessi-1994")
crystal = qc.Crystal.fcc(potential, x=(1, 1, -2), y=(1, 1, 1), z=(1, -1, 0))
system = qc.couple(qc.crack(crystal, KI=0.43, extent=1e3), "bgfc", core=12.0, blend=8.0)
solution = qc.relax(system, fmax=1e-4)
reveal_type(solution)
reveal_type(solution.u)
reveal_type(solution.tip)
reveal_type(qc.patch_test(system))
"""

WRONG = """
import qcmethod as qc

qc.load_potential(3.0)
qc.relax(7)
qc.Crystal.fcc("Al-Ercolessi-1994")
"""


def checked(tmp_path, script):
    """What mypy says of a script that only imports the installed package."""
    file = tmp_path / "script.py"
    file.write_text(script)
    command = [sys.executable, "-m", "mypy", "--cache-dir", str(tmp_path / "cache")]
    command += ["--python-version", "3.12", "--config-file", str(ROOT / "pyproject.toml")]
    done = subprocess.run([*command, str(file)], capture_output=True, text=True, cwd=tmp_path)
    return [line for line in done.stdout.splitlines() if "script.py:" in line]


@pytest.mark.slow
def test_the_types_of_a_script_are_known(tmp_path):
    said = " ".join(checked(tmp_path, SCRIPT))
    for shown in ("solution.Solution", "ndarray", "float | None", "PatchReport"):
        assert shown in said
    assert "error" not in said


@pytest.mark.slow
def test_the_mistakes_of_a_script_are_seen(tmp_path):
    lines = [line for line in checked(tmp_path, WRONG) if "error" in line]
    assert {int(line.split(":")[1]) for line in lines} == {4, 5, 6}
