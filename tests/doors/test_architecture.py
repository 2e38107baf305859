"""The rooms as the sources have them: no circle of imports between files, no late import upwards.

Every import statement counts, those inside functions ("late") too; those for type checkers alone do
not. What a registry finds in its folder is no import: a file there knows the registry, not the
other way round.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from paths import ROOT
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

BY_NAME = {"qcmethod", "qcmethod.base.result", "qcmethod.base.registry", "qcmethod.cli"}
"""Modules that look others up by name: the package and the shell, the doors of results, folders."""


@dataclass(frozen=True)
class Import:
    """A statement of `source` that imports the module `target`."""

    source: str
    target: str
    late: bool


def modules_of(root: Path) -> dict[str, Path]:
    """The modules of the package in the folder `root`, by name."""
    found = {}
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def statements(node: ast.AST, late: bool = False) -> Iterator[tuple[ast.stmt, bool]]:
    """Import statements below a node, and whether they are inside a function."""
    if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
        for child in node.orelse:
            yield from statements(child, late)
        return
    if isinstance(node, ast.Import | ast.ImportFrom):
        yield node, late
    late = late or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
    for child in ast.iter_child_nodes(node):
        yield from statements(child, late)


def targets(statement: ast.stmt, name: str, package: bool, known: dict[str, Path]) -> list[str]:
    """The modules of the package that a statement of the module `name` imports."""
    if isinstance(statement, ast.Import):
        return [alias.name for alias in statement.names if alias.name in known]
    assert isinstance(statement, ast.ImportFrom)
    base = statement.module or ""
    if statement.level:
        parts = name.split(".")
        parts = parts[: len(parts) - statement.level + package]
        base = ".".join([*parts, base] if base else parts)
    paths = [f"{base}.{alias.name}" for alias in statement.names]
    return [path if path in known else base for path in paths if path in known or base in known]


def imports_of(root: Path) -> list[Import]:
    """All imports between the modules of the package in `root`."""
    known = modules_of(root)
    return [
        Import(name, target, late)
        for name, path in known.items()
        for statement, late in statements(ast.parse(path.read_text()))
        for target in targets(statement, name, path.name == "__init__.py", known)
        if target != name
    ]


def circles(arrows: set[tuple[str, str]]) -> list[list[str]]:
    """What imports itself, round about: the strongly connected parts of more than one member."""
    names = sorted({name for arrow in arrows for name in arrow})
    number = {name: i for i, name in enumerate(names)}
    i, j = np.array([(number[a], number[b]) for a, b in arrows]).T
    graph = coo_array((np.ones(len(i)), (i, j)), shape=(len(names), len(names)))
    count, part = connected_components(graph, connection="strong")
    members = [[name for name in names if part[number[name]] == k] for k in range(count)]
    return [found for found in members if len(found) > 1]


def layers() -> dict[str, int]:
    """The floor of each room, counted from the ground."""
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    rows = contract["contracts"][0]["layers"]
    return {
        name.strip(" ()"): len(rows) - i for i, row in enumerate(rows) for name in row.split("|")
    }


def room(module: str) -> str:
    return module.split(".")[1]


def looked_up(root: Path) -> set[str]:
    """Modules that import others by name (`import_module`, `__import__`)."""
    names = {name: ast.parse(path.read_text()) for name, path in modules_of(root).items()}
    calls = {"import_module", "__import__"}
    return {
        name
        for name, tree in names.items()
        for node in ast.walk(tree)
        if (isinstance(node, ast.Name) and node.id in calls)
        or (isinstance(node, ast.Attribute) and node.attr in calls)
    }


@pytest.fixture(scope="module")
def imports() -> list[Import]:
    return imports_of(ROOT / "qcmethod")


def test_no_files_import_each_other(imports):
    assert len(imports) > 1000
    assert circles({(found.source, found.target) for found in imports}) == []


def test_no_late_import_goes_up(imports):
    floor = layers()
    between = [i for i in imports if "qcmethod" not in (i.source, i.target)]
    assert {room(i.source) for i in between} <= set(floor)
    up = [i for i in between if i.late and floor[room(i.source)] < floor[room(i.target)]]
    assert up == []


def test_few_modules_look_others_up_by_name():
    assert looked_up(ROOT / "qcmethod") == BY_NAME


def test_results_know_no_format_and_no_picture():
    """The doors of results are the only place below them that names the two rooms."""
    pattern = re.compile(r"""["']qcmethod\.(io|plot)["']""")
    found = {
        name
        for name, path in modules_of(ROOT / "qcmethod").items()
        if pattern.search(path.read_text())
    }
    assert found == {"qcmethod.base.result"}


def test_what_the_checks_see(tmp_path):
    """A circle by a late import and one by name; type-only imports tie none."""
    root = tmp_path / "house"
    files = {
        "__init__.py": "",
        "low/__init__.py": "from .one import f\n",
        "low/one.py": "def f():\n    from house.high import two\n    return two\n",
        "low/three.py": "from importlib import import_module\nimport_module('house.high.two')\n",
        "high/__init__.py": "",
        "high/two.py": "import house.low.one\nfrom ..low import three\n",
        "high/four.py": "from typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n    from house.low import three\nelse:\n    import house.high.two\n",
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    found = imports_of(root)
    assert Import("house.low.one", "house.high.two", late=True) in found
    assert Import("house.low", "house.low.one", late=False) in found
    assert Import("house.high.two", "house.low.three", late=False) in found
    four = [i.target for i in found if i.source == "house.high.four"]
    assert four == ["house.high.two"]
    assert circles({(i.source, i.target) for i in found}) == [["house.high.two", "house.low.one"]]
    assert looked_up(root) == {"house.low.three"}
