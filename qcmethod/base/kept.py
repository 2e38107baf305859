"""What is computed once for an object, and kept as long as the object lives.

    @kept
    def canonical(mesh: Mesh) -> Index: ...

For values that belong to a layer above the object: it stays plain data, and nobody writes into it.
The object is known by its identity, so it must not change; what is kept must not hold it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar
from weakref import WeakKeyDictionary

Thing = TypeVar("Thing")
Found = TypeVar("Found")


def kept(function: Callable[[Thing], Found]) -> Callable[[Thing], Found]:
    """The function, which computes anew only for an object that it has not seen."""
    known: WeakKeyDictionary[Thing, Found] = WeakKeyDictionary()

    @wraps(function)
    def remembered(thing: Thing) -> Found:
        if thing not in known:
            known[thing] = function(thing)
        return known[thing]

    return remembered
