"""What a calculator claims, checked on a rod of atoms when it is given.

    f = -dE/dy  by differences,    sum of site energies = E,    f(y + t) = f(y)

A calculator in other units, without forces, or that sees further than it says is refused by name
before anything is computed with it; what rounding leaves of its forces is its floor.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from qcmethod.base.arguments import number, whole_number
from qcmethod.base.types import Array
from qcmethod.errors import EngineError, InputError, OffTableError
from qcmethod.potentials.calculator.engine import Ase, Held, is_calculator
from qcmethod.potentials.engine import Session
from qcmethod.potentials.reach_check import require_reach, rod

STEP = 1e-3
"""Of differences of energies, A: their error is of its fourth power."""
WRONG = 1e-3
"""A force that differs by this part from the slope of its energy belongs to another energy."""
SUMS = 1e-6
"""Of site energies against the energy, a part of it."""
SINGLE = 1e-9
"""A floor above this, eV/A, is that of numbers of single precision."""


def engine_of(
    given: Any,
    elements: Sequence[str],
    cutoff: float,
    reach: int | None,
    name: str | None,
) -> Ase:
    """A calculator, or a function that makes one, as an engine.

    Raises InputError, by name: no calculator, no forces, forces that are no slopes of its energy,
    site energies that do not sum to it, an element that it does not know, a cut-off or a reach
    below the truth, energies that are no numbers.
    """
    from ase.data import atomic_masses, atomic_numbers

    symbols = _symbols(elements, atomic_numbers)
    held = Held(getattr(given, "calc", given))
    if not is_calculator(held.given) and not callable(held.given):
        raise InputError("calculator", given, "a calculator of ASE, or a function that makes one")
    calculator = held.calculator
    properties = list(getattr(calculator, "implemented_properties", []))
    for needed in ("energy", "forces"):
        if needed not in properties:
            raise InputError("calculator", type(calculator).__name__, f"one that gives {needed}")
    range_ = number("cutoff", cutoff, "how far a site sees, A", above=0.0, most=100.0)
    label = name or f"{type(calculator).__name__} {''.join(symbols)}"
    masses = tuple(float(atomic_masses[atomic_numbers[e]]) for e in symbols)
    engine = Ase(label, held, symbols, masses, range_)
    y = rod(range_, symbols[0])
    species = np.arange(len(y)) % len(symbols)
    session = engine.session(y, np.eye(3), (False, False, False), species)
    E, g = _first(engine, session, y)
    floor = _floor(session, y, g)
    _require_slope(engine, session, y, g, floor)
    if "energies" in properties:
        _require_sum(engine, session, y, E)
    felt = whole_number("reach", reach or 1, "how many cut-offs a force sees, 1 or more", least=1)
    require_reach(engine, range_, felt, floor)
    alone = engine.session(np.zeros((1, 3)), np.eye(3), (False, False, False), species[:1])
    isolated = alone.at(np.zeros((1, 3)))[0]
    digits = np.concatenate([[E], g.ravel()]) if floor < SINGLE else np.round([E], 3)
    kind = f"{type(calculator).__module__}.{type(calculator).__qualname__}"
    numbers: list[object] = ["ase", kind, list(symbols), range_, digits.tolist()]
    return replace(engine, reach=felt, floor=floor, isolated=isolated, numbers=numbers)


def _symbols(elements: object, known: dict[str, int]) -> tuple[str, ...]:
    expected = "a list of chemical symbols, e.g. ['W']"
    if isinstance(elements, str) or not isinstance(elements, Sequence) or not elements:
        raise InputError("elements", elements, expected)
    for one in elements:
        if not isinstance(one, str) or one not in known or one == "X":
            raise InputError("elements", one, expected)
    return tuple(elements)


def _first(engine: Ase, session: Session, y: Array) -> tuple[float, Array]:
    try:
        return session.at(y)
    except EngineError as error:
        expected = "elements that the calculator knows"
        raise InputError("elements", list(engine.elements), expected, str(error)) from error
    except OffTableError as error:
        raise InputError("calculator", engine.name, "finite energies and forces") from error


def _floor(session: Session, y: Array, g: Array) -> float:
    """How much forces differ between places where they are the same, eV/A."""
    rng = np.random.default_rng(5)
    shifts = rng.uniform(-0.7, 0.7, (3, 3))
    spread = max(float(np.abs(session.at(y + t)[1] - g).max()) for t in shifts)
    return spread if spread > SINGLE else 0.0


def _require_slope(engine: Ase, session: Session, y: Array, g: Array, floor: float) -> None:
    v = np.random.default_rng(6).standard_normal(y.shape)
    h = STEP if floor == 0.0 else 20.0 * STEP
    near = session.at(y + h * v)[0] - session.at(y - h * v)[0]
    far = session.at(y + 2 * h * v)[0] - session.at(y - 2 * h * v)[0]
    slope, found = (8.0 * near - far) / (12.0 * h), float(np.vdot(g, v))
    size = float(np.linalg.norm(g) * np.linalg.norm(v)) / len(y) ** 0.5
    if abs(slope - found) > WRONG * size + 100.0 * floor:
        given = (
            f"{engine.name}, with a slope of its energy of {slope:.6g} and forces of {found:.6g}"
        )
        expected = "forces that are minus the slopes of its energy, in eV and A"
        raise InputError("calculator", given, expected, "check the units of both")


def _require_sum(engine: Ase, session: Session, y: Array, E: float) -> None:
    total = float(session.energies(y).sum())
    if abs(total - E) > SUMS * max(1.0, abs(E)) * len(y):
        given = f"{engine.name}, whose site energies sum to {total:.8g} eV, its energy {E:.8g} eV"
        raise InputError("calculator", given, "site energies that sum to the energy")
