"""Every coupling method is one, and a method is one file: beta squared as an example."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

import qcmethod as qc
from qcmethod.coupling.method import METHODS, Method, find_method, register
from qcmethod.coupling.weights import by_sites, gathered, own_rows
from qcmethod.errors import CouplingError
from qcmethod.potentials.contract import Can, Potential
from qcmethod.potentials.forms.lennard_jones import lennard_jones
from qcmethod.testing import check_method

STRAINED = [[1.0, 0.02], [0.0, 1.03]]

# --- a coupling method in one file: from here -----------------------------------------------------


def by_squares(body, partition):
    """Weights with beta^2 in place of beta: atoms keep more of the blending zone."""
    plain = by_sites(body, partition)
    beta_k, w_l = plain.beta_k**2, 1.0 - (1.0 - plain.w_l) ** 2
    omega_c = body.cells.volume * beta_k[body.cells.vertices].mean(axis=1)
    rows = own_rows(body, np.where(body.is_lower, 0.0, 1.0 - beta_k))
    return gathered(body, beta_k, w_l, omega_c, plain.needed_l, rows)


SQUARED = Method(
    name="bgfc-squared",
    about="bgfc with beta squared",
    weigh=by_squares,
    partner="bqcf",
    passes="reference",
    blended=True,
    frozen=True,
)


# --- to here --------------------------------------------------------------------------------------


@pytest.fixture
def registered(monkeypatch):
    monkeypatch.setattr(METHODS, "_known", {**METHODS})
    return register(SQUARED)


@pytest.mark.parametrize("name", METHODS)
def test_every_method_is_one(name):
    # qnl has plane interfaces; those of nearest neighbours in the plane have no ghost force at all
    errors = check_method(name, chain() if name == "qnl" else None)
    passes = METHODS[name].passes
    assert (errors["ghost force"] < 1e-9) == (passes != "no")
    assert ("K = K^T" in errors) == METHODS[name].conservative


def test_a_method_of_a_user(registered, tmp_path):
    """It is checked, coupled by its name, as good as its like, and comes back from a file."""
    assert check_method("bgfc-squared")["ghost force"] < 1e-9
    problem, energies = vacancy(), {}
    for name in ("bgfc", "bgfc-squared"):
        solution = qc.relax(qc.couple(problem, name, 6.0, 4.0), fmax=1e-8)
        energies[name] = solution.excess_energy
    assert energies["bgfc"] != energies["bgfc-squared"]
    assert energies["bgfc-squared"] == pytest.approx(energies["bgfc"], rel=1e-3)
    found = qc.load(solution.write(tmp_path / "a.npz"))
    assert found.system.method is registered
    np.testing.assert_array_equal(found.u, solution.u)
    assert qc.compare(problem, ["bgfc-squared"], 6.0, 4.0).rows[0].reason is None


def uncounted(body, partition):
    """Sites of the blending zone are counted twice."""
    plain = by_sites(body, partition)
    return replace(plain, w_l=np.where(plain.w_l > 0.0, 1.0, 0.0))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"weigh": uncounted}, "sites"),
        ({"frozen": False}, "ghost force"),
        ({"passes": "every gradient"}, "ghost force"),
    ],
)
def test_what_is_no_method_is_found(wrong, message, registered):
    register(replace(SQUARED, name="wrong", **wrong))
    with pytest.raises(AssertionError, match=message):
        check_method("wrong")


def chain():
    """A strained chain with a vacancy, of a pair potential that reaches three neighbours."""
    params = lennard_jones(epsilon=0.5, sigma=2.5, cutoff=8.0, treatment="force-shift")
    crystal = qc.Crystal.chain(qc.Potential("chain", "X", params, "chain", 2.8))
    return qc.vacancy(crystal, np.diag([1.01, 1.0, 1.0]), extent=96.0)


def vacancy():
    crystal = qc.Crystal.hex2d(qc.load_potential("toy2d-c10"))
    return qc.vacancy(crystal, STRAINED, extent=25.0)


class Forces(Potential):
    """A potential that gives forces and cells, and no energies of single sites."""

    @property
    def can(self) -> Can:
        return Can.FORCES | Can.STRESS | Can.HESSIAN | Can.CENTRAL


def test_a_method_is_refused_where_the_potential_cannot():
    """By name, with the methods that it serves; those need no site energies."""
    known = qc.load_potential("toy2d-c10")
    potential = Forces(**{f.name: getattr(known, f.name) for f in fields(known)})
    problem = qc.vacancy(qc.Crystal.hex2d(potential), STRAINED, extent=25.0)
    served = {"atomistic", "local", "qcf", "bqcf", "cluster-force"}
    for name in METHODS:
        if name in served:
            assert not METHODS[name].needs & Can.SITE_ENERGY
            qc.couple(problem, name, 4.0, 4.0)
            continue
        with pytest.raises(CouplingError, match=r"method.*site energy.*bqcf.*qcf"):
            qc.couple(problem, name, 4.0, 4.0)


def test_unknown_methods_are_refused_with_the_nearest():
    with pytest.raises(CouplingError, match="bgfc"):
        find_method("bgcf")
