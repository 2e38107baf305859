"""Stroh formalism against closed forms, matscipy, clamped rims of atomistic runs, and itself."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matscipy.fracture_mechanics.crack import CubicCrystalCrack
from paths import DATA
from scipy.linalg import sqrtm

from qcmethod.elasticity import (
    CrackField,
    DislocationField,
    cubic_stiffness,
    energy_release_rate,
    griffith_K,
    prelogarithmic_energy,
    rotate_stiffness,
    stiffness_from_voigt,
    stiffness_to_voigt,
    stroh,
)
from qcmethod.elasticity.dislocation_field import _log_differences
from qcmethod.elasticity.matrix_function import newton_coefficients
from qcmethod.elasticity.stroh import sextic_matrix
from qcmethod.errors import InputError, UnstableCrystalError
from qcmethod.units import GPA, J_PER_M2, MPA_SQRT_M

AL = (117.8744987, 62.1215886, 36.6939948)  # GPa, Ercolessi and Adams 1994
CU = (169.6270032, 122.1398631, 75.74235697)  # GPa, Zhou, Johnson and Wadley 2004
K_MIXED = (0.4 * MPA_SQRT_M, -0.3 * MPA_SQRT_M, 0.2 * MPA_SQRT_M)


def frame(x, y):
    x, y = np.asarray(x, float), np.asarray(y, float)
    z = np.cross(x, y)
    return np.array([v / np.linalg.norm(v) for v in (x, y, z)])


def medium(moduli, x=(1, 1, -2), y=(1, 1, 1)):
    return stroh(rotate_stiffness(cubic_stiffness(*moduli) * GPA, frame(x, y)))


def isotropic(mu=0.2, nu=0.3):
    lam = 2 * mu * nu / (1 - 2 * nu)
    return stroh(cubic_stiffness(lam + 2 * mu, lam, mu))


def polar(r, theta):
    return np.column_stack([r * np.cos(theta), r * np.sin(theta)])


def cloud(n=200, seed=1, r=(0.5, 80.0), gap=0.05):
    rng = np.random.default_rng(seed)
    return polar(rng.uniform(*r, n), rng.uniform(-np.pi + gap, np.pi - gap, n))


@st.composite
def media(draw):
    """Cubic crystals of Zener ratio 0.3 to 6, nearly isotropic ones included, any rotation."""
    bulk, mu = draw(st.floats(0.2, 2.0)), draw(st.floats(0.1, 1.0))
    zener = draw(
        st.one_of(st.floats(0.3, 6.0), st.sampled_from([1.0, 1 + 1e-13, 1 - 1e-9, 1 + 1e-5]))
    )
    shear = mu / zener  # (C11 - C12)/2
    C = cubic_stiffness(bulk + 4 * shear / 3, bulk - 2 * shear / 3, mu)
    q = np.array([draw(st.floats(-1, 1)) for _ in range(3)] + [draw(st.floats(0.1, 1.0))])
    x, y, z, w = q / np.linalg.norm(q)
    R = np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )
    return stroh(rotate_stiffness(C, R))


def fields(s):
    return CrackField(s, K_MIXED, (0.3, -0.2)), DislocationField(s, (2.0, -1.0, 1.5), (0.3, -0.2))


# --- stiffness ---------------------------------------------------------------------------------


def test_cubic_voigt_and_rotation():
    voigt = stiffness_to_voigt(cubic_stiffness(*AL))
    assert voigt[0, 0] == AL[0] and voigt[0, 1] == AL[1] and voigt[3, 3] == AL[2]
    assert np.array_equal(stiffness_to_voigt(stiffness_from_voigt(voigt)), voigt)
    R = frame([1, 1, -2], [1, 1, 1])
    back = rotate_stiffness(rotate_stiffness(cubic_stiffness(*AL), R), R.T)
    assert np.allclose(back, cubic_stiffness(*AL), rtol=0, atol=1e-12 * AL[0])
    # C'_1111 along [111] = (C11 + 2 C12 + 4 C44)/3, Nye 1957.
    along = rotate_stiffness(cubic_stiffness(*AL), R)[1, 1, 1, 1]
    assert along == pytest.approx((AL[0] + 2 * AL[1] + 4 * AL[2]) / 3, rel=1e-13)


@pytest.mark.parametrize(
    "call",
    [
        lambda: cubic_stiffness(1.0, np.nan, 1.0),
        lambda: stiffness_from_voigt(np.eye(5)),
        lambda: stiffness_from_voigt(np.triu(np.ones((6, 6)))),
        lambda: stroh(np.eye(3)),
        lambda: stroh(np.arange(81.0).reshape(3, 3, 3, 3)),
        lambda: rotate_stiffness(cubic_stiffness(*AL), np.eye(3)[:2]),
        lambda: rotate_stiffness(cubic_stiffness(*AL), 2 * np.eye(3)),
        lambda: rotate_stiffness(cubic_stiffness(*AL), np.diag([1.0, 1.0, -1.0])),
    ],
)
def test_refuses_bad_stiffness(call):
    with pytest.raises(InputError):
        call()


@pytest.mark.parametrize("moduli", [(1.0, 1.5, 0.5), (1.0, -0.6, 0.5), (2.0, 1.0, -0.1)])
def test_refuses_unstable_crystal(moduli):
    with pytest.raises(UnstableCrystalError, match="positive definite"):
        stroh(cubic_stiffness(*moduli))


# --- the sextic problem ------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(media())
def test_invariant_basis_and_barnett_lothe_integrals(s):
    N = sextic_matrix(s.C)
    Z = np.vstack([s.A, s.B])
    assert np.all(s.p.imag > 0)
    assert np.allclose(N @ Z, Z @ s.T, rtol=0, atol=1e-12 * np.abs(N).max())
    # Angular averages of N (Barnett and Lothe 1973): the integral form, which needs no roots.
    total, turns = np.zeros((6, 6)), 400
    for w in np.pi * np.arange(turns) / turns:
        c, d = np.cos(w), np.sin(w)
        turn = np.array([[c, d, 0], [-d, c, 0], [0, 0, 1]])
        m, n = turn[0], turn[1]
        Q, R, T = (np.einsum("j,ijkl,l->ik", a, s.C, b) for a, b in ((m, m), (m, n), (n, n)))
        Ti = np.linalg.inv(T)
        total += np.block([[-Ti @ R.T, Ti], [R @ Ti @ R.T - Q, -R @ Ti]]) / turns
    size = np.abs(s.L).max()
    assert np.allclose(total[:3, :3], s.S, rtol=0, atol=1e-10)
    assert np.allclose(total[:3, 3:], s.H, rtol=0, atol=1e-10 * np.abs(s.H).max())
    assert np.allclose(-total[3:, :3], s.L, rtol=0, atol=1e-10 * size)
    assert np.linalg.eigvalsh(s.L)[0] > 0


def test_isotropic_barnett_lothe():
    mu, nu = 0.2, 0.3
    s = isotropic(mu, nu)
    assert np.allclose(s.L, mu / (1 - nu) * np.diag([1, 1, 1 - nu]), rtol=0, atol=1e-14)
    half = (1 - 2 * nu) / (2 * (1 - nu))
    assert np.allclose(s.S, [[0, -half, 0], [half, 0, 0], [0, 0, 0]], rtol=0, atol=1e-14)


# --- crack -------------------------------------------------------------------------------------

CRYSTALS = json.loads((DATA / "griffith_K.json").read_text())["crystals"]


@pytest.mark.parametrize("crystal", CRYSTALS, ids=lambda c: c["name"])
def test_griffith_K(crystal):
    for system, expected in crystal["K_G_MPa_sqrt_m"].items():
        plane, growth = (
            [int(d) for d in re.findall(r"-?\d", part)] for part in re.findall(r"[\d-]+", system)
        )
        family = "".join(str(abs(h)) for h in sorted(plane, key=abs, reverse=True))
        family = {"211": "112"}.get(family, family)
        gamma = crystal["gamma_J_per_m2"][family] * J_PER_M2
        s = medium(crystal["C_GPa"], growth, plane)
        K = griffith_K(s, gamma)
        assert griffith_K(s, gamma) / MPA_SQRT_M == pytest.approx(expected, rel=3e-9), system
        assert energy_release_rate(s, (K, 0, 0)) == pytest.approx(2 * gamma, rel=1e-13)


def test_reproduces_clamped_rim():
    ref = json.loads((DATA / "crack_rim_Al.json").read_text())
    s = medium(ref["moduli_GPa"], ref["x"], ref["y"])
    K = ref["K_MPa_sqrt_m"] * MPA_SQRT_M * ref["unit_factor"]
    u = CrackField(s, (K, 0, 0), tuple(ref["tip"])).displacement(ref["x0"])
    assert np.abs(u - ref["u"]).max() < 1e-11


@pytest.mark.parametrize("moduli", [AL, CU, (522.54, 204.22, 160.755)], ids=["Al", "Cu", "W"])
@pytest.mark.parametrize(
    ("x", "y"),
    [
        ((1, 1, -2), (1, 1, 1)),
        ((1, 0, 0), (0, 0, 1)),
        ((0, 0, 1), (1, 1, 0)),
        ((1, 1, 0), (0, 0, 1)),
    ],
)
def test_modes_I_and_II_against_matscipy(moduli, x, y):
    s = medium(moduli, x, y)
    points, (k1, k2) = cloud(), (0.4, -0.3)  # MPa sqrt(m) = 100 GPa sqrt(A) * 1e-2
    oracle = CubicCrystalCrack(y, np.cross(x, y), *moduli)
    assert np.allclose(oracle.third_dir, np.asarray(x) / np.linalg.norm(x))
    r, theta = np.hypot(*points.T), np.arctan2(points[:, 1], points[:, 0])
    field = CrackField(s, (k1 * MPA_SQRT_M, k2 * MPA_SQRT_M, 0.0))
    u = np.column_stack(oracle.crack.displacements(r, theta, 100 * k1, 100 * k2))
    assert np.abs(field.displacement(points)[:, :2] - u).max() < 1e-8
    assert np.abs(field.displacement(points)[:, 2]).max() < 1e-12
    F = oracle.crack.deformation_gradient(r, theta, 100 * k1, 100 * k2)
    G = field.gradient(points)[:, :2, :2]
    assert np.abs(np.swapaxes(F, 1, 2) - np.eye(2) - G).max() < 1e-8
    sxx, syy, sxy = oracle.crack.stresses(r, theta, 100 * k1, 100 * k2)
    sigma = field.stress(points) / GPA
    assert np.abs(sigma[:, 0, 0] - sxx).max() < 1e-8
    assert np.abs(sigma[:, 1, 1] - syy).max() < 1e-8
    assert np.abs(sigma[:, 0, 1] - sxy).max() < 1e-8


@settings(max_examples=30, deadline=None)
@given(media(), st.tuples(*[st.integers(-99, 99)] * 3), st.floats(0.1, 1e4))
def test_tractions_and_opening(s, K, r):
    field = CrackField(s, K)
    k = np.array([K[1], K[0], K[2]])
    ahead, behind = [[r, 0.0]], [[-r, 0.0]]
    scale = np.linalg.norm(k) / np.sqrt(2 * np.pi * r) + 1e-300
    assert np.allclose(field.stress(ahead)[0, :, 1], k / np.sqrt(2 * np.pi * r), atol=1e-11 * scale)
    upper, lower = field.stress(behind), field.stress(behind, [True])
    assert np.abs(upper[:, :, 1]).max() < 1e-10 * scale
    assert np.abs(lower[:, :, 1]).max() < 1e-10 * scale
    opening = field.displacement(behind) - field.displacement(behind, [True])
    expected = 2 * np.sqrt(2 * r / np.pi) * np.linalg.solve(s.L, k)
    assert np.allclose(opening[0], expected, rtol=0, atol=1e-11 * np.abs(expected).max())


def test_lower_flank_is_the_continuation_from_below():
    field = CrackField(medium(CU), K_MIXED, (1.0, 2.0))
    flank, h = np.array([[-9.0, 2.0]]), np.array([[0.0, 1e-4]])
    below = field.displacement(flank - h) + field.gradient(flank - h)[:, :, 1] * 1e-4
    assert np.allclose(field.displacement(flank, [True]), below, rtol=0, atol=1e-9)
    above = field.displacement(flank + h) - field.gradient(flank + h)[:, :, 1] * 1e-4
    assert np.allclose(field.displacement(flank), above, rtol=0, atol=1e-9)
    for x, side in ((flank + 0.1, -1), (flank - [[0, 0.1]], +1)):
        forced = field.displacement(x, np.array([side], dtype=np.int8))
        assert np.array_equal(forced, -field.displacement(x))
        assert np.array_equal(field.gradient(x, np.array([side])), -field.gradient(x))
        assert np.array_equal(field.displacement(x, [0]), field.displacement(x))
    ahead = np.array([[5.0, 2.1]])
    assert np.array_equal(field.displacement(ahead, [True]), field.displacement(ahead))
    assert np.array_equal(field.displacement(flank, [False]), field.displacement(flank))


def test_isotropic_K_field():
    """Williams 1957; plane strain, kappa = 3 - 4 nu."""
    mu, nu = 0.2, 0.3
    x = cloud()
    r, t = np.hypot(*x.T), np.arctan2(x[:, 1], x[:, 0])
    c, s, kappa = np.cos(t / 2), np.sin(t / 2), 3 - 4 * nu
    k1, k2, k3 = K_MIXED
    a = np.sqrt(r / (2 * np.pi)) / (2 * mu)
    exact = np.column_stack(
        [
            a * (k1 * c * (kappa - 1 + 2 * s**2) + k2 * s * (kappa + 1 + 2 * c**2)),
            a * (k1 * s * (kappa + 1 - 2 * c**2) - k2 * c * (kappa - 1 - 2 * s**2)),
            4 * a * k3 * s,
        ]
    )
    u = CrackField(isotropic(mu, nu), K_MIXED).displacement(x)
    assert np.abs(u - exact).max() < 2e-13 * np.abs(exact).max()


def log_by_angle(T, x, y):
    """log(x + T y) = log r + integral of (T cos w - sin w)(cos w + T sin w)^-1 from 0 to theta."""
    theta, one = np.arctan2(y, x), np.eye(3)
    nodes, weights = np.polynomial.legendre.leggauss(60)
    total = np.log(np.hypot(x, y)) * one.astype(complex)
    for w, weight in zip(0.5 * theta * (nodes + 1), 0.5 * theta * weights, strict=True):
        c, d = np.cos(w), np.sin(w)
        total += weight * np.linalg.solve(c * one + d * T, c * T - d * one)
    return total


@pytest.mark.parametrize("deviation", [0.0, 1e-15, 1e-12, 1e-9, 1e-6, 1e-3, 1e-1])
def test_nearly_isotropic_is_as_accurate(deviation):
    """Against the matrix functions themselves, for a general rotation of the crystal."""
    mu, lam = 0.2, 0.3
    C = cubic_stiffness(lam + 2 * mu * (1 + deviation), lam, mu)
    s = stroh(rotate_stiffness(C, frame([1, 2, 3], [3, 0, -1])))
    crack, line = CrackField(s, K_MIXED), DislocationField(s, (2.0, -1.0, 1.5))
    g, h = crack._amplitude(), line._amplitude()
    for x, y in cloud(30, seed=3):
        M = x * np.eye(3) + y * s.T
        u = np.real(s.A @ sqrtm(M) @ np.linalg.solve(s.B, g))
        assert np.abs(crack.displacement([[x, y]])[0] - u).max() < 1e-12
        u = np.real(s.A @ log_by_angle(s.T, x, y) @ np.linalg.solve(s.B, h))
        assert np.abs(line.displacement([[x, y]])[0] - u).max() < 1e-12


@pytest.mark.parametrize("spread", [0.0, 1e-8, 0.99e-3, 1.01e-3, 1e-2, 0.1])
def test_log_differences_against_hermite_genocchi(spread):
    """f[p0, p1, p2] is the integral of y^2 f''(x + p y) over the triangle of the roots."""
    p = 0.2 + 1j + spread * np.array([-0.5, 0.1 + 0.2j, 0.5])
    x, y = cloud(50).T
    nodes, weights = np.polynomial.legendre.leggauss(16)
    nodes, weights = 0.5 * (nodes + 1), 0.5 * weights
    exact = np.zeros((50, 2), dtype=complex)
    for t, wt in zip(nodes, weights, strict=True):
        exact[:, 0] += wt * y / (x + y * (p[0] + t * (p[1] - p[0])))
        for v, wv in zip(nodes, weights, strict=True):
            q = p[0] + t * (p[1] - p[0]) + t * v * (p[2] - p[1])
            exact[:, 1] -= wt * wv * t * (y / (x + q * y)) ** 2
    error = np.abs(_log_differences(p, x, y)[:, 1:] - exact).max(axis=0)
    assert error[0] < 1e-14 and error[1] < 1e-12


# --- dislocation -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("x", "y", "expected"),
    [((1, -1, 0), (1, 1, 1), 0.19561900651523895), ((1, 1, 0), (0, 0, 1), 0.20048673226990196)],
    ids=["edge", "Lomer"],
)
def test_prelogarithmic_energy(x, y, expected):
    """b = a/2<110>, a = 4.032082692292719 A; values of an independent Stroh implementation."""
    b = 4.032082692292719 / np.sqrt(2)
    assert prelogarithmic_energy(medium(AL, x, y), (b, 0, 0)) == pytest.approx(expected, rel=2e-8)


@settings(max_examples=30, deadline=None)
@given(media(), st.tuples(*[st.integers(-9, 9)] * 3), st.floats(0.1, 1e4))
def test_jump_is_b_and_no_net_force(s, b, r):
    field = DislocationField(s, b)
    cut = [[-r, 0.0]]
    jump = field.displacement(cut) - field.displacement(cut, [True])
    assert np.allclose(jump[0], b, rtol=0, atol=1e-12)
    from_below = field.displacement([[-r, -1e-9 * r]])
    assert np.allclose(field.displacement(cut, [True]), from_below, rtol=0, atol=1e-7)
    # The trapezoidal rule on a circle converges exponentially.
    t = 2 * np.pi * (np.arange(512) + 0.5) / 512
    normal = polar(np.ones_like(t), t)
    sigma = field.stress(polar(r * np.ones_like(t), t))
    force = np.einsum("nij,nj->i", sigma[:, :, :2], normal)
    assert np.abs(force).max() <= 1e-10 * np.abs(sigma).sum() + 1e-300


def test_isotropic_edge_and_screw():
    """Hirth and Lothe 1982, eqs. 3-1 and 3-45 (up to a constant)."""
    mu, nu, (bx, bz) = 0.2, 0.3, (2.5, 1.2)
    x, y = cloud().T
    r2, t = x**2 + y**2, np.arctan2(y, x)
    ux = bx / (2 * np.pi) * (t + x * y / (2 * (1 - nu) * r2))
    uy = (1 - 2 * nu) / (4 * (1 - nu)) * np.log(r2) + (x**2 - y**2) / (4 * (1 - nu) * r2)
    exact = np.column_stack([ux, -bx / (2 * np.pi) * uy, bz / (2 * np.pi) * t])
    u = DislocationField(isotropic(mu, nu), (bx, 0, bz)).displacement(np.column_stack([x, y]))
    shift = u - exact
    assert np.abs(shift - shift.mean(axis=0)).max() < 1e-12


# --- both fields -------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(media(), st.floats(1.0, 100.0), st.floats(-3.0, 3.0))
def test_gradient_is_the_derivative_and_stress_is_in_equilibrium(s, r, theta):
    x = np.add(polar(np.array([r]), np.array([theta])), [0.3, -0.2])
    h = 1e-3 * r
    # Sixth-order central differences.
    weights = {1: 45.0, 2: -9.0, 3: 1.0}
    for field in fields(s):
        G, sigma = field.gradient(x)[0], field.stress(x)[0]
        dG, div = np.zeros((3, 3)), np.zeros(3)
        for j in range(2):
            for n, w in weights.items():
                step = n * h * np.eye(2)[j]
                plus, minus = x + step, x - step
                dG[:, j] += w * (field.displacement(plus) - field.displacement(minus))[0] / (60 * h)
                div += w * (field.stress(plus) - field.stress(minus))[0, :, j] / (60 * h)
        assert np.allclose(dG, G, rtol=0, atol=1e-9 * np.abs(G).max())
        assert np.abs(div).max() < 1e-8 * np.abs(sigma).max() / r
        assert np.array_equal(G[:, 2], np.zeros(3))
        assert np.allclose(sigma, sigma.T, rtol=0, atol=1e-14)


def test_newton_form_at_unit_argument():
    """At (1, 0) all functions are f(1) times one: u = Re A f B^-1 g."""
    s = medium(CU)
    g = np.array([0.3, -0.2, 0.5])
    V, _ = newton_coefficients(s, g)
    assert np.allclose(V[:, 0], s.A @ np.linalg.solve(s.B, g))


def test_third_coordinate_is_ignored_and_points_are_vectorised():
    x = cloud(30)
    lifted = np.column_stack([x, np.linspace(-5, 5, 30)])
    for field in fields(medium(CU)):
        assert np.array_equal(field.displacement(x), field.displacement(lifted))
        one_by_one = np.concatenate([field.stress(x[i : i + 1]) for i in range(30)])
        assert np.allclose(field.stress(x), one_by_one, rtol=0, atol=1e-14)
        assert field.displacement(np.zeros((0, 2))).shape == (0, 3)


@pytest.mark.parametrize(
    ("x", "lower"),
    [
        ([[0.3, -0.2]], None),
        ([1.0, 2.0], None),
        ([[1.0, 2.0, 3.0, 4.0]], None),
        ([[np.nan, 1.0]], None),
        ([[1.0, 2.0]], [True, False]),
        ([[1.0, 2.0]], [2]),
        ([[1.0, 2.0]], [[1, 0], [1]]),
        ("origin", None),
        ([[1.0, 2.0], [3.0]], None),
    ],
)
def test_refuses_bad_positions(x, lower):
    for field in fields(medium(AL)):
        with pytest.raises(InputError):
            field.displacement(x, lower)


def test_refuses_bad_loads():
    s = medium(AL)
    for call, name in (
        (lambda: CrackField(s, (1.0, 2.0)), "K"),
        (lambda: CrackField(s, (np.inf, 0, 0)), "K"),
        (lambda: CrackField(s, "KI"), "K"),
        (lambda: CrackField(s, (1.0, 0, 0), tip=(0.0, np.nan)), "tip"),
        (lambda: CrackField(s.C, (1.0, 0, 0)), "stroh"),
        (lambda: DislocationField(s, (np.nan, 0, 0)), "b"),
        (lambda: DislocationField(s, (1.0, 0, 0), centre=None), "centre"),
        (lambda: DislocationField(None, (1.0, 0, 0)), "stroh"),
        (lambda: prelogarithmic_energy(s, (1.0,)), "b"),
        (lambda: prelogarithmic_energy(s.C, (1.0, 0, 0)), "stroh"),
        (lambda: griffith_K(s, -1.0), "surface_energy"),
        (lambda: griffith_K(s, "0.05"), "surface_energy"),
        (lambda: griffith_K(s.C, 0.05), "stroh"),
        (lambda: energy_release_rate(s, (1.0, 2.0)), "K"),
        (lambda: energy_release_rate(s.C, (1.0, 0, 0)), "stroh"),
    ):
        with pytest.raises(InputError) as refused:
            call()
        assert refused.value.argument == name
