"""The mesh: invariants of bisection, exact location, grading, flanks, and every refusal."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qcmethod.errors import MeshError
from qcmethod.mesh import (
    Mesh,
    boundary_nodes,
    canonical,
    cell_edges,
    coarsen,
    find_nodes,
    graded,
    gradients,
    interpolation,
    join_flank,
    locate,
    macro_mesh,
    quality,
    refine,
    refine_to_size,
    split_flank,
)

HEX = np.array([[1.0, 0.0], [0.5, np.sqrt(0.75)]])
BASES = {
    "hexagonal": 2.8 * HEX,
    "square": 3.0 * np.eye(2),
    "rectangular": np.diag([2.5, 4.0]),
    "oblique": np.array([[2.6, 0.0], [-0.9, 2.9]]),
    "left-handed": np.array([[2.6, 0.1], [1.2, -2.7]]),
    "chain": np.array([[2.0]]),
    "reversed chain": np.array([[-2.0]]),
}
PLANE = [name for name, b in BASES.items() if len(b) == 2]
modest = settings(max_examples=25, deadline=None)


@st.composite
def meshes(draw: st.DrawFn, names: tuple[str, ...] = tuple(BASES)) -> Mesh:
    """A randomly refined mesh; often with fully resolved patches."""
    basis = BASES[draw(st.sampled_from(names))]
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    mesh = macro_mesh(basis, draw(st.sampled_from([30.0, 80.0])), draw(st.integers(1, 4)))
    for _ in range(draw(st.sampled_from([0, 3, 6, 10, 16]))):
        near = np.linalg.norm(mesh.x[mesh.cells].mean(axis=1), axis=1) < rng.uniform(5, 30)
        mesh = refine(mesh, (rng.random(mesh.n_cells) < rng.choice([0.1, 0.5])) | near)
    return mesh


def signed_volume(mesh: Mesh, cells: np.ndarray) -> np.ndarray:
    """In sites, positive when positively oriented in the plane."""
    p = mesh.ij[cells]
    e = p[:, 1:] - p[:, :1]
    twice = e[:, 0, 0] if mesh.dim == 1 else e[:, 0, 0] * e[:, 1, 1] - e[:, 0, 1] * e[:, 1, 0]
    return np.sign(np.linalg.det(mesh.basis)) * twice / mesh.dim


def assert_conforming(mesh: Mesh, cells: np.ndarray) -> None:
    if mesh.dim == 1:
        assert np.bincount(cells.ravel()).max() <= 2
        return
    edges, edge_of = cell_edges(cells, mesh.n_nodes)
    count = np.bincount(edge_of.ravel())
    assert set(count) <= {1, 2}
    # an edge of one cell only lies on the boundary of the macro mesh: no node sits inside an edge
    macro_edges, macro_of = cell_edges(macro := macro_cells(mesh), int(macro.max()) + 1)
    nodes = np.unique(mesh.macro.reshape(-1, 2), axis=0)
    outer = nodes[macro_edges[np.bincount(macro_of.ravel()) == 1]]
    total = np.abs(outer[:, 1] - outer[:, 0]).max(axis=1).sum()
    single = mesh.ij[edges[count == 1]]
    assert np.abs(single[:, 1] - single[:, 0]).max(axis=1).sum() == total


def macro_cells(mesh: Mesh) -> np.ndarray:
    corners = mesh.macro.reshape(-1, mesh.dim)
    return np.unique(corners, axis=0, return_inverse=True)[1].reshape(mesh.macro.shape[:2])


def interior_sites(mesh: Mesh, n: int, seed: int) -> np.ndarray:
    """Random integer points of the mesh: random lattice points, then those of random cells."""
    rng = np.random.default_rng(seed)
    p = mesh.ij[mesh.cells[rng.integers(0, mesh.n_cells, n)]]
    w = rng.dirichlet(np.ones(mesh.dim + 1), n)
    q = np.rint(np.einsum("nv,nvd->nd", w, p)).astype(np.int64)
    keep = np.zeros(n, dtype=bool)
    for t in mesh.macro:  # rounding may have left the domain
        v = t[None] - q[:, None]
        if mesh.dim == 1:
            keep |= (v[:, 0, 0] * v[:, 1, 0]) <= 0
        else:
            n, m = np.roll(v, -1, axis=1), np.roll(v, -2, axis=1)
            c = n[:, :, 0] * m[:, :, 1] - n[:, :, 1] * m[:, :, 0]
            keep |= (c >= 0).all(axis=1) | (c <= 0).all(axis=1)
    return q[keep]


def ring_size(core: float, a: float = 1.0):
    """The P1 grading of design section 7: a inside the core, a (r / core)^(3/2) outside."""

    def size(x: np.ndarray) -> np.ndarray:
        return a * np.maximum(1.0, np.linalg.norm(x, axis=1) / core) ** 1.5

    return size


# ---------------------------------------------------------------- invariants of bisection


@modest
@given(meshes())
def test_bisection_keeps_every_invariant(mesh: Mesh) -> None:
    assert mesh.ij.dtype == np.int64 and mesh.cells.dtype == np.int64
    assert len(np.unique(mesh.ij, axis=0)) == mesh.n_nodes
    assert np.array_equal(np.unique(mesh.cells), np.arange(mesh.n_nodes))
    for cells in (mesh.cells, canonical(mesh)):
        volume = signed_volume(mesh, cells)
        assert (volume > 0).all()
        assert volume.sum() == mesh.n_sites
        assert np.array_equal(volume * mesh.dim, np.rint(volume * mesh.dim))
        assert_conforming(mesh, cells)
    # the intervals of the tree order tile the finest level
    size = np.int64(1) << (mesh.depth - mesh.level)
    assert np.array_equal(mesh.first, np.concatenate([[0], np.cumsum(size)[:-1]]))
    assert np.array_equal(size, 2 ** (mesh.dim - 1) * np.abs(signed_volume(mesh, mesh.cells)))


@modest
@given(meshes(tuple(PLANE)))
def test_quality_is_bounded_by_the_shape_classes_of_the_basis(mesh: Mesh) -> None:
    e = np.array([[1, 0], [0, 1], [1, 1], [1, -1], [2, 0], [0, 2]]) @ mesh.basis
    e2 = (e**2).sum(axis=1)
    area = abs(np.linalg.det(mesh.basis))
    # unit right triangles on both diagonals; then (diagonal, diagonal, doubled leg) triangles
    worst = min(
        2 * np.sqrt(3) * area / (e2[0] + e2[1] + max(e2[2], e2[3])),
        4 * np.sqrt(3) * area / (e2[2] + e2[3] + max(e2[4], e2[5])),
    )
    assert quality(mesh).min() >= worst * (1 - 1e-12)
    assert quality(mesh).max() <= 1 + 1e-12


def test_quality_of_the_hexagonal_lattice() -> None:
    mesh = graded(HEX, 300.0, ring_size(10.0))
    q = quality(mesh)
    assert q.min() == pytest.approx(0.6)
    assert np.median(q) == pytest.approx(1.0)


@modest
@given(meshes(), st.integers(0, 2**32 - 1))
def test_coarsening_reverses_refinement_exactly(mesh: Mesh, seed: int) -> None:
    marked = np.random.default_rng(seed).random(mesh.n_cells) < 0.3
    fine = refine(refine(mesh, marked), np.arange(2))
    old = set(zip(mesh.first.tolist(), mesh.level.tolist(), strict=True))
    for _ in range(2 * mesh.depth):  # a node may have to wait for its neighbours
        pairs = zip(fine.first.tolist(), fine.level.tolist(), strict=True)
        fine = coarsen(fine, np.array([pair not in old for pair in pairs]))
    assert np.array_equal(fine.ij, mesh.ij)
    assert np.array_equal(fine.cells, mesh.cells)
    assert np.array_equal(fine.first, mesh.first) and np.array_equal(fine.level, mesh.level)


@modest
@given(meshes())
def test_coarsening_everything_ends_at_the_macro_mesh(mesh: Mesh) -> None:
    for _ in range(mesh.depth + 1):
        mesh = coarsen(mesh, np.ones(mesh.n_cells, dtype=bool))
        assert signed_volume(mesh, mesh.cells).sum() == mesh.n_sites
        assert_conforming(mesh, mesh.cells)
    assert np.array_equal(mesh.ij[mesh.cells], mesh.macro)


def test_partial_coarsening_stays_conforming_and_only_marked_cells_go() -> None:
    mesh = graded(HEX, 40.0, ring_size(8.0))
    marked = np.random.default_rng(3).random(mesh.n_cells) < 0.8
    coarse = coarsen(mesh, marked)
    assert 0 < coarse.n_cells < mesh.n_cells
    assert_conforming(coarse, coarse.cells)
    kept = {(f, g) for f, g, m in zip(mesh.first, mesh.level, marked, strict=True) if not m}
    assert kept <= set(zip(coarse.first, coarse.level, strict=True))


def test_refine_marks_each_cell_once_and_leaves_the_finest() -> None:
    mesh = macro_mesh(np.eye(2), 8.0)
    once = refine(mesh, np.array([0]))
    assert once.n_nodes == mesh.n_nodes + 1  # the diagonal of one square: two cells become four
    assert once.n_cells == mesh.n_cells + 2
    full = graded(np.eye(2), 4.0, lambda x: np.zeros(len(x)))
    assert full.is_finest.all()
    assert refine(full, np.ones(full.n_cells, dtype=bool)) is full
    assert refine(mesh, np.array([], dtype=int)) is mesh


# ---------------------------------------------------------------- macro mesh and grading


@pytest.mark.parametrize("name", BASES)
@pytest.mark.parametrize("divisions", [1, 3, 6])
def test_macro_mesh_covers_the_disc(name: str, divisions: int) -> None:
    basis, extent = BASES[name], 77.0
    mesh = macro_mesh(basis, extent, divisions)
    assert mesh.step & (mesh.step - 1) == 0
    angle = np.linspace(0, 2 * np.pi, 181)
    ring = np.stack([np.cos(angle), np.sin(angle)], axis=1)[:, : mesh.dim]
    if mesh.dim == 1:
        ring = np.sign(ring)
    locate(mesh, 0.999999 * extent * ring @ np.linalg.inv(basis))
    assert find_nodes(mesh, np.zeros((1, mesh.dim), dtype=int))[0] >= 0
    if divisions == 1:
        # short diagonals may cut off two corners that the disc does not reach
        assert mesh.n_cells in ((2,) if mesh.dim == 1 else (6, 8))
        assert mesh.reach == mesh.step
    elif mesh.dim == 2:
        assert mesh.n_sites <= macro_mesh(basis, extent).n_sites


def test_macro_mesh_does_not_double_when_the_disc_just_fits() -> None:
    assert macro_mesh(3.0 * np.eye(2), 3.0 * 64).reach == 64
    assert macro_mesh(3.0 * np.eye(2), 3.0 * 64.1).reach == 128


@pytest.mark.parametrize("name", BASES)
def test_grading_is_obeyed(name: str) -> None:
    basis = BASES[name]
    size = ring_size(25.0, 3.0)
    mesh = graded(basis, 600.0, size, divisions=2)
    x = mesh.x[mesh.cells]
    pairs = x - np.roll(x, 1, axis=1)
    longest = np.linalg.norm(pairs, axis=2).max(axis=1)
    samples = [*np.moveaxis(x, 1, 0), x.mean(axis=1)]
    wish = np.min([size(s) for s in samples], axis=0)
    assert ((longest <= wish) | mesh.is_finest).all()
    assert not mesh.is_finest.all()
    assert_conforming(mesh, mesh.cells)


@pytest.mark.parametrize("name", PLANE)
def test_resolved_zone_is_the_lattice_triangulation(name: str) -> None:
    basis, core = BASES[name], 26.0
    size = ring_size(core, 2.0)
    mesh = graded(basis, 300.0, size)
    cells = canonical(mesh)
    n = int(core)
    box = np.stack(np.meshgrid(np.arange(-n, n + 1), np.arange(-n, n + 1)), axis=-1).reshape(-1, 2)
    sites = box[np.linalg.norm(box @ basis, axis=1) <= core]
    node = find_nodes(mesh, sites)
    assert (node >= 0).all()  # every site of the core is a node
    reach = 2 * np.linalg.norm(basis, axis=1).max()
    inner = node[np.linalg.norm(sites @ basis, axis=1) < core - reach]
    valence = np.bincount(cells.ravel(), minlength=mesh.n_nodes)
    assert (valence[inner] == 6).all()
    _, volume = gradients(mesh)
    weight = np.bincount(cells.ravel(), np.repeat(volume / 3, 3), minlength=mesh.n_nodes)
    assert np.abs(weight[inner] - 1).max() < 1e-14
    around = cells[np.isin(cells, inner).any(axis=1)]
    lengths = np.linalg.norm(mesh.x[around] - np.roll(mesh.x[around], 1, axis=1), axis=2)
    a1, a2 = basis
    short = min(np.linalg.norm(a1 + a2), np.linalg.norm(a1 - a2))
    assert lengths.max() <= max(short, *np.linalg.norm(basis, axis=1)) * (1 + 1e-12)


@pytest.mark.parametrize("name", PLANE)
@pytest.mark.parametrize(("offset", "slope"), [(0.0, 3.3), (2.5, 1.7)])
def test_no_site_of_the_core_is_missed_by_a_steep_grading(
    name: str, offset: float, slope: float
) -> None:
    basis, centre = BASES[name], np.array([4.1, -7.3])
    box = np.stack(np.meshgrid(np.arange(-30, 31), np.arange(-30, 31)), axis=-1).reshape(-1, 2)
    r = np.linalg.norm(box @ basis - centre, axis=1)
    for core in np.linspace(3.0, 20.0, 12):  # size <= 0, or <= the shortest vector, inside

        def size(x: np.ndarray, core: float = core) -> np.ndarray:
            return offset + slope * np.maximum(0, np.linalg.norm(x - centre, axis=1) - core)

        mesh = graded(basis, 120.0, size)
        assert (find_nodes(mesh, box[r <= core]) >= 0).all()


def test_a_sharp_core_in_a_nearly_resolved_mesh_is_resolved_exactly() -> None:
    basis, centre = BASES["square"], np.array([4.1, -7.3])
    box = np.stack(np.meshgrid(np.arange(-15, 16), np.arange(-15, 16)), axis=-1).reshape(-1, 2)
    r = np.linalg.norm(box @ basis - centre, axis=1)
    for core in np.linspace(3.0, 20.0, 20):  # only midpoints of edges can hide: they are sampled

        def size(x: np.ndarray, core: float = core) -> np.ndarray:
            return np.where(np.linalg.norm(x - centre, axis=1) <= core, 0.0, 6.1)

        assert (find_nodes(graded(basis, 60.0, size), box[r <= core]) >= 0).all()


def test_nodes_grow_like_the_logarithm_of_the_extent() -> None:
    def size(x: np.ndarray) -> np.ndarray:  # cells proportional to the distance outside the core
        return 1.0 + np.maximum(0.0, np.linalg.norm(x, axis=1) - 10.0)

    n = [graded(HEX, extent, size).n_nodes for extent in 10.0 ** np.arange(3, 8)]
    steps = np.diff(n)
    assert (steps > 0).all() and steps.max() < 1.5 * steps.min()
    assert n[-1] < 2000


def test_speed() -> None:
    """Loose bounds: a few seconds for 1e5 nodes, well under a second for 1e12 sites and more."""
    start = time.perf_counter()
    mesh = graded(HEX, 1e7, ring_size(10.0))
    assert mesh.n_sites > 1e14 and mesh.n_nodes < 4000
    assert time.perf_counter() - start < 1.0
    start = time.perf_counter()
    big = graded(HEX, 1e4, ring_size(65.0))
    assert big.n_nodes > 8e4
    assert time.perf_counter() - start < 10.0


def test_seeds_find_a_core_that_the_samples_miss() -> None:
    centre = np.array([[137.3, 81.1]])

    def size(x: np.ndarray) -> np.ndarray:
        return np.where(np.linalg.norm(x - centre, axis=1) < 4.0, 0.0, np.inf)

    assert graded(HEX, 500.0, size).n_nodes == 7
    mesh = graded(HEX, 500.0, size, seeds=centre)
    cell, _ = locate(mesh, centre @ np.linalg.inv(HEX))
    assert mesh.is_finest[cell].all()


def test_refine_to_size_continues_from_a_mesh() -> None:
    coarse = graded(HEX, 100.0, ring_size(4.0))
    fine = refine_to_size(coarse, ring_size(9.0))
    direct = graded(HEX, 100.0, ring_size(9.0))
    assert np.array_equal(fine.first, direct.first)
    assert np.array_equal(fine.ij[: coarse.n_nodes], coarse.ij)


# ---------------------------------------------------------------- shape functions, interpolation


@modest
@given(meshes())
def test_gradients_are_exact_on_linear_fields(mesh: Mesh) -> None:
    grad, volume = gradients(mesh)
    cells = canonical(mesh)
    assert np.array_equal(volume, signed_volume(mesh, cells))
    slope = np.random.default_rng(0).normal(size=(mesh.dim, 3))
    u = mesh.x @ slope
    got = np.einsum("cvd,cva->cda", grad, u[cells])
    assert np.abs(got - slope).max() < 1e-12
    assert np.abs(grad.sum(axis=1)).max() < 1e-14


@modest
@given(meshes(), st.integers(0, 2**32 - 1))
def test_location_is_exact_on_sites_and_right_on_real_points(mesh: Mesh, seed: int) -> None:
    sites = interior_sites(mesh, 200, seed)
    cell, bary = locate(mesh, sites)
    corners = mesh.ij[canonical(mesh)[cell]]
    assert (bary >= 0).all() and (bary.sum(axis=1) == 1).all()
    assert np.array_equal(np.einsum("nv,nvd->nd", bary, corners), sites)
    assert np.array_equal(locate(mesh, sites.astype(float))[0], cell)
    # real points: inside the canonical cell they were drawn from
    rng = np.random.default_rng(seed)
    drawn = rng.integers(0, mesh.n_cells, 200)
    w = 0.01 + 0.97 * rng.dirichlet(np.ones(mesh.dim + 1), 200)
    w /= w.sum(axis=1, keepdims=True)
    points = np.einsum("nv,nvd->nd", w, mesh.ij[canonical(mesh)[drawn]])
    cell, bary = locate(mesh, points)
    assert np.array_equal(cell, drawn)
    assert np.abs(bary - w).max() < 1e-9


@modest
@given(meshes(), st.integers(0, 2**32 - 1))
def test_interpolation_reproduces_linear_fields(mesh: Mesh, seed: int) -> None:
    sites = interior_sites(mesh, 200, seed)
    matrix = interpolation(mesh, sites)
    slope = np.random.default_rng(seed).normal(size=(mesh.dim, 3))
    expected = 0.7 + sites @ mesh.basis @ slope
    assert np.abs(matrix @ (0.7 + mesh.x @ slope) - expected).max() < 1e-12 * mesh.reach
    assert np.array_equal(np.asarray(matrix.sum(axis=1)).ravel(), np.ones(len(sites)))
    assert (matrix.data > 0).all()
    half = sites[:-1] / 2 + sites[1:] / 2  # real points; the domains here are convex enough
    half = half[(np.abs(half) < mesh.step / 2).all(axis=1)]
    got = interpolation(mesh, half) @ mesh.x
    assert np.abs(got - half @ mesh.basis).max(initial=0.0) < 1e-12 * mesh.reach * 10


@modest
@given(meshes())
def test_interpolation_at_nodes_is_the_identity(mesh: Mesh) -> None:
    matrix = interpolation(mesh, mesh.ij)
    assert matrix.nnz == mesh.n_nodes
    assert np.array_equal(matrix.indices, np.arange(mesh.n_nodes))
    assert (matrix.data == 1.0).all()
    assert np.array_equal(find_nodes(mesh, mesh.ij), np.arange(mesh.n_nodes))
    cell, bary = locate(mesh, mesh.ij)  # the descent agrees with the table of nodes
    assert np.array_equal(
        np.take_along_axis(canonical(mesh)[cell], bary.argmax(axis=1)[:, None], axis=1)[:, 0],
        np.arange(mesh.n_nodes),
    )


def test_location_on_a_huge_strongly_graded_mesh() -> None:
    mesh = graded(BASES["oblique"], 2e7, ring_size(30.0, 2.0), divisions=3)
    rng = np.random.default_rng(5)
    radius = 10 ** rng.uniform(0, 6.5, 5000)
    angle = rng.uniform(0, 2 * np.pi, 5000)
    x = radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    sites = np.rint(x @ np.linalg.inv(mesh.basis)).astype(np.int64)
    cell, bary = locate(mesh, sites)
    back = np.einsum("nv,nvd->nd", bary, mesh.ij[canonical(mesh)[cell]].astype(float))
    assert (bary >= 0).all()
    assert np.abs(back - sites).max() < 1e-12 * mesh.reach
    u = interpolation(mesh, sites) @ mesh.x
    assert np.abs(u - sites @ mesh.basis).max() < 1e-12 * np.abs(mesh.x).max()


# ---------------------------------------------------------------- flanks and boundaries


@modest
@given(meshes(tuple(PLANE)), st.integers(-3, 3))
def test_split_flank_opens_a_jump_and_nothing_else(mesh: Mesh, i_tip: int) -> None:
    for _ in range(mesh.depth):  # the tip must be a node
        if find_nodes(mesh, [[i_tip, 0]])[0] >= 0:
            break
        mesh = refine(mesh, locate(mesh, [[i_tip, 0]])[0])
    split = split_flank(mesh, i_tip)
    copies = np.flatnonzero(split.lower_of >= 0)
    twins = split.lower_of[copies]
    assert split.is_split and len(copies) > 0
    assert np.array_equal(split.ij[copies], split.ij[twins])
    assert (split.ij[copies, 1] == 0).all() and (split.ij[copies, 0] < i_tip).all()
    assert gradients(split)[1].sum() == mesh.n_sites
    # a jump of one across the flank is representable and strains no cell: it closes at the tip only
    cells = canonical(split)
    lower = np.isin(cells, copies).any(axis=1)
    assert (split.ij[cells[lower], 1] <= 0).all()
    assert not np.isin(cells[split.ij[cells, 1].max(axis=1) > 0], copies).any()
    assert np.array_equal(
        canonical(mesh), np.where(cells < mesh.n_nodes, cells, split.lower_of[cells])
    )
    # points of the row: above by default, below on request; rows below see the lower copies only
    u = np.zeros(split.n_nodes)
    u[copies] = 1.0
    start, last = split.ij[copies, 0].min(), split.ij[copies, 0].max()
    row = np.stack([np.arange(start, i_tip), np.zeros(i_tip - start, dtype=int)], axis=1)
    behind, side = row[:, 0] <= last, np.ones(len(row), dtype=bool)
    assert not (interpolation(split, row) @ u).any()
    assert not (interpolation(split, row, ~side) @ u).any()
    assert ((interpolation(split, row, side) @ u)[behind] == 1.0).all()
    half = row[row[:, 0] < last] + np.array([0.25, 0.0])
    assert not (interpolation(split, half) @ u).any()
    assert np.allclose(interpolation(split, half, np.ones(len(half), dtype=bool)) @ u, 1.0)
    assert (find_nodes(split, split.ij[copies], np.ones(len(copies), dtype=bool)) == copies).all()
    assert (find_nodes(split, split.ij[copies]) == twins).all()
    # and it can be undone
    joined = join_flank(split)
    assert np.array_equal(joined.cells, mesh.cells) and np.array_equal(joined.ij, mesh.ij)
    assert join_flank(joined) is joined


def test_sites_below_the_flank_follow_the_lower_side() -> None:
    mesh = split_flank(graded(HEX, 200.0, ring_size(6.0)))
    u = np.where(mesh.ij[:, 1] < 0, 1.0, 0.0)
    u[mesh.lower_of >= 0] = 1.0
    i = np.arange(-150, -1)
    for j in (-1, -2, -7):
        assert np.array_equal(
            interpolation(mesh, np.stack([i, 0 * i + j], axis=1)) @ u, np.ones(149)
        )
    for j in (0, 1, 5):
        assert not (interpolation(mesh, np.stack([i, 0 * i + j], axis=1)) @ u).any()


def test_boundary_nodes() -> None:
    mesh = graded(HEX, 50.0, ring_size(5.0))
    outer = boundary_nodes(mesh)
    i, j = mesh.ij.T  # the domain is a hexagon
    edge = np.max([np.abs(i), np.abs(j), np.abs(i + j)], axis=0)
    assert np.array_equal(outer, np.flatnonzero(edge == mesh.reach))
    split = split_flank(mesh)
    end = find_nodes(split, [[-mesh.reach, 0]] * 2, np.array([False, True]))
    assert np.array_equal(boundary_nodes(split), np.union1d(outer, end))
    chain = graded(BASES["chain"], 50.0, ring_size(5.0))
    assert np.array_equal(np.sort(chain.ij[boundary_nodes(chain), 0]), [-chain.reach, chain.reach])


# ---------------------------------------------------------------- refusals


def test_refusals_of_the_builders() -> None:
    def one(x: np.ndarray) -> np.ndarray:
        return np.ones(len(x))

    for basis in (np.eye(3), [[1.0, 0.0]], [[1.0, 2.0], [2.0, 4.0]], [[0.0]], [[np.nan]]):
        with pytest.raises(MeshError, match="basis"):
            macro_mesh(basis, 10.0)
    for extent in (0.0, -1.0, np.nan, np.inf, 1e10):
        with pytest.raises(MeshError, match="extent"):
            macro_mesh(HEX, extent)
    with pytest.raises(MeshError, match="divisions"):
        macro_mesh(HEX, 10.0, 0)
    with pytest.raises(MeshError, match=r"size.*nan"):
        graded(HEX, 10.0, lambda x: np.full(len(x), np.nan))
    with pytest.raises(MeshError, match="size"):
        graded(HEX, 10.0, lambda x: x)
    with pytest.raises(MeshError, match="more than 100 nodes"):
        graded(HEX, 1e6, one, max_nodes=100)
    with pytest.raises(MeshError, match="seeds"):
        graded(HEX, 10.0, one, seeds=[[1.0, 2.0, 3.0]])
    with pytest.raises(MeshError, match="seeds"):
        graded(HEX, 10.0, one, seeds=[[np.nan, 0.0]])
    with pytest.raises(MeshError, match="1 points outside"):
        graded(HEX, 10.0, one, seeds=[[1e4, 0.0]])


def test_refusals_of_refinement() -> None:
    mesh = macro_mesh(HEX, 20.0)
    marks = (np.ones(3, dtype=bool), np.array([mesh.n_cells]), np.array([-1]), np.array([0.5]))
    for marked in (*marks, np.zeros((2, 2), dtype=int)):
        for change in (refine, coarsen):
            with pytest.raises(MeshError, match="marked_cells"):
                change(mesh, marked)
    split = split_flank(mesh)
    for change in (refine, coarsen):
        with pytest.raises(MeshError, match="split mesh"):
            change(split, np.array([0]))
    with pytest.raises(MeshError, match="split mesh"):
        refine_to_size(split, lambda x: np.ones(len(x)))
    full = graded(HEX, 4.0, lambda x: np.zeros(len(x)))
    with pytest.raises(MeshError, match="no lattice site"):
        refine(replace(full, level=full.level - 1), np.array([0]))


def test_refusals_of_location() -> None:
    mesh = graded(HEX, 20.0, ring_size(5.0))
    far = np.array([[0, 0], [10**6, 0], [0, -(10**12)]])
    for look in (locate, interpolation):
        with pytest.raises(MeshError, match="2 points outside"):
            look(mesh, far)
        with pytest.raises(MeshError, match="2 points outside"):
            look(mesh, far + 0.25)
        with pytest.raises(MeshError, match="finite"):
            look(mesh, np.array([[np.nan, 0.0]]))
        for points in (np.zeros((2, 3)), np.zeros(2), np.array([["a", "b"]])):
            with pytest.raises(MeshError, match="points"):
                look(mesh, points)
        for lower in (np.zeros(2, dtype=bool), np.zeros(3)):
            with pytest.raises(MeshError, match="lower"):
                look(mesh, np.zeros((3, 2), dtype=int), lower)
    with pytest.raises(MeshError, match="between lattice sites"):
        find_nodes(mesh, [[0.5, 0.0]])
    assert np.array_equal(find_nodes(mesh, far[1:]), [-1, -1])
    assert len(locate(mesh, np.zeros((0, 2)))[0]) == 0
    assert interpolation(mesh, np.zeros((0, 2))).shape == (0, mesh.n_nodes)


def test_points_outside_a_trimmed_domain_are_refused() -> None:
    mesh = macro_mesh(3.0 * np.eye(2), 100.0, divisions=6)
    corner = np.array([[mesh.reach, mesh.reach]])
    with pytest.raises(MeshError, match="outside"):
        locate(mesh, corner)
    assert (locate(mesh, mesh.ij)[1].max(axis=1) == 1).all()


def test_refusals_of_the_flank() -> None:
    mesh = graded(HEX, 20.0, ring_size(5.0))
    with pytest.raises(MeshError, match="i_tip"):
        split_flank(mesh, mesh.reach - 1)
    with pytest.raises(MeshError, match="behind"):
        split_flank(mesh, -mesh.reach)
    with pytest.raises(MeshError, match="split mesh"):
        split_flank(split_flank(mesh))
    with pytest.raises(MeshError, match="1-D"):
        split_flank(macro_mesh(BASES["chain"], 20.0))
