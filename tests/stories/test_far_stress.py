"""The far field of a line is the stress that was asked for, all of it, at any size."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from oracles import lammps_table

import qcmethod as qc
from qcmethod.base.voigt import NUMBER, components
from qcmethod.errors import InputError
from qcmethod.problems.far_stress import strained
from qcmethod.problems.load import at_load
from qcmethod.units import MPA

SCREW = ((0.5, 0.5, 0.5), (1, -1, 0), (1, 1, 1))
LINES = {
    "screw on {110}": ("Fe-Zhou-2004", "bcc", SCREW),
    "screw on {112}": ("Fe-Zhou-2004", "bcc", ((0.5, 0.5, 0.5), (1, 1, -2), (1, 1, 1))),
    "edge on {112}": ("W-Zhou-2004", "bcc", ((0.5, 0.5, 0.5), (1, 1, -2), (1, -1, 0))),
    "mixed on {110}": ("W-Zhou-2004", "bcc", ((0.5, 0.5, 0.5), (1, -1, 0), (1, 1, 0))),
    "edge in fcc": ("Al-Ercolessi-1994", "fcc", ((0.5, -0.5, 0), (1, 1, 1), (-1, -1, 2))),
    "Lomer": ("Al-Ercolessi-1994", "fcc", ((0.5, 0.5, 0), (0, 0, 1), (1, -1, 0))),
}


@cache
def crystal_of(name: str, structure: str) -> qc.Crystal:
    return getattr(qc.Crystal, structure)(qc.load_potential(name))


def line(kind: str, extent: float = 60.0, **options) -> qc.Problem:
    name, structure, triad = LINES[kind]
    return qc.dislocation(crystal_of(name, structure), *triad, extent=extent, **options)


def cauchy(problem: qc.Problem) -> np.ndarray:
    F = problem.predictor.F
    return problem.crystal.stress(F) @ F.T / np.linalg.det(F)


@pytest.mark.parametrize("shear", [100.0, -100.0, 800.0])
@pytest.mark.parametrize("kind", LINES)
def test_shear_is_a_pure_shear_along_b(kind, shear):
    problem = line(kind, shear=shear)
    b = np.array(problem.predictor.singular.b)
    expected = shear * MPA * np.outer(b / np.linalg.norm(b), [0.0, 1.0, 0.0])
    rest = cauchy(problem) - expected - expected.T
    rest[2, 2] = 0.0
    assert np.abs(rest).max() < 1e-6 * abs(shear) * MPA
    F = problem.predictor.F
    assert np.array_equal(F[:, 2], [0.0, 0.0, 1.0]) and F[1, 0] == 0.0  # y stays the normal


def test_a_shear_strain_in_bcc_is_none():
    """Why: under F = 1 + g e_z e_y a stress across b is almost half of that along it."""
    C = line("screw on {110}").crystal.elastic_constants().tensor
    assert abs(C[0, 1, 2, 1] / C[2, 1, 2, 1]) == pytest.approx(0.467, abs=0.001)
    fcc = line("Lomer").crystal.elastic_constants().tensor
    assert abs(fcc[2, 1, 0, 1] / fcc[0, 1, 0, 1]) < 1e-12


def test_a_small_stress_makes_the_strain_of_the_compliance():
    """Under a plane constraint: e = s - s_zz s_z/s_zz of the compliance (Lekhnitskii)."""
    solid = line("screw on {110}").crystal
    stress = 1e-7 * np.array([1.0, -2.0, 0.0, 3.0, -1.0, 0.5])
    F = strained(solid, stress[NUMBER])
    factor = np.array([1.0, 1.0, 1.0, 2.0, 2.0, 2.0])
    S = np.linalg.inv(solid.elastic_constants().voigt())
    reduced = S - np.outer(S[:, 2], S[2]) / S[2, 2]
    expected = reduced @ stress / factor
    found = components(0.5 * (F + F.T)[None] - np.eye(3))[0]
    np.testing.assert_allclose(found, expected, atol=1e-5 * np.abs(expected).max())


@pytest.mark.parametrize("kind", ["screw on {110}", "Lomer"])
def test_a_stress_adds_to_the_shear_and_stays_under_another(kind):
    stress = MPA * np.array([-300.0, 200.0, 0.0, 50.0, 400.0, -100.0])
    problem = line(kind, shear=120.0, stress=stress)
    alone = line(kind, shear=120.0)
    added = components((cauchy(problem) - cauchy(alone))[None])[0]
    np.testing.assert_allclose(added[[0, 1, 3, 4, 5]], stress[[0, 1, 3, 4, 5]], atol=1e-12)
    as_tensor = line(kind, shear=120.0, stress=stress[NUMBER])
    np.testing.assert_array_equal(problem.predictor.F, as_tensor.predictor.F)
    moved, fresh = at_load(problem, shear=-80.0), line(kind, shear=-80.0, stress=stress)
    np.testing.assert_array_equal(moved.predictor.F, fresh.predictor.F)
    assert moved.loads == fresh.loads and moved.loads["stress_xz"] == stress[4]


def test_a_pair_of_lines_takes_it_too():
    stress = MPA * np.array([100.0, 0.0, 0.0, 0.0, 0.0, 0.0])
    pair = qc.dipole(
        crystal_of("Fe-Zhou-2004", "bcc"), *SCREW, separation=4, extent=60.0, stress=stress
    )
    assert cauchy(pair)[0, 0] == pytest.approx(100.0 * MPA, abs=1e-12)


def test_no_stress_strains_nothing():
    problem = line("Lomer")
    assert np.array_equal(problem.predictor.F, np.eye(3))
    assert list(problem.loads) == ["burgers", "character", "shear"]
    stretched = qc.Crystal.fcc(qc.load_potential("Al-Ercolessi-1994"), a=4.04)
    assert np.array_equal(strained(stretched, np.zeros((3, 3))), np.eye(3))


@pytest.mark.parametrize(
    ("stress", "says"),
    [
        ([0, 0, 1e-3, 0, 0, 0], "stress: .*0 for zz"),
        ([0, 0, 0, 0, np.nan, 0], "stress: .*symmetric"),
        ([1.0, 2.0], "stress: .*symmetric"),
        ([[0, 1e-3, 0], [0, 0, 0], [0, 0, 0]], "stress: .*symmetric"),
        ("high", "stress: .*symmetric"),
        (100.0, "stress: .*symmetric"),
        ([0, 0, 0, 0, 100.0, 0], "shear, stress: .*bears.*MPA"),
    ],
)
def test_what_is_no_stress_is_refused(stress, says):
    with pytest.raises(InputError, match=says):
        line("screw on {110}", stress=stress)


def test_a_solution_under_it_is_written_and_read(tmp_path):
    stress = MPA * np.array([-30.0, 20.0, 0.0, 5.0, 40.0, -10.0])
    problem = line("Lomer", shear=20.0, stress=stress)
    solution = qc.relax(qc.couple(problem, "bgfc", 8.0, 6.0))
    back = qc.load(solution.write(tmp_path / "a.npz"))
    np.testing.assert_array_equal(back.system.problem.predictor.F, problem.predictor.F)
    again = back.system.at_load(shear=-20.0).problem.predictor.F
    np.testing.assert_array_equal(again, line("Lomer", shear=-20.0, stress=stress).predictor.F)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("method", "zone", "extent"), [("atomistic", (), 50.0), ("bgfc", (20.0, 10.0), 1000.0)]
)
def test_peierls_stress_of_a_screw_in_iron(method, zone, extent):
    """Mendelev's iron: 1280 to 1300 MPa in small cylinders of all atoms, and in large ones."""
    iron = qc.Crystal.bcc(qc.load_potential(lammps_table("Fe_mm.eam.fs")))
    problem = qc.dislocation(iron, *SCREW, extent=extent, centre=(0.5, 1 / 3))
    shear = (0.0, 600.0, 1000.0, 1200.0, 1260.0, 1280.0, 1300.0)
    result = qc.ramp(problem, method, *zone, shear=shear, width=5.0, max_iterations=60)
    (event,) = result.events
    assert event.kind == "glide" and 1280.0 <= event.before < event.after <= 1300.0
