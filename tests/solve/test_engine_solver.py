"""Equilibria of an engine that gives forces alone: those of the form that it mirrors."""

from __future__ import annotations

import numpy as np
import pytest
from mirror import ALL, FORCES, mirrored

import qcmethod as qc
from qcmethod.base.secant import Pairs
from qcmethod.crystal.law import LAWS
from qcmethod.crystal.laws.cauchy_born import true_law
from qcmethod.errors import CouplingError, EngineError, InputError
from qcmethod.solve.free import FreeSystem
from qcmethod.solve.lbfgs import LbfgsStep

NATIVE = qc.load_potential("Al-Ercolessi-1994")
AXES = {"x": (1, 1, -2), "y": (1, 1, 1), "z": (1, -1, 0)}


OF_MIRROR = "of the mirrored form"


@pytest.fixture(scope="module", autouse=True)
def same_cells():
    """A law that gives an engine the cells of its form: what differs is the solver alone."""
    law = lambda crystal: true_law(form_of(crystal.potential), crystal.lattice)  # noqa: E731
    LAWS.add(OF_MIRROR, law)
    yield
    LAWS._known.pop(OF_MIRROR)


def form_of(potential):
    return potential.engine.of if potential.engine else potential


def both(native, axes, can):
    """A crystal of a form, and of its mirror."""
    build = {"fcc": qc.Crystal.fcc, "bcc": qc.Crystal.bcc}[native.structure]
    crystal = build(native, **axes)
    return crystal, build(mirrored(native, can), **axes, a=crystal.lattice_constant)


def solutions(crystals, problem, method, fmax, **options):
    law = {} if method == "atomistic" else {"law": OF_MIRROR}
    systems = [qc.couple(problem(crystal), method, **options, **law) for crystal in crystals]
    return [qc.relax(system, fmax) for system in systems]


@pytest.fixture(scope="module")
def crystals():
    native = qc.Crystal.fcc(NATIVE, **AXES)
    return native, qc.Crystal.fcc(mirrored(NATIVE, FORCES), **AXES, a=native.lattice_constant)


@pytest.mark.parametrize(("method", "most"), [("atomistic", 16), ("bqcf", 18), ("qcf", 18)])
def test_a_vacancy_in_a_few_calls(crystals, method, most):
    sizes = {} if method == "atomistic" else {"core": 10.0, "blend": 6.0 * (method == "bqcf")}
    sizes = {k: v for k, v in sizes.items() if v}
    found = []
    for crystal in crystals:
        system = qc.couple(qc.vacancy(crystal, extent=32.0), method, **sizes)
        found.append(qc.relax(system, fmax=1e-8))
    native, other = found
    assert np.abs(native.u - other.u).max() < 1e-7
    assert other.evaluations <= most
    if native.energy is not None:
        assert abs(native.excess_energy - other.excess_energy) < 1e-7
    assert "stability" not in other.summary()


def test_a_crack_of_atoms(crystals):
    load = 1.02 * qc.griffith_load(crystals[0])
    found = []
    for crystal in crystals:
        system = qc.couple(qc.crack(crystal, KI=load, extent=40.0), "atomistic")
        found.append(qc.relax(system, fmax=1e-7))
    native, other = found
    assert np.abs(native.u - other.u).max() < 1e-5
    assert other.tip == pytest.approx(native.tip, abs=1e-4)
    assert other.evaluations <= 60


EDGE = {"x": (1, -1, 0), "y": (1, 1, 1), "z": (-1, -1, 2)}


@pytest.mark.parametrize(
    ("method", "can", "most"), [("bqcf", FORCES, 70), ("qcf", FORCES, 70), ("bgfc", ALL, 60)]
)
def test_a_crack_is_that_of_the_form(crystals, method, can, most):
    pair = both(NATIVE, AXES, can)
    load = 1.02 * qc.griffith_load(pair[0])
    sizes = {"core": 20.0} if method == "qcf" else {"core": 20.0, "blend": 8.0}
    native, other = solutions(
        pair, lambda c: qc.crack(c, KI=load, extent=150.0), method, 1e-8, surface=False, **sizes
    )
    assert np.abs(native.u - other.u).max() < 1e-6
    assert other.evaluations <= most
    assert other.known_stability is None
    assert (native.energy is None) == (other.energy is None)
    if native.energy is not None:
        assert abs(native.excess_energy - other.excess_energy) < 1e-7
    assert qc.relax(native.system, 1e-8, u=other.u).stability.stable


@pytest.mark.parametrize(("method", "most"), [("bqcf", 110), ("atomistic", 100)])
def test_an_edge_dislocation_is_that_of_the_form(method, most):
    pair = both(NATIVE, EDGE, FORCES)
    sizes = {} if method == "atomistic" else {"core": 20.0, "blend": 8.0}
    native, other = solutions(
        pair,
        lambda c: qc.dislocation(c, burgers=(0.5, -0.5, 0.0), extent=60.0),
        method,
        1e-7,
        **sizes,
    )
    assert np.abs(native.u - other.u).max() < 1e-5  # it glides easily
    assert other.evaluations <= most


@pytest.mark.slow
@pytest.mark.parametrize(
    ("method", "can"), [("bqcf", FORCES), ("qcf", FORCES), ("bgfc", ALL), ("atomistic", FORCES)]
)
def test_calls_of_a_crack_in_tungsten(method, can):
    axes = {"x": (1, -1, 0), "y": (1, 1, 0), "z": (0, 0, 1)}
    pair = both(qc.load_potential("W-Zhou-2004"), axes, can)
    whole = method == "atomistic"
    load, extent = 1.05 * qc.griffith_load(pair[0]), 60.0 if whole else 1000.0
    sizes = {} if whole else {"core": 15.0, "blend": 8.0}
    native, other = solutions(
        pair, lambda c: qc.crack(c, KI=load, extent=extent), method, 1e-5, **sizes
    )
    assert np.abs(native.u - other.u).max() < 1e-4
    assert other.evaluations <= 60


def test_products_by_differences_are_evaluations(crystals):
    system = qc.couple(qc.vacancy(crystals[1], extent=30.0), "atomistic")
    free, calls = FreeSystem(system), crystals[1].potential.engine.calls
    state = free.at(system.zero)
    before, J = len(calls), free.jacobian(state)
    J.matvec(np.random.default_rng(0).standard_normal(J.shape[0]))
    assert (free.evaluations, free.inner, len(calls) - before) == (2, 1, 1)


def test_where_steps_from_forces_stall_newton_goes_on(crystals, monkeypatch):
    """The first step only: the rest is Newton's, with a call a product."""
    taken, step = [], LbfgsStep.__call__

    def once(self, free, state):
        taken.append(1)
        return step(self, free, state) if len(taken) == 1 else None

    monkeypatch.setattr(LbfgsStep, "__call__", once)
    native, other = solutions(
        crystals, lambda c: qc.vacancy(c, extent=30.0), "bqcf", 1e-6, core=8.0, blend=6.0
    )
    assert np.abs(native.u - other.u).max() < 1e-5
    assert other.inner > 0 and other.evaluations > other.inner + other.iterations


def test_the_size_of_the_preconditioner_follows_the_latest_pair():
    """H_0 = gamma M^-1 is exact for a Hessian that is a multiple of M; H q = s always."""
    rng = np.random.default_rng(2)
    M, s, f = np.diag([1.0, 2.0, 3.0, 4.0]), rng.standard_normal(4), rng.standard_normal(4)
    pairs = Pairs().with_pair(s, 2.5 * M @ s)
    solve = lambda b: np.linalg.solve(M, b)  # noqa: E731
    assert np.allclose(pairs.direction(f, solve), solve(f) / 2.5)
    q = rng.standard_normal(4)
    q *= np.sign(q @ s)
    assert np.allclose(Pairs().with_pair(s, q).direction(q, solve), s)


# --- studies -------------------------------------------------------------------------------------


def test_a_ramp_meets_the_event_of_the_form(crystals):
    results = [
        qc.ramp(
            qc.crack(crystal, KI=0.46, extent=50.0),
            "bqcf",
            10.0,
            6.0,
            KI=(0.46, 0.475, 0.49),
            width=8e-3,
            surface=False,
            law=OF_MIRROR,
        )
        for crystal in crystals
    ]
    native, other = (result.events[0] for result in results)
    assert (native.kind, native.before, native.after) == (other.kind, other.before, other.after)
    assert [t.outcome for t in results[0].trials] == [t.outcome for t in results[1].trials]


def test_compare_leaves_stability_out(crystals):
    options = {"law": OF_MIRROR}
    native, other = (
        qc.compare(
            qc.vacancy(crystal, extent=30.0),
            methods=["bqcf", "bgfc"],
            cores=[8.0],
            blends=[6.0],
            options=options,
        )
        for crystal in crystals
    )
    assert other.rows[0].error == pytest.approx(native.rows[0].error, rel=1e-4)
    assert other.rows[0].twin_stability is None and native.rows[0].twin_stability > 0.0
    assert "serves: it does not give site energy" in other.rows[1].reason


def test_what_needs_second_derivatives_is_refused(crystals):
    crystal = crystals[1]
    problem = qc.crack(crystal, KI=0.42, extent=60.0)
    calls = crystal.potential.engine.calls
    with pytest.raises(EngineError, match=r"no second derivatives.*ramp"):
        qc.arc(problem, "bqcf", 12.0, 6.0, KI=0.42, surface=False, law=OF_MIRROR)
    state = qc.relax(qc.couple(qc.vacancy(crystal, extent=30.0), "atomistic"))
    before = len(calls)
    with pytest.raises(EngineError, match="no second derivatives"):
        qc.neb(state, state)
    with pytest.raises(CouplingError, match="atomistic, bqcf"):
        qc.adapt(qc.vacancy(crystal, extent=30.0), "bgfc", 0.2)
    assert len(calls) == before


def test_every_study_refuses_fmax_below_the_floor(crystals, monkeypatch):
    crystal = crystals[1]
    vacancy = qc.vacancy(crystal, extent=30.0)
    monkeypatch.setattr(type(crystal.potential.engine), "floor", 1e-4)
    crack = qc.crack(crystal, KI=0.46, extent=50.0)
    for study in (
        lambda: qc.relax(qc.couple(vacancy, "atomistic")),
        lambda: qc.compare(vacancy, methods=["bqcf"], cores=[8.0], fmax=1e-5),
        lambda: qc.adapt(vacancy, "bqcf", 0.2, fmax=1e-5),
        lambda: qc.ramp(crack, "atomistic", KI=(0.46, 0.47), fmax=1e-5),
    ):
        with pytest.raises(InputError, match=r"fmax.*1\.0e-04"):
            study()


def test_an_engine_that_dies_says_so(crystals):
    _, crystal = crystals
    system = qc.couple(qc.vacancy(crystal, extent=30.0), "atomistic")
    session = system.model.sites._session(system.body.positions(system.zero))

    def dead(y, cell=None):
        raise EngineError("the engine died")

    session.at = dead
    with pytest.raises(EngineError, match="died"):
        qc.relax(system)
