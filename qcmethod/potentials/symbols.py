"""Chemical symbols of the species of an engine, as a caller gives them, and their masses."""

from __future__ import annotations

from collections.abc import Sequence

from qcmethod.errors import InputError


def symbols_and_masses(elements: object) -> tuple[tuple[str, ...], tuple[float, ...]]:
    """The argument `elements`, and the mass of each, u (InputError: no list of symbols)."""
    from ase.data import atomic_masses, atomic_numbers

    expected = "a list of chemical symbols, e.g. ['W']"
    if isinstance(elements, str) or not isinstance(elements, Sequence) or not elements:
        raise InputError("elements", elements, expected)
    for one in elements:
        if not isinstance(one, str) or one not in atomic_numbers or one == "X":
            raise InputError("elements", one, expected)
    return tuple(elements), tuple(float(atomic_masses[atomic_numbers[e]]) for e in elements)
