"""Every public function has a door and a small valid call, from which its random calls are made."""

from __future__ import annotations

import inspect
from importlib.util import find_spec

import pytest
from public import public

from qcmethod.base.door import door
from qcmethod.errors import QCError


def test_every_public_function_has_a_door_and_a_valid_call():
    """A field-like class has its door at `__init__`; a `Coupling` checks its words itself."""
    without = []
    for one in public():
        body = one.function.__init__ if inspect.isclass(one.function) else one.function
        without += [] if _has_door(body) else [one.name]
    assert without == ["Coupling"]
    assert not {one.name: one.unknown() for one in public() if one.unknown()}


def _has_door(body):
    """Whether one of the decorators of a function is its door."""
    code = door(lambda: None).__code__
    return inspect.unwrap(body, stop=lambda one: one.__code__ is code).__code__ is code


@pytest.mark.slow
@pytest.mark.parametrize("one", public(), ids=lambda one: one.name)
def test_the_valid_calls_are_valid(one, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    arguments = one.valid()
    placed = [p.name for p in one.parameters() if p.kind is p.POSITIONAL_ONLY]
    before = [arguments.pop(name) for name in placed if name in arguments]
    if one.name == "Solution.view" and find_spec("pyvista") is None:
        with pytest.raises(QCError, match=r"qcmethod\[view\]"):
            one.called()(*before, **arguments)
    elif one.name in ("load", "Study.read", "Sweep.read"):  # of a file that is not there
        with pytest.raises(QCError, match=r"^path: "):
            one.called()(*before, **arguments)
    else:
        one.called()(*before, **arguments)
