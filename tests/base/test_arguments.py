"""Numbers, words and Miller indices as a caller gives them."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qcmethod.base.arguments import as_numbers, number, whole_number, word
from qcmethod.errors import InputError, OrientationError
from qcmethod.lattice.miller import along, lowest, miller, variants


@given(st.floats(), st.floats(-10.0, 10.0), st.floats(-10.0, 10.0))
def test_a_number_is_taken_exactly_inside_its_range(x, low, high):
    for name, inside, bounds in (
        ("open", low < x < high, {"above": low, "below": high}),
        ("closed", low <= x <= high, {"least": low, "most": high}),
        ("free", bool(np.isfinite(x)), {}),
    ):
        if inside:
            assert number(name, x, "x", **bounds) == x
        else:
            with pytest.raises(InputError) as refused:
                number(name, x, "x", "try", **bounds)
            assert (refused.value.argument, refused.value.hint) == (name, "try")


def test_numbers_of_other_types():
    for one in (1, np.int64(1), np.float32(1.0), Fraction(2, 2)):
        assert number("x", one, "") == 1.0 and isinstance(number("x", one, ""), float)
    for other in (True, np.True_, "1", None, [1.0], np.array(1.0), 1j, 10**400):
        with pytest.raises(InputError, match=r"^x: got .*, expected a number"):
            number("x", other, "a number")


def test_whole_numbers():
    for one in (2, np.int64(2), 5):
        found = whole_number("n", one, "", least=2, most=5)
        assert found == one and type(found) is int
    for other in (True, np.True_, 1, 6, 2.0, "2", None, [2], np.array([2])):
        with pytest.raises(InputError, match=r"^n: got .*, expected 2 to 5. Try: 3"):
            whole_number("n", other, "2 to 5", "3", least=2, most=5)


@pytest.mark.parametrize("values", ["a", [1, "b"], [[1], [2, 3]], {}, 1j, [10**400], object()])
def test_what_is_no_array_of_numbers(values):
    with pytest.raises(InputError, match=r"^x:"):
        as_numbers("x", values, "numbers")


def test_words():
    assert word("relax", "rigid", ("rigid", "normal")) == "rigid"
    for other in ("Rigid", None, 0, ["rigid"], np.zeros(2)):
        with pytest.raises(InputError, match=r"^relax: .*one of 'rigid', 'normal'"):
            word("relax", other, ("rigid", "normal"))


@given(st.tuples(*[st.integers(-99, 99)] * 3).filter(any), st.floats(0.1, 10.0))
def test_indices_of_a_direction_come_back_in_lowest_terms(h, length):
    found = miller("plane", h)
    assert np.gcd.reduce(found) == 1 and not np.cross(found, h).any() and np.dot(found, h) > 0
    assert along(length * np.array(h) / np.linalg.norm(h)) == found == lowest(h)


def test_what_has_no_indices():
    for other in ((0, 0, 0), (1, 1), (1.5, 1, 1), (100, 1, 1), (1, np.nan, 1), "111", None):
        with pytest.raises((OrientationError, InputError), match=r"^plane: .*Miller indices"):
            miller("plane", other)
    with pytest.raises(InputError, match=r"^axis:"):
        along(np.array([1.0, np.pi, np.e]))


def test_members_of_a_family():
    assert [len(variants(h)) for h in ((1, 0, 0), (1, 1, 0), (1, 1, 1), (1, 1, 2), (1, 2, 3))] == [
        6,
        12,
        8,
        24,
        48,
    ]
