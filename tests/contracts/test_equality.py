"""Two objects of the same content compare without an error: the same numbers, or one object."""

from __future__ import annotations

import pickle
from copy import deepcopy
from dataclasses import fields, is_dataclass, replace

import pytest
from paths import DATA

import qcmethod as qc
from qcmethod.base.registry import import_rooms
from qcmethod.base.stored import STORED
from qcmethod.coupling.system import System

OLD = DATA / "v0.1.0"
KEPT = [*sorted(OLD.glob("*.npz")), OLD / "arc", OLD / "adapt", OLD / "study"]


def parts(value, found, seen):
    """One object of each dataclass in a value, by its class."""
    if id(value) in seen:
        return found
    seen[id(value)] = value
    if isinstance(value, (list, tuple)):
        for item in value:
            parts(item, found, seen)
    if isinstance(value, dict):
        parts(list(value.values()), found, seen)
    if is_dataclass(value) and not isinstance(value, type):
        found.setdefault(type(value), value)
        parts([getattr(value, f.name) for f in fields(value)], found, seen)
        if isinstance(value, System):
            parts(value.problem, found, seen)
    return found


@pytest.fixture(scope="module")
def objects():
    """One object of each stored class, of what an earlier version has left."""
    found, seen = {}, {}
    for path in KEPT:
        parts(qc.load(path), found, seen)
    return {cls: one for cls, one in found.items() if cls in set(STORED.values())}


def test_most_stored_classes_are_seen(objects):
    names = {cls.__name__ for cls in objects}
    kinds = {"Solution", "System", "Problem", "Crystal", "Lattice", "Potential", "Predictor"}
    kinds |= {"CrackField", "DislocationField", "Sum", "Stroh", "Indenter", "Mesh", "Partition"}
    kinds |= {"CrackFlanks", "FreeSurface", "CrackWatch", "ContactWatch", "LineWatch", "Watch"}
    assert kinds <= names, kinds - names


def test_stored_objects_are_compared_and_found_and_hashed(objects):
    for cls, one in objects.items():
        other = replace(one)  # the same content
        assert one == one and one in [other, one], cls
        assert (one == other) in (True, False) and (one != other) is not (one == other), cls
        assert hash(one) == hash(one) and (one != other or hash(one) == hash(other)), cls
        assert {one: 1}[one] == 1, cls


@pytest.mark.parametrize("path", KEPT, ids=lambda path: path.name)
def test_results_go_to_another_process(path):
    """All that a result holds is pickled and copied: its models are rebuilt there."""
    found = qc.load(path)
    for again in (pickle.loads(pickle.dumps(found)), deepcopy(found)):
        assert type(again) is type(found) and repr(again) == repr(found)


def test_no_dataclass_compares_arrays():
    """Of the whole package: a class with a field of arrays is compared as an object."""
    import_rooms("qcmethod")
    words = ("Array", "Index", "Bools", "csr_array")
    for cls in _dataclasses(object):
        if cls.__module__.startswith("qcmethod.") and cls.__dataclass_params__.eq:
            types = {f.name: str(f.type) for f in fields(cls) if "Callable" not in str(f.type)}
            held = [name for name, held in types.items() if any(w in held for w in words)]
            assert not held or not cls.__dataclass_params__.frozen, (cls, held)


def _dataclasses(cls):
    for sub in type.__subclasses__(cls):
        if is_dataclass(sub) and "__dataclass_params__" in vars(sub):
            yield sub
        yield from _dataclasses(sub)
