"""A job file, checked name by name before anything is computed, and the objects that it asks for.

KI = { from = 0.40, to = 0.46, by = 0.01 }     a series of numbers, its end included
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qcmethod.base.arguments import is_number, nearest
from qcmethod.base.files import path_of
from qcmethod.base.toml import Tables, read_toml
from qcmethod.crystal.crystal import Crystal
from qcmethod.errors import InputError
from qcmethod.potentials.contract import Potential
from qcmethod.problems.posed import ALTERED
from qcmethod.problems.problem import Problem
from qcmethod.studies.job.output import Output
from qcmethod.studies.job.tables import TASKS, function_of, is_coupled, keys_of, known_tables

CHOOSING = ("structure", "kind")
"""Keys that choose a function."""
SERIES, MOST = ("from", "to", "by"), 100_000


@dataclass(frozen=True)
class Job:
    """Tables whose names and keys are known; what they say is checked by the functions."""

    name: str
    tables: Tables

    @property
    def task(self) -> str:
        """What is to be done."""
        return next(name for name in self.tables if name in TASKS)

    @property
    def output(self) -> Output:
        """Where it goes."""
        return Output(**self.values("output"))

    def potential(self) -> Potential:
        """The potential; raises what `load_potential` raises."""
        found: Potential = function_of("potential", {})(**self.values("potential"))
        return found

    def crystal(self) -> Crystal:
        """The crystal; raises what `Crystal.fcc` and its like raise."""
        make = function_of("crystal", self.tables["crystal"])
        found: Crystal = make(self.potential(), **self.values("crystal"))
        return found

    def problem(self) -> Problem:
        """The problem, with what changes it in the order of the file."""
        pose = function_of("problem", self.tables["problem"])
        problem: Problem = pose(self.crystal(), **self.values("problem"))
        for name in self.tables:
            if name in ALTERED:
                problem = ALTERED[name](problem, **self.values(name))
        return problem

    def values(self, name: str) -> dict[str, Any]:
        """The values of a table by key, as the function takes them."""
        table = self.tables.get(name, {})
        return {k: _value(f"[{name}] {k}", v) for k, v in table.items() if k not in CHOOSING}


def read_job(path: str | Path, changes: Mapping[str, Any] | None = None) -> Job:
    """The job of a file.

    changes : values by "table.key" in place of those of the file

    Raises InputError, with the nearest, for a table or a key that is none, and for one that is
    missing.
    """
    source = path_of("file", path, "a file")
    if source.is_dir():
        raise InputError("file", str(path), "a job: a file of tables", "qcmethod resume DIR")
    if not source.exists():
        hint = "qcmethod init crack > crack.toml writes one"
        raise InputError("file", str(path), "a file that exists", hint)
    tables = read_toml(source, "a job")
    for place, value in (changes or {}).items():
        name, _, key = place.partition(".")
        tables.setdefault(name, {})[key] = value
    return Job(source.stem, checked(tables))


def checked(tables: dict[str, Any]) -> Tables:
    """The tables, if their names and keys are known and those that must be are there."""
    for name, table in tables.items():
        if name not in known_tables():
            expected = f"a table out of {', '.join(known_tables())}"
            raise InputError(f"[{name}]", table, expected, nearest(name, known_tables()))
        if not isinstance(table, Mapping):
            raise InputError(name, table, f"a table, [{name}]")
    for name in ("potential", "crystal", "problem"):
        if name not in tables:
            raise InputError(f"[{name}]", "nothing", "this table", "qcmethod init shows all")
    tasks = [name for name in tables if name in TASKS]
    if len(tasks) != 1:
        raise InputError("what to do", tasks, f"one table out of {', '.join(TASKS)}")
    if "coupling" in tables and not is_coupled(tasks[0]):
        expected = f"no such table: [{tasks[0]}] says what is coupled"
        raise InputError("[coupling]", tables["coupling"], expected)
    for name, table in tables.items():
        _require_keys(name, table)
    Output(**tables.get("output", {})).require(TASKS[tasks[0]])
    return tables


def _require_keys(name: str, table: Mapping[str, Any]) -> None:
    """Refuse a key that is unknown or missing (InputError)."""
    known = keys_of(name, table)
    for key, value in table.items():
        if key not in known and key not in CHOOSING:
            expected = f"a key of [{name}]: {', '.join(known)}"
            raise InputError(f"[{name}] {key}", value, expected, nearest(key, known))
    for key, argument in known.items():
        if argument.required and key not in table:
            raise InputError(f"[{name}] {key}", "nothing", argument.text or "a value")


def _value(where: str, value: Any) -> Any:
    """A value as functions take it: lists as tuples, a series as its numbers (InputError)."""
    if isinstance(value, list):
        return tuple(_value(where, one) for one in value)
    if isinstance(value, Mapping) and set(value) == set(SERIES):
        first, last, step = (value[k] for k in SERIES)
        n = (last - first) / step if all(map(is_number, value.values())) and step else -1.0
        if not 0.0 <= n <= MOST:
            hint = "{ from = 0.40, to = 0.46, by = 0.01 }"
            raise InputError(where, dict(value), "numbers, a step that leads to the end", hint)
        return tuple(float(f"{first + i * step:.12g}") for i in range(round(n) + 1))
    return value
