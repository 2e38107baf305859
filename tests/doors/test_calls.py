"""Accepted nonsense, and what was bare: a call of each kind, refused by the argument's name."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from public import made

import qcmethod as qc
from qcmethod.base.result import Written
from qcmethod.coupling.method import Method, register
from qcmethod.errors import CouplingError, InputError
from qcmethod.lattice.shapes import Tube
from qcmethod.mesh.element import ELEMENTS, Element
from qcmethod.problems.load import at_load


def couple(**words):
    return qc.couple(made("problem"), "bgfc", 4.0, 4.0, **words)


WRONG = {
    "max_iterations": lambda: qc.relax(made("system"), max_iterations=np.nan),
    "progress": lambda: qc.relax(made("system"), progress=3),
    "u": lambda: qc.relax(made("system"), u="x"),
    "edge_ratio": lambda: qc.couple(made("cracked"), "bgfc", 10.0, 6.0, edge_ratio=10**400),
    "reference": lambda: qc.couple(made("problem"), "bqcf", 4.0, 4.0, reference=np.eye(3)),
    "plane": lambda: made("crystal").stability(plane=np.eye(2)),
    "gradients": lambda: qc.patch_test(made("system"), gradients=np.array(1.0)),
    "blending": lambda: qc.adapt(made("problem"), "bqcf", blending=np.eye(2)),
    "pad": lambda: qc.adapt(made("problem"), "bqcf", pad=1e300),
    "centre": lambda: made("solution").to_atoms(centre=(0.0, 0.0)),
    "limit": lambda: made("solution").to_atoms("all", limit=1e300),
    "region": lambda: made("solution").to_atoms(10**400),
    "solution": lambda: qc.j_integral(5, 1.0, 2.0),
    "of": lambda: qc.configurational_force(made("tip"), np.eye(2)),
    "metric": lambda: made("problem").with_metric("hop"),
    "F": lambda: made("system").pristine("x"),
    "ij": lambda: made("problem").is_removed(3.0),
    "x": lambda: made("problem").distance(np.zeros(3)),
    "label": lambda: made("study").curve(3),
    "strain": lambda: qc.testing.check_law("cauchy-born", made("crystal"), strain="2 %"),
    "methods": lambda: qc.testing.check_problem(made("problem"), ["bgcf"]),
    "cores": lambda: qc.compare(made("problem"), ["bgfc"], cores=np.array(4.0)),
    "seed": lambda: qc.drift(made("system"), made("solution"), seed=-1),
}


@pytest.mark.parametrize("argument", WRONG)
def test_refused_in_the_name_of_the_argument(argument):
    with pytest.raises(InputError, match=rf"^{argument}(: |\[)"):
        WRONG[argument]()


LARGE = {
    "n": lambda: qc.microcrack(made("crystal"), 10**9, extent=1e12),
    "n of digits": lambda: qc.microcrack(made("crystal"), 10**30, extent=50.0),
    "core, blend": lambda: qc.couple(
        qc.crack(made("solid"), 0.43, extent=1e6, path=(-4e5, 4e5)), "bgfc", 10.0, 6.0
    ),
    "length": lambda: qc.with_wake(qc.crack(made("solid"), 0.43, extent=1e7), length=9e6),
    "lattice_reach": lambda: qc.couple(
        qc.crack(made("solid"), 0.43, extent=1e6), "bgfc", 10.0, 6.0, lattice_reach=9e5
    ),
    "points": lambda: made("crystal").phonons(points=10**12),
    "region": lambda: made("problem").points(Tube(1e6)),
    "grading": lambda: qc.couple(qc.vacancy(made("crystal"), extent=1e300), "bgfc", 4.0, 4.0),
}


@pytest.mark.parametrize("argument", LARGE)
def test_what_is_too_large_is_said_before_memory_is_taken(argument):
    made("cracked")
    tracemalloc.start()
    try:
        with pytest.raises(InputError, match=rf"^{argument.split(' of')[0]}: .*(at most|up to)"):
            LARGE[argument]()
        assert tracemalloc.get_traced_memory()[1] < 2e8
    finally:
        tracemalloc.stop()


def test_a_load_that_a_problem_does_not_have_is_no_advice_to_make_a_crack():
    with pytest.raises(
        InputError, match=r"^KI: got 0\.4, expected a load of this problem: a vacancy"
    ):
        made("system").at_load(KI=0.4)
    with pytest.raises(InputError, match=r"^shear: .*a crack has KI, KII, KIII"):
        at_load(made("cracked"), shear=1.0)


def test_a_word_belongs_to_what_was_called():
    for call, name in (
        (lambda: qc.Coupling("bgfc", cor=4.0), "Coupling"),
        (lambda: couple(metirc="hops"), "couple"),
        (lambda: qc.ramp(made("cracked"), "bgfc", 10.0, 6.0, KI=[0.4], metirc=1), "ramp"),
        (lambda: qc.testing.check_method("bgfc", metirc=1), "check_method"),
    ):
        with pytest.raises(CouplingError, match=rf"expected a keyword of {name}: "):
            call()
    with pytest.raises(CouplingError, match=r"^Coupling: got 16 values, expected at most 15"):
        qc.Coupling(*[None] * 16)
    with pytest.raises(CouplingError, match=r"^core: got 3, expected one value"):
        qc.Coupling("bgfc", 4.0, core=3)


def test_a_registered_thing_that_is_none(monkeypatch, tmp_path):
    p1 = ELEMENTS["P1"]
    with pytest.raises(InputError, match=r"^values: got 3, expected a function"):
        Element(**{**vars(p1), "values": 3})
    with pytest.raises(InputError, match=r"^conservative: got 'yes', expected True or False"):
        Method(name="x", about="x", weigh=len, partner="bqcf", conservative="yes")
    from qcmethod.coupling.method import METHODS

    _ = len(METHODS)
    monkeypatch.setattr(METHODS, "_known", dict(METHODS._known))
    register(Method(name="none", about="x", weigh=lambda body, partition: None, partner="bqcf"))
    with pytest.raises(CouplingError, match=r"^weigh: got None, expected the Weights"):
        qc.couple(made("problem"), "none", 4.0, 4.0)

    class Ragged(Written):
        def columns(self):
            return {"a": [1, 2], "b": [1]}

    with pytest.raises(
        InputError, match=r"^columns: got {'a': 2, 'b': 1}, expected columns of one"
    ):
        Ragged().write(tmp_path / "x.csv")
    assert not list(tmp_path.iterdir())
