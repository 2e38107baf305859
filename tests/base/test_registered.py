"""What is added by one file is refused by name where it is none, and named by the nearest."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from qcmethod.base.linear import SOLVERS
from qcmethod.base.registry import Registry
from qcmethod.coupling import method as methods
from qcmethod.coupling.choice import Coupling
from qcmethod.errors import CouplingError, InputError
from qcmethod.io import writes
from qcmethod.mesh import element as elements
from qcmethod.plot import draws, fills
from qcmethod.problems import load as loads
from qcmethod.problems.example import EXAMPLES
from qcmethod.studies.adapt.arguments import checked
from qcmethod.studies.adapt.indicator import INDICATORS, indicator
from qcmethod.testing import (
    check_element,
    check_law,
    check_method,
    check_potential,
    check_problem,
    check_solver,
)

NONSENSE = [None, 7, "qce", object()]


@pytest.mark.parametrize("given", NONSENSE)
@pytest.mark.parametrize(
    ("add", "registry", "what"),
    [
        (methods.register, methods.METHODS, "method"),
        (elements.element, elements.ELEMENTS, "element"),
        (loads.register, loads.LOADS, "load"),
        (SOLVERS.add_named, SOLVERS, "solver"),
        (lambda given: indicator("mine")(given), INDICATORS, "indicator"),
    ],
)
def test_what_is_no_such_thing_is_not_registered(
    add: Callable[[object], object], registry: Registry[object], what: str, given: object
) -> None:
    known = dict(registry)
    with pytest.raises(InputError, match=f"^{what}: got "):
        add(given)
    assert dict(registry) == known


@pytest.mark.parametrize("name", [None, 3, ""])
def test_a_name_is_a_text(name: object) -> None:
    with pytest.raises(InputError, match=r"^indicator: got .*a name in quotes"):
        INDICATORS.add(name, len)


def test_unknown_names_are_refused_with_the_nearest() -> None:
    with pytest.raises(CouplingError, match=r"^method: got 'bgcf'.*Try: .*bgfc"):
        methods.METHODS.find("bgcf")
    with pytest.raises(InputError, match=r"^element: got 'p2'.*Try: P2"):
        check_element("p2")
    with pytest.raises(CouplingError, match=r"^solver: got 'super'.*Try: superlu"):
        SOLVERS.find("super")
    with pytest.raises(InputError, match=r"^indicator: got 'stress'.*Try: stress-jump"):
        checked(0.1, "energy norm", "stress", 10, 10, 0.5, True)
    with pytest.raises(InputError, match=r"^indicator: got \['zz'\]"):
        checked(0.1, "energy norm", ["zz"], 10, 10, 0.5, True)


@pytest.mark.parametrize("given", NONSENSE)
def test_checks_refuse_what_they_are_not_for(given: object) -> None:
    for check in (check_element, check_method, check_potential, check_problem, check_solver):
        if given == "qce" and check is check_method:
            continue
        with pytest.raises(InputError):
            check(given)
    with pytest.raises(InputError, match=r"^crystal: got "):
        check_law("cauchy-born", given)
    with pytest.raises(InputError, match=r"^problem: got "):
        check_method("qce", given if given is not None else 0)


@pytest.mark.parametrize("suffixes", [(), ("json",), (".JSON",), (3,)])
def test_a_format_has_a_suffix(suffixes: tuple[object, ...]) -> None:
    with pytest.raises(InputError, match=r"^suffixes: got "):
        writes(*suffixes, of=int)


@pytest.mark.parametrize("given", NONSENSE)
def test_formats_and_pictures_are_of_a_class(given: object) -> None:
    with pytest.raises(InputError, match=r"^of: got "):
        writes(".mine", of=given)
    for register in (draws, fills):
        with pytest.raises(InputError, match=r"^cls: got "):
            register(given)


@pytest.mark.parametrize(
    ("word", "wrong", "nearest"),
    [("metric", "hop", "hops"), ("blending", "quintc", "quintic"), ("elements", "P3", "P2")],
)
def test_words_of_a_coupling_are_refused_with_the_nearest(
    word: str, wrong: str, nearest: str
) -> None:
    with pytest.raises(CouplingError, match=rf"^{word}: got '{wrong}'.*Try: .*{nearest}"):
        Coupling("bgfc", 6.0, 4.0, **{word: wrong}).checked(EXAMPLES["vacancy"]())
