"""The gallery of executed examples: where they run, with what, in which order; pictures."""

from __future__ import annotations

import ast
import shutil
from pathlib import Path
from typing import Any

from sphinx_gallery.scrapers import figure_rst

# By theme, in this order; what is named nowhere is of the last one.
THEMES = {
    "First steps": (
        "twenty_lines",
        "chain_ghost_forces",
        "ghost_forces",
        "compare_methods",
    ),
    "Three dimensions": ("void_in_space",),
    "Cracks": (
        "crack_tip_aluminium",
        "crack_to_a_thousandth",
        "crack_iron",
        "emission_by_method",
        "emission_by_size",
        "lattice_trapping",
    ),
    "Dislocations and slip": (
        "stacking_faults",
        "dislocation_aluminium",
        "dislocation_cores",
        "lomer_dipole",
        "screw_iron",
    ),
    "Contact": ("indentation",),
    "Adaptive refinement": ("adaptive_core", "adaptive_ramp", "adaptive_accuracy"),
    "Accuracy, and more": (
        "vacancy_model",
        "convergence_model_problem",
        "study_metals",
        "not_conservative",
    ),
}
ORDER = [f"{name}.py" for names in THEMES.values() for name in names]
LAST = list(THEMES)[-1]

# Of a script in one piece the gallery would show the output first.
IN_ONE_PIECE = """

# %%
# The whole script; what it printed and drew is below.

"""

# What an example is run with: small settings where its own take more than a minute.
ARGUMENTS = {
    "adaptive_ramp.py": ["--extent", "300", "--tolerance", "0.15"],
    "convergence_model_problem.py": ["--case", "vacancy", "--sizes", "3", "4", "6", "8"],
    "crack_iron.py": ["--methods", "bgfc", "--far", "0", "--events", "2"],
    "emission_by_method.py": ["--methods", "bqce", "bgfc"],
    "emission_by_size.py": ["--extents", "100", "1000", "--width", "2e-3"],
    "ghost_forces.py": ["--maps", "out"],
    "screw_iron.py": ["--cases", "3", "--extent", "100", "--width", "50"],
    "lattice_trapping.py": ["--extent", "28", "--KI", "1.88", "--periods", "0.48"],
}

WHY = """All run with their defaults, in seconds to a minute, except for these, which with their
defaults take minutes or draw nothing:"""

_seen: dict[Path, float] = {}


def folder(theme: str) -> str:
    """The folder of a theme: its first word."""
    return theme.split()[0].strip(",").lower()


def theme_of(name: str) -> str:
    """The theme of an example."""
    return next((theme for theme, names in THEMES.items() if name in names), LAST)


def copied(examples: Path, to: Path) -> Path:
    """A fresh copy of the examples to run, by theme, so that what they write does not litter the
    sources."""
    shutil.rmtree(to, ignore_errors=True)
    for theme in THEMES:
        (to / folder(theme)).mkdir(parents=True)
        head = f"{theme}\n{'-' * len(theme)}\n"
        (to / folder(theme) / "GALLERY_HEADER.rst").write_text(head)
    shutil.copy(examples / "GALLERY_HEADER.rst", to)
    for path in examples.glob("*.py"):
        (to / folder(theme_of(path.stem)) / path.name).write_text(in_pieces(path.read_text()))
    commands = (" ".join([name, *given]) for name, given in sorted(ARGUMENTS.items()))
    lines = "\n".join(f"- ``{command}``" for command in commands)
    (to / "small.rst").write_text(f"{WHY}\n\n{lines}\n")
    return to


def in_pieces(script: str) -> str:
    """A script of which the gallery shows the code before what it printed."""
    head = ast.parse(script).body[0]
    lines = script.splitlines(keepends=True)
    if any(line.startswith("# %%") for line in lines) or head.end_lineno is None:
        return script
    return "".join([*lines[: head.end_lineno], IN_ONE_PIECE, *lines[head.end_lineno :]])


def theme_place(path: str) -> int:
    """Sorting key of a folder of the gallery."""
    return [folder(theme) for theme in THEMES].index(Path(path).name)


def place(name: str) -> tuple[int, str]:
    """Sorting key of an example."""
    return (ORDER.index(name) if name in ORDER else len(ORDER), name)


def arguments(gallery_conf: dict[str, Any], script_vars: dict[str, Any]) -> list[str]:
    """The command line of an example; its docstring, which the gallery takes away, is put back."""
    source = Path(script_vars["src_file"])
    script_vars["example_globals"]["__doc__"] = ast.get_docstring(
        ast.parse(source.read_text()), clean=False
    )
    return ARGUMENTS.get(source.name, [])


def pictures(block: Any, block_vars: dict[str, Any], gallery_conf: dict[str, Any]) -> str:
    """The PNG files that a block of an example has written, oldest first."""
    found = sorted(
        Path(block_vars["src_file"]).parent.rglob("*.png"), key=lambda path: path.stat().st_mtime
    )
    names = []
    for path in found:
        if _seen.get(path) != path.stat().st_mtime:
            _seen[path] = path.stat().st_mtime
            name = next(block_vars["image_path_iterator"])
            shutil.copy(path, name)
            names.append(name)
    return figure_rst(names, gallery_conf["src_dir"])
