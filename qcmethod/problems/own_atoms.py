"""A defect that somebody else built, in the core of a problem of ours: their atoms, our far field.

    y_l = p_(atom of l)            within a radius: the start, v_l = y_l - y0(x_l) (`start`)
    no atom near the site l        a missing site: voids, notches, rows of vacancies
    y_l = y0(x_l)                  beyond: the predictor of the problem

The atoms are where a solver begins; where it ends is the equilibrium of the coupled problem. What
relates both frames, and which atom is at which site, is the business of `match_sites`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from qcmethod.base.arguments import as_numbers, finite, number
from qcmethod.base.door import door
from qcmethod.base.files import path_of
from qcmethod.base.types import Array
from qcmethod.crystal.of_atoms import require_atoms, require_species
from qcmethod.errors import InputError
from qcmethod.lattice.plane import radius as from_line
from qcmethod.problems.match_sites import around, in_frame, in_step, matched
from qcmethod.problems.missing import less
from qcmethod.problems.posed import altered
from qcmethod.problems.problem import Problem
from qcmethod.problems.start import Start

if TYPE_CHECKING:
    from ase import Atoms

KEYS = ("symbols", "positions", "cell", "pbc")
"""Of atoms as values."""
RIGHT = 1e-6
"""Axes are orthonormal to it."""


def _said(given: Mapping[str, Any]) -> dict[str, Any]:
    """The atoms of a call as a file says them: by the name of their file, or as values, those
    alone that the radius reaches."""
    atoms = given["atoms"]
    if isinstance(atoms, str | Path | Mapping):
        return {}
    axes = np.eye(3) if given.get("axes") is None else np.asarray(given["axes"])
    origin = _origin(given.get("origin"), atoms)
    away = from_line((atoms.positions - origin) @ axes.T)
    near = atoms[away < 1.1 * float(given["radius"]) + 10.0]
    return {
        "origin": origin.tolist(),
        "atoms": {
            "symbols": str(near.symbols),
            "positions": near.positions.tolist(),
            "cell": near.cell[:].tolist(),
            "pbc": [bool(p) for p in near.pbc],
        },
    }


@altered(files=("atoms",), said=_said)
@door
def own_atoms(
    problem: Problem,
    atoms: Atoms | Mapping[str, Any] | str | Path,
    radius: float,
    *,
    origin: ArrayLike | None = None,
    axes: ArrayLike | None = None,
) -> Problem:
    """The problem with atoms that another program built about its middle.

    Every site within the radius has the atom that is nearest to the place where the predictor has
    it; a site without one is missing, and cores are then measured from the missing sites too.
    Solvers start from these atoms. The atoms end beyond the radius, anyhow; the line of the defect
    is that of the problem, to which theirs is moved by less than a lattice step.

    Parameters
    ----------
    problem : whose predictor is the far field of the atoms: `homogeneous`, `dislocation`, `crack`
    atoms : `ase.Atoms`, periodic along the line, one period or more; or the name of a file that
        ASE reads; or a mapping with symbols, positions, cell and pbc
    radius : within it atoms are taken, A; the core of a coupling should be as wide
    origin : (x, y) or (x, y, z) of the line of the defect in the frame of the atoms, A (default:
        (0, 0), or what `to_atoms` of a solution says: their `info["shift"]`)
    axes : (3, 3) rows: the problem's x, y, z in the frame of the atoms (default: the same)

    Raises InputError, naming it: another species or period along z, atoms that are not on the
    lattice or not where the predictor has them at the radius, that end before it, an atom at no
    site (an interstitial) or two at one, atoms that are not the same along z.
    """
    given = read_atoms(atoms)
    require_species("atoms", given, problem.crystal.potential)
    if problem.crystal.lattice.dim != 2:
        raise InputError(
            "problem", problem.name, "a problem of a plane or three-dimensional crystal"
        )
    free = problem.free.radius
    expected = f"a radius in A below {free:.4g}, where the rim is clamped"
    outer = number("radius", radius, expected, above=0.0, below=free)
    p, times = in_frame(problem, given, _origin(origin, given), _axes(axes))
    p = in_step(problem, p, outer)
    ij, own, x = around(problem, outer)
    found = matched(problem, ij, own, p, times)
    _require_inside(problem, x[found.missing], outer)
    site = found.site
    start = Start(ij[site], x[site], found.v, outer)
    return replace(less(problem, ij[found.missing], ij[own]), start=start)


def read_atoms(atoms: object) -> Any:
    """`ase.Atoms` from themselves, values, or a file (InputError)."""
    if isinstance(atoms, Mapping):
        return _from_values(atoms)
    if not isinstance(atoms, str | Path):
        return require_atoms("atoms", atoms)
    from ase.io import read

    path = path_of("atoms", atoms, "a file")
    try:
        return require_atoms("atoms", read(path))
    except InputError:
        raise
    except Exception as error:  # what a reader says is its own
        expected = f"a file of atoms that ASE reads ({type(error).__name__}: {error})"
        raise InputError("atoms", str(path), expected) from error


def _from_values(values: Mapping[str, Any]) -> Any:
    from ase import Atoms

    if set(values) != set(KEYS):
        raise InputError("atoms", sorted(values), f"the keys {', '.join(KEYS)}")
    try:
        numbers = {k: as_numbers("atoms", values[k], k) for k in ("positions", "cell")}
        return require_atoms("atoms", Atoms(values["symbols"], pbc=values["pbc"], **numbers))
    except (ValueError, KeyError, TypeError) as error:
        raise InputError("atoms", values, f"symbols, positions, cell and pbc ({error})") from error


def _origin(origin: ArrayLike | None, atoms: Any) -> Array:
    if origin is None:
        origin = getattr(atoms, "info", {}).get("shift", (0.0, 0.0))
    given = as_numbers("origin", origin, expected := "a point (x, y) or (x, y, z), A")
    if given.shape not in ((2,), (3,)) or not np.isfinite(given).all():
        raise InputError("origin", origin, expected)
    return np.append(given, 0.0)[:3]


def _axes(axes: ArrayLike | None) -> Array:
    expected = "three orthonormal rows, right-handed: x, y, z of the problem"
    Q = finite("axes", np.eye(3) if axes is None else axes, (3, 3), expected)
    if np.abs(Q @ Q.T - np.eye(3)).max() > RIGHT or np.linalg.det(Q) < 0.0:
        raise InputError("axes", axes, expected, "rows divided by their lengths")
    return Q


def _require_inside(problem: Problem, x: Array, outer: float) -> None:
    """Refuse missing sites next to the radius: there the atoms have ended (InputError)."""
    step = problem.crystal.lattice.neighbour
    if (edge := from_line(x) > outer - step).any():
        expected = f"atoms up to it; {int(edge.sum())} sites next to it have none"
        raise InputError("radius", outer, expected, "a smaller radius, or origin=")
