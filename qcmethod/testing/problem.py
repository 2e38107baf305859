"""Is it a problem: does it hold with every method, at two loads, and come back from a file?

    load         there and back it is the same; the system taken to a load is that made at it
    forces       f . v = -dE/dv at a state without symmetry, E of the energy methods
    stiffness    K v = -df/dv there
    sites        sum w + sum omega = the volume of the mesh in sites, less what is missing
    ghost        no force on the healed crystal at the problem's own F where a method claims none
    file         what is written and read has the same forces, loads, cuts and watch

A method that cannot serve the problem refuses it by name: `couple` with a CouplingError, or a law
of cells in which the defect itself would lie.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

from qcmethod.base.amounts import listed
from qcmethod.base.arguments import word
from qcmethod.base.door import door
from qcmethod.errors import CouplingError, InvertedCellError, OffTableError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qcmethod.problems.problem import Problem


@door
def check_problem(
    problem: Problem,
    methods: Iterable[str] | None = None,
    elements: Iterable[str] | None = None,
    *,
    core: float | None = None,
    blend: float | None = None,
    **words: Any,
) -> dict[tuple[str, str], str]:
    """Check a problem and its loads with coupling methods and elements.

    Parameters
    ----------
    problem : small, some twelve cut-offs in radius
    methods, elements : their names (default: all that there are)
    core, blend : A (default: three cut-offs and one)
    words : further ones of `couple`

    Returns by (method, elements) why it is refused, "" where it is served. Raises AssertionError
    with the first that does not hold, naming the method, the elements and the loads,
    and InputError for what is no problem.
    """
    from qcmethod.coupling.choice import require_known
    from qcmethod.coupling.method import METHODS
    from qcmethod.mesh.element import ELEMENTS
    from qcmethod.testing import coupled

    require_known(words, "check_problem", ("problem", "methods", "elements", "core", "blend"))
    words |= coupled.lengths(problem, core, blend)
    other, system = coupled.at_another_load(problem), None
    answer: dict[tuple[str, str], str] = {}
    every = product(_named("methods", methods, METHODS), _named("elements", elements, ELEMENTS))
    for method, name in every:
        try:
            found = coupled.check(problem, other, method, {**words, "elements": name})
        except (CouplingError, InvertedCellError, OffTableError) as error:
            answer[method, name] = str(error)
        else:
            answer[method, name], system = "", found
    if system is not None:
        coupled.check_file(system)
    return answer


def _named(argument: str, given: Iterable[str] | None, known: Iterable[str]) -> list[str]:
    """The names that were given, by default all that there are (InputError)."""
    names = tuple(known)
    several = names if given is None else listed(argument, given, "a list of names")
    return [word(argument, one, names) for one in several]
