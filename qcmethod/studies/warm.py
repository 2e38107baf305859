"""All kernels compiled before they are needed: those of one form, then the same of all others.

    f(p: W, F: array, shell: array)    found by a small calculation with one potential
    f(p: X, F: array, shell: array)    compiled for the parameters X of every other form

A central form changes nothing of a kernel but the type of its parameters, so the signatures that
one calculation leaves are those of all of them, and nothing else has to be solved. Angular forms
have kernels of their own, and a calculation. Machine code goes to
disk (`base.jit`): a folder that many machines of one kind share is filled once, by one of them.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numba

from qcmethod.analysis.structure import common_neighbours
from qcmethod.base.jit import compiled_entries
from qcmethod.base.registry import Name
from qcmethod.coupling.couple import couple
from qcmethod.crystal.crystal import Crystal
from qcmethod.crystal.stability import margin
from qcmethod.potentials.contract import Potential
from qcmethod.potentials.library import list_potentials, load_potential
from qcmethod.potentials.tables.export import write_setfl
from qcmethod.problems.example import metal
from qcmethod.problems.vacancies import vacancy
from qcmethod.solve.relax import relax

METHODS = ("bgfc", "grac")
"""Between them all sums over atoms: weighted sites, and bonds that are reconstructed."""
CORE, ENOUGH = 3.0, 0.1
"""In cut-offs; eV/A."""
POINTS = 1000
"""Of a table."""
TINY = 1e-6
"""Of angular functions, eV^(1/2)/A: a table of zeros is none of ADP."""


def warm(say: Callable[[str], None]) -> int:
    """Compile every kernel for every form of the library and for tables; how many that are.

    say : hears of each form before its kernels are compiled
    """
    crystal, extent = metal()
    for potential in (crystal.potential, angular(crystal.potential)):
        say(f"{type(potential.params).__name__}: a small calculation that uses every kernel")
        _use(replace(crystal, potential=potential), extent)
    own, others = numba.typeof(crystal.potential.params), list(_others(crystal.potential))
    for number, potential in enumerate(others, 1):
        say(f"{type(potential.params).__name__}: the same kernels, form {number} of {len(others)}")
        for kernel in compiled_entries():
            for signature in list(kernel.signatures):
                if signature[0] == own:
                    kernel.compile((numba.typeof(potential.params), *signature[1:]))
    return sum(len(kernel.signatures) for kernel in compiled_entries())


def _use(crystal: Crystal, extent: float) -> None:
    """Call every kernel once, for the potential of a crystal."""
    core = CORE * crystal.potential.cutoff
    for method in METHODS:
        blend = core if method == "bgfc" else None
        system = couple(vacancy(crystal, extent=2.0 * extent), Name(method), core, blend)
        solution = relax(system, ENOUGH)
        solution.to_atoms(), solution.summary()
    common_neighbours(solution)
    crystal.phonons(points=3)
    crystal.stability()
    margin(crystal, crystal.lattice.axes[None])


def angular(potential: Potential) -> Potential:
    """A potential as a table of ADP, with next to no angular functions: no card has that form."""
    with tempfile.TemporaryDirectory() as folder:
        table = write_setfl(Path(folder, "table.eam.alloy"), potential, nr=POINTS)
        adp = Path(folder, "table.adp")
        small = [f"{TINY * (1.0 - i / (POINTS - 1)) ** 2:.17e}" for i in range(POINTS)]
        adp.write_text(table.read_text() + "\n".join(2 * small) + "\n")
        return load_potential(adp, structure=potential.structure)


def _others(first: Potential) -> Iterator[Potential]:
    """A potential of each further form; tables are splines, as a card's are."""
    seen = {type(first.params)}
    for potential in map(load_potential, list_potentials()):
        if type(potential.params) not in seen:
            seen.add(type(potential.params))
            yield potential
