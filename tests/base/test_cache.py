"""Compiled kernels are kept on disk: the second run of a script compiles nothing."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from paths import ROOT

from qcmethod.base.jit import source_digest

SCRIPT = """
import json
import qcmethod as qc
from qcmethod.crystal import cauchy_born
from qcmethod.potentials.sums import site_kernel

crystal = qc.Crystal.fcc(qc.load_potential("Al-Ercolessi-1994"), (1, 1, -2), (1, 1, 1), (1, -1, 0))
problem = qc.crack(crystal, KI=0.40, extent=90.0)
for method in ("bgfc", "bqcf"):
    system = qc.couple(problem, method, core=15.0, blend=8.0)
    qc.patch_test(system)
    qc.relax(system, fmax=1e-3)
kernels = [
    cauchy_born.energy_stress, cauchy_born.tangent, site_kernel.energy_gradient,
    site_kernel.linearise, site_kernel.hessian_action,
]
print(json.dumps([sum(k.stats.cache_misses.values()) for k in kernels]))
"""


def compiled(folder: Path) -> list[int]:
    """How often each kernel had to be compiled in a fresh interpreter with this cache folder."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env={**os.environ, "NUMBA_CACHE_DIR": str(folder)},
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    return json.loads(done.stdout.splitlines()[-1])


def test_second_run_compiles_nothing(tmp_path):
    first, second = compiled(tmp_path), compiled(tmp_path)
    assert min(first) >= 1
    assert second == [0] * len(first)


def rooms_with_a_kernel() -> list[Path]:
    """A file of each room whose functions are compiled."""
    words = ("@entry", "register_jitable", "njit", ".register(")
    found = {}
    for file in sorted((ROOT / "qcmethod").rglob("*.py")):
        if any(word in file.read_text() for word in words) and "jit" in file.read_text():
            found[file.relative_to(ROOT / "qcmethod").parts[0]] = file
    return list(found.values())


@pytest.mark.parametrize("kernel", rooms_with_a_kernel(), ids=lambda file: file.parent.name)
def test_an_edited_kernel_is_compiled_anew(kernel, tmp_path):
    """The folder of compiled kernels is that of exactly this source, wherever a kernel stands."""
    package = shutil.copytree(ROOT / "qcmethod", tmp_path / "qcmethod")
    before = source_digest(package)
    assert before == source_digest(ROOT / "qcmethod")
    with (package / kernel.relative_to(ROOT / "qcmethod")).open("a") as file:
        file.write("\nEDITED = 1\n")
    assert source_digest(package) != before


def test_kernels_stand_in_several_rooms():
    assert len(rooms_with_a_kernel()) >= 3


FORM = """
from typing import NamedTuple
from qcmethod.potentials.site import pair2

class Square(NamedTuple):
    cutoff: float
    r_min: float
    n_max: float

SCALE = 1.0

@pair2.register(Square)
def _pair2(p, x):
    t = x - p.cutoff
    return SCALE * t * t, 2.0 * SCALE * t, 2.0 * SCALE, 0.0, 0.0, 0.0
"""
ITS_ENERGY = """
import numpy as np
from qcmethod.crystal.cauchy_born import energy_stress
from square import Square

shell = np.array([[2.0, 0.0, 0.0]])
W = energy_stress(Square(3.0, 0.1, np.inf), np.eye(3)[None], shell)[0][0]
print(W, sum(energy_stress.stats.cache_misses.values()))
"""


def test_an_edited_form_of_a_user_is_compiled_anew(tmp_path):
    """Kernels know what a body in a file of the user computes, and the numbers that it uses."""

    def energy(source: str) -> list[float]:
        (tmp_path / "square.py").write_text(source)
        done = subprocess.run(
            [sys.executable, "-c", ITS_ENERGY],
            env={
                **os.environ,
                "NUMBA_CACHE_DIR": str(tmp_path),
                "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)]),
            },
            capture_output=True,
            text=True,
            check=True,
        )
        return [float(word) for word in done.stdout.split()]

    assert energy(FORM) == [1.0, 1.0]
    assert energy(FORM + "\nprint(end='')  # nothing that it computes\n") == [1.0, 0.0]
    assert energy(FORM.replace("SCALE = 1.0", "SCALE = 7.0")) == [7.0, 1.0]
    assert energy(FORM.replace("SCALE * t * t", "SCALE * t * t * t * t")) == [1.0, 1.0]
