"""The door of public calls: keywords, objects, flags and functions, known from the signature."""

from __future__ import annotations

import inspect
import pickle
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest

import qcmethod as qc
from qcmethod.base.amounts import MANY, listed, require_few
from qcmethod.base.arguments import as_numbers, finite, flag, integers, is_number, nearest, rows
from qcmethod.base.door import door
from qcmethod.base.log import Logfile, logged, say
from qcmethod.crystal.crystal import Crystal
from qcmethod.errors import CallError, InputError, OrientationError, QCError, Said, shown


@door
def drawn(
    crystal: Crystal | None,
    size: float = 1.0,
    /,
    name: str = "x",
    *,
    report: bool | Callable[[int], None] = False,
    deep: bool = True,
) -> tuple[object, ...]:
    """Draw it."""
    return crystal, size, name, report, deep


@door
@dataclass(frozen=True)
class Point:
    x: float
    tag: str = ""
    tags: tuple[str, ...] = ()


def test_a_call_that_fits_goes_through_and_the_signature_stays():
    assert drawn(None, 2.0, "y", report=len, deep=np.False_) == (None, 2.0, "y", len, np.False_)
    assert str(inspect.signature(drawn)).startswith(
        "(crystal: 'Crystal | None', size: 'float' = 1.0"
    )
    assert drawn.__doc__ == "Draw it." and pickle.loads(pickle.dumps(drawn)) is drawn
    assert drawn(None, "big")[1] == "big"  # what a number means only the body knows


@door
@logged
def logging_one(crystal: Crystal, logfile: Logfile = None) -> None:
    say("a line")


def test_a_door_before_other_decorators_knows_what_the_function_says(capsys):
    """Annotations are read where the function is, and what the door has sorted is heard."""
    with pytest.raises(InputError, match=r"^crystal: got 5, expected a Crystal"):
        logging_one(5)
    logging_one(qc.Crystal.hex2d(qc.load_potential("toy2d-c10")), "-")
    assert capsys.readouterr().out == "a line\n"


@pytest.mark.parametrize(
    ("arguments", "words", "says"),
    [
        ((None,), {"repotr": 1}, r"^repotr: got 1, expected a keyword of drawn: .* Try: report"),
        ((None,), {"size": 1}, r"^size: got 1, expected a keyword of drawn"),
        ((), {}, r"^crystal: got nothing, expected an argument that drawn cannot do without"),
        ((None, 1, "a", 2), {}, r"^drawn: got 4 arguments, expected at most 3 without .*name\)"),
        ((None, 1, "a"), {"name": "b"}, r"^name: got 'b', expected one value"),
    ],
)
def test_a_call_that_does_not_fit(arguments, words, says):
    with pytest.raises(CallError, match=says) as refused:
        drawn(*arguments, **words)
    assert isinstance(refused.value, InputError) and isinstance(refused.value, TypeError)


@pytest.mark.parametrize("wrong", [5, "x", np.eye(3), Crystal, True])
def test_objects_flags_and_functions(wrong):
    with pytest.raises(InputError, match=r"^crystal: .*a Crystal or None. Try: qcmethod.Crystal"):
        drawn(wrong)
    if wrong is not True:
        with pytest.raises(InputError, match=r"^deep: got .*, expected True or False"):
            drawn(None, deep=wrong)
    if not (wrong is True or callable(wrong)):
        with pytest.raises(InputError, match=r"^report: .*expected True or False or a function"):
            drawn(None, report=wrong)


def test_the_fields_of_a_class():
    assert Point(np.float32(1.0), tags=("a",)).x == 1.0 and np.isnan(Point(np.nan).x)
    for wrong in (
        {"x": "1"},
        {"x": True},
        {"x": 10**400},
        {"x": 1.0, "tag": 3},
        {"x": 1, "tags": "a"},
    ):
        with pytest.raises(InputError, match=r"^(x|tag|tags): got"):
            Point(**wrong)
    with pytest.raises(CallError, match=r"^y: got 1, expected a keyword of Point: x, tag, tags"):
        Point(y=1)


def test_messages_are_short_whatever_they_are_about():
    class Evil:
        def __repr__(self):
            raise RuntimeError

    loop = []
    loop.append(loop)
    texts, numbers = ["x" * 10**5, b"x" * 10**5, [["x" * 10**4] * 40] * 40], [10**400, 10**6000]
    many = [[1.0] * 10**6, {i: i for i in range(10**5)}, np.zeros((10**6, 3)), loop]
    for given in (*texts, *numbers, *many, Evil()):
        assert 0 < len(shown(given)) <= 400
        assert len(str(InputError("x" * 10**5, given, "y" * 10**5, "z" * 10**5))) <= 4000
    assert shown(np.zeros((50, 3))) == "array of shape (50, 3)"
    assert shown([1, "a", None]) == "[1, 'a', None]" and "\n" not in shown(np.eye(2))
    assert len(str(QCError("x" * 10**5))) <= 4000
    assert shown(Said("nothing")) == "nothing"
    again = pickle.loads(pickle.dumps(CallError("x", 1, "y", "z")))
    assert type(again) is CallError and str(again) == "x: got 1, expected y. Try: z"


def test_what_a_float_can_hold():
    assert all(map(is_number, (0, 1.5, np.int8(3), 10**300)))
    assert not any(map(is_number, (True, np.nan, np.inf, 10**400, 1j, "1", None, np.ones(1))))


class Broken:
    """Fails when it is made an array."""

    def __array__(self, *args, **kwargs):
        raise RuntimeError


@pytest.mark.parametrize("values", [Broken(), np.array([1j]), np.array([True]), "1", b"1", ["1"]])
def test_no_numbers(values):
    with pytest.raises(OrientationError, match=r"^x: "):
        as_numbers("x", values, "numbers", OrientationError)


def test_arrays_of_a_shape():
    assert finite("F", [[1, 0], [0, 1]], (2, None), "F").shape == (2, 2)
    for wrong in (np.eye(3), [[1, np.nan], [0, 1]], 1.0, []):
        with pytest.raises(InputError, match=r"^F: "):
            finite("F", wrong, (2, 2), "a (2, 2) matrix")
    assert rows("x", [[0.0, 1.0, 2.0]], (2, 3), "positions").shape == (1, 3)
    assert integers("ij", [[0.0, 2.0]], 2, "sites").dtype == np.int64
    for wrong in ([[0.5, 1.0]], [[1e300, 0.0]], [0, 1], [[1, 2, 3]], "x"):
        with pytest.raises(InputError, match=r"^ij: "):
            integers("ij", wrong, 2, "sites")


def test_lists_that_end():
    assert listed("x", (i for i in range(3)), "a list") == [0, 1, 2]
    for wrong in ("abc", b"abc", 3, None, np.array(1.0), iter(int, 1), [0] * (MANY + 1)):
        with pytest.raises(InputError, match=r"^x: "):
            listed("x", wrong, "a list")


def test_flags_and_limits_and_likeness():
    assert flag("x", np.True_) is True
    for wrong in (1, "no", None, np.ones(2)):
        with pytest.raises(InputError, match=r"^x: .*True or False"):
            flag("x", wrong)
    require_few("n", 5, 5, 5, "things")
    for n in (6, float("nan"), float("inf")):
        with pytest.raises(
            InputError, match=r"^n: got 7, expected at most 5e\+00 things; this needs"
        ):
            require_few("n", 7, n, 5, "things")
    assert nearest("metirc", ("metric", "core")) == "metric"
    assert nearest("x" * 10**6, ("metric",)) == nearest(3, ("metric",)) == ""


def test_misspelt_keywords_of_functions_of_all_kinds():
    for call, near in (
        (lambda: qc.relax(None, fmx=1), "fmax"),
        (lambda: qc.compare(None, core=[1.0]), "cores"),
        (lambda: qc.adapt(None, tolerence=1.0), "tolerance"),
        (lambda: qc.crack(None, extnt=1.0), "extent"),
        (lambda: qc.Crystal.fcc(None, ax=1.0), "a"),
        (lambda: qc.testing.check_law("cauchy-born", None, tol=1.0), "tolerance"),
        (lambda: qc.load_potential("LJ", elemnt="Al"), "element"),
    ):
        with pytest.raises(TypeError, match=rf"expected a keyword of .* Try: .*{near}"):
            call()
