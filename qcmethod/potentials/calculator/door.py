"""`Potential.of`: an ASE calculator as a potential, checked before it is believed.

W = qc.Potential.of(MyASECalculator(), elements=["W"], cutoff=6.0, reach=1)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from qcmethod.base.arguments import number, whole_number
from qcmethod.base.log import announce
from qcmethod.base.told import is_plain, plain
from qcmethod.errors import InputError
from qcmethod.lattice.lattice import STRUCTURES
from qcmethod.potentials.calculator.checks import (
    has_stress,
    probe,
    require_elements,
    require_forces,
    require_short,
    require_slopes,
    sees_images,
    weighs,
)
from qcmethod.potentials.calculator.engine import Ase
from qcmethod.potentials.calculator.floor import noise_of
from qcmethod.potentials.calculator.held import Held, is_calculator
from qcmethod.potentials.reach_check import measured_reach, require_reach
from qcmethod.potentials.symbols import symbols_and_masses


def engine_of(
    calculator: object,
    elements: Sequence[str],
    cutoff: float,
    reach: int | None,
    masses: Sequence[float] | None,
    name: str | None,
) -> Ase:
    """The engine of a calculator; arguments and errors as for `Potential.of`."""
    symbols, usual = symbols_and_masses(elements)
    held = Held(_source(calculator))
    label = name or f"{type(held.calculator).__name__} {''.join(symbols)}"
    require_forces(held, label)
    range_ = number("cutoff", cutoff, "the range of the neighbours of an atom, A", above=0.0)
    engine = Ase(held, label, symbols, _masses(masses, usual), range_)
    require_elements(engine)
    y, session = probe(engine)
    noise, floor = noise_of(engine, y)
    engine = replace(engine, floor=floor)
    require_slopes(engine, y, session)
    engine = replace(engine, alone=sees_images(engine))
    engine = replace(engine, stress=has_stress(engine))
    if "stress" in held.properties and not engine.stress:
        announce(f"{label}: its stress is not the slope of its energy; differences are taken")
    require_short(engine, y, session, noise)
    if reach is None:
        found = measured_reach(engine, range_, noise)
    else:
        found = whole_number("reach", reach, "how many cut-offs a force sees, 1 or more", least=1)
        require_reach(engine, range_, found, noise)
    E, g = session.at(y)
    digits = 3 if engine.floor else 6
    seen = (f"{E:.{digits}e}", f"{np.linalg.norm(g):.{digits}e}")
    return replace(
        engine,
        reach=found,
        weighted=weighs(engine, y),
        identity=(*_words(held.calculator), *seen),
    )


def guess_of(structure: str, lattice_constant: float | None) -> tuple[str, float]:
    """A lattice by name, or nothing, and its constant, A, 0 if unknown (InputError)."""
    if structure and structure not in STRUCTURES:
        raise InputError("structure", structure, f"one of {', '.join(STRUCTURES)}, or nothing")
    if lattice_constant is None:
        return structure, 0.0
    return structure, number("lattice_constant", lattice_constant, "a length > 0, A", above=0.0)


def _source(given: Any) -> Any:
    """A calculator, that of atoms, or a function that makes one."""
    if getattr(given, "calc", None) is not None and not is_calculator(given):
        return given.calc
    if hasattr(given, "get_positions"):
        calculator = getattr(given, "calc", None)
        if calculator is None:
            raise InputError("calculator", given, "atoms that have one: atoms.calc")
        return calculator
    if is_calculator(given) or isinstance(given, Callable):  # type: ignore[arg-type]
        return given
    raise InputError(
        "calculator", given, "an ASE calculator, atoms with one, or a function that makes one"
    )


def _masses(given: Sequence[float] | None, usual: tuple[float, ...]) -> tuple[float, ...]:
    if given is None:
        return usual
    expected = f"{len(usual)} masses, u, one of each element"
    if isinstance(given, str) or not isinstance(given, Sequence) or len(given) != len(usual):
        raise InputError("masses", given, expected)
    return tuple(number("masses", m, expected, above=0.0) for m in given)


def _words(calculator: object) -> tuple[object, ...]:
    """The class of a calculator, and its parameters that are plain."""
    of = type(calculator)
    parameters = getattr(calculator, "parameters", None) or {}
    told = {str(k): plain(v) for k, v in dict(parameters).items() if is_plain(v)}
    return (f"{of.__module__}.{of.__qualname__}", str(sorted(told.items())))
