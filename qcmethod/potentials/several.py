"""Potentials of several elements: from one table, from cards by a mixing rule, or an average atom.

    load_potential("AlCu.eam.alloy", elements=["Al", "Cu"])
    load_potential(["Cu-Zhou-2004", "Ni-Zhou-2004"])
    load_potential(["Cu-Zhou-2004", "Ni-Zhou-2004"], composition={"Cu": 0.9, "Ni": 0.1})

A crystal is of the first element; `substituted` puts others on some of its sites.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from qcmethod.base.arguments import is_number
from qcmethod.errors import InputError, PotentialFileError
from qcmethod.potentials.contract import Potential
from qcmethod.potentials.forms.alloy import SplineAlloy
from qcmethod.potentials.forms.mixing import Averaged, mixed_form
from qcmethod.potentials.forms.triplets import TRIPLETS, read_triplets
from qcmethod.potentials.range import sound
from qcmethod.potentials.site import is_mixed
from qcmethod.potentials.tables.read import alloy_table

Tell = Callable[[Potential], Potential]


def mixed_cards(sources: Sequence[object], load: Callable[[object], Potential]) -> Potential:
    """One potential of the elements of several (InputError)."""
    if len(sources) < 2:
        raise InputError("source", list(sources), "two potentials or more, of one form")
    parts = [load(one) for one in sources]
    elements = tuple(part.element for part in parts)
    if len(set(elements)) < len(elements):
        raise InputError("source", list(elements), "potentials of different elements")
    params = mixed_form([part.params for part in parts])
    name = "+".join(part.name for part in parts)
    return replace(parts[0], name=name, params=params, elements=elements, reference={}, doi="")


def of_triplets(path: Path, elements: Sequence[str] | None) -> Potential:
    """The potential of a file of parameters by triplets of elements (PotentialFileError)."""
    from ase.data import atomic_masses, atomic_numbers

    chosen, params = read_triplets(path, elements)
    sound(params)
    mass = float(atomic_masses[atomic_numbers.get(chosen[0], 0)])
    return Potential(
        name=f"{path.name} {''.join(chosen)}",
        element=chosen[0],
        params=params,
        mass=mass,
        elements=chosen,
    )


def is_triplets(path: Path) -> bool:
    """Whether a file holds parameters by triplets, as its suffix tells."""
    return path.suffix in TRIPLETS


def of_table(path: Path, elements: Sequence[str] | None, style: str | None) -> Potential:
    """The potential of several elements of a table of eam/alloy or eam/fs (PotentialFileError)."""
    chosen, params, about = alloy_table(path, elements, style)
    return Potential(
        name=f"{path.name} {''.join(chosen)}",
        element=chosen[0],
        params=params,
        structure=about.structure if about.structure in ("fcc", "bcc") else "",
        lattice_constant=about.lattice_constant if 1.0 < about.lattice_constant < 10.0 else 0.0,
        mass=about.mass,
        elements=chosen,
    )


def averaged(potential: Potential, composition: Mapping[str, float]) -> Potential:
    """The average atom of a random alloy at concentrations of its elements (InputError)."""
    expected = f"concentrations > 0 of some of {', '.join(potential.elements)} that sum to 1"
    if not (isinstance(composition, Mapping) and composition):
        raise InputError("composition", composition, expected)
    for element, part in composition.items():
        if element not in potential.elements or not (is_number(part) and float(part) > 0.0):
            raise InputError("composition", {element: part}, expected)
    if abs(sum(composition.values()) - 1.0) > 1e-9:
        raise InputError("composition", dict(composition), expected)
    p: Any = potential.params
    if not is_mixed(p):
        raise InputError("composition", dict(composition), f"a central form, not {potential.form}")
    _require_one_density(potential)
    c = np.array([float(composition.get(one, 0.0)) for one in potential.elements])
    main = potential.elements[int(np.argmax(c))]
    label = "".join(f"{one}{x:g}" for one, x in composition.items())
    return replace(
        potential,
        name=f"{potential.name} average {label}",
        element=main,
        elements=(main,),
        params=Averaged(p.cutoff, p.r_min, p.n_max, p, c),
        reference={},
    )


def _require_one_density(potential: Potential) -> None:
    """An average atom has one density: refuse eam/fs, where it depends on who feels it."""
    p: Any = potential.params
    if isinstance(p, SplineAlloy):
        rho = p.radial[..., 4:]
        if not np.array_equal(rho, np.broadcast_to(rho[:1], rho.shape)):
            raise PotentialFileError(
                "composition", "a table of eam/fs", "eam/alloy: one density an element"
            )


def several_elements(elements: object) -> list[str] | None:
    """The argument `elements`, a list of symbols or nothing (InputError)."""
    if elements is None:
        return None
    given = list(elements) if isinstance(elements, list | tuple) else []
    if not given or not all(isinstance(one, str) for one in given) or len(set(given)) < len(given):
        raise InputError("elements", elements, "a list of different symbols, e.g. ['Al', 'Cu']")
    return given
