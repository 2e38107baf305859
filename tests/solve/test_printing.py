"""Printing a solution runs no kernel: it shows what is known, and of a crack what happened.

The last is read off the positions of the atoms.
"""

from __future__ import annotations

import pytest

import qcmethod as qc
from qcmethod.coupling.energy import EnergyModel
from qcmethod.coupling.force import ForceModel
from qcmethod.discretisation.body import Body
from qcmethod.problems.crack_watch import CrackWatch
from qcmethod.problems.watch import Watch


def of_vacancy():
    plane = qc.Crystal.hex2d(qc.load_potential("toy2d-c10"))
    return qc.relax(qc.couple(qc.vacancy(plane, extent=25.0), "bgfc", core=4.0, blend=4.0))


def of_crack():
    axes = {"x": (1, 1, -2), "y": (1, 1, 1), "z": (1, -1, 0)}
    aluminium = qc.Crystal.fcc(qc.load_potential("Al-Ercolessi-1994"), **axes)
    problem = qc.crack(aluminium, KI=0.46, extent=50.0)
    return qc.relax(qc.couple(problem, "bqcf", core=10.0, blend=6.0))


def refused(*arguments, **options):
    raise AssertionError("a kernel ran")


@pytest.mark.parametrize(("made", "tip"), [(of_vacancy, ""), (of_crack, "tip 0.0 A, ")])
def test_printing_a_solution_computes_nothing(made, tip, tmp_path, monkeypatch):
    solution = made()
    again = qc.load(solution.write(tmp_path / "a.npz"))  # to write measures the patch number
    fresh = made()
    with monkeypatch.context() as patch:
        for owner, name in (
            (EnergyModel, "at"),
            (ForceModel, "at"),
            *([] if tip else [(Body, "positions")]),
            (Body, "deformation"),
            (qc.System, "pristine"),
            (qc.System, "at_gradient"),
            (Watch, "reading"),
            (CrackWatch, "reading"),
        ):
            patch.setattr(owner, name, refused)
        with pytest.raises(AssertionError, match="a kernel ran"):
            _ = fresh.patch_number  # what printing must not do
        done = f"{tip}{fresh.iterations} iterations, fmax={fresh.fmax:.1e} eV/A"
        if fresh.known_stability is not None:  # of a force field `relax` measures it
            done += f", softest direction {fresh.known_stability.value:.2g}"
        assert str(fresh) == repr(fresh) == f"Solution({fresh.system}, {done})"
        known = f", patch_number={solution.patch_number:.1e} eV/A)"
        assert repr(solution) == repr(fresh)[:-1] + known
        assert repr(again) == repr(solution)
    assert fresh.patch_number == solution.patch_number  # measured when it is asked for
    assert repr(fresh) == repr(solution)
