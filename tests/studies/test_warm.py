"""`qcmethod warm`: afterwards nothing is compiled."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from paths import ROOT

from qcmethod.base.compiling import NOTICE

AFTER = """
import sys
import qcmethod as qc
from qcmethod.base.log import told_to
from qcmethod.problems.example import EXAMPLES

with told_to(sys.stderr):
    for name in ("crack", "vacancy"):
        problem = EXAMPLES[name]()
        cutoff = problem.crystal.potential.cutoff
        found = qc.relax(qc.couple(problem, "bgfc", 3.0 * cutoff, cutoff), 0.1)
        found.to_atoms(), found.summary()
    copper = qc.Crystal.fcc(qc.load_potential("Cu-Zhou-2004"), (1, 1, -2), (1, 1, 1), (1, -1, 0))
    qc.write_setfl("cu.eam.alloy", copper.potential, nr=500)
    for potential in (copper.potential, qc.load_potential("cu.eam.alloy")):
        crystal = qc.Crystal.fcc(potential, a=copper.lattice_constant)
        crystal.phonons(points=3), crystal.stability(), qc.surface_energy(crystal)
        atoms = qc.relax(qc.couple(qc.vacancy(crystal, extent=40.0), "atomistic"), 0.1)
        qc.structure.common_neighbours(atoms)
"""


@pytest.mark.slow
def test_warm_compiles_all(tmp_path) -> None:
    environment = {k: v for k, v in os.environ.items() if k != "QC_FROZEN"}
    environment |= {"PYTHONPATH": str(ROOT), "NUMBA_CACHE_DIR": str(tmp_path)}
    said = []
    for command in (["-m", "qcmethod", "warm"], ["-m", "qcmethod", "warm"], ["-c", AFTER]):
        done = subprocess.run(
            [sys.executable, *command],
            env=environment,
            capture_output=True,
            text=True,
            cwd=tmp_path,
        )
        assert done.returncode == 0, done.stderr
        said.append((done.stdout, NOTICE in done.stderr))
    assert [compiled for _, compiled in said] == [True, False, False]
    assert f"kernels in {tmp_path}" in said[0][0]
