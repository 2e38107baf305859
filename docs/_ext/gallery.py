"""The gallery of executed examples: where they run, with what, in which order; pictures."""

from __future__ import annotations

import ast
import shutil
from pathlib import Path
from typing import Any

from sphinx_gallery.scrapers import figure_rst

# In this order; what is not named comes last.
ORDER = (
    "twenty_lines.py",
    "chain_ghost_forces.py",
    "ghost_forces.py",
    "compare_methods.py",
    "crack_tip_aluminium.py",
    "crack_iron.py",
    "stacking_faults.py",
    "emission_by_method.py",
    "emission_by_size.py",
    "lattice_trapping.py",
    "dislocation_aluminium.py",
    "dislocation_cores.py",
    "lomer_dipole.py",
    "screw_iron.py",
    "adaptive_core.py",
    "adaptive_ramp.py",
    "indentation.py",
    "vacancy_model.py",
    "convergence_model_problem.py",
    "study_metals.py",
    "not_conservative.py",
)

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


def copied(examples: Path, to: Path) -> Path:
    """A fresh copy of the examples to run, so that what they write does not litter the sources."""
    shutil.rmtree(to, ignore_errors=True)
    to.mkdir()
    for path in (*examples.glob("*.py"), examples / "GALLERY_HEADER.rst"):
        shutil.copy(path, to)
    commands = (" ".join([name, *given]) for name, given in sorted(ARGUMENTS.items()))
    lines = "\n".join(f"- ``{command}``" for command in commands)
    (to / "small.rst").write_text(f"{WHY}\n\n{lines}\n")
    return to


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
