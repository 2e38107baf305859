"""What earlier formats of files say, in the words of today's.

    format 1 (0.1.0)    types are "module:Class" of the layout of that version

A file is read by translating its tree as it is built: first the name of a class, then its parts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from qcmethod.coupling.cluster import cluster_steps
from qcmethod.coupling.partition import Partition
from qcmethod.problems.contact import ContactWatch
from qcmethod.problems.crack_flanks import CrackFlanks
from qcmethod.problems.crack_watch import CrackWatch
from qcmethod.problems.free_surface import FreeSurface
from qcmethod.problems.line import LineWatch
from qcmethod.problems.watch import Watch

READ = (1, 2)
"""Formats that are read; the last one is written."""

Translate = Callable[[dict[str, Any]], dict[str, Any]]
PARTS: dict[tuple[int, str], Translate] = {}
"""How the parts of a class of a format became those of the next, by (format, name)."""


def name_of(name: str, form: int) -> str:
    """The name of a class today (TypeError for one that is of no class of this package)."""
    if form > 1:
        return name
    module, _, cls = name.partition(":")
    if not module.startswith("qcmethod."):
        raise TypeError(f"{name} is no class of this package")
    return cls


def parts_of(name: str, parts: dict[str, Any], form: int) -> dict[str, Any]:
    """The parts of a class today."""
    for step in range(form, READ[-1]):
        if (step, name) in PARTS:
            parts = PARTS[step, name](parts)
    return parts


def _system_of_1(parts: dict[str, Any]) -> dict[str, Any]:
    """Method and lengths became one value, the radius of clusters their steps."""
    names = ("method", "core", "blend", "blending")
    rest = {name: value for name, value in parts.items() if name not in names}
    if rest["cluster"] is not None:
        basis = rest["problem"].crystal.lattice.plane_basis
        rest["cluster"] = cluster_steps(basis, rest["cluster"])
    return {**rest, "partition": Partition(*(parts[name] for name in names))}


def _problem_of_1(parts: dict[str, Any]) -> dict[str, Any]:
    """A word for the free surfaces and what presses became cuts, externals and a watch."""
    rest = {name: value for name, value in parts.items() if name not in ("flank", "indenter")}
    flank, indenter = parts["flank"], parts["indenter"]
    cuts = {"crack": (CrackFlanks(),), "surface": (FreeSurface(),), "": ()}[flank]
    external = () if indenter is None else (indenter,)
    watch = CrackWatch() if flank == "crack" else ContactWatch() if external else Watch()
    if "burgers" in parts["loads"]:
        watch = LineWatch()
    return {**rest, "cuts": cuts, "external": external, "watch": watch}


PARTS[1, "System"] = _system_of_1
PARTS[1, "Problem"] = _problem_of_1
