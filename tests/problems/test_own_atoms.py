"""Atoms that matscipy, atomman and ASE build, as problems of ours: the same equilibria, from there.

What is built elsewhere: dislocations and a crack by matscipy (whose elasticity is its own), a
notched crystal by ASE, which LAMMPS relaxes too.
"""

from __future__ import annotations

from functools import cache
from types import SimpleNamespace

import ase.io
import matscipy.dislocation
import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.lattice.cubic import FaceCenteredCubic
from matscipy.fracture_mechanics.crack import CubicCrystalCrack
from oracles import new_lammps

import qcmethod as qc
from qcmethod.errors import InputError
from qcmethod.lattice.shapes import Segment, Tube
from qcmethod.problems.identity import identity
from qcmethod.solve.corrector import started
from qcmethod.studies.job import carried_out, read_job

CRACK = ((1, 1, -2), (1, 1, 1), (1, -1, 0))
SAME = 1e-6
"""Two states of one minimum are as near, A."""


@cache
def tungsten() -> qc.Crystal:
    return qc.Crystal.bcc(qc.load_potential("W-Ackland-1987"))


@cache
def aluminium() -> qc.Crystal:
    return qc.Crystal.fcc(qc.load_potential("Al-Ercolessi-1994"), *CRACK)


def moduli(crystal: qc.Crystal) -> tuple[float, float, float]:
    found = crystal.elastic_constants().gpa()
    return found["C11"], found["C12"], found["C44"]


@cache
def line(name: str = "Mixed111") -> SimpleNamespace:
    """Atoms with a dislocation of matscipy in tungsten, where its line is, and our problem."""
    crystal = tungsten()
    make = getattr(matscipy.dislocation, f"BCC{name}Dislocation")
    made = make(crystal.lattice_constant, *moduli(crystal), symbol="W")
    words = {"fix_width": 0.1, "verbose": False, "self_consistent": False, "method": "adsl"}
    _, atoms = made.build_cylinder(42.0, **words)
    y, z = ([int(k) for k in h] for h in made.axes[1:])
    base = qc.dislocation(crystal, made.burgers_dimensionless, y, z, extent=60.0)
    return SimpleNamespace(atoms=atoms, place=atoms.info["core_positions"][0], base=base)


def own_line(name: str = "Mixed111") -> qc.Problem:
    own = line(name)
    return qc.own_atoms(own.base, own.atoms, 28.0, origin=own.place)


def relaxed(problem: qc.Problem, core: float = 16.0, blend: float = 8.0) -> qc.Solution:
    return qc.relax(qc.couple(problem, "bgfc", core, blend), 1e-8)


def hole(radius: float = 6.0, size: int = 20, periods: int = 1) -> Atoms:
    """A block of tungsten without the atoms of a cylinder."""
    atoms = bulk("W", a=tungsten().lattice_constant, cubic=True) * (size, size, periods)
    atoms.positions[:, :2] -= 0.5 * size * tungsten().lattice_constant
    atoms = atoms[np.linalg.norm(atoms.positions[:, :2] - [0.3, 0.2], axis=1) > radius]
    atoms.pbc = (False, False, True)
    return atoms


@cache
def plain(extent: float = 40.0) -> qc.Problem:
    return qc.homogeneous(tungsten(), extent=extent)


def own_hole(**words) -> qc.Problem:
    return qc.own_atoms(plain(), hole(), 20.0, **words)


# --- the same equilibrium -----------------------------------------------------------------------


@pytest.mark.parametrize("name", ["Mixed111", "Edge100"])
def test_a_dislocation_of_matscipy_ends_as_ours(name):
    """From atoms up to 0.3 A off our predictor, in the core that both mean."""
    problem = own_line(name)
    assert problem.removed is None
    assert 0.2 < np.linalg.norm(problem.start.v, axis=1).max() < 0.35
    own, ours = relaxed(problem), relaxed(line(name).base)
    assert np.abs(own.u - ours.u).max() < SAME
    assert own.excess_energy == pytest.approx(ours.excess_energy, abs=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("apart", [0, 4])
def test_an_edge_of_atomman_ends_as_ours(apart):
    """Compact or already dissociated: Al has one core, partials 16 A apart."""
    pytest.importorskip("atomman")
    crystal = aluminium()
    made = matscipy.dislocation.FCCEdge110Dislocation(
        crystal.lattice_constant, *moduli(crystal), symbol="Al"
    )
    words = {"fix_width": 0.1, "verbose": False, "self_consistent": False}
    _, atoms = made.build_cylinder(45.0, partial_distance=apart, **words)
    place = np.mean(atoms.info["core_positions"], axis=0)
    y, z = ([int(k) for k in h] for h in made.axes[1:])
    base = qc.dislocation(crystal, made.burgers_dimensionless, y, z, extent=90.0)
    problem = qc.own_atoms(base, atoms, 35.0, origin=place)
    own, ours = relaxed(problem, 25.0, 12.0), relaxed(base, 25.0, 12.0)
    assert np.abs(own.u - ours.u).max() < SAME
    assert ours.reading["separation"] == pytest.approx(16.370, abs=1e-3)
    other = qc.dislocation(crystal, -made.burgers_dimensionless, y, z, extent=90.0)
    with pytest.raises(InputError, match="in step with the lattice"):
        qc.own_atoms(other, atoms, 35.0, origin=place)


def test_a_crack_of_matscipy_ends_as_ours():
    crystal, load = aluminium(), 0.42
    atoms = FaceCenteredCubic(
        directions=[list(h) for h in CRACK],
        size=(16, 11, 1),
        symbol="Al",
        latticeconstant=crystal.lattice_constant,
    )
    cell = atoms.cell[:]
    atoms.positions -= [0.5 * cell[0, 0] + 0.3, (5 + 1 / 6) * cell[1, 1] / 11, 0.0]
    C = np.array(moduli(crystal)) * qc.units.GPA
    field = CubicCrystalCrack(list(CRACK[1]), list(CRACK[2]), *C)
    x, y = atoms.positions[:, 0], atoms.positions[:, 1]
    u = field.displacements(x, y, 0.0, 0.0, load * qc.units.MPA_SQRT_M)
    atoms.positions[:, :2] += np.transpose(u)
    base = qc.crack(crystal, KI=load, extent=80.0)
    problem = qc.own_atoms(base, atoms, 32.0)
    assert 0.01 < np.abs(problem.start.v).max() < 0.15
    assert np.abs(relaxed(problem).u - relaxed(base).u).max() < SAME


@cache
def notched() -> SimpleNamespace:
    """A crystal of ASE, stretched across a slit of missing columns, and our problem of it."""
    crystal, F = aluminium(), np.diag([1.0, 1.01, 1.0])
    slit = Segment((-8.0, 0.0), (8.0, 0.0)).grown(2.4)
    atoms = FaceCenteredCubic(
        directions=[list(h) for h in CRACK],
        size=(20, 14, 2),
        symbol="Al",
        latticeconstant=crystal.lattice_constant,
    )
    atoms.positions -= atoms.positions[np.argmin(np.abs(atoms.positions).sum(axis=1))]
    atoms.positions -= np.rint(0.5 * atoms.cell.lengths() / [0.5, 0.5, 1e9]) * [0.5, 0.5, 0.0]
    atoms = atoms[~slit.contains(atoms.positions)]
    atoms.positions = atoms.positions @ F.T
    base = qc.homogeneous(crystal, F, extent=46.0)
    return SimpleNamespace(base=base, problem=qc.own_atoms(base, atoms, 28.0), slit=slit)


def lammps_relaxed(solution: qc.Solution, start: np.ndarray, table: str) -> np.ndarray:
    """Positions (n, 3) of all atoms that LAMMPS ends at from a start, those of the rim held, A."""
    system = solution.system
    body, period = system.body, system.problem.crystal.lattice.period
    held = np.flatnonzero(~system.problem.free.contains(body.x_l)) + 1
    low = np.append(start[:, :2].min(axis=0) - 20.0, 0.0)
    x, width = start - low, np.ptp(start[:, :2], axis=0) + 40.0
    turns = np.floor(x[:, 2] / period)
    x[:, 2] -= turns * period
    lammps = new_lammps()
    try:
        lammps.commands_list(
            [
                "units metal",
                "atom_modify map array sort 0 0",
                "boundary f f p",
                f"region box block 0 {width[0]:.17g} 0 {width[1]:.17g} 0 {period:.17g}",
                "create_box 1 box",
                "mass 1 27.0",
            ]
        )
        n = len(x)
        lammps.create_atoms(n, list(range(1, n + 1)), [1] * n, x.ravel().tolist())
        ids = [
            f"group rim id {' '.join(map(str, held[i : i + 50]))}" for i in range(0, len(held), 50)
        ]
        lammps.commands_list(
            [
                "pair_style eam/alloy",
                f"pair_coeff * * {table} Al",
                *ids,
                "fix 1 rim setforce 0 0 0",
                "min_style cg",
                "minimize 0 1e-7 20000 200000",
            ]
        )
        image = lammps.numpy.extract_atom("x")[:n].copy()
        image[:, 2] += period * np.rint((x[:, 2] - image[:, 2]) / period)
        return image + low + np.array([0.0, 0.0, period]) * turns[:, None]
    finally:
        lammps.close()


@pytest.mark.slow
def test_a_notch_is_what_lammps_makes_of_it(tmp_path):
    """All atoms, ours and those of LAMMPS, and the coupling: one relaxed slit."""
    own = notched()
    everything = qc.relax(qc.couple(own.problem, "atomistic"), 1e-8)
    body = everything.system.body
    table = qc.write_setfl(
        tmp_path / "Al.eam.alloy", own.base.crystal.potential, nr=20_000, nrho=20_000
    )
    start = body.positions(started(everything.system))
    found = lammps_relaxed(everything, start, str(table))
    y = body.positions(everything.u)
    assert np.abs(y - start).max() > 0.05
    assert np.abs(y - found).max() < 1e-6
    coupled = relaxed(own.problem, 14.0, 8.0)
    near = {tuple(ij): at for ij, at in zip(body.ij_l, y, strict=True)}
    twin = coupled.system.body
    inside = own.slit.distance(twin.x_l) < 6.0
    off = [
        np.abs(at - near[tuple(ij)]).max()
        for ij, at in zip(twin.ij_l[inside], twin.positions(coupled.u)[inside], strict=True)
    ]
    assert len(off) > 40 and max(off) < 2e-3


def test_a_void_is_the_sites_without_an_atom():
    """What is not there is missing, whatever it is made by; both relax to the same state."""
    own, ours = own_hole(), qc.without(plain(), Tube(6.0, (0.3, 0.2)))
    assert {tuple(ij) for ij in own.removed} == {tuple(ij) for ij in ours.removed}
    assert len(own.removed) > 15 and np.abs(own.start.v).max() < 1e-9
    one, other = relaxed(own, 10.0, 6.0), relaxed(ours, 10.0, 6.0)
    assert np.abs(one.u - other.u).max() < SAME
    assert np.abs(one.displacement).max() > 0.02
    assert own.distance(own.position(own.removed)).max() < 1e-8  # cores are laid about it


# --- frames -------------------------------------------------------------------------------------


def test_the_frame_of_the_atoms_makes_no_difference():
    """Moved by any vector, turned, three periods long, in another order, wrapped along z."""
    own = line()
    expected = own_line().start
    rng = np.random.default_rng(1)
    Q = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    Q[:, 0] *= np.linalg.det(Q)
    atoms = own.atoms * (1, 1, 3)
    atoms = atoms[rng.permutation(len(atoms))]
    atoms.positions[:, 2] += atoms.cell[2, 2] / 3.0 * rng.integers(-3, 4, len(atoms))
    atoms.set_cell(atoms.cell[:] @ Q)
    atoms.positions = atoms.positions @ Q + [7.0, -3.0, 11.0]
    origin = np.array(own.place) @ Q + [7.0, -3.0, 11.0]
    found = qc.own_atoms(own.base, atoms, 28.0, origin=origin, axes=Q)
    assert np.array_equal(found.start.ij, expected.ij)
    assert np.abs(found.start.v - expected.v).max() < 1e-9


def test_there_and_back():
    """Atoms of a solution are the problem of that solution, which is at rest at once."""
    found = relaxed(own_line())
    atoms = found.to_atoms(region="all")
    again = qc.own_atoms(line().base, atoms, 40.0)
    system = qc.couple(again, "bgfc", 16.0, 8.0)
    start = started(system)
    inside = np.linalg.norm(system.body.x_k[:, :2], axis=1) < 39.0
    assert np.abs(start - found.u)[inside].max() < 1e-7
    back = qc.relax(system, 1e-8)
    assert np.abs(back.u - found.u).max() < SAME
    one, other = (s.to_atoms(region=30.0, centre=(0.0, 0.0)) for s in (back, found))
    moved = one.arrays["displacement"] - other.arrays["displacement"]
    assert np.array_equal(one.arrays["ij"], other.arrays["ij"]) and np.abs(moved).max() < SAME


def test_our_atoms_say_where_they_are(tmp_path):
    """Their origin comes with them, from memory, from a file, and in a recipe."""
    found = relaxed(own_line())
    atoms = found.to_atoms()
    ase.io.write(tmp_path / "own.xyz", atoms)
    given = qc.own_atoms(line().base, atoms, 14.0)
    named = qc.own_atoms(line().base, tmp_path / "own.xyz", 14.0)
    said = qc.own_atoms(line().base, atoms, 14.0, origin=atoms.info["shift"])
    assert np.abs(given.start.v - named.start.v).max() < 1e-6
    assert np.array_equal(given.start.v, said.start.v)
    (tmp_path / "own.toml").write_text(
        given.recipe() + "\n[relax]\n[coupling]\nmethod = 'qcf'\ncore = 16.0\n"
    )
    again = read_job(tmp_path / "own.toml").problem()
    assert np.abs(again.start.v - given.start.v).max() < 1e-12


def test_a_void_goes_there_and_back():
    found = relaxed(own_hole(), 10.0, 6.0)
    again = qc.own_atoms(plain(), found.to_atoms(), 14.0)
    assert len(again.removed) == len(found.system.problem.removed)
    assert identity(again) != identity(found.system.problem)  # another start


def test_beyond_the_atoms_the_start_fades_out():
    problem = own_line()
    x = np.array([[29.0, 0.0, 0.0], [45.0, 0.0, 0.0], [61.0, 0.0, 0.0]])
    ij = np.full((3, 2), 10_000)
    v = np.linalg.norm(problem.start.at(ij, x), axis=1)
    assert v[0] > v[1] > v[2] == 0.0
    assert np.array_equal(problem.start.at(problem.start.ij, problem.start.x), problem.start.v)


# --- said, written, read ------------------------------------------------------------------------


def test_own_atoms_are_said_in_a_job(tmp_path):
    """Atoms as values, those alone that the radius reaches; or as the name of their file."""
    problem = own_hole()
    (tmp_path / "void.toml").write_text(
        qc.couple(problem, "bgfc", 10.0, 6.0).recipe() + "\n[relax]\n"
    )
    job = read_job(tmp_path / "void.toml")
    again = job.problem()
    assert identity(again) == identity(problem)
    assert len(job.tables["own_atoms"]["atoms"]["positions"]) < len(hole())
    found, _, _ = carried_out(job, tmp_path / "run")
    assert np.abs(found.u - relaxed(problem, 10.0, 6.0).u).max() < 1e-5
    file = tmp_path / "void.xyz"
    ase.io.write(file, hole())
    named = qc.own_atoms(plain(), str(file), 20.0)
    assert f'atoms = "{file}"' in named.recipe()
    assert np.array_equal(named.removed, problem.removed)


def test_own_atoms_come_back_from_a_file(tmp_path):
    solution = relaxed(own_line())
    again = qc.load(solution.write(tmp_path / "line.npz"))
    problem = again.system.problem
    assert identity(problem) == identity(solution.system.problem)
    assert np.array_equal(problem.start.v, solution.system.problem.start.v)
    assert problem.told() == solution.system.problem.told()


def test_loads_vary_from_own_atoms():
    """A ramp begins at them; the start stays with the problem at another load."""
    problem = own_line()
    ramp = qc.ramp(problem, "bgfc", 16.0, 8.0, shear=[0.0, 20.0])
    first = ramp.solution(0)
    assert np.abs(first.u - relaxed(problem).u).max() < 1e-4
    assert first.system.problem.start is problem.start
    assert qc.couple(problem, "bgfc", 16.0, 8.0).pristine(np.eye(3)).problem.start is None


# --- refused ------------------------------------------------------------------------------------


def plus(place) -> Atoms:
    return hole() + Atoms("W", [place])


def beside() -> Atoms:
    """An atom between sites that have none."""
    return plus(tungsten().lattice_constant * np.array([0.5, 0.25, 0.0]))


def less(periods: int) -> Atoms:
    atoms = hole(periods=periods)
    near = np.argmin(np.linalg.norm(atoms.positions[:, :2] - [9.0, 0.0], axis=1))
    del atoms[near]
    return atoms


def changed(**words) -> Atoms:
    atoms = hole()
    for name, value in words.items():
        setattr(atoms, name, value)
    return atoms


def bent() -> Atoms:
    atoms = hole(periods=2)
    atoms.positions[:, 0] += 0.2 * (atoms.positions[:, 2] > tungsten().lattice_constant - 0.1)
    return atoms


def wrong() -> Atoms:
    atoms = hole()
    atoms.symbols[7] = "Fe"
    return atoms


def larger() -> Atoms:
    atoms = hole()
    atoms.set_cell(1.01 * atoms.cell[:], scale_atoms=True)
    return atoms


def turned(angle: float) -> Atoms:
    atoms = hole()
    atoms.rotate(angle, "z", rotate_cell=True)
    return atoms


REFUSED = {
    "interstitial": (lambda: plus([8.7, 0.0, 0.4]), {}, r"atoms: got '\d atoms at.* interstitials"),
    "at no site": (beside, {}, r"atoms: got 'atom at .*within 1.64 A of a site"),
    "half a column": (lambda: less(2), {}, "atoms: got '1 of 2 atoms of a column'"),
    "bent": (bent, {}, r"atoms: got '0.1\d* A apart along z'"),
    "species": (wrong, {}, r"atoms: got \['Fe', 'W'\], expected atoms of one species"),
    "another species": (lambda: bulk("Fe"), {}, r"atoms: got \['Fe'\], expected W, of which"),
    "no period": (lambda: changed(pbc=False), {}, "atoms: .*along the z axis.*Try: atoms.pbc"),
    "another period": (larger, {}, r"atoms: got '3.19685 A along z', expected a period .*3.1652"),
    "turned": (lambda: turned(20.0), {}, "atoms: got '.*in step with the lattice'"),
    "too small": (lambda: hole(size=10), {}, r"radius: got 20.0, expected atoms up to it"),
    "elsewhere": (hole, {"origin": (200.0, 0.0)}, "radius: got 20.0, expected atoms in the outer"),
    "origin": (hole, {"origin": 3.0}, "origin: got 3.0, expected a point"),
    "axes": (hole, {"axes": 2.0 * np.eye(3)}, "axes: .*three orthonormal rows"),
    "radius": (hole, {"radius": 50.0}, "radius: got 50.0, expected a radius in A below 31.2"),
    "text": (lambda: "nothing.xyz", {}, "atoms: got 'nothing.xyz', expected a file of atoms"),
    "keys": (lambda: {"positions": [[0, 0, 0]]}, {}, "atoms: .*the keys symbols, positions"),
    "number": (lambda: 5, {}, r"atoms: got 5, expected ase.Atoms"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_defect_of_sites_is_refused_by_name(name):
    make, words, match = REFUSED[name]
    with pytest.raises(InputError, match=f"^{match}"):
        qc.own_atoms(plain(), make(), **{"radius": 20.0, **words})


def test_a_chain_has_no_own_atoms():
    from chains import crystal

    with pytest.raises(InputError, match=r"^problem: "):
        qc.own_atoms(qc.vacancy(crystal(), extent=40.0), Atoms("X"), 5.0)
