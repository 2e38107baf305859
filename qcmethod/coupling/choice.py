"""All numerical choices of a coupling as one value, and what they become on a problem.

    couple(problem, "bgfc", core=25.0, blend=15.0, metric="hops")
    couple(problem, Coupling("bgfc", core=25.0, blend=15.0, metric="hops"))

are the same call. `ramp` and `arc` take the same words, or one value; `adapt` and `compare` take
values, of which `adapt` refuses what is for it to choose. `checked` is the one place where choices
are checked: before anything is built.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, Self, TypedDict

from qcmethod.base.arguments import flag, nearest
from qcmethod.base.door import door
from qcmethod.base.linear import USUAL, usable
from qcmethod.base.registry import Name
from qcmethod.base.stored import stored
from qcmethod.base.told import Reproducible, tell
from qcmethod.base.toml import Tables
from qcmethod.base.types import Array, Index
from qcmethod.coupling.checks import (
    checked_law,
    exponent,
    reference_state,
    require_served,
    require_words,
)
from qcmethod.coupling.mesh_checks import (
    checked_edge_ratio,
    checked_lattice_reach,
    require_round_rim,
)
from qcmethod.coupling.method import MethodName, find_method
from qcmethod.coupling.partition import Partition
from qcmethod.coupling.size_checks import (
    checked_cluster,
    core_and_blend,
    graded_nodes,
    require_few_nodes,
)
from qcmethod.errors import CouplingError, Said
from qcmethod.mesh.element import ElementName, Elements
from qcmethod.problems.problem import Metric, Problem

Blending = Literal["linear", "cubic", "quintic", "min-hessian"]
SolverName = Literal["superlu", "pardiso"]
LawName = Literal["cauchy-born", "tabulated"]


class Words(TypedDict, total=False):
    """The keywords of `couple`, for a type checker; at run time `Coupling` checks them."""

    blending: Blending
    grading: float | None
    reference: Array | str
    surface: bool
    metric: Metric
    elements: ElementName | Name
    cluster: float | None
    edge_ratio: float | None
    round_rim: bool
    lattice_reach: float
    solver: SolverName | Name
    law: LawName | Name | None


@stored
@dataclass(frozen=True, eq=False)
class Coupling(Reproducible):
    """What `couple` is asked for; the words are explained there.

    Attributes
    ----------
    method, core, blend : name of the method; radius of the core and width of the blending zone, A
    blending, metric, elements : words
    grading, edge_ratio : how the mesh grows beyond the blending zone
    reference : where a ghost force is frozen: "predictor", a gradient (3, 3) or a corrector
    surface, round_rim : True or False
    cluster, lattice_reach : lengths, A
    solver, law : words; None: the law of the potential
    """

    method: str = "bgfc"
    core: float | None = None
    blend: float | None = None
    blending: str = "quintic"
    grading: float | None = None
    reference: Array | str = "predictor"
    surface: bool = True
    metric: Metric = "euclid"
    elements: Elements = "P1"
    cluster: float | None = None
    edge_ratio: float | None = None
    round_rim: bool = False
    lattice_reach: float = 0.0
    solver: str = USUAL
    law: str | None = None

    def __new__(cls, *choices: Any, **words: Any) -> Self:
        """CouplingError for a word that is none, naming the nearest, or is given twice."""
        require_known(words, "Coupling", LENGTHS)
        names = [f.name for f in fields(cls)]
        for name in names[: len(choices)]:
            if name in words:
                raise CouplingError(name, words[name], "one value: Coupling got two")
        if len(choices) > len(names):
            given = Said(f"{len(choices)} values")
            raise CouplingError("Coupling", given, f"at most {len(names)}: {', '.join(names)}")
        return super().__new__(cls)

    @classmethod
    @door
    def of(
        cls,
        method: str | Coupling,
        core: float | None = None,
        blend: float | None = None,
        words: Mapping[str, Any] | None = None,
    ) -> Coupling:
        """The choices of a call: words, a value, or a value with some words anew.

        Raises CouplingError for a word that is none, naming the nearest.
        """
        if not isinstance(words, Mapping | None):
            raise CouplingError("words", words, f"keywords of couple: {', '.join(WORDS)}")
        given = dict(words or {})
        for name, length in (("core", core), ("blend", blend)):
            if length is not None:
                given[name] = length
        require_known(given)
        if isinstance(method, Coupling):
            return replace(method, **given)
        return cls(method, **given)

    @property
    def words(self) -> dict[str, Any]:
        """What was chosen other than by default, the method, core and blend left out."""
        found = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in LENGTHS}
        usual = {f.name: f.default for f in fields(self)}
        return {
            name: value
            for name, value in found.items()
            if not (isinstance(value, type(usual[name])) and value == usual[name])
        }

    @door
    def told(self) -> Tables:
        """The choices as a table, the blending in any case: what is usual is another in `adapt`."""
        tables = tell(Coupling.__init__, vars(self), "coupling")
        own = {"method": self.method, **tables["coupling"], "blending": self.blending}
        return {**tables, "coupling": own}

    def checked(self, problem: Problem) -> Chosen:
        """The choices as numbers that fit the problem (CouplingError)."""
        if not isinstance(problem, Problem):
            raise CouplingError("problem", problem, "a Problem", "qcmethod.crack(crystal, ...)")
        method = find_method(self.method)
        require_served(problem, method)
        require_words(problem, method, self.metric, self.blending, self.elements)
        ratio = checked_edge_ratio(problem, self.elements, self.edge_ratio, self.grading)
        grading = exponent(problem, self.elements, self.grading)
        reference = reference_state(method, self.reference)
        problem = problem.with_metric("euclid" if method.all_atoms else self.metric)
        core, blend = core_and_blend(problem, method, self.core, self.blend)
        cluster = checked_cluster(problem, method, core, self.cluster)
        require_round_rim(problem, method, self.elements, self.round_rim)
        surface = flag("surface", self.surface, CouplingError)
        reach = checked_lattice_reach(problem, method, self.lattice_reach)
        if not method.all_atoms and ratio is None:
            require_few_nodes("grading", grading, graded_nodes(problem, core + blend, grading))
        return Chosen(
            problem=problem,
            partition=Partition(method, core, blend, self.blending),
            grading=grading,
            elements=self.elements,
            cluster=cluster,
            edge_ratio=ratio,
            round_rim=self.round_rim,
            surface=surface,
            reference=reference,
            lattice_reach=reach,
            solver=usable(self.solver),
            law=checked_law(problem, self.law),
        )


AnyMethod = MethodName | Name | Coupling
"""What the public functions take for a method: a shipped name, one of a script, or all choices."""


LENGTHS = ("method", "core", "blend")
WORDS = tuple(f.name for f in fields(Coupling) if f.name not in LENGTHS)
"""The keywords of `couple` besides the method and its lengths."""


@dataclass(frozen=True, eq=False)
class Chosen:
    """Checked choices for one problem, which has its metric; names as in `Coupling`.

    cluster : (m, dim) steps from a node to the other sites of its cluster
    """

    problem: Problem
    partition: Partition
    grading: float
    elements: Elements
    cluster: Index | None
    edge_ratio: float | None
    round_rim: bool
    surface: bool
    reference: Array | None
    lattice_reach: float
    solver: str
    law: str


def require_known(words: Mapping[str, Any], of: str = "couple", others: Iterable[str] = ()) -> None:
    """CouplingError for a keyword that `couple` does not have.

    of : what was called
    others : further keywords that it takes, for the nearest ones
    """
    for word, value in words.items():
        if word not in (*LENGTHS, *WORDS):
            near = nearest(word, [*WORDS, *others])
            expected = f"a keyword of {of}: {', '.join([*WORDS, *others])}"
            raise CouplingError(str(word), value, expected, near)
