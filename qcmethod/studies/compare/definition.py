"""What makes two calls of `compare` the same study, and what a study is about."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from qcmethod.base.arguments import number
from qcmethod.base.digest import digest
from qcmethod.base.types import Facts
from qcmethod.base.version import __version__
from qcmethod.errors import InputError
from qcmethod.problems.identity import identity
from qcmethod.problems.problem import Problem
from qcmethod.solve.solution import Solution
from qcmethod.studies.compare.case import Case
from qcmethod.studies.compare.reference import Reference


def given_reference(reference: object) -> Reference | None:
    """The reference at hand; None for "atomistic", which is still to be solved."""
    if isinstance(reference, Solution):
        return Reference.of(reference)
    if isinstance(reference, str) and reference == "atomistic":
        return None
    if isinstance(reference, str | Path):
        return Reference.read(reference)
    expected = "'atomistic', a Solution of this problem, or a .npz file of Solution.write"
    raise InputError("reference", reference, expected)


def measured_radii(problem: Problem, near: float | None, within: float | None) -> dict[str, float]:
    """`near` and `within` of `compare`, with their defaults (InputError)."""
    for name, given in (("near", near), ("within", within)):
        if given is not None:
            number(name, given, "a positive radius in A", above=0.0)
    everywhere = 0.5 * problem.extent if problem.predictor.singular is not None else np.inf
    return {
        "near": float(problem.crystal.potential.cutoff if near is None else near),
        "within": float(everywhere if within is None else within),
    }


def about_study(problem: Problem, fmax: float, radii: dict[str, float]) -> Facts:
    """What is studied, in words and numbers."""
    crystal = problem.crystal
    return {
        "problem": problem.name,
        "crystal": crystal.lattice.structure,
        "potential": crystal.potential.name,
        "lattice_constant": float(crystal.lattice_constant),
        "loads": {name: float(value) for name, value in problem.loads.items()},
        "extent": float(problem.extent),
        "rim": float(problem.rim),
        "singular": problem.predictor.singular is not None,
        "fmax": float(fmax),
        "near": radii["near"],
        "within": radii["within"] if np.isfinite(radii["within"]) else None,
    }


def definition(
    about: Facts,
    problem: Problem,
    cases: tuple[Case, ...],
    known: Reference | None,
    stability: bool,
) -> Facts:
    """All that makes two calls the same study, ready for JSON."""
    return {
        "about": about,
        "problem": identity(problem),
        "zone": digest([problem.row, problem.zone]),
        "cases": [case.record() for case in cases],
        "reference": "atomistic" if known is None else "given",
        "stability": bool(stability),
        "version": __version__,
    }
