"""Bad input by the public door: a typed error that names the argument, the value and a way out."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

import qcmethod as qc
from qcmethod.errors import (
    ConvergenceError,
    CouplingError,
    InputError,
    InvertedCellError,
    OffTableError,
    OrientationError,
    PotentialFileError,
    QCError,
    UnknownPotentialError,
    UnstableCrystalError,
)
from qcmethod.potentials.forms.lennard_jones import lennard_jones

AXES = {"x": (1, 1, -2), "y": (1, 1, 1), "z": (1, -1, 0)}


@cache
def aluminium():
    return qc.Crystal.fcc(qc.load_potential("Al-Ercolessi-1994"), **AXES)


@cache
def plane():
    return qc.Crystal.hex2d(qc.load_potential("toy2d-c10"))


@cache
def hole():
    """A vacancy of the model potential under the published strain: small and quick."""
    F = np.array([[1.0, 0.02], [0.0, 1.03]])
    return qc.vacancy(plane(), F, extent=25.0)


@cache
def small():
    return qc.couple(hole(), "bgfc", core=4.0, blend=4.0)


def refused(kind, argument, call, given=None, hint=None):
    """The error of a call, after a look at what it says."""
    with pytest.raises(kind) as caught:
        call()
    error = caught.value
    assert isinstance(error, QCError) and isinstance(error, ValueError)
    assert error.argument == argument
    assert error.expected
    message = str(error)
    assert argument in message and error.expected in message
    if given is not None:
        assert repr(given) in message
    if hint is not None:
        assert hint in error.hint and hint in message
    return error


# --- potentials ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["Al-Ercolesi-1994", "al-ercolessi-1994", "Al-Ercolessi"])
def test_unknown_potential_names_the_nearest(name):
    refused(
        UnknownPotentialError,
        "source",
        lambda: qc.load_potential(name),
        given=name,
        hint="Al-Ercolessi-1994",
    )


def test_tables(tmp_path):
    path = qc.write_setfl(
        tmp_path / "Cu.eam.alloy", qc.load_potential("Cu-Zhou-2004"), nr=300, nrho=300
    )
    error = refused(PotentialFileError, "element", lambda: qc.load_potential(path, element="Ni"))
    assert error.given == "Ni" and "Cu" in error.expected
    lines = path.read_text().splitlines()
    path.write_text("\n".join(lines[:-40]) + "\n")
    with pytest.raises(PotentialFileError, match=r"Cu\.eam\.alloy"):
        qc.load_potential(path)


# --- crystals and problems -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "triad, argument",
    [
        ({**AXES, "x": (1, 1, -1)}, "x, y"),
        ({**AXES, "z": (1, 1, 0)}, "y, z"),
        ({**AXES, "z": (-1, 1, 0)}, "x, y, z"),
        ({**AXES, "y": (0, 0, 0)}, "y"),
    ],
    ids=["not orthogonal", "not orthogonal to y", "left-handed", "zero"],
)
def test_orientation(triad, argument):
    potential = qc.load_potential("Al-Ercolessi-1994")
    error = refused(OrientationError, argument, lambda: qc.Crystal.fcc(potential, **triad))
    assert error.hint


@pytest.mark.parametrize(
    "argument, call",
    [
        ("extent", lambda: qc.crack(aluminium(), KI=0.4, extent=0.0)),
        ("extent", lambda: qc.vacancy(plane(), extent=-10.0)),
        ("extent", lambda: qc.vacancy(plane(), extent=float("nan"))),
        ("extent", lambda: qc.vacancy(plane(), extent=float("inf"))),
        ("rim", lambda: qc.crack(aluminium(), KI=0.4, extent=50.0, rim=50.0)),
        ("rim", lambda: qc.crack(aluminium(), KI=0.4, extent=50.0, rim=-1.0)),
        ("extent", lambda: qc.crack(aluminium(), KI=0.4, extent=10.0)),  # two cut-offs by default
        ("n", lambda: qc.microcrack(plane(), -1, extent=20.0)),
        ("n", lambda: qc.microcrack(plane(), 1.5, extent=20.0)),
        ("F", lambda: qc.microcrack(plane(), 1, np.eye(4), extent=20.0)),
        ("F", lambda: qc.microcrack(plane(), 1, np.full((3, 3), np.nan), extent=20.0)),
        ("F", lambda: qc.vacancy(aluminium(), np.diag([1.0, 1.0, 1.01]), extent=80.0)),
        ("F", lambda: qc.vacancy(plane(), np.eye(3) + 0.01 * np.eye(3, k=-2), extent=20.0)),
        ("crystal", lambda: qc.crack(plane(), KI=0.4, extent=50.0)),
        ("potential", lambda: qc.Crystal.fcc("Al-Ercolessi-1994")),
        ("a", lambda: qc.Crystal.fcc(aluminium().potential, a=0.0)),
    ],
)
def test_problem_arguments(argument, call):
    refused(InputError, argument, call)


@pytest.mark.parametrize("load", ["KI", "KII", "KIII"])
def test_loads_that_are_not_finite(load):
    with pytest.raises(InputError, match="K"):
        qc.crack(aluminium(), **{load: float("nan")}, extent=50.0)


def test_unstable_crystal_at_the_load():
    for crystal, stretch in ((aluminium(), 1.25), (plane(), 1.2)):
        with pytest.raises(UnstableCrystalError, match=r"F: .*unstable.*Try a smaller load"):
            qc.microcrack(crystal, 3, np.diag([stretch, stretch]), extent=80.0)
    system = qc.couple(qc.homogeneous(plane(), extent=25.0), "bqcf", core=4.0, blend=4.0)
    with pytest.raises(UnstableCrystalError):
        qc.patch_test(system, [np.diag([1.2, 1.2, 1.0])])


def test_squeezed_crystals_are_off_the_table():
    with pytest.raises(OffTableError, match=r"density of .* defined up to .*Try"):
        qc.microcrack(aluminium(), 1, np.diag([0.6, 0.6, 1.0]), extent=80.0)
    tungsten = qc.Crystal.bcc(qc.load_potential("W-Ackland-1987"))
    with pytest.raises(OffTableError, match=r"distance of .* A, expected at least .*Try"):
        tungsten.energy_density(0.7 * np.eye(3))
    with pytest.raises(InvertedCellError, match="det F <= 0"):
        qc.vacancy(aluminium(), np.diag([1.0, -1.0, 1.0]), extent=80.0)


def test_no_crystal_to_relax():
    params = lennard_jones(epsilon=0.01, sigma=3.0, cutoff=3.3, treatment="shift")
    repulsive = qc.Potential("repulsive", "X", params, "fcc", 3.0)
    with pytest.raises(UnstableCrystalError, match="repulsive has no stress-free fcc"):
        qc.Crystal.fcc(repulsive)


# --- couplings -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "argument, hint, given",
    [
        ("method", "bqcf", {"method": "bqfc"}),
        ("method", None, {"method": "finite elements"}),
        ("method", None, {"method": ["bgfc"]}),
        ("core", "1.45", {"core": None}),
        ("core", None, {"core": 1.0}),
        ("core", None, {"core": float("nan")}),
        ("core", None, {"core": -4.0}),
        ("blend", "2.9", {"blend": None}),
        ("blend", "sharp", {"blend": 0.0}),
        ("blend", None, {"blend": -1.0}),
        ("blend", None, {"blend": float("nan")}),
        ("blend", "sharp", {"blend": 5e-324}),
        ("blend", "sharp", {"blend": 9e-4}),
        ("core, blend", "extent", {"core": 20.0}),
        ("core, blend", "atomistic", {"blend": 30.0}),
        ("core", None, {"core": float("inf")}),
        ("core", "1.45", {"core": "4.0"}),
        ("grading", "1.5", {"grading": 0.0}),
        ("grading", "1.5", {"grading": float("nan")}),
        ("blending", None, {"blending": "quartic"}),
        ("blending", None, {"blending": np.zeros(2)}),
        ("blending", None, {"method": "bqce", "blending": "quartic"}),
        ("metric", None, {"metric": "manhattan"}),
        ("reference", "", {"reference": np.zeros((7, 3))}),
        ("reference", "", {"reference": "homogenous"}),
        ("reference", "", {"reference": [[1.0, 2.0], [3.0]]}),
        ("reference", "", {"reference": np.full((7, 3), np.nan)}),
    ],
)
def test_coupling_arguments(argument, hint, given):
    arguments = {"method": "bgfc", "core": 4.0, "blend": 4.0, **given}
    refused(CouplingError, argument, lambda: qc.couple(hole(), **arguments), hint=hint)


def test_a_core_that_fits_the_cutoff_but_not_the_rim():
    """The crack of the manual in too small a domain: the message adds the numbers up."""
    problem = qc.crack(aluminium(), KI=0.42, extent=40.0)
    error = refused(
        CouplingError,
        "core, blend",
        lambda: qc.couple(problem, "bgfc", core=25.0, blend=15.0),
        given=(25.0, 15.0),
    )
    assert "53.9" in error.expected and "40.0" in error.expected


# --- solver --------------------------------------------------------------------------------------


@pytest.mark.parametrize("fmax", [0.0, -1e-5, float("nan"), float("inf")])
def test_tolerance_must_be_positive(fmax):
    refused(InputError, "fmax", lambda: qc.relax(small(), fmax=fmax), given=fmax)


@pytest.mark.parametrize(
    "u", [np.zeros((3, 3)), np.zeros(5), 0.0], ids=["other mesh", "vector", "number"]
)
def test_corrector_of_another_shape(u):
    error = refused(InputError, "u", lambda: qc.relax(small(), u=u))
    assert str(small().zero.shape) in error.expected


def test_corrector_that_is_not_finite():
    u = small().zero
    u[0, 0] = np.nan
    refused(InputError, "u", lambda: qc.relax(small(), u=u))


@pytest.mark.parametrize("method", ["atomistic", "bgfc", "gfc", "bqcf", "qcf"])
def test_no_convergence_keeps_the_best_state(method):
    """One iteration is not enough; the error holds the state it came to, to go on from."""
    system = qc.couple(hole(), method, core=4.0, blend=4.0)
    with pytest.raises(ConvergenceError) as caught:
        qc.relax(system, fmax=1e-9, max_iterations=1)
    message = str(caught.value)
    for part in ("relax(", "residual", "eV/A", "expected", "Try"):
        assert part in message
    if system.method.conservative:  # a force method may stop in its conservative twin
        assert f"relax({method})" in message and "expected 1.0e-09" in message
    best = caught.value.best
    assert best.u.shape == system.zero.shape and np.isfinite(best.forces).all()
    start = np.where(system.free, system.model.at(system.zero).forces, 0.0)
    now = np.where(system.free, best.forces, 0.0)
    assert np.abs(now).max() < np.abs(start).max()
    resumed, direct = qc.relax(system, fmax=1e-9, u=best.u), qc.relax(system, fmax=1e-9)
    np.testing.assert_allclose(resumed.u, direct.u, rtol=0, atol=1e-7)


def test_start_off_the_table():
    """Two atoms in one place."""
    problem = qc.vacancy(aluminium(), extent=80.0)
    system = qc.couple(problem, "bgfc", core=12.0, blend=12.0)
    x = system.body.x_k
    near = np.argsort(np.linalg.norm(x - [8.0, 0.0, 0.0], axis=1))[:2]
    u = system.zero
    u[near[0], :2] = (x[near[1]] - x[near[0]])[:2]
    u[near[0], 2] = 0.999 * (x[near[1]] - x[near[0]])[2]
    with pytest.raises((OffTableError, InvertedCellError)):
        qc.relax(system, u=u)


def test_start_with_an_inverted_cell():
    system = qc.couple(hole(), "local")
    far = int(np.argmax(np.where(system.free.any(axis=1), system.body.x_k[:, 0], -np.inf)))
    u = system.zero
    u[far, 0] = -40.0
    with pytest.raises(InvertedCellError, match=r"F: \d+ deformation gradient"):
        qc.relax(system, u=u)


def test_a_failure_leaves_everything_usable():
    """Systems are values: a relaxation that fails changes neither them nor earlier solutions."""
    system = qc.couple(hole(), "bgfc", core=4.0, blend=4.0)
    before = qc.relax(system, fmax=1e-8)
    u, forces, energy = before.u.copy(), before.forces.copy(), before.energy
    with pytest.raises(ConvergenceError):
        qc.relax(system, fmax=1e-8, max_iterations=1)
    bad = system.zero
    bad[int(np.argmax(system.free[:, 0]))] = 5.0
    with pytest.raises(QCError):
        qc.relax(system, u=bad, max_iterations=3)
    with pytest.raises(InputError):
        qc.relax(system, fmax=-1.0)
    np.testing.assert_array_equal(before.u, u)
    np.testing.assert_array_equal(before.forces, forces)
    assert before.energy == energy
    again = qc.relax(system, fmax=1e-8)
    np.testing.assert_allclose(again.u, u, rtol=0, atol=1e-12)
    assert again.energy == pytest.approx(energy, rel=1e-14)
    assert (again.iterations, again.evaluations) == (before.iterations, before.evaluations)


def test_too_many_sites_in_full_resolution():
    """Said at once, not after a minute of meshing."""
    problem = qc.crack(aluminium(), KI=0.42, extent=1e4)
    refused(CouplingError, "extent", lambda: qc.couple(problem, "atomistic"), hint="coupled")
    refused(
        CouplingError, "core, blend", lambda: qc.couple(problem, "bgfc", 3e3, 15.0), hint="core"
    )
    spring = lennard_jones(epsilon=1.0, sigma=1.0, cutoff=1.8, treatment="force-shift")
    chain = qc.Crystal.chain(qc.Potential("spring", "X", spring, "chain", 1.1))
    long = qc.vacancy(chain, extent=1e8)
    refused(CouplingError, "extent", lambda: qc.couple(long, "atomistic"), hint="coupled")
    assert qc.couple(long, "bqce", 10.0, 10.0).n_repatoms < 1000


# --- cracks --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "loads", [{"KI": -0.4}, {"KI": 0.42e6}, {"KI": float("nan")}, {"KII": "0.1"}]
)
def test_loads_of_a_crack(loads):
    refused(InputError, next(iter(loads)), lambda: qc.crack(aluminium(), extent=300.0, **loads))


@pytest.mark.parametrize("method", ["bgfc", "bqcf"])
def test_a_crack_that_heals_out_of_the_core(method):
    """Far below the Griffith load the tip runs back into the blending zone: no result."""
    system = qc.couple(qc.crack(aluminium(), KI=0.36, extent=400.0), method, core=25.0, blend=15.0)
    with pytest.raises(ConvergenceError, match=r"healed.*Its tip is at x = -\d+") as caught:
        qc.relax(system)
    assert "griffith_load" in str(caught.value) and caught.value.best.u.shape == system.zero.shape


def test_a_crack_that_is_closed_where_the_core_ends():
    """The continuum's flanks are free; those of the atoms are not, as long as they touch."""
    system = qc.couple(qc.crack(aluminium(), KI=0.1, extent=400.0), "bgfc", core=25.0, blend=15.0)
    error = refused(CouplingError, "core", lambda: qc.relax(system), hint="atomistic")
    assert "4.06 A" in error.expected and "5.56 A" in error.expected


def test_tip_of_a_sound_crack():
    system = qc.couple(qc.crack(aluminium(), KI=0.415, extent=400.0), "bgfc", core=25.0, blend=15.0)
    assert qc.relax(system).tip == pytest.approx(0.0, abs=3.0)
    assert qc.griffith_load(aluminium()) == pytest.approx(0.4131769623, rel=1e-5)  # LAMMPS surface


@pytest.mark.parametrize(
    "argument, call",
    [
        ("crystal", lambda: qc.crack(qc.load_potential("LJ"), KI=0.1, extent=100.0)),
        ("crystal", lambda: qc.vacancy(qc.load_potential("LJ"), extent=100.0)),
        ("crystal", lambda: qc.surface_energy(qc.load_potential("LJ"))),
        ("problem", lambda: qc.couple(aluminium(), "bgfc", core=25.0, blend=15.0)),
        ("system", lambda: qc.relax(hole())),
    ],
)
def test_objects_of_another_kind(argument, call):
    refused(InputError, argument, call)


def test_another_structure_than_the_cards():
    """The guess of the lattice constant follows the nearest neighbours, not the card's cell."""
    bcc = qc.Crystal.bcc(qc.load_potential("Al-Ercolessi-1994"))
    assert 3.1 < bcc.lattice_constant < 3.4


@pytest.mark.parametrize("source", [3, None, 1.5])
def test_a_potential_is_a_name_a_path_or_a_card(source):
    with pytest.raises(InputError, match=r"^source: got"):
        qc.load_potential(source)


def test_a_tolerance_below_rounding_is_called_that():
    crystal = qc.Crystal.hex2d(qc.load_potential("toy2d-c10"))
    system = qc.couple(qc.vacancy(crystal, extent=30.0), "bgfc", core=5.0, blend=5.0)
    with pytest.raises(ConvergenceError, match="what is left is rounding"):
        qc.relax(system, fmax=1e-30)
