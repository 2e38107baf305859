"""What is kept for an object is computed once, and goes with it."""

from __future__ import annotations

import gc
from weakref import ref

from qcmethod.base.kept import kept


class Thing:
    pass


def test_it_is_computed_once_for_each_object():
    asked = []

    @kept
    def found(thing: Thing) -> list[int]:
        """Documented."""
        asked.append(thing)
        return [len(asked)]

    one, other = Thing(), Thing()
    assert found(one) is found(one) and found(other) is not found(one)
    assert asked == [one, other] and found.__doc__ == "Documented."


def test_it_does_not_outlive_its_object():
    found = kept(lambda thing: Thing())
    thing = Thing()
    held = ref(found(thing))
    assert held() is not None
    del thing
    gc.collect()
    assert held() is None
