"""Every problem holds with every method and element, and a problem is one file: an example.

The matrix is fed by the registries: `problems.example`, `coupling.methods`, `mesh.elements`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import pytest

import qcmethod as qc
from qcmethod.base.stored import STORED, stored
from qcmethod.coupling.method import METHODS
from qcmethod.elasticity.predictor import Predictor
from qcmethod.errors import CouplingError, DamagedFileError, InputError
from qcmethod.mesh.element import ELEMENTS
from qcmethod.problems.coupled import Coupled
from qcmethod.problems.example import EXAMPLES, plane
from qcmethod.problems.identity import identity
from qcmethod.problems.load import LOADS, Load, register
from qcmethod.problems.posed import posed
from qcmethod.problems.problem import Problem, lengths
from qcmethod.problems.watch import Watch
from qcmethod.studies.job import read_job
from qcmethod.testing import check_problem


def refusal(problem: qc.Problem, method: str, elements: str) -> str | None:
    """The word by which a combination is refused, None where it is served."""
    made = METHODS[method]
    if problem.crystal.lattice.dim == 3 and (made.reconstruct or made.sampled):
        return "method: got"
    if problem.external and not (made.core and not made.sampled):
        return "method: got"
    if ELEMENTS[elements].on_edges and not made.continuum:
        return "elements: got"
    if made.sampled and problem.cuts:
        return "method: got"
    if method == "qnl":  # a disc has corners
        return "metric: got"
    singular = problem.predictor.singular is not None
    if singular and not problem.cuts and not made.core:  # the line itself would lie in a cell
        return "F: "
    if problem.name == "dislocation" and method == "grac":  # its cut crosses the interface
        return "F: "
    return None


@cache
def example(name: str) -> qc.Problem:
    return EXAMPLES[name]()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", EXAMPLES)
def test_every_problem_holds_with_every_method_and_element(name: str, method: str) -> None:
    problem = example(name)
    for (_, elements), why in check_problem(problem, [method]).items():
        expected = refusal(problem, method, elements)
        assert why.startswith(expected) if expected else not why, (elements, why)


def test_plane_interfaces_are_served_by_qnl() -> None:
    for name in ("homogeneous", "vacancy", "microcrack"):
        answer = check_problem(example(name), ["qnl"], metric="strip")
        assert answer == {("qnl", "P1"): "", ("qnl", "P2"): ""}


def test_the_matrix_holds_every_kind_of_problem() -> None:
    kinds = {"crack", "dislocation", "dipole", "indentation"}
    assert set(EXAMPLES) >= kinds | {"microcrack", "vacancy", "homogeneous"}
    assert set(LOADS) >= {"KI", "KII", "KIII", "shear", "depth"}


# --- a problem in one file: from here -------------------------------------------------------------


@posed
def stretched(crystal: qc.Crystal, pull: float = 0.0, *, extent: float) -> Problem:
    """A vacancy in a crystal that is stretched along x.

    pull : in per cent
    extent : radius of the domain, A
    """
    extent, rim = lengths(crystal, extent, None)
    hole = Problem(
        name="stretched",
        crystal=crystal,
        predictor=Predictor(),
        extent=extent,
        rim=rim,
        removed=np.zeros((1, 2), dtype=np.int64),
        watch=Opening(),
        loads={"pull": 0.0},
    )
    return pulled(hole, pull=pull)


def pulled(problem: Problem, **loads: float) -> Problem:
    """The same vacancy at another `pull`, in per cent (InputError)."""
    if list(loads) != ["pull"] or not abs(loads["pull"]) < 20.0:
        raise InputError("pull", loads, "a stretch along x in per cent, e.g. 1.0")
    F = np.diag([1.0 + 0.01 * float(loads["pull"]), 1.0, 1.0])
    predictor = replace(problem.predictor, F=F)
    return replace(problem, predictor=predictor, loads={"pull": float(loads["pull"])})


@stored
@dataclass(frozen=True)
class Opening(Watch):
    """How far apart the two neighbours on the row of the vacancy are."""

    def reading(self, system: Coupled, u: np.ndarray) -> Mapping[str, Any]:
        """ "opening", A."""
        y = {tuple(ij): y for ij, y in zip(system.body.ij_l, system.body.positions(u), strict=True)}
        return {"opening": float(np.linalg.norm(y[1, 0] - y[-1, 0]))}

    def before(self, system: Coupled) -> None:
        """CouplingError where the core ends at the vacancy."""
        if system.method.coupled and system.core < 2.0 * system.problem.crystal.potential.cutoff:
            raise CouplingError("core", system.core, "two cut-offs about the vacancy")


PULL = Load(
    name="pull",
    symbol=r"\epsilon",
    unit="%",
    latex=r"\%",
    width=0.05,
    example="pull=numpy.arange(0, 5, 0.5)",
    at=pulled,
)


# --- to here --------------------------------------------------------------------------------------


@pytest.fixture
def pull():
    """A load of a user's script, known for one test."""
    yield register(PULL)
    LOADS._known.pop("pull")


def test_a_new_problem_is_one_file(pull: Load, tmp_path, monkeypatch) -> None:
    crystal, extent = plane()
    problem = stretched(crystal, 1.0, extent=extent)
    answer = check_problem(problem, ["atomistic", "bgfc", "qcf"])
    assert {key for key, why in answer.items() if not why} == {
        ("atomistic", "P1"),
        *((method, elements) for method in ("bgfc", "qcf") for elements in ELEMENTS),
    }
    core = 3.0 * crystal.potential.cutoff
    solution = qc.relax(qc.couple(problem, "bgfc", core, core / 3.0))
    neighbours = 2.0 * crystal.lattice.neighbour
    assert 1.0 < solution.reading["opening"] / neighbours < 1.02
    assert solution.tip is None and solution.contact is None
    again = qc.load(solution.write(tmp_path / "stretched.npz"))
    assert again.reading == solution.reading and again.system.problem.watch == Opening()
    with monkeypatch.context() as elsewhere:
        elsewhere.delitem(STORED, "Opening")
        with pytest.raises(
            DamagedFileError, match="'Opening' is no class of results; run the scri"
        ):
            qc.load(tmp_path / "stretched.npz")
    ramp = qc.ramp(problem, "bgfc", core, core / 3.0, pull=(1.0, 1.5))
    assert [step.load for step in ramp.steps] == [1.0, 1.5] and "pull" in str(ramp)
    (tmp_path / "job.toml").write_text(ramp.recipe())
    job = read_job(tmp_path / "job.toml")
    assert job.tables["problem"] | {"rim": 0} == {
        "kind": "stretched", "pull": 1.0, "extent": extent, "rim": 0
    }  # fmt: skip
    assert identity(job.problem()) == identity(problem) and job.values("ramp")["pull"] == (1.0, 1.5)
    with pytest.raises(InputError, match="pull"):
        qc.ramp(problem, "bgfc", core, core / 3.0, pull=(1.0, 30.0))
    small = qc.couple(problem, "qce", core / 2.0)
    with pytest.raises(CouplingError, match="two cut-offs about the vacancy"):
        qc.relax(small)


def test_what_is_wrong_with_a_problem_is_found(pull: Load) -> None:
    """A load that does not do what it says, a watch that is not stored, an energy that is not
    that of its forces."""
    crystal, extent = plane()
    problem = stretched(crystal, 1.0, extent=extent)

    def stuck(one: Problem, **loads: float) -> Problem:
        return replace(one, loads=dict(loads))

    register(replace(PULL, at=stuck))
    with pytest.raises(AssertionError, match="at_load"):
        check_problem(problem, ["bgfc"], ["P1"])
    register(PULL)

    @dataclass(frozen=True)
    class Unnamed(Watch):
        pass

    unnamed = replace(problem, watch=Unnamed())
    with pytest.raises(InputError, match="Unnamed' is no class of results"):
        check_problem(unnamed, ["bgfc"], ["P1"])
    pressed = replace(problem, external=(Lying(),))
    with pytest.raises(AssertionError, match="forces are"):
        check_problem(pressed, ["atomistic"], ["P1"])


@dataclass(frozen=True)
class Lying:
    """An external whose gradient is not that of its energy."""

    chord: float = 0.0
    form: str = "lying"
    text: str = "lying"

    @property
    def numbers(self) -> list[float | str]:
        return ["lying"]

    def touches(self, y):
        return np.ones(len(y), dtype=bool)

    def energy(self, y):
        return float((y**2).sum())

    def gradient(self, y):
        return 2.1 * y

    def hessian(self, y):
        return np.broadcast_to(2.1 * np.eye(3), (len(y), 3, 3)).copy()

    def profile(self, x):
        return np.full(len(x), np.nan)
