"""`qcmethod.lammps`: a pair style of LAMMPS as a potential.

W = qc.lammps("snap", "* * W.snapcoeff W.snapparam W", elements=["W"])
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from qcmethod.base.arguments import number, whole_number
from qcmethod.base.door import door
from qcmethod.base.told import remembered
from qcmethod.errors import InputError
from qcmethod.lattice.lattice import STRUCTURES
from qcmethod.potentials.contract import Potential
from qcmethod.potentials.lammps.commands import Commands
from qcmethod.potentials.lammps.engine import Lammps
from qcmethod.potentials.lammps.text import (
    checked_coeff,
    checked_style,
    content_digest,
    files_of,
    require_metal,
    style_names,
    with_own_paths,
)
from qcmethod.potentials.lammps.trial import tried
from qcmethod.potentials.lammps.weighted import unweighted
from qcmethod.potentials.reach_check import measured_reach, require_reach
from qcmethod.potentials.symbols import symbols_and_masses

LEAST = 2
"""Cut-offs that a force is taken to see at least: where atoms screen one another, as in MEAM, a few
atoms in a row do not show it."""


def _said(given: Mapping[str, Any]) -> dict[str, Any]:
    coeff = given["coeff"]
    lines = [coeff] if isinstance(coeff, str) else list(coeff)
    told = [with_own_paths(line) for line in lines]
    style = with_own_paths(given["style"])
    return {"style": style, "coeff": told[0] if isinstance(coeff, str) else told}


@door
@remembered("potential", said=_said)
def lammps(
    style: str,
    coeff: str | Sequence[str],
    *,
    elements: Sequence[str],
    structure: str = "",
    lattice_constant: float | None = None,
    cutoff: float | None = None,
    reach: int | None = None,
    name: str | None = None,
) -> Potential:
    """A pair style of LAMMPS, in its units metal, as a potential.

    Parameters
    ----------
    style : the words after `pair_style`: "eam/alloy", "hybrid/overlay zbl 4 4.8 snap", ...
    coeff : those after `pair_coeff`, or a list of such lines; a file by its path, or by the name
        that it has in the folder of potentials of LAMMPS
    elements : chemical symbols of the types 1, 2, ... of LAMMPS, in their order; a crystal is of
        the first one
    structure, lattice_constant : "fcc" or "bcc" and A, a first guess (default: a coarse scan)
    cutoff, reach : how far a site sees, A, and how many such lengths away the atoms are that a
        force feels (default: as LAMMPS says, and as is measured)
    name : for messages and files (default: of the style and its elements)

    Raises
    ------
    NotInstalledError : there is no LAMMPS
    InputError : a style that is not built in (the built ones are named) or needs charges or sums
        without a cut-off, words that LAMMPS refuses (with what it says), an element that is none, a
        cut-off or a reach below the truth
    PotentialFileError : a file that is nowhere, cannot be read, or counts in other units
    """
    symbols, masses = symbols_and_masses(elements)
    style, lines = checked_style(style), checked_coeff(coeff)
    files = files_of((style, *lines))
    for file in files:
        require_metal(file)
    if structure and structure not in STRUCTURES:
        raise InputError("structure", structure, f"one of {', '.join(STRUCTURES)}, or nothing")
    label = name or f"{style_names(style)[-1]} {''.join(symbols)}"
    digests = tuple(content_digest(file) for file in files)
    commands = Commands(label, style, lines, masses)
    known, alone = tried(commands, digests)
    if cutoff is not None:
        expected = f"at least {known:g} A: so far LAMMPS exchanges atoms for this style"
        known = number("cutoff", cutoff, expected, least=known)
    why = unweighted(commands, symbols)
    engine = Lammps(label, style, lines, symbols, masses, known, 1, digests, alone, why)
    if reach is None:
        found = max(LEAST, measured_reach(engine, known))
        engine = replace(engine, reach=found)
    else:
        found = whole_number("reach", reach, "how many cut-offs a force sees, 1 or more", least=1)
        require_reach(engine, known, found)
        engine = replace(engine, reach=found)
    a = (
        0.0
        if lattice_constant is None
        else number("lattice_constant", lattice_constant, "a length > 0, A", above=0.0)
    )
    return Potential.of_engine(engine, structure, a)
