"""What is made for in a plane is refused in space, by name."""

from __future__ import annotations

import pytest

import qcmethod as qc
from qcmethod.errors import CouplingError, InputError
from qcmethod.solve.solution import evaluated


@pytest.fixture(scope="module")
def problem():
    crystal = qc.Crystal.fcc(qc.load_potential("Al-Ercolessi-1994"), dimensions=3)
    return qc.vacancy(crystal, extent=40.0)


@pytest.mark.parametrize("method", ["grac", "qnl", "cluster", "cluster-force"])
def test_methods(problem, method):
    with pytest.raises(CouplingError, match=r"^method.*in a plane"):
        qc.couple(problem, method, core=8.0)


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("metric", "hops"),
        ("metric", "strip"),
        ("blending", "min-hessian"),
        ("round_rim", True),
        ("edge_ratio", 0.3),
        ("lattice_reach", 1.0),
        ("cluster", 4.0),
    ],
)
def test_words(problem, word, value):
    with pytest.raises(CouplingError, match=rf"^{word}"):
        qc.couple(problem, "bgfc", core=6.0, blend=3.0, **{word: value})


def test_metrics_of_problems(problem):
    with pytest.raises(InputError, match="cores are balls"):
        problem.with_metric("hops")
    assert problem.with_metric("euclid").metric == "euclid"


def test_tools_of_lines_and_tips(problem):
    system = qc.couple(problem, "bgfc", core=6.0, blend=3.0)
    solution = evaluated(system, system.zero)
    for refuse in (
        lambda: qc.j_integral(solution, 15.0, 25.0),
        lambda: qc.stress_intensity(solution, 15.0, 25.0),
        lambda: qc.stress_intensities(solution, 15.0, 25.0),
        lambda: qc.configurational_force(solution),
        lambda: qc.coupling_stress(solution),
        lambda: qc.disregistry(solution),
        lambda: qc.line_energy(solution, 10.0),
        lambda: qc.moved(solution),
        lambda: qc.structure.differential_displacement(solution),
        lambda: qc.structure.nye_tensor(solution).burgers(),
        lambda: qc.structure.nye_tensor(solution).position(0.5),
        lambda: qc.ramp(problem, "bgfc", 6.0, 3.0, KI=[0.1, 0.2]),
        lambda: qc.arc(problem, "bgfc", 6.0, 3.0),
    ):
        with pytest.raises(InputError):
            refuse()
    assert solution.events() == () and "atoms" in repr(qc.structure.nye_tensor(solution))
