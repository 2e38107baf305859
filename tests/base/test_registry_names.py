"""Registries find the files of a folder, keep what users add, and refuse what is none of it."""

from __future__ import annotations

import re
import sys

import pytest

import qcmethod as qc
from qcmethod.base.arguments import nearest
from qcmethod.base.registry import Registry
from qcmethod.coupling.method import register as register_method
from qcmethod.crystal.law import law
from qcmethod.errors import InputError
from qcmethod.mesh.element import element
from qcmethod.potentials.cards import read_card
from qcmethod.potentials.library import cards_folder, load_potential
from qcmethod.potentials.site import form
from qcmethod.problems.example import EXAMPLES
from qcmethod.problems.load import at_load
from qcmethod.problems.load import register as register_load
from qcmethod.testing import check_element, check_law


@pytest.fixture
def colours(tmp_path, monkeypatch) -> Registry[str]:
    """A folder of two files, of which the second asks the registry for what is there already."""
    folder = tmp_path / "colours_of_a_test"
    folder.mkdir()
    (folder / "__init__.py").write_text(
        "from qcmethod.base.registry import Registry\nALL = Registry('colour', __name__, str)\n"
    )
    (folder / "blue.py").write_text("from colours_of_a_test import ALL\nALL.add('blue', '#00f')\n")
    (folder / "red.py").write_text(
        "from colours_of_a_test import ALL\nassert 'blue' in ALL\nALL.add('red', '#f00')\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    import colours_of_a_test

    yield colours_of_a_test.ALL
    for name in [name for name in sys.modules if name.startswith("colours_of_a_test")]:
        del sys.modules[name]


def test_a_file_that_is_there_is_in(colours):
    assert list(colours) == ["blue", "red"] and len(colours) == 2
    assert colours.find("red") == colours["red"] == "#f00"
    assert colours.add("green", "#0f0") == "#0f0" and "green" in colours
    assert colours.add("green", "#080") == colours["green"]  # a module that is reloaded


def test_a_file_that_fails_is_not_passed_over(colours, tmp_path):
    """Neither when it is asked first, nor after."""
    (tmp_path / "colours_of_a_test" / "sepia.py").write_text("raise OSError('no ink')\n")
    for _ in range(2):
        with pytest.raises(OSError, match="no ink"):
            list(colours)


def test_what_is_not_registered_is_refused_and_the_nearest_is_named(colours):
    message = "colour: got 'Rde', expected one of blue, red. Try: red"
    with pytest.raises(InputError, match=re.escape(message)):
        colours.find("Rde")
    for other in (None, 3, ["red"]):
        with pytest.raises(InputError, match=r"^colour: .*one of blue, red"):
            colours.find(other)
    assert nearest("BGFX", ["atomistic", "bgfc"]) == "bgfc" and nearest(None, []) == ""


def test_what_is_of_another_kind_is_refused(colours):
    with pytest.raises(InputError, match=r"^colour: got 3, expected an object of the class str"):
        colours.add("three", 3)
    for name in ("", None, 3):
        with pytest.raises(InputError, match=r"^name: .*the name of a kind of colour"):
            colours.add(name, "#000")
    assert list(colours) == ["blue", "red"]


@pytest.mark.parametrize("door", [register_load, register_method, element])
def test_doors_refuse_what_is_not_theirs(door):
    with pytest.raises(InputError, match="expected an object of the class"):
        door("KI")


@pytest.mark.parametrize("door", [law("no function"), form("no function")])
def test_builders_are_functions(door):
    with pytest.raises(InputError, match="expected a function"):
        door("no function")


def test_checks_refuse_names_that_are_not_registered():
    crystal = qc.Crystal.chain(load_potential("Al-Ercolessi-1994"))
    with pytest.raises(InputError, match=r"^law: got 'cauchy', .*Try: cauchy-born"):
        check_law("cauchy", crystal)
    with pytest.raises(InputError, match=r"^element: got 'P3', .*Try: P"):
        check_element("P3")


def test_loads_and_forms_that_are_not_registered_are_refused_with_the_nearest():
    with pytest.raises(InputError, match=r"^loads: got 'KL', expected one of .*Try: KI"):
        at_load(EXAMPLES["vacancy"](), KL=1.0)
    card = read_card(cards_folder() / "W-Zhou-2004.toml") | {"form": "Zhou"}
    with pytest.raises(InputError, match=r"form: got 'Zhou', .*Try: zhou-johnson-wadley"):
        load_potential(card)
