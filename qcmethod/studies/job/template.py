"""A commented job for each problem: the example of its file, and what each key is.

Values are those of the problem's `@example`, texts those of the docstrings, so a problem of one
file has its template at once. A key that is not given is there as a comment, with its default.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any

from qcmethod.base.arguments import nearest
from qcmethod.base.described import Argument, first_sentence
from qcmethod.base.toml import Tables, value_text
from qcmethod.errors import InputError
from qcmethod.problems.example import EXAMPLES
from qcmethod.problems.load import LOADS, variable
from qcmethod.problems.problem import Problem
from qcmethod.studies.job.tables import TASKS, function_of, is_coupled, keys_of

WIDTH = 96
HEAD = """\
qcmethod run FILE does what this file says. Each table is a call, each key an argument of it.
Lengths are in A, forces in eV/A, stress intensities in MPa sqrt(m); other units are said.
A line behind "# " is not read; where it has a key, the key is not given and this is its default."""
CORE, BLEND = 3.0, 1.0
"""In cut-offs, as in the checks of problems."""
STEPS, WIDTHS = 5, 10
"""A series of loads: so many steps of so many widths of a bracket."""


def template(name: str, task: str = "relax") -> str:
    """The text of a job for the problem of that name (InputError, with the nearest)."""
    if name not in EXAMPLES:
        raise InputError("problem", name, f"one of {', '.join(EXAMPLES)}", nearest(name, EXAMPLES))
    if task not in TASKS:
        raise InputError("task", task, f"one of {', '.join(TASKS)}", nearest(task, TASKS))
    problem = EXAMPLES[name]()
    tables = {k: dict(v) for k, v in problem.told().items()}
    tables["potential"].pop("digest", None)  # of what the user puts there
    tables["crystal"].pop("a", None)  # relaxed
    if is_coupled(task):
        tables["coupling"] = _sizes(problem, task)
    tables[task] = _asked(problem, task)
    tables["output"] = {"files": [f"result{end}" for end in ENDS[task]]}
    others = ", ".join(f"[{other}]" for other in TASKS if other != task)
    parts = [_commented(HEAD), *(_table(n, t, problem, tables) for n, t in tables.items())]
    tail = f"In place of [{task}]: {others}. qcmethod init {name!r} --task NAME shows its keys."
    return "\n\n".join([*parts, _commented(tail)]) + "\n"


ENDS: Mapping[str, tuple[str, ...]] = {
    "relax": (".npz", ".vtu", ".xyz", ".png"),
    "ramp": (".xyz", ".png"),
    "arc": (".json", ".png"),
    "adapt": (".json", ".png"),
    "compare": (".json", ".png"),
}


def _sizes(problem: Problem, task: str) -> dict[str, Any]:
    cutoff = problem.crystal.potential.cutoff
    found = {"core": round(CORE * cutoff, 1), "blend": round(BLEND * cutoff, 1)}
    return {"method": "bgfc", **({} if task == "adapt" else found)}


def _asked(problem: Problem, task: str) -> dict[str, Any]:
    """What must be given of a task."""
    names = [name for name in variable(problem) if name in keys_of(task, {})]
    load = LOADS[names[0]] if names else None
    if task in ("ramp", "arc") and load is None:
        raise InputError("task", task, f"another one: it varies no load of a {problem.name}")
    if task == "compare":
        cutoff = problem.crystal.potential.cutoff
        return {"cores": [round(k * cutoff, 1) for k in (2.0, 2.5, 3.0)]}
    if load is None or task not in ("ramp", "arc"):
        return {}
    first, step = problem.loads[load.name], WIDTHS * load.width
    if task == "arc":
        return {load.name: first}
    last = float(f"{first + STEPS * step:.12g}")
    return {load.name: {"from": first, "to": last, "by": step}}


def _table(name: str, given: Mapping[str, Any], problem: Problem, tables: Tables) -> str:
    """A table with all keys that it takes."""
    function = function_of(name, given)
    head = _commented(_plain(first_sentence(function)))
    lines = [head, f"[{name}]"]
    choosing = {k: v for k, v in given.items() if k in ("kind", "structure")}
    lines += [f"{key} = {value_text(value)}" for key, value in choosing.items()]
    last = ""
    for key, argument in keys_of(name, given).items():
        if key in LOADS and name in TASKS and key not in variable(problem):
            continue
        if argument.text != last:
            lines.append(_commented(_plain(argument.text), "## "))
        last = argument.text
        lines.append(_line(key, argument, given))
    return "\n".join(lines)


def _line(key: str, argument: Argument, given: Mapping[str, Any]) -> str:
    if key in given:
        return f"{key} = {value_text(given[key])}"
    default = argument.default
    return f"# {key} = {'...' if default is None else value_text(default)}"


def _plain(text: str) -> str:
    """A text of a docstring without its marks."""
    return text.replace("``", "").replace("`", "")


def _commented(text: str, mark: str = "# ") -> str:
    lines = (line for part in text.splitlines() for line in textwrap.wrap(part, WIDTH - len(mark)))
    return "\n".join(f"{mark}{line}".rstrip() for line in lines)
