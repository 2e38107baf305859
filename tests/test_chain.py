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
from scipy.optimize import brentq

import qcmethod as qc
from qcmethod.coupling.methods import METHODS


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
    assert constant("qce", 20) == pytest.approx(A + 0.6595255 * p2, abs=1e-7)
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


def test_qcf_is_not_coercive_although_its_spectrum_is_real(chain: qc.Crystal) -> None:
    F = chains.stretch_of_ratio(-0.2)
    for n, value in ((50, -0.218), (100, -0.424), (200, -0.733)):
        H = chains.periodic(chain, F, "qcf", n, n // 8) / chains.d2phi(F)
        assert chains.periodic_constant(H) == pytest.approx(value, abs=6e-4)
        assert np.abs(np.linalg.eigvals(H).imag).max() < 1e-6


def test_bqcf_becomes_positive_definite_as_it_is_blended(chain: qc.Crystal) -> None:
    F = chains.stretch_of_ratio(-0.2)
    for n, first in ((100, 3), (400, 5)):
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
