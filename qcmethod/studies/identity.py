"""What every run says of itself, in its log, its files, and to tell whether it is the same run."""

from __future__ import annotations

from qcmethod.base.digest import digest
from qcmethod.base.types import Facts
from qcmethod.base.version import __version__
from qcmethod.mesh import Mesh
from qcmethod.potentials.digest import potential_digest
from qcmethod.problems.problem import Problem


def facts_of(problem: Problem, mesh: Mesh) -> Facts:
    """Version, problem, potential, domain and mesh; a run adds what is its own."""
    potential = problem.crystal.potential
    return {
        "version": __version__,
        "problem": problem.name,
        "potential": potential.name,
        "potential_digest": potential_digest(potential),
        "extent": problem.extent,
        "mesh": digest([mesh.ij, mesh.cells]),
    }


ARGUMENTS = "arguments"
"""Those of a call by name, which runs of 0.1.0 do not have: they keep a digest of them."""
DERIVED = ("mesh", "asked", "patch_number", "n_repatoms", "identity")
"""What follows from the arguments of a call: digests, and numbers that nobody typed."""


def argument(value: object) -> object:
    """An argument of a call for the log of a run; of what holds arrays its digest."""
    if value is None or isinstance(value, bool | str | int | float):
        return value
    return f"array {digest(value)}"


def differences(found: Facts, wanted: Facts) -> list[str]:
    """What differs between two runs, in words, each with both values: the arguments of the call,
    and what follows from them only where they are the same."""
    words = _unlike(found, wanted)
    typed = {name: text for name, text in words.items() if name not in DERIVED}
    return list((typed or words).values())


def _unlike(found: Facts, wanted: Facts) -> dict[str, str]:
    words: dict[str, str] = {}
    for name in {**wanted, **found}:
        here, asked = found.get(name), wanted.get(name)
        if here == asked or (name == ARGUMENTS and here is None):
            continue
        if isinstance(here, dict) and isinstance(asked, dict):
            words |= _unlike(here, asked)
        else:
            words[name] = f"{name} {here!r}, not {asked!r}"
    return words
