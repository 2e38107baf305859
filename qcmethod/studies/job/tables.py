"""Which function a table of a job goes to, and which keys it takes: the arguments of the function.

A problem that registers itself (`problems.posed`) is a kind here, and an argument that a public
function gets is a key at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from inspect import signature
from typing import Any

from qcmethod.base.arguments import nearest
from qcmethod.base.described import Argument, arguments_of, takes_more, text_of
from qcmethod.base.told import ASIDE, OBJECTS, STATES
from qcmethod.coupling.choice import LENGTHS, WORDS, Coupling
from qcmethod.coupling.couple import couple
from qcmethod.crystal.crystal import Crystal
from qcmethod.errors import InputError
from qcmethod.lattice.lattice import STRUCTURES
from qcmethod.potentials.contract import Potential
from qcmethod.potentials.digest import potential_digest
from qcmethod.potentials.lammps.door import lammps
from qcmethod.potentials.library import load_potential
from qcmethod.problems.load import LOADS
from qcmethod.problems.posed import ALTERED, POSED
from qcmethod.solve.relax import relax
from qcmethod.studies.adapt.loop import adapt
from qcmethod.studies.arc.arc import arc
from qcmethod.studies.compare.compare import compare
from qcmethod.studies.job.output import Output
from qcmethod.studies.ramp.ramp import ramp

Function = Callable[..., Any]
Keys = dict[str, Argument]
TASKS: dict[str, Function] = {
    "relax": relax,
    "ramp": ramp,
    "arc": arc,
    "adapt": adapt,
    "compare": compare,
}
"""What to do, by the name of the table."""
CHOICES = (*LENGTHS, *WORDS)
"""Keys of [coupling]."""
FIXED = ("potential", "crystal", "problem", "coupling", "output")
"""Tables besides those of what to do and of what changes a problem."""


def potential_of(digest: str = "", **source: Any) -> Potential:
    """A potential, of the digest that the file says, if it says one (InputError).

    digest : of its numbers, as results carry it: another potential under this name is refused
    """
    potential: Potential = _maker(source)(**source)
    found = potential_digest(potential)
    if digest not in ("", found):
        expected = f"{found}: {potential.name} has other numbers here than where the file was made"
        raise InputError("[potential] digest", digest, expected, "leave the key out")
    return potential


def _maker(table: Mapping[str, Any]) -> Function:
    """What makes a potential of a table: LAMMPS where it has the words of a pair style."""
    return lammps if "coeff" in table else load_potential


def function_of(name: str, table: Mapping[str, Any]) -> Function:
    """The function that a table is a call of (InputError: its choosing key is missing or wrong)."""
    if name == "crystal":
        found: Function = getattr(Crystal, _word(name, table, "structure", STRUCTURES))
        return found
    if name == "problem":
        return POSED[_word(name, table, "kind", POSED)]
    own: dict[str, Function] = {"potential": potential_of, "coupling": couple, "output": Output}
    return {**own, **ALTERED, **TASKS}[name]


def keys_of(name: str, table: Mapping[str, Any]) -> Keys:
    """The keys that a table takes besides the one that chooses its function (InputError)."""
    function = function_of(name, table)
    if name == "coupling":
        words = arguments_of(Coupling.__init__)
        return {k: replace(words[k], text=text_of(couple, k)) for k in CHOICES}
    found = _values(function)
    if name == "potential":
        return {**_values(_maker(table)), **found}
    if name in TASKS and is_coupled(name):
        found = {k: v for k, v in found.items() if k not in CHOICES}
    if takes_more(function):
        found |= _loads(function)
    return found


def _loads(function: Function) -> Keys:
    """The loads that a function varies: those that its docstring names, and those of users."""
    named = {k for k in LOADS if any(text_of(task, k) for task in TASKS.values())}
    texts = {k: text_of(function, k) or f"a load, {LOADS[k].unit}" for k in LOADS}
    own = (k for k in LOADS if text_of(function, k) or k not in named)
    return {k: Argument(k, texts[k], None, False) for k in own}


def is_coupled(task: str) -> bool:
    """Whether what is to be done takes a [coupling]."""
    return bool({"system", "method"} & set(signature(TASKS[task]).parameters))


def known_tables() -> list[str]:
    """Names of all tables."""
    return [*FIXED, *ALTERED, *TASKS]


def _values(function: Function) -> Keys:
    """The arguments of a function that are values."""
    left_out = (*OBJECTS, *STATES, *ASIDE)
    return {k: v for k, v in arguments_of(function).items() if k not in left_out}


def _word(name: str, table: Mapping[str, Any], key: str, known: Iterable[str]) -> str:
    """The key of a table that chooses among functions (InputError)."""
    expected = f"one of {', '.join(known)}"
    if key not in table:
        raise InputError(f"[{name}] {key}", "nothing", expected)
    if table[key] not in known:
        near = nearest(table[key], known)
        raise InputError(f"[{name}] {key}", table[key], expected, near)
    return str(table[key])
