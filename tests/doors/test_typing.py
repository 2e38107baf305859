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


NAMES = """
import qcmethod as qc

problem = qc.vacancy(qc.Crystal.hex2d(qc.load_potential("toy2d-c10")), extent=13.0)
solution = qc.relax(qc.couple(problem, "bgfc", 4.0, 4.0, blending="cubic", elements="P1"))
qc.couple(problem, qc.Name("one-of-mine"), 4.0)
qc.couple(problem, qc.Coupling("bqcf", 4.0, 4.0))
qc.compare(problem, ["bgfc", "bqcf"], [4.0])
qc.adapt(problem, indicator="zz")
solution.plot(measure="von_mises")
for name in ("bgfc", "qcf"):
    qc.couple(problem, qc.Name(name), 4.0, 4.0)
"""

WRONG_NAMES = """
import qcmethod as qc

problem = qc.vacancy(qc.Crystal.hex2d(qc.load_potential("toy2d-c10")), extent=13.0)
solution = qc.relax(qc.couple(problem, "bgcf", 4.0, 4.0))
qc.couple(problem, "bgfc", 4.0, blending="quintc")
qc.couple(problem, "bgfc", 4.0, elements="P3")
qc.couple(problem, "bgfc", 4.0, corr=4.0)
qc.compare(problem, ["bgcf"], [4.0])
qc.adapt(problem, indicator="zzz")
solution.plot(measure="von_mieses")
qc.ramp(problem, "bfgc")
"""


@pytest.mark.slow
def test_the_names_of_a_script_are_known(tmp_path):
    assert [line for line in checked(tmp_path, NAMES) if "error" in line] == []


@pytest.mark.slow
def test_a_wrong_name_is_seen(tmp_path):
    lines = [line for line in checked(tmp_path, WRONG_NAMES) if "error" in line]
    assert {int(line.split(":")[1]) for line in lines} == {5, 6, 7, 8, 9, 10, 11, 12}


def test_the_names_for_type_checkers_are_those_of_the_registries():
    """In a process of its own: other tests register names too."""
    script = (
        "from typing import get_args\n"
        "from qcmethod.analysis.measure import MEASURES, MeasureName\n"
        "from qcmethod.base.linear import SOLVERS\n"
        "from qcmethod.base.ramps import SHAPES\n"
        "from qcmethod.coupling.choice import Blending, SolverName\n"
        "from qcmethod.coupling.method import METHODS, MethodName\n"
        "from qcmethod.mesh.element import ELEMENTS, ElementName\n"
        "from qcmethod.studies.adapt.indicator import INDICATORS, RESIDUAL, IndicatorName\n"
        "for names, found in ((MethodName, METHODS), (MeasureName, MEASURES), "
        "(ElementName, ELEMENTS), (SolverName, SOLVERS), "
        "(IndicatorName, [RESIDUAL, *INDICATORS]), (Blending, [*SHAPES, 'min-hessian'])):\n"
        "    assert sorted(get_args(names)) == sorted(found), (names, list(found))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
