"""What a thing says of the call that made it, and what it refuses to say."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import qcmethod as qc
from qcmethod.base.described import arguments_of, entries, text_of
from qcmethod.base.toml import as_toml, read_toml, value_text
from qcmethod.errors import InputError


@cache
def crystal() -> qc.Crystal:
    return qc.Crystal.hex2d(qc.load_potential("toy2d-c10"))


def said(thing: qc.Problem | qc.System | qc.Solution) -> dict:
    return tomllib.loads(thing.recipe())


# --- TOML


@pytest.mark.parametrize(
    "value",
    [
        *(True, 3, -0.1, 1e-5, 1e300, 0.1 + 0.2),
        'a "b" \\ \n \x7f é',
        *([1, 2.5], [[1.0], []], {"a b": [1]}),
    ],
)
def test_a_value_comes_back_as_it_was(value: object) -> None:
    assert tomllib.loads(f"x = {value_text(value)}")["x"] == value


def test_tables_come_back_without_what_is_none(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text(as_toml({"one": {"x": 1, "y": None}, "of two": {}}, "a head\nof two lines"))
    assert read_toml(path, "a job") == {"one": {"x": 1}, "of two": {}}


@pytest.mark.parametrize("text", ["x = ", "[a]\n[a]", "x = \xff", "x = " + "[" * 5000])
def test_what_is_no_toml_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.toml"
    path.write_bytes(text.encode("latin1"))
    with pytest.raises(InputError, match="a job: TOML"):
        read_toml(path, "a job")
    with pytest.raises(InputError, match="No such file"):
        read_toml(tmp_path / "b.toml", "a job")
    with pytest.raises(TypeError):
        value_text(np.eye(2))


# --- docstrings


def described(a: int, b: int = 2, *, c: str = "x", **more: int) -> None:
    """A function.

    a, b : two numbers,
        in A
    c : as in `other`
    """


def other(c: str) -> None:
    """c : a word"""


def test_arguments_are_described_by_the_docstring() -> None:
    found = arguments_of(described)
    assert list(found) == ["a", "b", "c"]
    assert found["a"].text == found["b"].text == "two numbers, in A"
    assert (found["a"].required, found["b"].default) == (True, 2)
    assert found["c"].text == "a word" and text_of(described, "more") == ""
    assert text_of(qc.Crystal.bcc, "a") == text_of(qc.Crystal.fcc, "a") != ""
    assert entries("x : one\ny : two\n\n  z : three") == {"x": "one", "y": "two", "z": "three"}


# --- what is told


def test_a_problem_is_told_at_its_loads_and_in_its_domain() -> None:
    tungsten = qc.Crystal.bcc(qc.load_potential("W-Ackland-1987"))
    crack = qc.crack(tungsten, KI=1.6, extent=60.0, path=(-1.0, 2.0))
    moved = replace(qc.problems.load.at_load(crack, KI=1.7, KIII=0.1), extent=70.0)
    table = said(moved)["problem"]
    assert table == {"kind": "crack", "KI": 1.7, "KII": 0.0, "KIII": 0.1, "extent": 70.0,
                     "rim": 2.0 * tungsten.potential.cutoff, "path": [-1.0, 2.0]}  # fmt: skip
    wake = said(qc.with_wake(crack, 10.0, radius=3.0))
    assert wake["with_wake"] == {"length": 10.0, "radius": 3.0}
    assert wake["crystal"]["a"] == tungsten.lattice_constant


def test_numbers_are_told_however_they_were_given() -> None:
    stretched = np.array([[1.01, 0.0], [0.0, 1.0]])
    problem = qc.microcrack(crystal(), np.int64(2), stretched, extent=np.float64(20.0))
    table = said(problem)["problem"]
    assert table["n"] == 2 and table["F"] == [[1.01, 0.0], [0.0, 1.0]] and table["extent"] == 20.0


def test_a_value_of_choices_and_words_tell_the_same() -> None:
    problem = qc.vacancy(crystal(), extent=20.0)
    choice = qc.Coupling("bqce", core=5.0, blend=4.0, blending="cubic", elements="P2")
    by_value = qc.couple(problem, choice)
    by_words = qc.couple(problem, "bqce", 5.0, 4.0, blending="cubic", elements="P2")
    assert said(by_value) == said(by_words)
    assert said(by_value)["coupling"]["elements"] == "P2"


def test_a_table_is_told_with_its_whole_path_and_its_digest(tmp_path, monkeypatch) -> None:
    qc.write_setfl(tmp_path / "mine.eam.alloy", qc.load_potential("Al-Ercolessi-1994"))
    monkeypatch.chdir(tmp_path)
    potential = qc.load_potential("mine.eam.alloy", element="Al")
    table = said(qc.crack(qc.Crystal.fcc(potential), KI=0.4, extent=60.0))["potential"]
    assert table["source"] == str(tmp_path / "mine.eam.alloy") and table["element"] == "Al"
    assert len(table["digest"]) == 16
    card = tomllib.loads((Path(__file__).parents[2] / "potentials" / "LJ.toml").read_text())
    chain = qc.Crystal.chain(qc.load_potential(card))
    assert said(qc.vacancy(chain, extent=60.0))["potential"]["source"] == card


def test_what_a_file_cannot_say_is_refused_by_its_name(tmp_path) -> None:
    problem = qc.vacancy(crystal(), extent=20.0)
    system = qc.couple(problem, "bqcf", 5.0, 4.0)
    solution = qc.relax(system, 1e-3)
    assert said(solution)["relax"] == {"fmax": 1e-3}
    assert qc.load(solution.write(tmp_path / "a.npz")).recipe() == solution.recipe()
    for start in (solution, solution.u):
        with pytest.raises(InputError, match="u: got"):
            qc.relax(system, 1e-3, u=start).recipe()
    with pytest.raises(InputError, match="Potential"):
        by_hand = replace(crystal().potential, made=None)
        qc.vacancy(qc.Crystal.hex2d(by_hand), extent=20.0).recipe()
    for derived in (system.conservative_twin(solution.u), system.pristine(np.eye(3))):
        with pytest.raises(InputError):
            derived.recipe()
    with pytest.raises(InputError, match="reference"):
        F = problem.predictor.F
        qc.couple(problem, "bgfc", 5.0, 4.0, reference=np.tile(F, (40_000, 1))).recipe()
