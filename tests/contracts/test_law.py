"""Every law of a cell is one, and a law is one file: Saint Venant and Kirchhoff's as an example."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest

import qcmethod as qc
from qcmethod.base.types import Array
from qcmethod.crystal.law import LAWS, Response, law
from qcmethod.crystal.rows import PointByPoint
from qcmethod.discretisation.cells import CellSum
from qcmethod.errors import CouplingError, InvertedCellError
from qcmethod.potentials.range import refuse_inverted
from qcmethod.testing import check_law
from qcmethod.testing.sweep import slope_error

CRYSTALS = {
    "aluminium": lambda: qc.Crystal.fcc(
        qc.load_potential("Al-Ercolessi-1994"), (1, 1, -2), (1, 1, 1), (1, -1, 0)
    ),
    "tungsten": lambda: qc.Crystal.bcc(qc.load_potential("W-Zhou-2004")),
    "stretched argon": lambda: qc.Crystal.fcc(qc.load_potential("Ar-Bernardes-1958"), a=5.3),
    "plane": lambda: qc.Crystal.hex2d(qc.load_potential("toy2d-c10")),
    "chain": lambda: qc.Crystal.chain(qc.load_potential("Al-Ercolessi-1994")),
}


# --- a law in one file: from here ---------------------------------------------------------------


@law("saint-venant")
def saint_venant(crystal: qc.Crystal) -> SaintVenant:
    """The moduli of a crystal at F = 1, and its stress there, kept for all strains."""
    one = np.eye(3)
    T = crystal.stress(one) * crystal.lattice.site_volume
    A = crystal.tangent(one) * crystal.lattice.site_volume
    # A_aibj = C_aibj + delta_ab T_ij at F = 1
    C = A - np.einsum("ab,ij->aibj", one, T)
    return SaintVenant(crystal.site_energy(one), T, C)


@dataclass(frozen=True)
class SaintVenant:
    """W = W0 + T : E + 1/2 E : C : E,   P = F S,   S = T + C : E,   E = 1/2 (F^T F - 1)."""

    W0: float
    T: Array
    C: Array

    def at(self, F: Array) -> Response:
        refuse_inverted(F)
        E = 0.5 * (np.swapaxes(F, 1, 2) @ F - np.eye(3))
        CE = np.einsum("ijkl,qkl->qij", self.C, E)
        W = self.W0 + np.einsum("qij,qij->q", E, self.T + 0.5 * CE)
        return Response(W, F @ (self.T + CE), self.T + CE)

    def tangent(self, F: Array, found: Response) -> Array:
        A = np.einsum("qak,kilj,qbl->qaibj", F, self.C, F, optimize=True)
        return A + np.einsum("ab,qij->qaibj", np.eye(3), found.kept)

    def trust(self, F: Array) -> Array:
        return np.linalg.det(F)


# --- to here --------------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=CRYSTALS)
def crystal(request):
    return CRYSTALS[request.param]()


@pytest.mark.parametrize("name", LAWS)
def test_every_law_is_one(name, crystal):
    if name == "tabulated" and crystal.lattice.n_components != 3:
        with pytest.raises(CouplingError, match=r"^law: got 'tabulated', expected 'cauchy-born'"):
            check_law(name, crystal)
        return
    errors = check_law(name, crystal)
    assert len(errors) == 5 + hasattr(LAWS[name](crystal), "over") and max(errors.values()) < 1e-6


def test_both_laws_are_one_for_small_strains(crystal):
    """W, P and A agree at F = 1; beyond it W differs by the third order in the strain."""
    full, linear = (LAWS[name](crystal) for name in ("cauchy-born", "saint-venant"))
    one, n = np.eye(3)[None], crystal.lattice.n_components
    at, near = full.at(one), linear.at(one)
    A = full.tangent(one, at)
    np.testing.assert_allclose(near.W, at.W, atol=1e-12)
    np.testing.assert_allclose(near.P, at.P, atol=1e-12)
    np.testing.assert_allclose(linear.tangent(one, near), A, atol=1e-9 * abs(A).max())
    G = np.zeros((3, 3))
    G[:n, :n] = np.array([[0.6, 0.3, 0.1], [-0.2, 0.5, 0.2], [0.1, 0.4, -0.7]])[:n, :n]
    h = np.array([2e-3, 4e-3])
    F = np.eye(3) + h[:, None, None] * G
    differ = np.abs(full.at(F).W - linear.at(F).W)
    assert np.log2(differ[1] / differ[0]) == pytest.approx(3.0, abs=0.1)


@pytest.mark.parametrize("name", LAWS)
def test_a_sum_over_cells_takes_any_law(name):
    """Gradient and stiffness of the cells are derivatives of their energy, whatever the law."""
    crystal = CRYSTALS["aluminium"]()
    body = qc.couple(qc.crack(crystal, KI=0.3, extent=90.0), "local", core=15.0).body
    F0 = np.broadcast_to(np.eye(3), body.F0_q.shape).copy()
    kinematics = replace(body.kinematics, F0=F0)
    cells = CellSum(LAWS[name](crystal), kinematics, body.cells.volume, crystal.cohesive)
    rng = np.random.default_rng(3)
    far = np.linalg.norm(body.x_k[:, :2], axis=1) > 15.0
    u, v = (s * rng.normal(size=(body.n_nodes, 3)) * far[:, None] for s in (1e-3, 1.0))
    at, state = cells.at, cells.at(u)
    Kv = (cells.stiffness(state) @ v.ravel()).reshape(-1, 3)
    work = np.vdot(state.gradient, v)
    assert slope_error(lambda h: at(u + h * v).energy, work, abs(np.vdot(v, Kv))) < 1e-8
    assert slope_error(lambda h: at(u + h * v).gradient, Kv) < 1e-6
    product = cells.product(cells.tangents(state), v)
    np.testing.assert_allclose(product, Kv, atol=1e-12 * abs(Kv).max())


def test_trust_says_what_is_refused():
    """The margin of Cauchy-Born cells falls to zero where they are refused, and not before."""
    crystal = CRYSTALS["aluminium"]()
    one = LAWS["cauchy-born"](crystal)
    for s in np.linspace(0.7, 1.2, 26):
        F = np.diag([s, 1.0, 1.0])[None]
        trusted = one.trust(F)[0] >= 0.0
        try:
            one.at(F)
        except (InvertedCellError, qc.errors.OffTableError):
            assert not trusted, s
        else:
            assert trusted, s


class Stiffer(SaintVenant):
    """Its tangent is not that of its stress."""

    def tangent(self, F: Array, found: Response) -> Array:
        return 1.001 * super().tangent(F, found)


class InTheLaboratory(SaintVenant):
    """The linear strain, which a rotation changes."""

    def at(self, F: Array) -> Response:
        E = 0.5 * (F + np.swapaxes(F, 1, 2)) - np.eye(3)
        CE = np.einsum("ijkl,qkl->qij", self.C, E)
        W = self.W0 + np.einsum("qij,qij->q", E, self.T + 0.5 * CE)
        return Response(W, self.T + CE, np.zeros_like(CE))

    def tangent(self, F: Array, found: Response) -> Array:
        return np.broadcast_to(self.C, (len(F), 3, 3, 3, 3))


class Hasty(SaintVenant):
    """Its own sums over points forget the weights."""

    def over(self, points):
        return PointByPoint(self, replace(points, weight=np.ones_like(points.weight)))


class Unbounded(SaintVenant):
    """It trusts an inverted cell."""

    def trust(self, F: Array) -> Array:
        return np.full(len(F), np.inf)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [(Stiffer, "A = dP/dF"), (InTheLaboratory, r"Q F"), (Unbounded, "inverted"), (Hasty, "sums")],
)
def test_what_is_no_law_is_found(wrong, message):
    crystal = CRYSTALS["tungsten"]()
    good = saint_venant(crystal)
    with pytest.raises(AssertionError, match=message):
        check_law(wrong(good.W0, good.T, good.C), crystal)
