"""Slip vectors against slips that were put in by hand: rigid, of a loop, between two meshes."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

import qcmethod as qc
from qcmethod.analysis.events.slip_vectors import slip_vectors
from qcmethod.errors import InputError


@cache
def crystal(structure: str = "fcc") -> qc.Crystal:
    if structure == "fcc":
        return qc.Crystal.fcc(qc.load_potential("Al-Ercolessi-1994"), dimensions=3)
    return qc.Crystal.bcc(qc.load_potential("W-Ackland-1987"), dimensions=3)


def at(system: qc.System, u: np.ndarray) -> qc.Solution:
    """A state with positions; nobody asks for its forces."""
    return qc.Solution(system, u, system.zero, None, 0.0, 0, 0, 0, 0.0)


@cache
def whole(structure: str, extent: float = 22.0) -> qc.System:
    return qc.couple(qc.homogeneous(crystal(structure), np.eye(3), extent=extent), "atomistic")


def slipped(structure: str, normal, b) -> qc.Solution:
    """The half above a plane moved by b (3,), A; all of it strained a little."""
    system = whole(structure)
    x = system.body.x_k
    n = np.array(normal) / np.linalg.norm(normal)
    above = x @ n > 0.1
    return at(system, system.zero + 0.01 * x[:, [1, 0, 2]] + above[:, None] * np.array(b))


SLIPS = {
    "partial": ("fcc", (1, 1, 1), (1, 1, -2), 6, "Shockley partial"),
    "perfect": ("fcc", (-1, 1, 1), (1, 1, 0), 2, "perfect"),
    "bcc": ("bcc", (1, 1, 0), (-1, 1, 1), 2, "perfect"),
    "112": ("bcc", (1, 1, 2), (1, 1, -1), 2, "perfect"),
}


@pytest.mark.parametrize("name", SLIPS)
def test_a_rigid_slip_is_found_with_its_plane_and_its_vector(name):
    structure, normal, h, divisor, kind = SLIPS[name]
    a = crystal(structure).lattice.constant
    b = a * np.array(h) / divisor
    found = slip_vectors(slipped(structure, normal, b))
    (piece,) = found.pieces
    n = np.array(normal) / np.linalg.norm(normal)
    assert abs(piece.normal @ n) == pytest.approx(1.0, abs=1e-3)
    sign = np.sign(piece.normal @ n)  # seen from the other side the other half has moved
    assert piece.vector == pytest.approx(sign * b, abs=0.1)
    assert (piece.name, piece.plane) == (kind, tuple(sign.astype(int) * np.array(normal)))
    assert piece.burgers == f"a/{divisor}[{' '.join(str(int(sign) * k) for k in h)}]"
    # above and below, and the numbers of Zimmerman: +b and -b
    x = found.solution.system.body.x_l[found.site]
    up, down = (x @ n > 0.1) & (found.count > 0), (x @ n < 0.1) & (found.count > 0)
    assert up.sum() + down.sum() == piece.atoms == len(found) > 50
    for side, expected in ((up, b), (down, -b)):
        assert np.abs(found.vector[side] - expected).max() < 0.1
    assert not found.vector[found.count == 0].any()
    layers = np.unique(np.round(x[found.count > 0] @ n, 3))
    assert len(layers) >= 2 and np.abs(layers).max() < 1.5 * a


def test_strain_is_no_slip():
    system = whole("fcc")
    found = slip_vectors(at(system, system.zero + 0.05 * system.body.x_k[:, [1, 0, 2]]))
    assert len(found) == 0 and found.pieces == () and not found.vector.any()


def test_a_sheared_loop_has_slipped_within_its_polygon():
    b, radius = (0.5, -0.5, 0.0), 12.0
    problem = qc.loop(crystal(), b, (1, 1, 1), radius=radius, extent=60.0)
    system = qc.couple(problem, "bqcf", core=9.0, blend=4.0)
    found = slip_vectors(at(system, system.zero))
    (piece,) = found.pieces
    a = crystal().lattice.constant
    assert (piece.plane, piece.burgers) == ((1, 1, 1), "a/2[1 -1 0]")
    assert piece.roughness < 0.05 and np.linalg.norm(piece.centre) < 1.0
    site_area = np.sqrt(3.0) / 4.0 * a * a
    atoms = found.to_atoms()
    size = np.linalg.norm(atoms.arrays["slip_vector"], axis=1)
    half = (size > 0.5 * a / np.sqrt(2.0)).sum()
    assert half == pytest.approx(2.0 * np.pi * radius**2 / site_area, rel=0.1)
    assert half < piece.atoms < 1.4 * half
    assert 0.8 < size.max() / (a / np.sqrt(2.0)) < 1.0  # less the strain of the loop's own stress
    np.testing.assert_array_equal(atoms.arrays["slipped_past"] > 0, size > 0.0)


def test_between_two_states_on_two_meshes():
    """What had slipped before is no news; sites of the later core alone are interpolated."""
    problem = qc.loop(crystal(), (0.5, -0.5, 0.0), (1, 1, 1), radius=8.0, extent=60.0)
    small, large = (qc.couple(problem, "bqcf", core=c, blend=4.0) for c in (7.0, 11.0))
    before = at(small, small.zero)
    assert len(slip_vectors(before).pieces) == 1
    same = slip_vectors(at(large, large.zero), before)
    assert len(same) == 0 and np.linalg.norm(same.change, axis=1).max() < 0.1
    u = large.zero
    x = large.body.x_k
    n = np.ones(3) / np.sqrt(3.0)
    disc = np.linalg.norm(x - (x @ n)[:, None] * n, axis=1) < 7.0
    u[disc & (x @ n > 0.0) & (x @ n < 12.0)] += (
        crystal().lattice.constant / 6.0 * np.array([1, 1, -2])
    )
    piece = slip_vectors(at(large, u), before).pieces[0]
    assert piece.name in ("Shockley partial", "") and piece.atoms > 20
    moved = np.linalg.norm(slip_vectors(at(large, u), before).change, axis=1).max()
    assert moved == pytest.approx(crystal().lattice.constant / np.sqrt(6.0), rel=0.05)


def test_what_cannot_be_compared_is_refused():
    system = whole("fcc")
    state = at(system, system.zero)
    with pytest.raises(InputError, match="threshold"):
        slip_vectors(state, threshold=0.0)
    other = whole("bcc")
    with pytest.raises(InputError, match="same crystal"):
        slip_vectors(state, at(other, other.zero))
    local = qc.couple(qc.vacancy(crystal(), extent=30.0), "local")
    with pytest.raises(InputError, match="atoms"):
        slip_vectors(at(local, local.zero))
