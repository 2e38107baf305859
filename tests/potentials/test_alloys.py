"""Several elements: tables, mixing rules and many-body forms against LAMMPS on the same files."""

from __future__ import annotations

import numpy as np
import pytest
from oracles import lammps_table, require_lammps

import qcmethod as qc
from qcmethod.errors import EngineError, InputError, PotentialFileError
from qcmethod.potentials.lammps.session import Atoms, Commands

TABLES = [
    ("AlCu.eam.alloy", ("Al", "Cu"), "eam/alloy"),
    ("CuNi.eam.alloy", ("Cu", "Ni"), "eam/alloy"),
    ("NiAlH_jea.eam.alloy", ("Ni", "Al", "H"), "eam/alloy"),
    ("CoAl.eam.alloy", ("Co", "Al"), "eam/alloy"),
    ("AlFe_mm.eam.fs", ("Al", "Fe"), "eam/fs"),
    ("CuZr_mm.eam.fs", ("Cu", "Zr"), "eam/fs"),
    ("FeP_mm.eam.fs", ("Fe", "P"), "eam/fs"),
    ("NiAlH_jea.eam.fs", ("Ni", "Al", "H"), "eam/fs"),
]
ANGULAR = [
    ("Si.sw", ("Si",), "sw", 5.43),
    ("CdTe.sw", ("Cd", "Te"), "sw", 6.48),
    ("GaN.sw", ("Ga", "N"), "sw", 4.50),
    ("Si.tersoff", ("Si",), "tersoff", 5.43),
    ("SiC.tersoff", ("Si", "C"), "tersoff", 4.36),
    ("SiC_Erhart-Albe.tersoff", ("Si", "C"), "tersoff", 4.36),
    ("BNC.tersoff", ("B", "N"), "tersoff", 3.62),
    ("GaN.tersoff", ("Ga", "N"), "tersoff", 4.50),
]


def disordered(a: float, n: int, kinds: int, basis: str, seed: int = 0):
    """A perturbed block of crystal, periodic along z, and its species."""
    rng = np.random.default_rng(seed)
    fcc = np.array([[0, 0, 0], [0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]])
    cell = fcc if basis == "fcc" else np.concatenate([fcc, fcc + 0.25])
    steps = np.stack(np.meshgrid(*[np.arange(n)] * 3, indexing="ij"), -1).reshape(-1, 3)
    y = a * (steps[:, None] + cell[None]).reshape(-1, 3)
    species = rng.integers(0, kinds, len(y))
    if basis != "fcc" and kinds == 2:
        species = np.tile([0] * 4 + [1] * 4, len(steps))
    return y + rng.uniform(-0.1, 0.1, y.shape), species, n * a


def by_lammps(style: str, file: str, elements, y, species, period):
    require_lammps()
    commands = Commands(
        file, style, (f"* * {lammps_table(file)} {' '.join(elements)}",), (1.0,) * len(elements)
    )
    atoms = Atoms(commands, y, np.diag([1.0, 1.0, period]), (False, False, True), species)
    found = atoms.at(y)
    atoms.close()
    return found


def require_same(potential, y, species, period, E, g):
    one, zero = np.ones(len(y)), np.zeros(len(y))
    state = potential.site_sum(period, one, zero, species=species).at(y)
    assert abs(state.energy - E) < 1e-10 * abs(E)
    assert np.abs(state.gradient - g).max() < 1e-8


@pytest.mark.parametrize(("file", "elements", "style"), TABLES)
def test_tables_of_alloys_are_those_of_lammps(file, elements, style):
    potential = qc.load_potential(lammps_table(file), elements=list(elements))
    assert potential.elements == elements
    y, species, period = disordered(4.0, 3, len(elements), "fcc")
    require_same(
        potential, y, species, period, *by_lammps(style, file, elements, y, species, period)
    )


@pytest.mark.parametrize(("file", "elements", "style", "a"), ANGULAR)
def test_angular_forms_are_those_of_lammps(file, elements, style, a):
    potential = qc.load_potential(lammps_table(file), elements=list(elements))
    y, species, period = disordered(a, 2, len(elements), "diamond")
    require_same(
        potential, y, species, period, *by_lammps(style, file, elements, y, species, period)
    )


@pytest.mark.parametrize(
    ("file", "elements", "a"),
    [("AlFe_mm.eam.fs", ["Al", "Fe"], 4.0), ("SiC.tersoff", ["Si", "C"], 4.36),
     ("CdTe.sw", ["Cd", "Te"], 6.48)],
)  # fmt: skip
def test_weighted_sums_have_their_derivatives(file, elements, a):
    potential = qc.load_potential(lammps_table(file), elements=elements)
    y, species, period = disordered(a, 2, 2, "fcc" if file[0] == "A" else "diamond", seed=1)
    rng = np.random.default_rng(2)
    w, v = rng.uniform(0.0, 1.0, len(y)), rng.standard_normal(y.shape)
    sites = potential.site_sum(period, w, np.zeros(len(y)), species=species)
    state, h = sites.at(y), 1e-7  # second derivatives of the tables jump
    ahead, behind = sites.at(y + h * v), sites.at(y - h * v)
    slope = (sites.at(y + 1e-5 * v).energy - sites.at(y - 1e-5 * v).energy) / 2e-5
    assert slope == pytest.approx(float(np.vdot(state.gradient, v)), rel=1e-5)
    assert abs(state.energy - float(w @ sites.energies(y))) < 1e-9 * abs(state.energy)
    Hv = sites.hessian(state)(v)
    assert np.abs((ahead.gradient - behind.gradient) / (2 * h) - Hv).max() < 2e-4 * np.abs(Hv).max()
    matrix = sites.hessian_matrix(state)
    assert np.abs((matrix @ v.ravel()).reshape(-1, 3) - Hv).max() < 1e-5 * np.abs(Hv).max()
    assert np.abs(state.gradient.sum(axis=0)).max() < 1e-9


def test_a_crystal_is_of_the_first_element():
    file = lammps_table("AlCu.eam.alloy")
    for elements in (["Al", "Cu"], ["Cu", "Al"]):
        whole = qc.Crystal.fcc(qc.load_potential(file, elements=elements))
        alone = qc.Crystal.fcc(qc.load_potential(file, element=elements[0]))
        assert abs(whole.lattice_constant - alone.lattice_constant) < 1e-12
        assert abs(whole.elastic_constants().C11 - alone.elastic_constants().C11) < 1e-12


# --- mixing rules --------------------------------------------------------------------------------


def test_zhou_mixes_as_johnson_says():
    potential = qc.load_potential(["Cu-Zhou-2004", "Ni-Zhou-2004"])
    parts = [qc.load_potential(name) for name in ("Cu-Zhou-2004", "Ni-Zhou-2004")]
    assert potential.elements == ("Cu", "Ni")
    from qcmethod.potentials.site import mixed, pair

    for r in (2.2, 2.6, 3.4):  # where neither is tapered
        (a, _, p, _), (b, _, q, _) = (pair(one.params, r) for one in parts)
        phi, _, rho, _ = mixed(potential.params, 0, 1, r)
        assert phi == pytest.approx(0.5 * (q / p * a + p / q * b), rel=1e-12)
        assert rho == pytest.approx(q, rel=1e-14)
        assert mixed(potential.params, 1, 0, r)[0] == pytest.approx(phi, rel=1e-13)


@pytest.mark.parametrize(
    "names", [["Cu-Zhou-2004", "Ni-Zhou-2004"], ["Ar-Bernardes-1958", "Kr-Bernardes-1958"],
              ["Cu-Girifalco-1959", "Ni-Girifalco-1959"]]
)  # fmt: skip
def test_mixed_forms_have_their_derivatives(names):
    potential = qc.load_potential(names)
    a = qc.Crystal.fcc(qc.load_potential(names[0])).lattice_constant
    y, species, period = disordered(a, 2, 2, "fcc")
    sites = potential.site_sum(period, np.ones(len(y)), np.zeros(len(y)), species=species)
    state, v = sites.at(y), np.random.default_rng(3).standard_normal(y.shape)
    ahead, behind = sites.at(y + 1e-5 * v), sites.at(y - 1e-5 * v)
    slope = (ahead.energy - behind.energy) / 2e-5
    assert slope == pytest.approx(float(np.vdot(state.gradient, v)), rel=1e-6)
    Hv = sites.hessian(state)(v)
    assert np.abs((ahead.gradient - behind.gradient) / 2e-5 - Hv).max() < 1e-3 * np.abs(Hv).max()
    alone = qc.load_potential(names[0]).site_sum(period, np.ones(len(y)), np.zeros(len(y))).at(y)
    same = potential.site_sum(period, np.ones(len(y)), np.zeros(len(y)), species=0 * species).at(y)
    assert abs(alone.energy - same.energy) < 1e-9 * abs(alone.energy)


def test_lorentz_and_berthelot_as_lammps_mixes():
    require_lammps()
    potential = qc.load_potential(["Ar-Bernardes-1958", "Kr-Bernardes-1958"])
    assert {type(p).__name__ for p in potential.params.parts} == {"LennardJones"}
    p, q, r = (potential.params.parts[k] for k in (0, 3, 1))
    sigma = [(one.c12 / one.c6) ** (1 / 6) for one in (p, q, r)]
    eps = [one.c6**2 / (4 * one.c12) for one in (p, q, r)]
    assert sigma[2] == pytest.approx(0.5 * (sigma[0] + sigma[1]), rel=1e-12)
    assert eps[2] == pytest.approx((eps[0] * eps[1]) ** 0.5, rel=1e-12)


def test_an_average_atom_has_the_mean_energy_of_random_alloys():
    c = {"Cu": 0.7, "Ni": 0.3}
    whole = qc.load_potential(["Cu-Zhou-2004", "Ni-Zhou-2004"])
    average = qc.load_potential(["Cu-Zhou-2004", "Ni-Zhou-2004"], composition=c)
    crystal = qc.Crystal.fcc(average)
    energies = []
    for seed in range(6):
        rng = np.random.default_rng(seed)
        y, _, period = disordered(crystal.lattice_constant, 6, 1, "fcc")
        y = np.round(y / crystal.lattice_constant * 2.0) * crystal.lattice_constant / 2.0
        species = (rng.uniform(size=len(y)) < c["Ni"]).astype(np.int64)
        inside = (np.abs(y[:, :2] - y[:, :2].mean(axis=0)) < 4.0).all(axis=1)
        sites = whole.site_sum(period, inside.astype(float), np.zeros(len(y)), species=species)
        energies.append(sites.energies(y)[inside].mean())
    spread = float(np.std(energies) / np.sqrt(len(energies)))
    assert abs(np.mean(energies) - crystal.cohesive) < 0.004 + 3.0 * spread
    assert crystal.stability().stable


# --- refusals ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: qc.load_potential(["Cu-Zhou-2004"]), "two potentials or more"),
        (lambda: qc.load_potential(["Cu-Zhou-2004", "Cu-Zhou-2004"]), "different elements"),
        (lambda: qc.load_potential(["Cu-Zhou-2004", "Ni-Girifalco-1959"]), "mixing rule"),
        (lambda: qc.load_potential(["Cr-Finnis-1984", "Fe-Finnis-1984"]), "mixing rule"),
        (lambda: qc.load_potential(["Cu-Zhou-2004", "Ni-Zhou-2004"], composition={"Cu": 0.5}),
         "that sum to 1"),
        (lambda: qc.load_potential(["Cu-Zhou-2004", "Ni-Zhou-2004"], composition={"Fe": 1.0}),
         "concentrations > 0 of some of Cu, Ni"),
        (lambda: qc.load_potential("Cu-Zhou-2004", elements="Cu"), "a list of different symbols"),
        (lambda: qc.load_potential("Cu-Zhou-2004", element="Cu", elements=["Cu"]), "nothing"),
    ],
)  # fmt: skip
def test_refused(call, words):
    with pytest.raises(InputError, match=words):
        call()


def test_refused_files(tmp_path):
    file = lammps_table("SiC.tersoff")
    with pytest.raises(PotentialFileError, match=r"one of C, Si|one of Si, C"):
        qc.load_potential(file, elements=["Si", "Ge"])
    kept = [word for line in file.read_text().splitlines() for word in line.split("#")[0].split()]
    for name, text, words in (
        ("a.tersoff", " ".join(kept[17:]), "no entry"),
        ("b.tersoff", file.read_text() + "\nSi", "is it truncated"),
        ("c.sw", lammps_table("Si.sw").read_text().replace("2.1683", "x"), "a number"),
        ("d.sw", "# UNITS: real\n" + lammps_table("Si.sw").read_text(), "metal"),
    ):
        (tmp_path / name).write_text(text)
        with pytest.raises(PotentialFileError, match=words):
            qc.load_potential(tmp_path / name)
    with pytest.raises(PotentialFileError, match="an ADP of several elements"):
        qc.load_potential(lammps_table("AlCu.adp"), elements=["Al", "Cu"])
    with pytest.raises(PotentialFileError, match="eam/alloy: one density"):
        qc.load_potential(lammps_table("AlFe_mm.eam.fs"), composition={"Al": 0.5, "Fe": 0.5})


def test_one_element_has_no_other_species():
    potential = qc.load_potential("Al-Ercolessi-1994")
    with pytest.raises(EngineError, match="of one element: Al"):
        potential.site_sum(2.8, np.ones(2), np.zeros(2), species=np.array([0, 1]))
