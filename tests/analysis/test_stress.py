"""Cauchy stress: of homogeneous crystal, of the K-field far from a tip, of LAMMPS atom by atom."""

from __future__ import annotations

import ase.io
import meshio
import numpy as np
import pytest
from ase.calculators.calculator import PropertyNotImplementedError
from oracles import lammps_table

import qcmethod as qc
from qcmethod.analysis import stress
from qcmethod.analysis.measure import MEASURES, Measure, register
from qcmethod.analysis.measures.stress import von_mises
from qcmethod.base.voigt import components
from qcmethod.errors import QCError
from qcmethod.units import MPA

SHEARED = np.array([[1.01, 0.02, 0.0], [0.003, 0.99, 0.0], [0.01, -0.02, 1.0]])
ZONE = {"core": 8.0, "blend": 6.0}
BAR = 1.0 / 1.6021765e6
"""eV/A^3, with the digits that LAMMPS takes in its units metal."""


@pytest.fixture(scope="module")
def aluminium():
    table = qc.load_potential("Al-Ercolessi-1994")
    return qc.Crystal.fcc(table, x=(1, 1, -2), y=(1, 1, 1), z=(1, -1, 0))


@pytest.mark.parametrize("method", ["bgfc", "bqcf", "local", "atomistic"])
def test_homogeneous_crystal_has_one_stress(aluminium, method):
    """P F^T / det F of the law, in every cell and at every atom whose neighbours are all there."""
    words = {} if method in ("local", "atomistic") else ZONE
    system = qc.couple(qc.homogeneous(aluminium, SHEARED, extent=45.0), method, **words)
    J = np.linalg.det(SHEARED)
    expected = aluminium.stress(SHEARED) @ SHEARED.T / J
    inner = np.linalg.norm(system.body.x_l[:, :2], axis=1) < 45.0 - 15.0
    found = stress.site_stress(system, system.zero)
    np.testing.assert_allclose(
        found[inner], np.broadcast_to(expected, found[inner].shape), atol=1e-10
    )
    assert np.abs(expected - expected.T).max() < 1e-15 < 1e-3 < np.abs(expected).max()
    volume = stress.site_volume(system, system.zero)[inner]
    np.testing.assert_allclose(volume, aluminium.lattice.site_volume * J, rtol=1e-12)
    if method != "atomistic":  # there an outer surface is near
        cells = stress.cell_stress(system, system.zero)
        np.testing.assert_allclose(cells, np.broadcast_to(expected, cells.shape), atol=1e-10)
        found = system_stress(system)
        np.testing.assert_allclose(found, components(expected[None])[0], atol=1e-10)


def system_stress(system):
    return qc.repatoms(system).get_stress()


def test_plane_and_chain():
    plane = qc.Crystal.hex2d(qc.load_potential("toy2d-c10"))
    F = np.array([[1.0, 0.02, 0.0], [0.0, 1.02, 0.0], [0.0, 0.0, 1.0]])
    system = qc.couple(qc.homogeneous(plane, F, extent=25.0), "bgfc", core=5.0, blend=4.0)
    expected = plane.stress(F) @ F.T / np.linalg.det(F)
    for found in (stress.site_stress, stress.cell_stress):
        sigma = found(system, system.zero)
        np.testing.assert_allclose(sigma, np.broadcast_to(expected, sigma.shape), atol=1e-10)
    chain = qc.Crystal.chain(qc.load_potential("LJ"), a=1.12)
    system = qc.couple(qc.homogeneous(chain, extent=60.0), "bgfc", core=12.0, blend=8.0)
    sigma = stress.site_stress(system, system.zero)
    np.testing.assert_allclose(sigma[:, 0, 0], chain.stress(np.eye(3))[0, 0], atol=1e-10)


@pytest.fixture(scope="module")
def crack(aluminium):
    problem = qc.crack(aluminium, KI=0.41, extent=1e5)
    return qc.relax(qc.couple(problem, "bgfc", core=14.0, blend=8.0))


def test_far_from_a_tip_it_is_that_of_the_K_field(crack):
    """The rest is elasticity beyond Hooke's law: it falls as the strain does, as r^(-1/2)."""
    problem = crack.system.problem
    basis, found = problem.crystal.lattice.plane_basis, []
    angle = np.linspace(-3.1, 3.1, 200)
    for r in (500.0, 5e4):
        x = r * np.stack([np.cos(angle), np.sin(angle)], axis=1)
        ij = np.rint((x - problem.origin[:2]) @ np.linalg.inv(basis)).astype(np.int64)
        expected = problem.predictor.singular.stress(problem.position(ij))
        sigma = stress.field_stress(crack.system, crack.u, ij)
        size = np.linalg.norm(expected, axis=(1, 2)).max()
        found.append(np.linalg.norm(sigma - expected, axis=(1, 2)).max() / size)
    assert found[1] < 0.01
    assert 5.0 < found[0] / found[1] < 20.0


def lammps_virials(lammps, y, period, table, element):
    """-S_i of `compute stress/atom` (n, 6) in eV: xx yy zz yz xz xy."""
    low, high = y.min(axis=0) - 20.0, y.max(axis=0) + 20.0
    n = len(y)
    lammps.commands_list(
        [
            "units metal",
            "atom_modify map array sort 0 0",
            "boundary f f p",
            f"region box block {low[0]} {high[0]} {low[1]} {high[1]} 0 {period:.17g}",
            "create_box 1 box",
            "mass 1 1.0",
            "pair_style eam/alloy",
        ]
    )
    boxed = y.copy()
    boxed[:, 2] %= period
    lammps.create_atoms(n, list(range(1, n + 1)), [1] * n, boxed.ravel().tolist())
    assert lammps.get_natoms() == n
    lammps.commands_list(
        [
            f"pair_coeff * * {table} {element}",
            "compute one all stress/atom NULL virial",
            "compute sum all reduce sum c_one[1]",
            "thermo_style custom step c_sum",  # else nothing asks for virials at the first step
            "run 0 post no",
        ]
    )
    S = np.array(lammps.numpy.extract_compute("one", 1, 2)[:n])
    at = np.argsort(lammps.numpy.extract_atom("id")[:n])
    return BAR * S[at][:, [0, 1, 2, 5, 4, 3]]


@pytest.mark.parametrize("method", ["bgfc", "bqcf", "atomistic"])
def test_atoms_have_the_stress_of_lammps(method, lammps_factory):
    """sigma V of each atom of a dislocation, on the same positions, those around them included."""
    table = lammps_table("Cu_mishin1.eam.alloy")
    crystal = qc.Crystal.fcc(qc.load_potential(table))
    problem = qc.dislocation(crystal, (0.5, -0.5, 0), (1, 1, 1), (-1, -1, 2), extent=45.0)
    system = qc.couple(problem, method, **({} if method == "atomistic" else ZONE))
    rng = np.random.default_rng(5)
    u = rng.uniform(-0.05, 0.05, system.zero.shape) * (system.weights.beta_k < 1.0)[:, None]
    y, atom = system.body.positions(u), system.weights.w_l > 0.0
    period = problem.crystal.lattice.period
    expected = lammps_virials(lammps_factory(), y, period, table, "Cu")
    sigma, volume = stress.site_stress(system, u), stress.site_volume(system, u)
    found = components(sigma * volume[:, None, None])
    assert np.abs(expected[atom]).max() > 1.0
    np.testing.assert_allclose(found[atom], expected[atom], rtol=0, atol=1e-8)


def test_files_carry_it(crack, tmp_path):
    sigma = components(stress.site_stress(crack.system, crack.u))
    atoms = crack.to_atoms()
    inside = crack.system.weights.w_l > 0.0
    np.testing.assert_array_equal(atoms.arrays["cauchy_stress"], sigma[inside])
    assert atoms.arrays["volume"].shape == (len(atoms),)
    back = ase.io.read(crack.write(tmp_path / "a.xyz"))
    np.testing.assert_allclose(back.arrays["cauchy_stress"], sigma[inside], atol=1e-7)
    part = crack.to_atoms(40.0)
    assert (
        part.arrays["cauchy_stress"].shape == (len(part), 6)
        and np.isfinite(part.arrays["cauchy_stress"]).all()
    )
    mesh = meshio.read(crack.write(tmp_path / "a.vtu"))
    np.testing.assert_allclose(
        mesh.cell_data["cauchy_stress"][0], components(stress.cell_stress(crack.system, crack.u))
    )


def test_stress_of_repatoms_only_where_it_is_that_of_the_boundary(crack):
    atoms = qc.repatoms(crack.system, crack)
    for refused in (PropertyNotImplementedError, QCError):
        with pytest.raises(refused, match="stress: got crack"):
            atoms.get_stress()
    assert "stress" not in atoms.calc.implemented_properties


def test_mean_stress_is_what_the_boundary_carries(aluminium):
    """A sheared dislocation: the applied shear, for its own field has no mean."""
    b, plane, line = (0.5, -0.5, 0), (1, 1, 1), (-1, -1, 2)
    problem = qc.dislocation(aluminium, b, plane, line, extent=400.0, shear=20.0)
    system = qc.couple(problem, "bgfc", core=20.0, blend=10.0)
    assert system_stress(system)[5] == pytest.approx(20.0 * MPA, rel=0.1)


def test_von_mises_of_simple_states():
    sigma = np.zeros((3, 3, 3))
    sigma[0, 0, 0] = -2.0
    sigma[1, 0, 1] = sigma[1, 1, 0] = 1.0
    sigma[2] = 3.0 * np.eye(3)
    np.testing.assert_allclose(von_mises(sigma), [2.0, np.sqrt(3.0), 0.0], atol=1e-15)


def test_law_that_knows_none_is_nan(aluminium):
    F = np.stack([np.eye(3), np.diag([0.2, 1.0, 1.0]), np.diag([-1.0, 1.0, 1.0])])
    found = stress.cauchy(aluminium, F)
    assert np.isfinite(found[0]).all() and np.isnan(found[1:]).all()


@pytest.mark.parametrize("name", MEASURES)
def test_every_measure_is_one_number_of_each(name):
    crystal = qc.Crystal.hex2d(qc.load_potential("toy2d-c10"))
    problem = qc.vacancy(crystal, [[1.0, 0.02], [0.0, 1.02]], extent=25.0)
    system = qc.couple(problem, "bgfc", core=5.0, blend=4.0)
    measure = MEASURES[name]
    cells, sites = measure.cells(system, system.zero), measure.sites(system, system.zero)
    assert cells.shape == system.body.cells.volume.shape and sites.shape == (len(system.body.x_l),)
    assert np.isfinite(cells).all() and np.isfinite(sites[system.weights.w_l > 0.0]).all()
    assert name in measure.label(2) or measure.text in measure.label(3)


# --- a measure in one file: from here -------------------------------------------------------------


def spread(sigma):
    """Largest less smallest principal stress (n,): twice the largest shear."""
    principal = np.linalg.eigvalsh(sigma)
    return principal[:, -1] - principal[:, 0]


TRESCA = Measure(
    name="tresca",
    text=r"$\sigma_1 - \sigma_3$",
    cells=lambda system, u: spread(stress.cell_stress(system, u)),
    sites=lambda system, u: spread(stress.site_stress(system, u)),
    unit=lambda n: (160.2176634, "GPa"),
    signed=False,
)


# --- to here --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["stress_yy", "von_mises", "tresca"])
def test_pictures_of_stress(crack, tmp_path, name):
    register(TRESCA)
    assert crack.plot(tmp_path / "a.png", measure=name, dpi=50).stat().st_size > 1000
