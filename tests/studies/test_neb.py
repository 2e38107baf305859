"""Barriers: a screw in iron over its valley against all atoms and LAMMPS, a crack in tungsten
against the curve of its equilibria; ASE's own bands on repatoms; refusals, files, pictures."""

from __future__ import annotations

from functools import cache

import ase.io
import numpy as np
import pytest
from ase.mep import NEB
from ase.mep.neb import NEBOptimizer
from ase.optimize import FIRE
from ase.optimize.precon import PreconImages
from figures import panel_alone
from oracles import new_lammps

import qcmethod as qc
from qcmethod.errors import ConvergenceError, CouplingError, InputError, NoEnergyError
from qcmethod.solve.saddle import stationary_near

SCREW = {"burgers": (0.5, 0.5, 0.5), "plane": (1, -1, 0), "line": (1, 1, 1)}


@cache
def ends(method="bgfc", extent=60.0, lengths=(15.0, 8.0)):
    """A screw in an easy place, and in the next one."""
    crystal = qc.Crystal.bcc(qc.load_potential("Fe-Zhou-2004"))
    problem = qc.dislocation(crystal, **SCREW, extent=extent, centre=(0.5, 1 / 3))
    system = qc.couple(problem, method, *lengths)
    first = qc.relax(system, 1e-6)
    return first, qc.relax(system, 1e-6, u=qc.moved(first))


@cache
def band(images=5, **choice):
    return qc.neb(*ends(**choice), images)


# --- a screw in iron -----------------------------------------------------------------------------


def test_the_saddle_is_an_equilibrium_with_one_unstable_direction():
    found = band()
    assert found.saddle.fmax < 1e-5 and found.unstable == 1
    assert found.saddle.stability.value == pytest.approx(-0.081, abs=1e-3)
    assert found.barrier == pytest.approx(found.saddle.excess_energy - found.first.excess_energy)
    assert found.fmax <= 0.02
    assert 0.0 < found.reverse < found.barrier < found.energies.max()  # the rim holds it back


def test_the_way_down_from_the_saddle_ends_beside_it_on_both_sides():
    """The direction is that of the barrier: a push either way leads to another minimum."""
    saddle = band().saddle
    push = 0.1 * saddle.stability.mode
    down = [qc.relax(saddle.system, 1e-4, u=saddle.u + sign * push) for sign in (1.0, -1.0)]
    assert all(one.excess_energy < saddle.excess_energy for one in down)
    assert all(one.stability.stable for one in down)
    assert np.abs(down[0].u - down[1].u).max() > 0.1


@pytest.mark.slow
def test_a_coupled_barrier_is_that_of_all_atoms_and_of_lammps(tmp_path):
    """The same cylinder: LAMMPS evaluates our states of all atoms. A finer core is no worse."""
    atoms = band(method="atomistic", lengths=())
    assert atoms.unstable == 1
    crystal = atoms.saddle.system.problem.crystal
    table = qc.write_setfl(tmp_path / "Fe.eam.alloy", crystal.potential, nr=20001, nrho=20001)
    states = (atoms.first, atoms.saddle, atoms.last)
    energies, forces = zip(*(by_lammps(one, table, tmp_path) for one in states), strict=True)
    assert energies[1] - energies[0] == pytest.approx(atoms.barrier, abs=1e-6)
    assert energies[1] - energies[2] == pytest.approx(atoms.reverse, abs=1e-6)
    assert max(forces) < 1e-4
    errors = [
        abs(one.barrier - atoms.barrier) + abs(one.reverse - atoms.reverse)
        for one in (band(), band(lengths=(20.0, 10.0)))
    ]
    assert max(errors) < 1.5e-4  # eV, of a barrier of 0.0125


def by_lammps(solution, table, folder):
    """Energy, eV, and the largest force on a free atom, eV/A."""
    engine, atoms = new_lammps(), solution.to_atoms()
    problem = solution.system.problem
    free = problem.distance(solution.system.body.x_l) <= problem.extent - problem.rim
    atoms.center(vacuum=10.0, axis=(0, 1))
    atoms.wrap()
    ase.io.write(folder / "x.data", atoms, format="lammps-data", masses=True)
    engine.commands_string(
        f"units metal\natom_modify map array sort 0 0\nboundary f f p\n"
        f"read_data {folder / 'x.data'}\n"
        f"pair_style eam/alloy\npair_coeff * * {table} Fe\nthermo_modify norm no\nrun 0 post no"
    )
    energy = engine.get_thermo("pe")
    order = np.argsort(engine.numpy.extract_atom("id")[: len(atoms)])
    f = engine.numpy.extract_atom("f")[: len(atoms)][order]
    engine.close()
    assert len(free) == len(atoms)
    return energy, np.linalg.norm(f[free], axis=1).max()


@pytest.mark.slow
def test_a_lower_saddle_is_not_the_barrier_where_the_higher_one_is_hard_to_find():
    """A polarised screw in tungsten: two tops, 0.09 and 0.146 eV; the higher is missed at first."""
    crystal = qc.Crystal.bcc(qc.load_potential("W-Ackland-1987"))
    problem = qc.dislocation(crystal, **SCREW, extent=60.0, centre=(0.5, 1 / 3))
    first = qc.relax(qc.couple(problem, "bgfc", 12.0, 8.0), 1e-6)
    last = qc.relax(first.system, 1e-6, u=qc.moved(first))
    assert qc.neb(first, last).barrier == pytest.approx(0.146, abs=2e-3)


# --- a crack in tungsten -------------------------------------------------------------------------


@pytest.mark.slow
def test_the_saddle_of_a_crack_lies_on_the_curve_of_its_equilibria():
    """What `arc` passes behind a fold, with rising energy over the minimum that it came from."""
    crystal = qc.Crystal.bcc(
        qc.load_potential("W-Ackland-1987"), x=(0, 1, 1), y=(1, 0, 0), z=(0, 1, -1)
    )
    system = qc.couple(qc.crack(crystal, KI=2.1, extent=28.0), "atomistic")
    first = qc.relax(system, 1e-6)
    last = qc.relax(system, 1e-6, u=qc.moved(first))
    assert last.tip > first.tip
    found = qc.neb(first, last, fmax=1e-8)
    curve = qc.arc(qc.crack(crystal, KI=1.88, extent=28.0), "atomistic", KI=1.88, steps=8)
    behind = [p for p in curve.points if p.unstable and not p.fold]
    near = min(behind, key=lambda p: abs(p.load - 2.1))
    on = stationary_near(system, curve.states[near.number], 1e-8)
    assert found.unstable == on.unstable == 1
    np.testing.assert_allclose(found.saddle.u, on.u, rtol=0, atol=1e-6)
    assert 0.0 < found.barrier < 0.02 < found.reverse


# --- ASE's bands ---------------------------------------------------------------------------------


def images(n=5):
    first, last = ends()
    ways = np.linspace(0.0, 1.0, n)
    return [qc.repatoms(first.system, (1.0 - s) * first.u + s * last.u) for s in ways]


def test_ase_climbs_to_the_same_saddle():
    chain = images()
    path = NEB(chain, method="improvedtangent", climb=True)
    assert FIRE(path, logfile=None).run(fmax=5e-4, steps=400)
    top = max(image.get_potential_energy() for image in chain) - chain[0].get_potential_energy()
    assert top == pytest.approx(band().barrier, abs=1e-4)


def test_ase_takes_our_preconditioner():
    chain = images()
    precon = PreconImages([image.elastic_precon() for image in chain], chain)
    path = NEB(chain, method="string", precon=precon)
    assert NEBOptimizer(path, logfile=None).run(fmax=0.02, steps=60)


# --- moved ---------------------------------------------------------------------------------------


def test_a_line_moves_by_a_valley():
    first, last = ends()
    a0 = first.system.problem.crystal.lattice_constant
    assert last.reading["place"] - first.reading["place"] == pytest.approx(
        a0 * (2.0 / 3.0) ** 0.5, abs=0.02
    )


def test_what_cannot_move_is_refused():
    first, _ = ends()
    for periods in (0.5, 1000, "1"):
        with pytest.raises(InputError, match=r"^periods: .*a number of periods of 2\.34"):
            qc.moved(first, periods)
    crystal = qc.Crystal.hex2d(qc.load_potential("toy2d-c10"))
    vacancy = qc.relax(qc.couple(qc.vacancy(crystal, extent=13.0), "bgfc", 4.0, 4.0))
    with pytest.raises(InputError, match=r"^solution: got 'vacancy', expected a solution of a dis"):
        qc.moved(vacancy)


# --- refusals, files, pictures -------------------------------------------------------------------


def test_what_has_no_barrier_is_refused():
    first, last = ends()
    other = qc.couple(first.system.problem, "bqcf", 15.0, 8.0)
    start = qc.relax(other, 1e-3)
    with pytest.raises(NoEnergyError, match="bqcf has forces but no energy"):
        qc.neb(start, start)
    with pytest.raises(InputError, match=r"^last: .*another equilibrium"):
        qc.neb(first, first)
    with pytest.raises(InputError, match=r"^images: "):
        qc.neb(first, last, 2)
    with pytest.raises(InputError, match=r"^last: .*a state of the system of `first`"):
        qc.neb(first, ends(lengths=(20.0, 10.0))[1])
    with pytest.raises(InputError, match=r"^first: .*relaxed to 1e-09"):
        qc.neb(first, last, band=1e-9)
    with pytest.raises(ConvergenceError, match="not relaxed after 2 iterations") as caught:
        qc.neb(first, last, max_iterations=2)
    assert caught.value.best.unstable is None


def test_a_method_without_an_assembled_hessian_is_refused():
    crystal = qc.Crystal.hex2d(qc.load_potential("toy2d-c10"))
    rough = qc.relax(qc.couple(qc.vacancy(crystal, extent=13.0), "grac", 5.0))
    with pytest.raises(CouplingError, match=r"^method: got 'grac'"):
        qc.neb(rough, rough)


def test_a_band_is_written_and_read(tmp_path):
    found = band()
    again = qc.load(found.write(tmp_path / "band.npz"))
    assert np.array_equal(again.states, found.states) and again.barrier == found.barrier
    assert str(again) == str(found) and "1 unstable" in repr(found)
    numbers = qc.load(found.write(tmp_path / "band.json"))
    assert numbers["barrier"] == found.barrier and len(numbers["energies"]) == 5
    atoms = ase.io.read(found.write(tmp_path / "band.xyz"), index=":")
    assert len(atoms) == 5
    assert found.solution(0).excess_energy == pytest.approx(found.first.excess_energy)
    with pytest.raises(InputError, match=r"^number: "):
        found.solution(5)


def test_the_picture_shows_the_saddle(tmp_path):
    found = band()
    assert found.plot(tmp_path / "band.png").stat().st_size > 5_000
    axis = found.plot().axes[0]
    dots, saddle = axis.lines[1], axis.lines[2]
    np.testing.assert_allclose(dots.get_ydata(), 1e3 * found.energies)
    assert saddle.get_ydata() == pytest.approx([1e3 * found.barrier])
    n = found.highest
    assert found.length[n - 1] < saddle.get_xdata()[0] < found.length[n + 1]
    panel_alone(found)


def test_progress_is_told():
    lines = []
    qc.neb(*ends(), 4, progress=lambda *line: lines.append(line))
    assert len(lines[0]) == 3 and lines[-1][1] <= 0.02
