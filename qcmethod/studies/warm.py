"""All kernels compiled before they are needed: those of one form, then the same of all others.

    f(p: W, F: array, shell: array)    found by a small calculation with one potential
    f(p: X, F: array, shell: array)    compiled for the parameters X of every other form

A form changes nothing of a kernel but the type of its parameters, so the signatures that one
calculation leaves are those of all of them, and nothing else has to be solved. Machine code goes to
disk (`base.jit`): a folder that many machines of one kind share is filled once, by one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numba
from numba.core.errors import NumbaError

from qcmethod.analysis.structure import common_neighbours
from qcmethod.base.jit import compiled_entries
from qcmethod.base.registry import Name
from qcmethod.coupling.couple import couple
from qcmethod.crystal.stability import margin
from qcmethod.potentials.contract import Potential
from qcmethod.potentials.library import list_potentials, load_potential
from qcmethod.problems.example import metal
from qcmethod.problems.vacancies import vacancy
from qcmethod.solve.relax import relax

METHODS = ("bgfc", "grac")
"""Between them all sums over atoms: weighted sites, and bonds that are reconstructed."""
CORE, ENOUGH = 3.0, 0.1
"""In cut-offs; eV/A."""


def warm(say: Callable[[str], None]) -> int:
    """Compile every kernel for every form of the library; how many that are.

    say : hears of each form before its kernels are compiled
    """
    say("a small calculation, which uses every kernel once")
    crystal, extent = metal()
    for method in METHODS:
        core = CORE * crystal.potential.cutoff
        blend = core if method == "bgfc" else None
        system = couple(vacancy(crystal, extent=2.0 * extent), Name(method), core, blend)
        relax(system, ENOUGH).to_atoms()
    common_neighbours(relax(system, ENOUGH))
    crystal.phonons(points=3)
    margin(crystal, crystal.lattice.axes[None])
    own, others = numba.typeof(crystal.potential.params), list(_others(crystal.potential))
    for number, potential in enumerate(others, 1):
        say(f"{type(potential.params).__name__}, form {number} of {len(others)}")
        for kernel in compiled_entries():
            for signature in list(kernel.signatures):
                if signature[0] == own:
                    _compiled(kernel, (numba.typeof(potential.params), *signature[1:]))
    return sum(len(kernel.signatures) for kernel in compiled_entries())


def _compiled(kernel: Any, signature: tuple[Any, ...]) -> None:
    try:
        kernel.compile(signature)
    except NumbaError:  # a sum that this form does not have
        return


def _others(first: Potential) -> Iterator[Potential]:
    """A potential of each further form; tables are splines, as a card's are."""
    seen = {type(first.params)}
    for potential in map(load_potential, list_potentials()):
        if type(potential.params) not in seen:
            seen.add(type(potential.params))
            yield potential
