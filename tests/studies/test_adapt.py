"""Adaptive refinement: the program names core, mesh and outer radius; the numbers are measured."""

from __future__ import annotations

import json
import runpy
from dataclasses import replace
from functools import cache
from types import SimpleNamespace

import model_problem as mp
import numpy as np
import pytest
from figures import panel_alone
from hypothesis import given
from hypothesis import strategies as st
from paths import DATA, ROOT
from scipy.spatial import cKDTree

import qcmethod as qc
from qcmethod import mesh as meshing
from qcmethod.errors import CouplingError, InputError
from qcmethod.plot.adapt import side_by_side
from qcmethod.solve.linear import elastic, on_mesh
from qcmethod.studies.adapt import cycle, estimate
from qcmethod.studies.adapt.arguments import GOALS, choice_of
from qcmethod.studies.adapt.bracket import bracket
from qcmethod.studies.adapt.discretise import carried, first_mesh, resolved, system_on
from qcmethod.studies.adapt.elastic import ElasticAnswer
from qcmethod.studies.adapt.glide import LONGEST, Glide
from qcmethod.studies.adapt.indicator import INDICATORS
from qcmethod.studies.adapt.marking import doerfler, larger_zone
from qcmethod.studies.adapt.monitor import doubtful
from qcmethod.studies.adapt.saturation import norm, saturation
from qcmethod.studies.adapt.shrink import coarser, largest_jump, needed
from qcmethod.studies.adapt.steps import wider_core
from qcmethod.studies.adapt.zone import grown, inflated, with_zone

ACCURACY = runpy.run_path(str(ROOT / "examples" / "adaptive_accuracy.py"))
WIDTHS = {"pad": 1.5, "blend": 4.0}
"""Of the model problem, lattice steps."""


@cache
def aluminium():
    return qc.load_potential("Al-Ercolessi-1994")


@cache
def fcc_crack(K=0.42, extent=100.0):
    crystal = qc.Crystal.fcc(aluminium(), x=(1, 1, -2), y=(1, 1, 1), z=(1, -1, 0))
    return qc.crack(crystal, KI=K, extent=extent)


@cache
def small_crack():
    return qc.adapt(fcc_crack(), tolerance=0.1, widen=False)


def model(case, extent=20.0):
    problem, step = mp.problem(case, extent)
    return problem, {name: steps * step for name, steps in WIDTHS.items()}


def watched(monkeypatch, measure):
    """Rows (repatoms, measure, estimate) that a run of `adapt` fills in, a cycle each."""
    rows, original = [], cycle.estimate

    def spy(system, u, *args, **options):
        found = original(system, u, *args, **options)
        true = measure(SimpleNamespace(system=system, u=u))
        rows.append((system.n_repatoms, true, found.of(options["goal"])))
        return found

    monkeypatch.setattr(cycle, "estimate", spy)
    return rows


def started(problem, **options):
    """Problem with its first zone, choice, first mesh and system."""
    choice = choice_of(
        problem, "bgfc", **({"pad": None, "blend": None} | options), blending="cubic"
    )
    problem = with_zone(problem, problem.watch.zone(problem, choice.pad))
    mesh = first_mesh(problem, choice)
    return problem, choice, mesh, system_on(problem, mesh, choice)


# marking, zone and meshes


@given(
    st.lists(st.floats(0.0, 1e6, allow_subnormal=False), min_size=1, max_size=40),
    st.floats(0.01, 1.0),
)
def test_doerfler_marks_the_fewest_that_hold_the_fraction(values, theta):
    weight = np.array(values)
    marked = doerfler(weight, theta)
    total = weight.sum()
    if total == 0.0:
        assert not marked.any()
        return
    assert weight[marked].sum() >= theta * total * (1.0 - 1e-12)
    assert weight[marked].min() >= weight[~marked].max(initial=0.0)
    smallest = weight[marked].min()
    assert weight[marked].sum() - smallest <= theta * total * (1.0 + 1e-12)


def test_the_first_zone_of_a_crack_ends_where_its_flanks_part():
    problem = fcc_crack()
    pad = 1.05 * problem.crystal.potential.cutoff
    zone = problem.watch.zone(problem, pad)
    a1 = problem.crystal.lattice.basis[0, 0]
    i = int(np.ceil((pad - zone[:, 0].min()) / a1)) + 1  # the first pair behind the core
    x = problem.position(np.array([[-i, 0], [-i, -1]]))
    y = x + problem.predictor.displacement(x, np.zeros(2, dtype=np.int8))
    assert np.linalg.norm((y[0] - y[1])[:2]) > problem.crystal.potential.cutoff
    assert zone[:, 0].max() == 0.0 and np.ptp(zone[:, 1]) == 0.0


def test_zones_grow_from_where_they_are():
    problem, choice, _, _ = started(fcc_crack())
    near, far = problem.centres[0] + [0.0, 6.0], np.array([60.0, 0.0])
    zone = grown(problem, np.array([near, far]), 5.0, 12.0)
    more = zone[problem.distance(zone) > 1e-6]
    assert len(more) and (np.linalg.norm(more - near, axis=1) <= 5.0).all()
    assert len(zone) == len(more) + len(problem.centres)
    wide = inflated(problem, 8.0)
    sites = meshing.find_nodes(  # every lattice site within 8 A, the flank's rows included
        resolved(with_zone(problem, wide), first_mesh(problem, choice), 1.0),
        np.round(wide @ np.linalg.inv(problem.crystal.lattice.plane_basis)).astype(np.int64),
    )
    assert (sites >= 0).all() and problem.distance(wide).max() <= 8.0
    density = problem.crystal.lattice.plane_basis
    area = np.pi * 64.0 + 16.0 * np.ptp(problem.centres[:, 0])
    assert len(wide) == pytest.approx(area / abs(np.linalg.det(density)), rel=0.1)


@pytest.mark.parametrize("make", [fcc_crack, lambda: model("A")[0], lambda: model("C")[0]])
def test_correctors_carry_over_exactly_to_finer_meshes(make):
    problem, choice, mesh, old = started(make())
    rng = np.random.default_rng(3)
    u = np.where(old.free, 0.01 * rng.standard_normal(old.zero.shape), 0.0)
    marked = rng.random(mesh.n_cells) < 0.3
    new = system_on(problem, meshing.refine(mesh, marked), choice)
    v = carried(old, u, new)
    assert new.n_repatoms > old.n_repatoms
    np.testing.assert_allclose(new.body.positions(v), old.body.positions(u), atol=1e-13)
    # and back: the coarse nodes keep their values
    np.testing.assert_array_equal(carried(new, v, old), u)


def test_a_wider_zone_keeps_the_positions_of_all_sites():
    problem, choice, mesh, old = started(fcc_crack())
    rng = np.random.default_rng(3)
    u = np.where(old.free, 0.01 * rng.standard_normal(old.zero.shape), 0.0)
    wide = with_zone(problem, inflated(problem, 9.0))
    new = system_on(wide, resolved(wide, mesh, choice.resolved(wide)), choice)
    distance, site = cKDTree(new.body.x_l).query(old.body.x_l)
    assert distance.max() < 1e-9 and len(new.body.x_l) > len(old.body.x_l)
    y = new.body.positions(carried(old, u, new))[site]
    same = ~old.body.problem.is_removed(old.body.ij_l)
    np.testing.assert_allclose(y[same], old.body.positions(u)[same], atol=1e-12)


def test_every_site_counts_once_in_every_cycle(monkeypatch):
    problem, widths = model("C")
    missing = []
    watch = lambda s: missing.append(  # noqa: E731
        s.system.represented - s.system.body.cells.volume.sum()
    )
    watched(monkeypatch, watch)
    result = qc.adapt(problem, tolerance=0.05, **widths)
    assert len(missing) == len(result.cycles) > 2
    np.testing.assert_allclose(missing, -5.0, atol=1e-9)  # the vacancies


def test_what_was_opened_in_vain_closes_again():
    problem, choice, mesh, _ = started(fcc_crack())
    wide = with_zone(problem, inflated(problem, 25.0))
    fine = resolved(wide, mesh, choice.resolved(wide))
    assert fine.n_nodes > 2 * mesh.n_nodes
    back = coarser(problem, wide, fine, choice)
    assert back.n_nodes < 1.1 * mesh.n_nodes
    again = resolved(problem, back, choice.resolved(problem))
    assert again.n_nodes < 1.01 * back.n_nodes
    assert coarser(problem, problem, fine, choice).n_cells == fine.n_cells  # nothing asked for


def test_slipped_sites_stay_in_the_zone():
    """A corrector that slips the half plane x > 0 by a partial over the plane y = 1.16 A."""
    problem, choice, mesh, system = started(fcc_crack())
    assert largest_jump(system, system.zero).max() == 0.0
    wide = with_zone(problem, inflated(problem, 20.0))
    large = system_on(wide, resolved(wide, mesh, choice.resolved(wide)), choice)
    slip = 1.6 * ((large.body.x_k[:, 1] > -0.5) & (large.body.x_k[:, 0] > 3.0))
    u = np.where(large.free, slip[:, None] * np.array([1.0, 0.0, 0.0]), 0.0)
    zone = needed(large, u, problem.centres, choice)
    ahead = zone[zone[:, 0] > 10.0]  # beyond the step of the slip
    rows = problem.crystal.lattice.basis[1, 1]
    assert ahead[:, 0].max() > 17.0  # as far as the zone reached
    assert np.abs(ahead[:, 1]).max() < 2.0 * rows  # the planes on both sides, no more
    assert len(zone) < 0.6 * len(wide.centres)


# the estimate


def test_the_elastic_answer_needs_no_factors_of_its_own():
    problem, choice, mesh, system = started(fcc_crack())
    found = estimate(system, qc.relax(system, 1e-4).u, mesh, choice)
    rich = found.rich
    index = np.flatnonzero(rich.free.ravel())
    from qcmethod.studies.adapt.discretise import prolongation

    P = prolongation(system, rich)
    answer = ElasticAnswer(system, elastic(system), rich, P)
    rng = np.random.default_rng(1)
    v, K = rng.standard_normal(rich.zero.shape), rich.elastic_stiffness
    np.testing.assert_allclose(answer.stiffness(v).ravel(), K @ v.ravel(), atol=1e-9)
    load = np.where(rich.free, rich.model.at(rich.zero).forces, 0.0)
    direct = on_mesh(rich, K, index).solve(load.ravel()[index])
    e = answer(load).ravel()[index]
    difference = e - direct
    K = K[index][:, index]
    assert difference @ (K @ difference) < 0.03**2 * (direct @ (K @ direct))
    assert answer.steps <= 12


def test_what_a_bisection_shows_of_an_error():
    """Squares of the P1 error of a quadratic on the lattice, cells of 2^L finest: as 2^L - 1."""
    mesh = meshing.macro_mesh(np.eye(2), 16.0)
    meshes = [mesh]
    while not meshes[-1].is_finest.all():
        meshes.append(meshing.refine(meshes[-1], ~meshes[-1].is_finest))
    fine = meshes[-1]
    gradient, volume = meshing.gradients(fine)
    cells, f = meshing.canonical(fine), (fine.x**2).sum(axis=1)
    square = []
    for mesh in reversed(meshes):
        g = f - meshing.interpolation(mesh, fine.ij) @ (mesh.x**2).sum(axis=1)
        square.append(volume @ (np.einsum("cva,cv->ca", gradient, g[cells]) ** 2).sum(axis=1))
    even = np.arange(2, len(meshes), 2)  # their cells are of one shape
    assert len(even) == 4
    assert np.array(square)[even] / square[2] == pytest.approx((2.0**even - 1.0) / 3.0)


def test_the_whole_of_an_error_by_the_level_of_a_cell():
    problem, choice, mesh, system = started(model("A")[0])
    found = estimate(system, qc.relax(system, 1e-4).u, mesh, choice)
    rich, cells = found.rich, np.flatnonzero(~mesh.is_finest)
    factor = saturation(mesh, rich, found.kind)
    assert ((factor >= 1.0) & (factor <= 2.0)).all()
    new = (found.kind == 1) & (meshing.find_nodes(mesh, rich.body.mesh.ij) < 0)
    assert len(cells) and new.any()
    known = [*(2.0 - 0.5 ** np.arange(12)), *((2.0**L - 1.0) / (2.0**L - 4.0) for L in range(3, 9))]
    one = np.abs(factor[new][:, None] - known).min(axis=1)  # cut once, or twice by its neighbours
    assert np.median(one) < 1e-12
    assert factor[found.kind == 2].max() == pytest.approx(4.0 / 3.0)


def test_what_no_atom_has_is_no_error():
    """The node of a vacancy may be anywhere: the norm does not know it."""
    _, _, _, system = started(model("A")[0])
    u = np.where(system.free, 0.01 * np.cos(system.body.x_k), 0.0)
    moved = u + 5.0 * system.body.is_removed[:, None]
    assert system.body.is_removed.any()
    assert norm(system, moved) == norm(system, u) > 0.0


@pytest.mark.parametrize(("goal", "tolerance"), [("energy norm", 0.03), ("energy", 1e-3)])
def test_a_true_error_lies_in_its_bracket(goal, tolerance):
    """A held-out row of vacancies in W: where the model errs, not the mesh."""
    row = ACCURACY["measured"]("W, vacancies", goal, tolerance)
    low, high = bracket(goal, row.estimate)
    assert low <= row.true <= high
    assert row.ratio == pytest.approx(1.0, abs=0.06)  # by the elastic stiffness alone: 1.95 and 4


@pytest.mark.slow
@pytest.mark.parametrize("goal", GOALS)
def test_true_errors_lie_in_their_brackets(goal):
    """The table of docs/adaptive.md."""
    rows = [ACCURACY["measured"](*run) for run in ACCURACY["FULL"] if run[1] == goal]
    assert len(rows) >= 11
    for row in rows:
        low, high = bracket(goal, row.estimate)
        assert row.estimate <= row.asked and low <= row.true <= high, row


def history(case, tolerance, monkeypatch, **reference):
    """Repatoms, true errors, estimates and energies of a run on the model problem."""
    known = mp.Reference.build(case, **reference)
    rows = watched(monkeypatch, known.error)
    result = qc.adapt(model(case)[0], tolerance=tolerance)
    assert result.converged and len(rows) == len(result.cycles)
    energies = np.array([cycle.energy for cycle in result.cycles])
    return *np.array(rows).T, energies - mp.CASES[case]["excess_energy"]


def test_model_problem(monkeypatch):
    """Rate, effectivity, and what the run ends with, every length by default."""
    dof, error, found, energy = history("A", 0.01, monkeypatch, core=30, blend=12, extent=3000)
    assert error / found == pytest.approx(1.1, abs=0.2)
    assert (error / found)[3:] == pytest.approx(1.0, abs=0.05)
    assert mp.rate(dof, error) < -1.0
    assert dof[-1] == pytest.approx(1950, rel=0.01) and found[-1] <= 0.01
    assert error[-1] == pytest.approx(9.16e-3, rel=0.02)
    # energies of one functional after another, in eV: each closer than 3e-4, in the end 1e-5
    assert np.abs(energy).max() < 3e-4 and np.abs(energy[-3:]).max() < 1.5e-5


@pytest.mark.slow
def test_model_problem_of_five_vacancies(monkeypatch):
    """Case C: an emitting microcrack; the published best, GRAC, needs 5558 nodes at 1 %."""
    dof, error, found, _ = history("C", 0.01, monkeypatch, core=44, blend=16, extent=3000)
    assert error / found == pytest.approx(1.1, abs=0.2)
    assert (error / found)[4:] == pytest.approx(1.0, abs=0.1)
    assert mp.rate(dof, error) < -1.0
    assert dof[-1] == pytest.approx(6211, rel=0.02)
    assert error[-1] == pytest.approx(7.43e-3, rel=0.02)
    assert dof[-1] * error[-1] < 5558 * 0.01  # nodes times error, of the rate -1


# what a user does


def test_crack_in_aluminium_from_fewer_than_500_repatoms(monkeypatch):
    """Against a fully atomistic relaxation with LAMMPS in the same domain."""
    data = dict(np.load(DATA / "crack_Al_EA94.npz"))
    made = json.loads((DATA / "crack_Al_EA94.json").read_text())
    tree = cKDTree(data["x0"][:, :2])

    def error_in_core(state):
        system, body = state.system, state.system.body
        near = system.problem.distance(body.x_l) <= system.core
        _, atom = tree.query(body.x_l[near, :2])
        difference = (body.positions(state.u) - body.x_l)[near] - data["u_K0.42"][atom]
        return np.linalg.norm(difference, axis=1).max()

    rows = watched(monkeypatch, error_in_core)
    problem = fcc_crack(0.42, made["R"])
    result = qc.adapt(problem, tolerance=1.5e-3, goal="displacement", widen=False)
    first, last = result.cycles[0], result.cycles[-1]
    assert result.converged and first.repatoms == 439 and first.core_sites == 23
    dof, error, found = np.array(rows).T
    assert dof[-1] == pytest.approx(3647, rel=0.02) and len(dof) <= 7
    assert ((error / found < 2.0) & (error / found > 0.5)).all()  # asked: within a factor of 3
    assert error_in_core(result.solution) == pytest.approx(1.17e-3, rel=0.1)
    low, high = result.bracket
    assert low < error_in_core(result.solution) < high
    assert result.solution.fmax <= 1e-6
    energies = [cycle.energy for cycle in result.cycles]
    assert np.ptp(energies) < 5e-3  # eV per period
    assert result.energy == (last.energy, last.energy_error)
    assert result.seconds > 0.0


def test_edge_dislocation_core_covers_both_partials():
    crystal = qc.Crystal.fcc(aluminium())
    problem = qc.dislocation(crystal, (0.5, -0.5, 0), (1, 1, 1), (-1, -1, 2), extent=400.0)
    result = qc.adapt(problem, tolerance=0.03)
    found = qc.disregistry(result.solution)
    assert not result.cycles[0].solved and np.isinf(result.cycles[0].energy_norm)
    ends = np.concatenate([found.crossings(0.25), found.crossings(0.75)])
    core = result.choice.pad
    assert len(ends) == 2
    assert result.zone[:, 0].min() - core < ends.min() - 10.0
    assert result.zone[:, 0].max() + core > ends.max() + 10.0
    fault = np.stack([np.linspace(ends.min(), ends.max(), 50), np.zeros(50)], axis=1)
    assert result.solution.system.problem.distance(fault).max() < core
    assert np.ptp(result.zone[:, 0]) > 2.0 * np.ptp(result.zone[:, 1])  # flat, as the fault is


def strained(F11):
    """A system whose cells about (20, 20) A are stretched by F11 along x."""
    problem, choice, mesh, system = started(model("A")[0], **model("A")[1])
    ramp = np.clip(10.0 - np.linalg.norm(system.body.x_k[:, :2] - [12.0, 0.0], axis=1), 0.0, 2.0)
    u = np.zeros_like(system.zero)
    u[:, 0] = (F11 - 1.0) * (system.body.x_k[:, 0] - 12.0) * (ramp > 0.0)
    return problem, choice, mesh, system, np.where(system.free, u, 0.0)


def test_a_cell_with_an_unstable_lattice_becomes_atomistic():
    problem, choice, mesh, system, u = strained(1.0)
    assert len(doubtful(system, u)) == 0
    problem, choice, mesh, system, u = strained(1.25)
    worst = doubtful(system, u)
    assert len(worst) and problem.crystal.stability(np.diag([1.25, 1.0, 1.0])).stable is False
    larger, _ = wider_core(problem, mesh, choice, system, u, worst, True, Glide())
    nearest = worst[[np.argmin(problem.euclidean(worst))]]
    assert larger.euclidean(nearest)[0] < choice.pad < problem.euclidean(nearest)[0]


def test_a_defect_that_leaves_is_followed_ever_further():
    glide, step = Glide(), 2.0
    path = [glide.ahead(np.array([[x, 0.0]]), step) for x in (0.0, 4.0, 8.0, 16.0, 40.0, 99.0)]
    assert np.ptp(path[0], axis=0).max() == 0.0
    ahead = [float(np.ptp(points[:, 0])) for points in path]
    assert np.diff(ahead[:5]).min() > 0.0 and ahead[-1] <= LONGEST * step
    assert all((points[:, 1] == 0.0).all() for points in path)
    still = glide.ahead(np.array([[99.2, 0.0]]), step)
    assert len(still) == 1


@pytest.mark.slow
def test_a_partial_that_leaves_the_tip_is_followed_to_where_the_atoms_have_it():
    """From the adapted state all 21,878 atoms of the domain relax: the partial is at rest."""
    options = {"tolerance": 0.08, "blend": 5.6, "widen": False}
    before = qc.adapt(fcc_crack(0.41, 200.0), **options)
    after = qc.adapt(fcc_crack(0.44, 200.0), start=before, **options)
    assert after.converged and not after.cycles[0].solved
    assert max(c.repatoms for c in after.cycles) < 2.0 * before.cycles[-1].repatoms
    problem = fcc_crack(0.44, 200.0)
    full = qc.couple(problem, "atomistic")
    atoms = qc.relax(full, 1e-4, u=carried(after.solution.system, after.solution.u, full))
    assert atoms.iterations <= 8

    def slip(solution):
        jump = largest_jump(solution.system, solution.u)
        x = solution.system.body.x_l[(jump > 0.3) & (solution.system.body.x_l[:, 1] < -20.0)]
        return float(np.linalg.norm(x[:, :2], axis=1).max())

    step = problem.crystal.lattice.basis[0, 0]
    assert slip(after.solution) == pytest.approx(110.4, abs=step)
    assert slip(atoms) == pytest.approx(slip(after.solution), abs=step)
    assert after.solution.tip == atoms.tip
    # a further load: what slipped stays atomistic, what was opened in vain closes
    system = after.solution.system
    kept = needed(system, after.solution.u, problem.watch.zone(problem, 5.8), after.choice)
    assert len(kept) <= len(after.zone)
    near = with_zone(problem, kept).distance(system.body.x_l)
    slipped = largest_jump(system, after.solution.u) > 0.3
    slipped &= system.problem.distance(system.body.x_l) <= system.core
    assert near[slipped].max() <= after.choice.pad


def test_a_run_goes_on_at_the_next_load():
    before = small_crack()
    after = qc.adapt(fcc_crack(0.425), tolerance=0.1, widen=False, start=before)
    alone = qc.adapt(fcc_crack(0.425), tolerance=0.1, widen=False)
    assert after.converged and after.cycles[0].iterations < alone.cycles[0].iterations
    assert after.cycles[-1].repatoms < 1.3 * alone.cycles[-1].repatoms
    first = fcc_crack(0.425)
    assert len(after.zone) >= len(first.watch.zone(first, after.choice.pad))


# ends and refusals


def test_a_small_budget_keeps_the_best_result(tmp_path):
    result = qc.adapt(fcc_crack(), tolerance=0.02, widen=False, max_repatoms=900)
    assert not result.converged and "stopped: the next mesh would have" in result.reason
    assert result.cycles[-1].repatoms <= 900
    assert result.estimate == result.cycles[-1].energy_norm > 0.02
    assert result.solution.fmax <= 1e-6
    written = result.write(tmp_path / "run.json")
    table = json.loads(written.read_text())
    assert len(table["cycles"]) == len(result.cycles) and table["converged"] is False
    assert result.plot(tmp_path / "run.png").stat().st_size > 10_000
    panel_alone(result)
    assert result.reason in str(result) and "cycles" in repr(result)


def test_no_room_for_the_smallest_core():
    with pytest.raises(InputError, match="max_repatoms"):
        qc.adapt(fcc_crack(), tolerance=0.1, max_repatoms=100)


def test_a_core_at_the_rim_is_said():
    problem = fcc_crack(0.42, 60.0)
    result = qc.adapt(problem, tolerance=1e-3, widen=False, max_cycles=20)
    assert not result.converged and "rim of the domain" in result.reason
    choice = result.choice
    room = problem.extent - problem.rim - choice.pad - choice.blend
    assert np.linalg.norm(result.zone, axis=1).max() <= room + 1e-9
    far = larger_zone(
        result.solution.system.problem, choice, np.array([[55.0, 0.0]]), True, far=True
    )
    assert far.extent == 2.0 * problem.extent  # what widen=True does about it


def test_a_few_cycles_are_not_enough():
    result = qc.adapt(fcc_crack(), tolerance=0.02, widen=False, max_cycles=1)
    assert result.reason == "stopped after 1 cycles" and not result.converged


def test_the_domain_widens_only_if_it_may():
    problem, widths = model("A")
    wide = qc.adapt(problem, tolerance=0.04, **widths)
    fixed = qc.adapt(problem, tolerance=0.04, widen=False, **widths)
    assert wide.cycles[-1].extent > problem.extent
    assert {cycle.extent for cycle in fixed.cycles} == {problem.extent}
    assert fixed.cycles[-1].parts["truncation"] == 0.0 < wide.cycles[-1].parts["truncation"]


OURS = [name for name in INDICATORS if INDICATORS.find(name).__module__.startswith("qcmethod.")]


@pytest.mark.parametrize("indicator", OURS)
def test_indicators_find_the_defect(indicator):
    problem, widths = model("A")
    result = qc.adapt(problem, tolerance=0.025, indicator=indicator, **widths)
    residual = qc.adapt(problem, tolerance=0.025, **widths)
    assert result.converged
    assert result.cycles[-1].repatoms < 2.0 * residual.cycles[-1].repatoms
    # graded, not uniform: as fine everywhere as at the defect would be far more
    system = result.solution.system
    edge = np.sqrt(system.body.cells.volume)
    centre = system.body.x_k[system.body.cells.vertices].mean(axis=1)
    assert np.corrcoef(np.log(edge), np.log(system.problem.distance(centre) + 1.0))[0, 1] > 0.8


@pytest.mark.parametrize("method", ["gfc", "bqcf", "qcf"])
def test_other_methods(method):
    problem, widths = model("A")
    result = qc.adapt(problem, method, tolerance=0.04, pad=3.0 * widths["pad"])
    assert result.converged and result.solution.system.method.name == method
    assert (result.cycles[-1].energy is None) == (method in ("bqcf", "qcf"))
    assert np.isnan(result.energy[0]) == (method in ("bqcf", "qcf"))


def test_progress_prints_a_line_a_cycle(capsys):
    seen = []
    first = qc.adapt(model("A")[0], tolerance=0.05, progress=True)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(first.cycles) + 1 and lines[0].startswith("cycle repatoms")
    qc.adapt(model("A")[0], tolerance=0.05, progress=seen.append)
    assert [cycle.repatoms for cycle in seen] == [cycle.repatoms for cycle in first.cycles]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("tolerance", 1e-5),
        ("tolerance", float("nan")),
        ("tolerance", "1e-2"),
        ("goal", "stress"),
        ("indicator", "guess"),
        ("max_repatoms", 0),
        ("max_repatoms", 1e4),
        ("max_cycles", 0),
        ("theta", 0.0),
        ("theta", 1.5),
        ("pad", 1.0),
        ("pad", float("inf")),
        ("blend", -1.0),
        ("blend", "wide"),
        ("fmax", "small"),
        ("fmax", float("nan")),
        ("fmax", 0.0),
        ("widen", "yes"),
    ],
)
def test_arguments_out_of_range_are_refused(name, value):
    with pytest.raises(InputError, match=f"^{name}: "):
        qc.adapt(fcc_crack(), **{"tolerance": 0.1} | {name: value})


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("method", "grac", "a core of any shape"),
        ("method", "atomistic", "a core of any shape"),
        ("method", "cluster", "a core of any shape"),
        ("method", "bgfd", "bgfc"),
        ("blending", "min-hessian", "cubic"),
    ],
)
def test_couplings_without_a_free_core_are_refused(name, value, says):
    with pytest.raises(CouplingError, match=says):
        qc.adapt(fcc_crack(), **{name: value})


def test_problems_that_are_none_are_refused():
    with pytest.raises(InputError, match=r"^problem: "):
        qc.adapt("crack")
    chain = qc.Crystal.chain(qc.load_potential("toy2d-c10"))
    with pytest.raises(CouplingError, match="plane"):
        qc.adapt(qc.vacancy(chain, extent=50.0))


def test_a_start_from_another_problem_is_refused():
    with pytest.raises(InputError, match=r"^start: "):
        qc.adapt(model("A")[0], tolerance=0.1, start=small_crack())
    with pytest.raises(InputError, match=r"^start: .*equilibrium"):
        qc.adapt(fcc_crack(), tolerance=0.1, start=replace(small_crack(), solution=None))
    with pytest.raises(InputError, match=r"^start: "):
        qc.adapt(fcc_crack(), tolerance=0.1, start="last")


def test_a_result_without_equilibrium_has_no_zone(tmp_path):
    nothing = replace(small_crack(), solution=None)
    with pytest.raises(AttributeError, match="no equilibrium"):
        _ = nothing.zone
    assert nothing.plot(tmp_path / "history.svg").exists()
    picture = side_by_side([small_crack()] * 2, tmp_path / "two.png", ["one", "other"])
    assert picture.stat().st_size > 10_000
    for results in ([], [nothing]):
        with pytest.raises(InputError, match=r"^results: "):
            side_by_side(results, tmp_path / "none.png")
    for path in ("run.gif", tmp_path / "missing" / "run.png"):
        with pytest.raises(InputError):
            nothing.plot(path)
    with pytest.raises(InputError):
        nothing.write(tmp_path / "run.txt")


def test_a_domain_that_the_defect_does_not_hold_in_is_not_taken():
    """K_I = 0.42 holds in 5000 A and not in 40,000 (docs/emission.md): back to what was asked."""
    axes = {"x": (1, 1, -2), "y": (1, 1, 1), "z": (1, -1, 0)}
    crystal = qc.Crystal.fcc(qc.load_potential("Al-Ercolessi-1994"), **axes)
    result = qc.adapt(qc.crack(crystal, KI=0.42, extent=5000.0), tolerance=0.15)
    extents = [cycle.extent for cycle in result.cycles]
    assert result.converged and max(extents) > extents[-1] == 5000.0
    assert "the domain stays at 5000 A" in result.reason
    assert result.solution.system.problem.extent == 5000.0
