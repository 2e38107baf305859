"""Registries: what is refused, who has a name, and what a folder with a broken file does."""

from __future__ import annotations

import re
import sys
import threading

import pytest

import qcmethod as qc
from qcmethod.base.arguments import nearest
from qcmethod.base.registry import Registry
from qcmethod.coupling.method import METHODS, Method, register
from qcmethod.crystal.law import law
from qcmethod.errors import InputError
from qcmethod.mesh.element import element
from qcmethod.potentials.cards import read_card
from qcmethod.potentials.library import cards_folder, load_potential
from qcmethod.potentials.site import form
from qcmethod.problems.example import EXAMPLES, example
from qcmethod.problems.load import at_load
from qcmethod.problems.load import register as register_load
from qcmethod.studies.adapt.indicator import indicator
from qcmethod.testing import check_element, check_law

START = "import sys\nREGISTRY = sys.modules['test_registry_of'].REGISTRY\n"
ADD = START + "REGISTRY.add({name!r}, lambda: {value!r})\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A package, and a registry of what its files add."""
    package = tmp_path / "things"
    package.mkdir()
    (package / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    registry: Registry = Registry("thing", "things")
    module = type(sys)("test_registry_of")
    module.REGISTRY = registry
    monkeypatch.setitem(sys.modules, "test_registry_of", module)
    yield package, registry
    for name in [name for name in sys.modules if name.split(".")[0] == "things"]:
        del sys.modules[name]


def put(package, file, name, value):
    (package / f"{file}.py").write_text(ADD.format(name=name, value=value))


def test_a_user_takes_a_name_over_before_the_folder_is_asked_and_after(folder):
    package, registry = folder
    put(package, "one", "one", 1)
    put(package, "two", "two", 2)
    registry.add("one", lambda: "early")
    assert list(registry) == ["one", "two"]
    registry.add("two", lambda: "late")
    registry.add("two", lambda: "later")
    assert (registry["one"](), registry["two"]()) == ("early", "later")


def test_two_files_of_one_name_are_refused(folder):
    """A file that was copied from another and kept its name would silently take its place."""
    package, registry = folder
    put(package, "one", "one", 1)
    put(package, "two", "one", 2)
    for _ in range(2):
        with pytest.raises(InputError, match=r"things\.two.*got 'one'.*no other file in things"):
            len(registry)


def test_a_file_that_cannot_be_imported_is_named_every_time(folder):
    """Half a folder would look like a whole one to whoever asks next."""
    package, registry = folder
    put(package, "one", "one", 1)
    (package / "two.py").write_text("1 / 0\n")
    put(package, "zwei", "two", 2)
    for _ in range(2):
        with pytest.raises(InputError, match=r"^things\.two: got 'ZeroDivisionError") as error:
            list(registry)
        assert isinstance(error.value.__cause__, ZeroDivisionError)


def test_an_interrupted_search_is_made_again(folder):
    package, registry = folder
    (package / "one.py").write_text(START + "if not REGISTRY.of:\n    raise KeyboardInterrupt\n")
    put(package, "two", "two", 2)
    with pytest.raises(KeyboardInterrupt):
        list(registry)
    registry.of = object
    assert list(registry) == ["two"]


def test_names_are_listed_while_others_are_added(folder):
    _, registry = folder
    wrong = []

    def read():
        try:
            for _ in range(300):
                for name in registry:
                    registry[name]
        except RuntimeError as error:
            wrong.append(error)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for i in range(3000):
        registry.add(str(i % 500), read)
    for reader in readers:
        reader.join()
    assert not wrong and len(registry) == 500


@pytest.mark.parametrize("add", [register, element, register_load])
@pytest.mark.parametrize("wrong", ["mine", None, 3, Method])
def test_values_of_another_kind_are_refused(add, wrong):
    with pytest.raises(InputError, match=r"expected an object of (Method|Element|Load)"):
        add(wrong)


@pytest.mark.parametrize("under", [law, form, indicator, example])
def test_a_decorator_without_its_name_is_refused(under):
    """It would swallow the function, and register nothing."""
    with pytest.raises(InputError, match="expected a name in quotes"):

        @under
        def mine():
            pass

    with pytest.raises(InputError, match="expected a function"):
        under("mine")(3)


def test_a_value_without_a_name_is_refused():
    with pytest.raises(InputError, match="method: got '', expected a name in quotes"):
        register(Method(name="", about="", weigh=METHODS["bgfc"].weigh, partner="bqcf"))


def test_what_is_not_registered_is_refused_and_the_nearest_is_named(folder):
    package, registry = folder
    for name in ("blue", "red"):
        put(package, name, name, 0)
    message = "thing: got 'Rde', expected one of ['blue', 'red']. Try: red"
    with pytest.raises(InputError, match=re.escape(message)):
        registry.find("Rde")
    for other in (None, 3, ["red"]):
        with pytest.raises(InputError, match=r"^thing: .*one of \['blue', 'red'\]"):
            registry.find(other)
    assert nearest("BGFX", ["atomistic", "bgfc"]) == "bgfc" and nearest(None, []) == ""


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
