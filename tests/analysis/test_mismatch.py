"""The stress of the cells against that of the atoms: what a patch test of forces cannot see."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
import pytest
from mirror import FORCES, mirrored

import qcmethod as qc
from qcmethod.analysis.patch.mismatch import stress_of_atoms
from qcmethod.crystal.law import LAWS, Response, law
from qcmethod.crystal.laws.cauchy_born import true_law
from qcmethod.errors import InputError
from qcmethod.potentials.range import refuse_inverted
from qcmethod.testing import GhostForceError, assert_patch_test

AXES = ((1, 1, -2), (1, 1, 1), (1, -1, 0))


@dataclass(frozen=True)
class Linear:
    """W = W_0 + 1/2 E : C : E, the moduli at rest and nothing else: a law of the second order."""

    W0: float
    C: np.ndarray
    too_stiff: float = 1.0

    def at(self, F):
        refuse_inverted(F)
        E = 0.5 * (np.swapaxes(F, 1, 2) @ F - np.eye(3))
        S = self.too_stiff * np.einsum("ijkl,qkl->qij", self.C, E)
        return Response(self.W0 + 0.5 * np.einsum("qij,qij->q", E, S), F @ S, S)

    def tangent(self, F, found):
        A = self.too_stiff * np.einsum("qak,kilj,qbl->qaibj", F, self.C, F, optimize=True)
        return A + np.einsum("ab,qij->qaibj", np.eye(3), found.kept)

    def trust(self, F):
        return np.linalg.det(F)


@pytest.fixture(scope="module", autouse=True)
def second_order():
    """Two laws for this module alone: the others of the suite are asked for every law there is."""

    def build(crystal, too_stiff=1.0):
        volume = crystal.lattice.site_volume
        C = crystal.tangent(np.eye(3)) * volume
        return Linear(crystal.site_energy(np.eye(3)), C, too_stiff)

    law("second-order")(build)
    law("too-stiff")(lambda crystal: build(crystal, 1.05))
    yield
    for name in ("second-order", "too-stiff"):
        del LAWS._known[name]


@pytest.fixture(scope="module")
def tungsten():
    crystal = qc.Crystal.bcc(qc.load_potential("W-Zhou-2004"), (1, -1, 0), (1, 1, 0), (0, 0, 1))
    return qc.vacancy(crystal, extent=120.0)


CRYSTALS = {
    "fcc": lambda: qc.Crystal.fcc(qc.load_potential("Al-Ercolessi-1994"), *AXES),
    "bcc": lambda: qc.Crystal.bcc(qc.load_potential("W-Zhou-2004")),
    "plane": lambda: qc.Crystal.hex2d(qc.load_potential("toy2d-c10")),
    "chain": lambda: qc.Crystal.chain(qc.load_potential("Al-Ercolessi-1994")),
}


@pytest.mark.parametrize("kind", CRYSTALS)
def test_the_virial_of_an_atom_is_the_stress_of_the_crystal(kind):
    """Compressed as well, where an atom sees farther."""
    crystal = CRYSTALS[kind]()
    n = crystal.lattice.n_components
    for strain in (0.02, -0.08):
        F = np.eye(3)
        F[: min(n, 2), : min(n, 2)] *= 1.0 + strain
        F[:n, : min(n, 2)] += np.random.default_rng(3).normal(size=(n, min(n, 2))) * 0.01
        P = true_law(crystal.potential, crystal.lattice, F[None]).at(F[None]).P[0]
        assert np.abs(stress_of_atoms(crystal, F) - P).max() < 1e-12 * np.abs(P).max()


@pytest.mark.parametrize(("word", "most"), [("cauchy-born", 1e-12), ("tabulated", 1e-4)])
def test_right_laws_pass(tungsten, word, most):
    report = qc.patch_test(qc.couple(tungsten, "bqcf", 14.0, 8.0, law=word))
    assert report.passes and report.forces_pass and report.mismatch < most
    assert f"stress of the cells ({word}) and of the atoms: differ by" in str(report)
    assert "passes at every gradient" in report.verdict


@pytest.mark.parametrize(("word", "least"), [("second-order", 0.05), ("too-stiff", 0.02)])
@pytest.mark.parametrize("method", ["bqcf", "qcf"])
def test_a_wrong_law_has_no_ghost_force_and_is_found(tungsten, method, word, least):
    """Forces say nothing: that is why stresses are asked."""
    blend = 8.0 if method == "bqcf" else None
    system = qc.couple(tungsten, method, 14.0, blend, law=word)
    report = qc.patch_test(system)
    assert report.forces_pass and report.worst < 1e-12
    assert not report.passes and least < report.mismatch < 0.5
    assert f"its cells ({word}) have not the stress of the atoms" in report.verdict
    with pytest.raises(GhostForceError, match="have not the stress of the atoms"):
        assert_patch_test(system)
    assert qc.patch_test(system, mismatch=0.5).passes


def test_an_energy_with_a_wrong_law_is_wrong_at_its_reference_too(tungsten):
    system = qc.couple(tungsten, "bgfc", 14.0, 8.0, law="second-order")
    report = qc.patch_test(system)
    assert not report.stresses_pass
    if not report.forces_pass:
        assert any("stress of the cells is wrong too" in note for note in report.notes)
    with pytest.raises(GhostForceError, match="stress of the cells wrong by"):
        assert_patch_test(system, at="reference")


def test_without_stress_nothing_is_divided_by_nothing(tungsten):
    """At the reference both are rounding, whose ratio says nothing."""
    system = qc.couple(tungsten, "bqcf", 14.0, 8.0)
    assert qc.patch_test(system, {"rest": np.eye(3)}).mismatch < 1e-6


def test_atoms_alone_have_no_cells():
    crystal = CRYSTALS["plane"]()
    report = qc.patch_test(qc.couple(qc.vacancy(crystal, extent=20.0), "atomistic"))
    assert report.mismatch is None and report.stresses_pass
    assert "stress of the cells" not in str(report)


def test_an_engine_is_asked_for_its_own_cells():
    native = CRYSTALS["bcc"]()
    crystal = qc.Crystal.bcc(mirrored(native.potential, FORCES), a=native.lattice_constant)
    problem = qc.vacancy(crystal, extent=60.0)
    for word, passes in (("cauchy-born", True), ("tabulated", True), ("second-order", False)):
        report = qc.patch_test(qc.couple(problem, "bqcf", 10.0, 6.0, law=word))
        assert report.stresses_pass == passes


def test_it_is_in_the_file(tungsten, tmp_path):
    report = qc.patch_test(qc.couple(tungsten, "bqcf", 14.0, 8.0, law="too-stiff"), mismatch=0.02)
    read = json.loads(report.write(tmp_path / "patch.json").read_text())
    assert read["law"] == "too-stiff" and read["mismatch"] == report.mismatch
    assert read["forces_pass"] is True and read["passes"] is False
    assert read["mismatch_tolerance"] == 0.02


@pytest.mark.parametrize("mismatch", [0.0, -1.0, "1 %", np.nan])
def test_a_tolerance_that_is_none_is_refused(tungsten, mismatch):
    with pytest.raises(InputError, match=r"^mismatch: "):
        qc.patch_test(qc.couple(tungsten, "bqcf", 14.0, 8.0), mismatch=mismatch)
