"""Far fields and missing sites of one's own: a textbook screw, and what a check finds wrong."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import pytest

import qcmethod as qc
from qcmethod.base.stored import stored
from qcmethod.errors import InputError
from qcmethod.lattice.shapes import Box, Segment, Tube
from qcmethod.problems.identity import identity
from qcmethod.studies.job import read_job
from qcmethod.testing import check_predictor, check_problem

PLACE = (1.0, 2 / 3)


@stored
@dataclass(frozen=True)
class Textbook:
    """A screw dislocation in an isotropic medium, u_z = b theta/(2 pi) (Hirth and Lothe 1982)."""

    b: float
    factor: float = 1.0

    def displacement(self, x, lower=None):
        u = np.zeros((len(x), 3))
        u[:, 2] = self.b / (2.0 * np.pi) * np.arctan2(x[:, 1], x[:, 0])
        return u

    def gradient(self, x, lower=None):
        G = np.zeros((len(x), 3, 3))
        slope = self.factor * self.b / (2.0 * np.pi) / (x[:, 0] ** 2 + x[:, 1] ** 2)
        G[:, 2, 0], G[:, 2, 1] = -slope * x[:, 1], slope * x[:, 0]
        return G


@cache
def tungsten() -> qc.Crystal:
    return qc.Crystal.bcc(qc.load_potential("W-Ackland-1987"), (1, 1, -2), (-1, 1, 0), (1, 1, 1))


def screw(**words) -> Textbook:
    return Textbook(np.sqrt(0.75) * tungsten().lattice_constant, **words)


def relaxed(problem: qc.Problem) -> qc.Solution:
    return qc.relax(qc.couple(problem, "bgfc", 16.0, 8.0), 1e-8)


# --- a far field --------------------------------------------------------------------------------


def test_a_screw_of_a_textbook_is_ours_in_tungsten(tmp_path):
    """This tungsten is isotropic to 1 %, and so is the core: what a textbook says will do."""
    own = qc.own_field(tungsten(), screw(), extent=60.0, centre=PLACE)
    ours = qc.dislocation(tungsten(), (0.5, 0.5, 0.5), extent=60.0, centre=PLACE)
    assert np.array_equal(own.origin, ours.origin)
    one, other = relaxed(own), relaxed(ours)
    assert 1e-5 < np.abs(one.displacement - other.displacement).max() < 3e-3
    again = qc.load(one.write(tmp_path / "own.npz"))
    assert again.system.problem.predictor.singular == screw()
    with pytest.raises(
        InputError, match=r"^field: got 'a Textbook', expected something that a file"
    ):
        own.recipe()


def test_an_own_field_may_be_strained_and_looked_for_with_every_method():
    own = qc.own_field(tungsten(), screw(), np.diag([1.002, 0.999, 1.0]), extent=42.0, centre=PLACE)
    answer = check_problem(own, ["atomistic", "bgfc", "bqcf"], ["P1"], core=14.0, blend=5.0)
    assert set(answer.values()) == {""}


def test_the_check_of_predictors_finds_the_derivative():
    found = check_predictor(screw(), 5.0, 50.0, crystal=tungsten())
    assert max(found["du/dx"], found["du/dy"], found["du/dz"]) < 1e-9
    assert 1e-3 < found["force"] < 1e-2  # 1 % off isotropic
    ours = qc.dislocation(tungsten(), (0.5, 0.5, 0.5), extent=60.0).predictor
    own = check_predictor(ours.singular, 5.0, 50.0, crystal=tungsten())
    assert max(own.values()) < 1e-6
    cracked = qc.crack(tungsten(), KI=1.6, KII=0.3, extent=60.0).predictor.singular
    assert max(check_predictor(cracked, 5.0, 50.0, crystal=tungsten()).values()) < 1e-6


def test_what_is_no_predictor_is_found():
    with pytest.raises(AssertionError, match=r"Textbook: du/dx: 0.\d+, expected at most 1e-07"):
        check_predictor(screw(factor=1.01), 5.0, 50.0)

    class Rising(Textbook):
        def displacement(self, x, lower=None):
            return super().displacement(x) + 0.01 * x[:, 2:]

    with pytest.raises(AssertionError, match="Rising: du/dz"):
        check_predictor(Rising(2.7), 5.0, 50.0)

    class Flat(Textbook):
        def gradient(self, x, lower=None):
            return np.zeros((len(x), 3))

    with pytest.raises(InputError, match=r"field: got 'gradient \(40, 3\)', expected finite"):
        check_predictor(Flat(2.7), 5.0, 50.0)
    with pytest.raises(InputError, match=r"field: got 5, expected an object with displacement"):
        check_predictor(5, 5.0, 50.0)
    with pytest.raises(InputError, match=r"outer: got 4.0, expected a radius in A above inner"):
        check_predictor(screw(), 5.0, 4.0)
    with pytest.raises(InputError, match=r"field: got 'gradient of shape .*finite, of shape"):
        qc.own_field(tungsten(), Flat(2.7), extent=42.0)

    class Torn(Textbook):
        def displacement(self, x, lower=None):
            return super().displacement(x) / 0.0 if len(x) else np.zeros((0, 3))

    with (
        np.errstate(divide="ignore", invalid="ignore"),
        pytest.raises(InputError, match=r"field: .*Try: centre=: a site may lie where"),
    ):
        qc.own_field(tungsten(), Torn(np.float64(2.7)), extent=42.0)
    with pytest.raises(InputError, match=r"field: got .*expected an object with displacement"):
        qc.own_field(tungsten(), object(), extent=42.0)
    with pytest.raises(InputError, match="centre: "):
        qc.own_field(tungsten(), screw(), extent=42.0, centre=0.5)


# --- missing sites ------------------------------------------------------------------------------


@cache
def plain() -> qc.Problem:
    return qc.homogeneous(tungsten(), extent=42.0)


def test_missing_sites_are_a_list_or_a_region(tmp_path):
    ring = Tube(8.0)
    listed = qc.without(plain(), plain().sites(ring))
    found = qc.without(plain(), ring)
    assert identity(found) == identity(listed) != identity(plain())
    assert found.distance(np.array([[8.0, 0.0, 0.0]])) < tungsten().lattice.neighbour
    (tmp_path / "ring.toml").write_text(found.recipe() + "\n[relax]\n")
    assert identity(read_job(tmp_path / "ring.toml").problem()) == identity(found)
    both = qc.without(found, Box((10.0, -2.0), (14.0, 2.0)))
    assert len(both.removed) > len(found.removed)
    slit = Segment((-5.0, 0.0), (5.0, 0.0)).grown(1.2)
    assert len(qc.without(plain(), slit).removed) == len(plain().sites(slit))


def test_one_missing_site_is_a_vacancy():
    own = qc.without(plain(), [[0, 0]])
    ours = qc.vacancy(tungsten(), extent=42.0)
    assert identity(own) == identity(ours)
    assert np.abs(relaxed(own).u - relaxed(ours).u).max() < 1e-8


def test_a_defect_may_have_missing_sites():
    """A void beside a dislocation; all atoms and the coupling agree on where both are."""
    base = qc.dislocation(tungsten(), (0.5, 0.5, 0.5), extent=50.0, centre=PLACE)
    problem = qc.without(base, Tube(4.0, (10.0, 6.0)))
    atoms = qc.relax(qc.couple(problem, "atomistic"), 1e-8)
    coupled = qc.relax(qc.couple(problem, "bgfc", 12.0, 6.0), 1e-8)
    near, same = (s.to_atoms(region=8.0, centre=(10.0, 6.0)) for s in (atoms, coupled))
    apart = near.arrays["displacement"] - same.arrays["displacement"]
    assert np.abs(apart).max() < 5e-3
    assert np.abs(near.arrays["corrector"]).max() > 0.02


def test_missing_sites_that_are_none_are_refused():
    with pytest.raises(InputError, match=r"sites: .*one site or more"):
        qc.without(plain(), Tube(0.5, (0.8, 0.8)))
    with pytest.raises(InputError, match=r"sites: .*where the rim is clamped"):
        qc.without(plain(), Box((0.0, 0.0), (40.0, 1.0)))
    with pytest.raises(InputError, match=r"sites: .*whole numbers"):
        qc.without(plain(), [[0.5, 0.0]])
    with pytest.raises(InputError, match=r"sites: .*\(n, 2\)"):
        qc.without(plain(), "all")


def test_a_start_of_a_file_is_looked_at(tmp_path):
    """A start whose parts do not fit is refused where it is read."""
    from qcmethod.errors import QCError
    from qcmethod.problems.start import Start

    ij = np.array([[0, 0], [1, 0]])
    start = Start(ij, plain().position(ij), np.zeros((2, 3)), 10.0)
    solution = relaxed(replace(plain(), start=start))
    assert qc.load(solution.write(tmp_path / "sound.npz")).system.problem.start.fade == 10.0
    for other in (replace(start, v=np.zeros((1, 3))), replace(start, ij=ij[[0, 0]])):
        system = solution.system
        body = replace(system.body, problem=replace(plain(), start=other))
        broken = replace(solution, system=replace(system, body=body))
        with pytest.raises(QCError):
            qc.load(broken.write(tmp_path / "broken.npz"))
