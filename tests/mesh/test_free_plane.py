"""Meshes in space that end at a plane of sites: no cell crosses it, its nodes are all alike."""

from __future__ import annotations

import numpy as np
import pytest

from qcmethod import mesh as meshing
from qcmethod.errors import OrientationError
from qcmethod.lattice.bricked import bricked
from qcmethod.mesh.space.bricks import half_edges
from qcmethod.mesh.space.surface import areas, triangles
from qcmethod.problems.free_plane import FreePlane

PLANES = {
    "fcc 100": ("fcc", (1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "fcc 111": ("fcc", (1, 1, -2), (1, 1, 1), (1, -1, 0)),
    "fcc 110": ("fcc", (1, -1, 0), (1, 1, 0), (0, 0, 1)),
    "fcc 100, a face": ("fcc", (1, -1, 0), (0, 0, 1), (-1, -1, 0)),
    "bcc 100": ("bcc", (1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "bcc 110": ("bcc", (0, 0, 1), (1, 1, 0), (-1, 1, 0)),
}
FACES = ("fcc 110", "fcc 100, a face", "bcc 100")
"""Surfaces that are faces of bricks, not planes that halve them."""


@pytest.fixture(scope="module", params=PLANES)
def half(request):
    """A name, a lattice, its end, and a mesh resolved within 9 A of the origin."""
    lattice = bricked(PLANES[request.param][0], 4.0, *PLANES[request.param][1:])
    cut = FreePlane.of(lattice)

    def wish(centre, radius):
        d = np.linalg.norm(centre, axis=1)
        return np.where(d - radius < 9.0, 0.0, np.where(centre[:, 1] > 0.0, np.inf, 0.6 * d))

    whole = meshing.graded_in_space(lattice.basis, 40.0, wish)
    return request.param, lattice, cut, cut.opened(whole)


def below(half):
    """Canonical cells of the matter, and how many layers high each corner is."""
    _, _, cut, mesh = half
    cells = meshing.canonical(mesh)
    m = cut.layer(mesh.ij)[cells]
    return cells[m.max(axis=1) <= 0], m


def test_layers_are_numbered_by_their_height(half):
    _, lattice, cut, mesh = half
    y = mesh.ij @ lattice.basis[:, 1]
    m = cut.layer(mesh.ij)
    rise = lattice.site_volume / np.linalg.norm(np.cross(*surface_cell(lattice)))
    assert np.abs(y - rise * m).max() < 1e-9 and {-1, 0, 1} <= set(m)


def surface_cell(lattice):
    """The two shortest vectors along the surface that make a cell without a site in it."""
    flat = lattice.shell(9.0)
    flat = flat[np.abs(flat[:, 1]) < 1e-9]
    across = np.linalg.norm(np.cross(flat, flat[0]), axis=1)
    return flat[0], flat[across > 1e-9][0]


def test_no_cell_crosses_the_plane_and_half_of_the_domain_is_below_it(half):
    mesh = half[3]
    _, m = below(half)
    volume = meshing.gradients(mesh)[1]
    assert not ((m.min(axis=1) < 0) & (m.max(axis=1) > 0)).any()
    assert volume[m.min(axis=1) < 0].sum() == pytest.approx(0.5 * mesh.n_sites, rel=1e-14)


def test_cells_below_conform(half):
    """A face belongs to two cells, or lies on the plane, or on the outer boundary of the cube."""
    _, _, cut, mesh = half
    cells, _ = below(half)
    faces = np.sort(np.concatenate([np.delete(cells, v, axis=1) for v in range(4)]), axis=1)
    found, times = np.unique(faces, axis=0, return_counts=True)
    assert times.max() == 2
    single = found[times == 1]
    on_plane = (cut.layer(mesh.ij)[single] == 0).all(axis=1)
    h = np.abs(mesh.ij @ mesh.basis @ np.linalg.inv(half_edges(mesh.basis)))[single]
    outer = (h > mesh.step - 1e-6).all(axis=1).any(axis=1)
    assert (on_plane ^ outer).all() and on_plane.sum() == len(triangles(mesh))


def test_nodes_of_the_surface_are_alike(half):
    """They own half a site in planes that halve bricks; on faces 7/12, a node below 11/12."""
    name, _, cut, mesh = half
    cells, m = below(half)
    volume = meshing.gradients(mesh)[1][m.max(axis=1) <= 0]
    share = np.bincount(cells.ravel(), np.repeat(volume / 4.0, 4), minlength=mesh.n_nodes)
    near, layer = np.linalg.norm(mesh.x, axis=1) < 5.9, cut.layer(mesh.ij)
    expected = (7.0 / 12.0, 11.0 / 12.0) if name in FACES else (0.5, 1.0)
    for depth, own in enumerate((*expected, 1.0)):
        there = share[near & (layer == -depth)]
        assert len(there) and there == pytest.approx(np.full(len(there), own), rel=1e-12)


def test_triangles_cover_the_plane(half):
    """The section of a cube of bricks: a face of it, or the plane through two of its edges."""
    name, lattice, _, mesh = half
    edges = half_edges(lattice.basis) * 2.0 * mesh.step
    up = np.argsort(-np.abs(edges[:, 1]))
    one, two, three = edges[up]
    first = two if name in FACES else one - np.sign(one[1] * two[1]) * two
    section = float(np.linalg.norm(np.cross(first, three)))
    x = mesh.x[triangles(mesh)]
    assert np.abs(x[..., 1]).max() < 1e-9
    assert areas(x).sum() == pytest.approx(section, rel=1e-12)


def test_sites_are_found_in_cells_that_hold_them(half):
    """Interpolation of linear fields is exact at every site below the plane, nodes or not."""
    _, _, cut, mesh = half
    ij = np.random.default_rng(1).integers(-9, 10, (4000, 3))
    ij = ij[(cut.layer(ij) <= 0) & meshing.covers(mesh, ij)]
    S = meshing.interpolation(mesh, ij)
    assert len(ij) > 500
    assert np.abs(S @ mesh.x - ij @ mesh.basis).max() < 1e-12
    used = np.unique(S.indices)
    assert cut.layer(mesh.ij[used]).max() == 0


def test_the_mirror_image_fills_the_other_half(half):
    """Its lower cells stay what they were; the upper ones have their volumes."""
    _, _, cut, mesh = half
    whole = meshing.join_flank(mesh)
    assert whole.end is None
    x = {tuple(h) for h in whole.ij.tolist()}
    assert {tuple(h) for h in mesh.ij[cut.layer(mesh.ij) <= 0].tolist()} <= x
    assert {tuple(-h) for h in whole.ij} == x
    share = np.bincount(
        meshing.canonical(whole).ravel(), np.repeat(meshing.gradients(whole)[1] / 4.0, 4)
    )
    near = np.linalg.norm(whole.x, axis=1) < 5.9
    assert share[near] == pytest.approx(np.ones(near.sum()), rel=1e-12)


@pytest.mark.parametrize(
    "axes",
    [
        ("bcc", (1, 1, -2), (1, 1, 1), (1, -1, 0)),
        ("fcc", (2, 1, 0), (-1, 2, 0), (0, 0, 1)),
        ("fcc", (1, 1, 0), (-1, 1, 2), (1, -1, 1)),
    ],
)
def test_other_planes_are_refused_by_name(axes):
    structure, *triad = axes
    with pytest.raises(OrientationError, match=r"\{100\}.*meshes have no other planes"):
        FreePlane.of(bricked(structure, 4.0, *triad))
