"""The chain with nearest and next-nearest neighbours, in closed form against the general code.

Dobson and Luskin 2009 (ESAIM M2AN 43, 591); Dobson, Luskin, Ortner 2010 (J. Mech. Phys. Solids 58,
1741; Multiscale Model. Simul. 8, 782); Van Koten and Luskin 2011 (SIAM J. Numer. Anal. 49, 2182);
Li, Luskin, Ortner, Shapeev 2014 (Numer. Math. 126, 703). phi = r^-12 - 2 r^-6, p1 = phi''(F),
p2 = phi''(2F), A = p1 + 4 p2.
"""

from __future__ import annotations

import chains
import numpy as np
import pytest
from scipy.optimize import brentq, minimize_scalar

import qcmethod as qc
from qcmethod.coupling.method import METHODS
from qcmethod.crystal.stability.phonons import THZ
from qcmethod.potentials.site import pair2


@pytest.fixture(scope="module")
def chain() -> qc.Crystal:
    return chains.crystal()


@pytest.mark.parametrize("F", [1.0, 1.02, 0.99])
def test_the_ghost_forces_of_qce_are_a_quadruple(chain: qc.Crystal, F: float) -> None:
    K = 8
    problem = qc.homogeneous(chain, chains.gradient(F), extent=300.0)
    report = qc.patch_test(qc.couple(problem, "qce", core=K + 0.5), [chains.gradient(F)])
    atom = report.x_k[:, 0].round().astype(int).tolist()
    f = dict(zip(atom, report.forces["F0"][:, 0].tolist(), strict=True))
    quadruple = chains.dphi(2.0 * F) * np.array([-0.5, 0.5, 0.5, -0.5])
    np.testing.assert_allclose([f.pop(K + i) for i in (-1, 0, 1, 2)], quadruple, atol=1e-12)
    np.testing.assert_allclose([f.pop(-K - i) for i in (-1, 0, 1, 2)], -quadruple, atol=1e-12)
    assert max(map(abs, f.values())) < 1e-11
    assert np.abs(report.rows[0].net).max() < 1e-12
    if F == 1.0:
        assert report.worst == pytest.approx(0.0461426, abs=5e-8)


@pytest.mark.parametrize("F", [1.0, 1.05])
def test_stability_constants(chain: qc.Crystal, F: float) -> None:
    p1, p2, N = chains.d2phi(F), chains.d2phi(2.0 * F), 50
    A = p1 + 4.0 * p2

    def constant(method: str, K: int = 0) -> float:
        return chains.clamped_constant(chains.dense(chains.resolved(chain, F, method, N, K)))

    # 2N + 1 free atoms between clamped ones: 2N + 2 bonds, so n = 2N + 3 in the periodic formula
    shift = -p2 * (2.0 * np.sin(np.pi / (2 * N + 3))) ** 2
    assert constant("atomistic") == pytest.approx(A + shift, abs=1e-10 * p1)
    assert constant("local") == pytest.approx(A, abs=1e-10 * p1)
    assert constant("qnl", 20) == pytest.approx(A, abs=1e-10 * p1)
    assert constant("qce", 20) == pytest.approx(A + 0.6595255 * p2, abs=1e-7)
    # what Crystal.stability says of the infinite chain
    report = chain.stability(chains.gradient(F))
    assert report.continuum_margin == pytest.approx(A, rel=1e-12)
    assert report.lattice_margin == pytest.approx(A, rel=1e-12)  # p2 < 0: long waves
    n = 50
    atomistic = chains.periodic_constant(chains.periodic(chain, F, "atomistic", n, 0))
    assert atomistic == pytest.approx(A - p2 * (2.0 * np.sin(np.pi / n)) ** 2, abs=1e-9 * p1)


@pytest.mark.parametrize(
    ("form", "parameters", "atomistic", "qce"),
    [
        ("lennard-jones", {}, 1.1058673, 1.1054078),
        ("morse", {"D": 1.0, "alpha": 5.0, "r0": 1.0}, 1.1359254, 1.1354761),
        ("morse", {"D": 1.0, "alpha": 4.0, "r0": 1.0}, 1.1640508, 1.1624960),
    ],
)
def test_critical_stretches(form: str, parameters: dict, atomistic: float, qce: float) -> None:
    chain = chains.crystal(form, **parameters)

    def lowest(F: float) -> float:
        return chains.clamped_constant(chains.dense(chains.resolved(chain, F, "qce", 30, 15)))

    top = brentq(lambda F: chain.acoustic_minimum(chains.gradient(F)), 1.05, 1.2, xtol=1e-12)
    assert top == pytest.approx(atomistic, abs=1e-7)
    assert brentq(lowest, 1.05, top - 1e-6, xtol=1e-9) == pytest.approx(qce, abs=6e-8)


def test_the_stability_error_of_bqce_falls_with_the_width(chain: qc.Crystal) -> None:
    A, p2 = chains.d2phi(1.0) + 4.0 * chains.d2phi(2.0), chains.d2phi(2.0)
    published = {  # in units of p2, widths 1 (which is QCE), 4, 8, 16, 32
        "linear": (0.6595, 0.1928, 0.0966, 0.0483, 0.0242),
        "cubic": (0.6595, 0.1854, 0.0745, 0.0247, 0.00734),
    }
    for shape, values in published.items():
        for width, value in zip((1, 4, 8, 16, 32), values, strict=True):
            H = chains.dense(chains.resolved(chain, 1.0, "bqce", 80, 30, width, shape))
            shift = (chains.clamped_constant(H) - A) / p2
            assert shift == pytest.approx(value, abs=6e-5), (shape, width)


@pytest.mark.parametrize("shape", ["linear", "cubic"])
def test_the_strain_error_of_bqce_falls_with_the_width(chain: qc.Crystal, shape: str) -> None:
    """l2 norm of Du of the equilibrium, linearised, in units phi'(2F)/p1, for p2/p1 = -.2."""
    published = {
        "linear": {4: 1.645, 8: 0.782, 16: 0.382, 32: 0.189},
        "cubic": {4: 1.883, 8: 0.848, 16: 0.339, 32: 0.1275},
    }[shape]
    F = chains.stretch_of_ratio(-0.2)
    unit = abs(chains.dphi(2.0 * F)) / chains.d2phi(F)
    for width, value in published.items():
        system = chains.resolved(chain, F, "bqce", 200, 50, width, shape)
        u = np.linalg.solve(chains.dense(system), chains.free_forces(system))
        strain = np.diff(np.concatenate([[0.0], u, [0.0]]))
        digits = 6e-5 if value < 0.15 else 6e-4
        assert np.linalg.norm(strain) / unit == pytest.approx(value, abs=digits), width


NOT_COERCIVE = {50: -0.218, 100: -0.424, 200: -0.733, 400: -1.163, 800: -1.777, 1600: -2.650}
ALL_SIZES = [pytest.param(n, marks=[pytest.mark.slow] * (n > 400)) for n in NOT_COERCIVE]


@pytest.mark.parametrize("n", ALL_SIZES)
def test_qcf_is_not_coercive_although_its_spectrum_is_that_of_qnl(
    chain: qc.Crystal, n: int
) -> None:
    """QNL keeps the next-nearest bonds whose centre is at |c| <= K."""
    F, K = chains.stretch_of_ratio(-0.2), n // 8
    qcf, qnl = (
        chains.periodic(chain, F, method, n, K) / chains.d2phi(F) for method in ("qcf", "qnl")
    )
    assert chains.periodic_constant(qcf) == pytest.approx(NOT_COERCIVE[n], abs=6e-4)
    assert chains.periodic_constant(qnl) == pytest.approx(0.2, abs=1e-9)
    np.testing.assert_allclose(qnl, chains.qnl_matrix(n, K, -0.2), atol=1e-11)
    spectrum = np.linalg.eigvals(qcf)
    assert np.abs(spectrum.imag).max() == 0.0
    assert np.abs(np.sort(spectrum.real) - np.linalg.eigvalsh(qnl)).max() < 2e-13


@pytest.mark.parametrize(
    ("n", "first"), [(100, 3), (400, 5), pytest.param(1600, 7, marks=pytest.mark.slow)]
)
def test_bqcf_becomes_positive_definite_as_it_is_blended(
    chain: qc.Crystal, n: int, first: int
) -> None:
    F = chains.stretch_of_ratio(-0.2)
    below, at = (
        chains.periodic_constant(chains.periodic(chain, F, "bqcf", n, n // 8, width))
        for width in (first - 1, first)
    )
    assert below < 0.0 < at


def test_repeated_ghost_force_correction_diverges_before_the_crystal(chain: qc.Crystal) -> None:
    # with A = 1 + 4 p2: radius 1 is passed near A = .23, the crystal is stable up to A = 0
    published = {-0.05: 0.042, -0.10: 0.107, -0.15: 0.247, -0.18: 0.559, -0.20: 1.45, -0.21: 4.33}
    n, K = 120, 15
    Q = chains.mean_zero(n)
    for p2, value in published.items():
        F = chains.stretch_of_ratio(p2)
        H, J = (Q.T @ chains.periodic(chain, F, m, n, K) @ Q for m in ("qce", "qcf"))
        radius = np.abs(np.linalg.eigvals(np.eye(n - 1) - np.linalg.solve(H, J))).max()
        assert radius == pytest.approx(value, abs=0.006)


def test_a_chain_that_the_cauchy_born_rule_gets_wrong() -> None:
    """w^2 = 4 p1 sin^2(k/2) + 4 p2 sin^2 k with p1 < 0 < p1 + 4 p2: unstable at k = pi only."""
    chain = chains.double_well()
    a, one = chain.lattice_constant, np.eye(3)
    params = chain.potential.params
    p1, p2 = (pair2(params, m * a)[2] for m in (1, 2))
    assert p1 < 0.0 < p1 + 4.0 * p2
    report = chain.stability()
    assert report.cauchy_born_fails and "period doubling along x" in report.verdict
    assert report.continuum_margin == pytest.approx(a * (p1 + 4.0 * p2), rel=1e-9)
    assert report.lattice_margin == pytest.approx(a * p1, rel=1e-7)
    assert report.k[0] * a == pytest.approx(np.pi, abs=1e-6)
    assert report.stiffness == pytest.approx(4.0 * p1, rel=1e-7)
    k = np.linspace(0.0, np.pi, 13)
    w2 = 4.0 * p1 * np.sin(0.5 * k) ** 2 + 4.0 * p2 * np.sin(k) ** 2
    w = chain.phonons(np.outer(k / a, one[0])).frequencies[:, 0] / THZ
    np.testing.assert_allclose(w * np.abs(w), w2 / chain.potential.mass, atol=1e-9)
    chain.require_stable(one)  # the continuum is fine

    # the same start, a faint zigzag: Cauchy-Born returns to the lattice, the atoms leave it
    N = 30
    found = {}
    for method in ("local", "atomistic"):
        system = chains.resolved(chain, 1.0, method, N)
        atom = (system.body.x_k[:, 0] / a).round().astype(int)
        u = np.zeros_like(system.zero)
        u[:, 0] = np.where(system.free[:, 0], 0.02 * (-1.0) ** atom, 0.0)
        found[method] = qc.relax(system, fmax=1e-9, u=u)
        assert found[method].fmax <= 1e-9
    local, atomistic = found["local"], found["atomistic"]
    assert np.abs(local.u).max() < 1e-6 and abs(local.excess_energy) < 1e-9
    assert chains.clamped_constant(chains.dense(local.system)) > 0.0
    assert chains.clamped_constant(chains.dense(atomistic.system)) < 0.0
    order = np.argsort(atomistic.system.body.x_k[:, 0])
    inside = np.abs(atom[order]) <= 10
    bond = a + np.diff(atomistic.u[order, 0][inside])
    # nearest bonds a +- s alternate, second ones stay: s minimises phi(a + s) + phi(a - s)
    well = minimize_scalar(
        lambda s: pair2(params, a + s)[0] + pair2(params, a - s)[0], bounds=(0.2, 0.45)
    )
    np.testing.assert_allclose(np.abs(bond - a), well.x, atol=1e-3)
    assert np.all((bond[1:] - a) * (bond[:-1] - a) < 0.0)
    assert well.x == pytest.approx(0.352, abs=5e-4)  # 8^(-1/2) but for the splines
    # the gain is near phi(a + s) + phi(a - s) - 2 phi(a) a pair of bonds, but for the clamped ends
    gain = 0.5 * well.fun - pair2(params, a)[0]
    assert gain == pytest.approx(-1.0 / 32.0, abs=2e-4)
    assert atomistic.excess_energy == pytest.approx(gain * (2 * N + 2), rel=0.1)


@pytest.mark.parametrize("method", sorted(METHODS))
def test_every_method_runs_on_a_chain_from_coupling_to_equilibrium(
    chain: qc.Crystal, method: str
) -> None:
    relaxed = {}
    problem = qc.vacancy(chain, extent=100.0, rim=2.0 * chains.CUTOFF)
    for name in (method, "atomistic"):
        system = qc.couple(problem, name, core=8.5, blend=8.0)
        solution = qc.relax(system, fmax=1e-9)
        assert solution.fmax <= 1e-9
        inside = np.abs(system.body.x_k[:, 0]) < 6.5
        order = np.argsort(system.body.x_k[inside, 0])
        relaxed[name] = solution.u[inside][order]
    report = qc.patch_test(system := qc.couple(problem, method, core=8.5, blend=8.0))
    expected = {"every gradient": "every gradient", "reference": "reference only", "no": "not pass"}
    assert expected[system.method.passes] in report.verdict
    if method in ("gfc", "bgfc", "qcf", "bqcf", "bqce", "atomistic"):
        tolerance = 0.05 if method == "bqce" else 0.02
        strain = [np.diff(relaxed[name][:, 0]) for name in (method, "atomistic")]
        assert np.abs(strain[0] - strain[1]).max() < tolerance * np.abs(strain[1]).max()
