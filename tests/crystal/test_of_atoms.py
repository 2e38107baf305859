"""Crystals of unit cells that ASE and atomman build: the same lattice, turned the same way."""

from __future__ import annotations

import warnings
from functools import cache

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, fcc111
from ase.lattice.cubic import BodyCenteredCubic, FaceCenteredCubic
from chains import crystal
from hypothesis import given, settings
from hypothesis import strategies as st

import qcmethod as qc
from qcmethod.errors import InputError, OrientationError, PotentialWarning
from qcmethod.lattice.translations import bravais

CRACK = ((1, 1, -2), (1, 1, 1), (1, -1, 0))
SCREW = ((-1, -1, 2), (1, -1, 0), (1, 1, 1))
CUBE = ((1, 0, 0), (0, 1, 0), (0, 0, 1))


@cache
def potential(name: str) -> qc.Potential:
    return qc.load_potential(name)


def al() -> qc.Potential:
    return potential("Al-Ercolessi-1994")


def tungsten() -> qc.Potential:
    return potential("W-Ackland-1987")


def at_rest(symbol: str, triad, lattice: float) -> Atoms:
    make = FaceCenteredCubic if symbol == "Al" else BodyCenteredCubic
    return make(directions=[list(h) for h in triad], symbol=symbol, latticeconstant=lattice)


def require_sites(one: qc.Crystal, atoms: Atoms) -> None:
    """Every atom is at a site of the crystal, as many sites as atoms; the axes are the frame's."""
    steps = (atoms.positions - atoms.positions[0]) @ np.linalg.inv(one.lattice.basis)
    assert np.abs(steps - np.rint(steps)).max() < 1e-6
    assert one.lattice.site_volume * len(atoms) == pytest.approx(atoms.get_volume())


@pytest.mark.parametrize("triad", [CUBE, CRACK, SCREW, ((1, 2, 0), (-2, 1, 0), (0, 0, 1))])
@pytest.mark.parametrize("symbol", ["Al", "W"])
def test_a_cell_of_ase_is_the_crystal_that_we_make(symbol, triad):
    own = al() if symbol == "Al" else tungsten()
    make = qc.Crystal.fcc if symbol == "Al" else qc.Crystal.bcc
    expected = make(own, *triad)
    atoms = at_rest(symbol, triad, expected.lattice_constant)
    found = qc.Crystal.of(atoms, own)
    require_sites(found, atoms)
    assert found.lattice_constant == pytest.approx(expected.lattice_constant, rel=1e-12)
    named = qc.Crystal.of(atoms, own, *triad)
    assert named.told() == expected.told()


def test_the_crack_of_the_readme_keeps_its_names():
    found = qc.Crystal.of(at_rest("Al", CRACK, 4.03208), al())
    assert found.told()["crystal"]["x"] == [1, 1, -2]
    assert found.told()["crystal"]["y"] == [1, 1, 1]
    assert found.told()["crystal"]["z"] == [1, -1, 0]


@pytest.mark.parametrize("cubic", [True, False])
@pytest.mark.parametrize("symbol", ["Al", "W"])
def test_primitive_and_conventional_cells_are_one_crystal(symbol, cubic):
    """The reference constant of ASE is said, that of the potential is taken, a= is obeyed."""
    own = al() if symbol == "Al" else tungsten()
    atoms = bulk(symbol, cubic=cubic)
    a = bulk(symbol, cubic=True).cell[0, 0]
    with pytest.warns(PotentialWarning, match=f"atoms: a = {a:g} A; the crystal is at rest"):
        found = qc.Crystal.of(atoms * (1, 2, 1), own)
    assert found.told()["crystal"]["z"] == [0, 0, 1]
    assert abs(np.trace(found.stress(np.eye(3)))) < 1e-12
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert qc.Crystal.of(atoms, own, a=a).lattice_constant == a


@given(
    turn=st.tuples(*[st.floats(-180.0, 180.0)] * 3),
    steps=st.lists(st.integers(-2, 2), min_size=9, max_size=9),
    fcc=st.booleans(),
)
@settings(max_examples=40, deadline=None)
def test_any_cell_of_a_lattice_is_recognised(turn, steps, fcc):
    """Random whole-numbered supercells, turned at random, moved by 1e-5 A as a file rounds."""
    T = np.reshape(steps, (3, 3))
    n = round(abs(np.linalg.det(T)))
    if n == 0:
        return
    primitive = bulk("Al", a=4.032) if fcc else bulk("Al", "bcc", a=3.147)
    grid = np.stack(np.meshgrid(*[np.arange(-6, 7)] * 3), axis=-1).reshape(-1, 3)
    inside = np.mod(grid @ np.linalg.inv(T) + 1e-9, 1.0)
    _, first = np.unique(np.round(inside, 6), axis=0, return_index=True)
    atoms = Atoms(["Al"] * len(first), inside[first] @ T @ primitive.cell, pbc=True)
    atoms.set_cell(T @ primitive.cell)
    if len(first) != n:
        return  # the grid did not reach all of them
    for angle, axis in zip(turn, "xyz", strict=True):
        atoms.rotate(angle, axis, rotate_cell=True)
    atoms.positions += np.round(1e-5 * np.sin(np.arange(3 * n)), 6).reshape(n, 3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PotentialWarning)
        found = qc.Crystal.of(atoms, al(), *CUBE)
    assert found.lattice.structure == ("fcc" if fcc else "bcc")


def test_turned_cells():
    """The edges of an orthogonal cell are the axes; a slanted one that is turned has none."""
    turned = at_rest("Al", CRACK, 4.03208)
    turned.rotate(33.0, (1, 2, 3), rotate_cell=True)
    assert qc.Crystal.of(turned, al()).told()["crystal"]["y"] == [1, 1, 1]
    slanted = bulk("Al", a=4.03208)
    slanted.rotate(33.0, (1, 2, 3), rotate_cell=True)
    with pytest.raises(InputError, match=r"atoms: .*along directions.*Try: x=\(1, 0, 0\)"):
        qc.Crystal.of(slanted, al())
    assert qc.Crystal.of(slanted, al(), *CRACK).lattice.structure == "fcc"
    with pytest.raises(InputError, match=r"^y: .*all of x, y, z"):
        qc.Crystal.of(slanted, al(), y=(1, 1, 1))
    with pytest.raises(OrientationError):
        qc.Crystal.of(slanted, al(), (1, 0, 0), (1, 1, 0), (0, 0, 1))


def test_plane_crystals_and_chains():
    toy = potential("toy2d-c10")
    plane = qc.Crystal.hex2d(toy)
    a = plane.lattice_constant
    cell = [[a, 0.0, 0.0], [0.5 * a, 0.75**0.5 * a, 0.0], [0.0, 0.0, 5.0]]
    atoms = Atoms("X", cell=cell, pbc=(True, True, False)) * (2, 3, 1)
    assert qc.Crystal.of(atoms, toy).told() == plane.told()
    with pytest.raises(InputError, match=r"^x: .*a hex2d has no axes"):
        qc.Crystal.of(atoms, toy, x=(1, 0, 0))
    square = Atoms("X", cell=[a, a, 5.0], pbc=(True, True, False))
    with pytest.raises(InputError, match="without six nearest neighbours"):
        qc.Crystal.of(square, toy)
    line = crystal()
    atoms = Atoms("X", cell=[1.0, 5.0, 5.0], pbc=(True, False, False)) * (3, 1, 1)
    assert qc.Crystal.of(atoms, line.potential, a=1.0).told() == line.told()


@pytest.mark.parametrize("triad", [CRACK, SCREW])
def test_a_cell_that_atomman_turned(triad):
    am = pytest.importorskip("atomman")
    own = qc.Crystal.fcc(al(), *triad)
    places = [[0, 0, 0], [0.5, 0.5, 0], [0.5, 0, 0.5], [0, 0.5, 0.5]]
    cube = am.System(
        atoms=am.Atoms(atype=1, pos=places),
        box=am.Box.cubic(own.lattice_constant),
        scale=True,
        symbols="Al",
    )
    atoms = cube.rotate(np.array(triad)).dump("ase_Atoms")
    require_sites(qc.Crystal.of(atoms, al()), atoms)


def without(n: int) -> Atoms:
    atoms = bulk("Al", cubic=True) * (2, 2, 2)
    del atoms[n]
    return atoms


def rattled() -> Atoms:
    atoms = bulk("Al", cubic=True)
    atoms.rattle(0.05)
    return atoms


def drawn() -> Atoms:
    atoms = bulk("Al", cubic=True)
    atoms.set_cell(atoms.cell[:] * [[1.0], [1.0], [1.01]], scale_atoms=True)
    return atoms


REFUSED = {
    "hcp": (lambda: bulk("Al", "hcp", a=2.86), "atoms: .*a Bravais lattice.*no hcp"),
    "diamond": (lambda: bulk("Al", "diamond", a=5.4), "atoms: .*a Bravais lattice"),
    "rattled": (rattled, "atoms: .*a Bravais lattice"),
    "vacancy": (lambda: without(3), "atoms: .*a Bravais lattice"),
    "sc": (lambda: bulk("Al", "sc", a=2.7), "atoms: got 'a simple cubic lattice"),
    "tetragonal": (drawn, "atoms: got 'a lattice without cubic axes"),
    "slab": (
        lambda: fcc111("Al", (1, 1, 4), vacuum=8.0, periodic=True),
        "atoms: .*16 A of this cell are vacuum",
    ),
    "layers": (lambda: fcc111("Al", (1, 1, 3)), "pbc: .*True along all three"),
    "cluster": (lambda: Atoms("Al4", bulk("Al", cubic=True).positions), "pbc: .*True along all"),
    "flat": (lambda: Atoms("Al", cell=[4.0, 4.0, 0.0], pbc=True), "atoms: .*a cell with a volume"),
    "two species": (lambda: bulk("AlNi", "cesiumchloride", a=2.9), "atoms: .*one species"),
    "another": (lambda: bulk("Cu"), r"atoms: got \['Cu'\], expected Al, of which Al-Ercolessi"),
    "stretched": (lambda: bulk("Al", a=4.4), "atoms: got 'a = 4.4 A'.*within 5% of 4.03208 A"),
    "many": (lambda: bulk("Al", cubic=True) * (14, 14, 14), "atoms: got 10976, .*a unit cell"),
    "none": (lambda: Atoms(), "atoms: .*finite positions, one or more"),
    "text": (lambda: "Al", "atoms: got 'Al', expected ase.Atoms"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_unit_cell_is_refused_by_name(name):
    make, match = REFUSED[name]
    with pytest.raises(InputError, match=f"^{match}"):
        qc.Crystal.of(make(), al())


def test_two_atoms_at_one_place_are_no_lattice():
    assert bravais(np.eye(3), np.zeros((2, 3)), 1e-3) is None


def test_the_recipe_says_the_crystal(tmp_path):
    """What atoms were made into is told without them."""
    found = qc.Crystal.of(at_rest("Al", CRACK, 4.03208), al())
    text = qc.vacancy(found, extent=40.0).recipe()
    assert 'structure = "fcc"' in text and "y = [1, 1, 1]" in text
