"""LAMMPS as an engine: sessions against fresh runs, our forms and differences; refusals."""

from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from oracles import lammps_table, new_lammps, require_lammps

import qcmethod as qc
from qcmethod.errors import EngineError, InputError, OffTableError, PotentialFileError
from qcmethod.potentials.can import Can
from qcmethod.potentials.lammps import trial
from qcmethod.potentials.lammps.commands import Commands
from qcmethod.potentials.lammps.session import Atoms
from qcmethod.potentials.lammps.zbl import Zbl
from qcmethod.potentials.reach_check import measured_reach

pytestmark = pytest.mark.skipif("not __import__('importlib').util.find_spec('lammps')")

SNAP_W = (
    "hybrid/overlay zbl 4 4.8 snap",
    ["1 1 zbl 74 74", "* * snap W_2940_2017_2.snapcoeff W_2940_2017_2.snapparam W"],
)
MO = "Mo_Chen_PRM2017"
SHIPPED = {
    "eam/alloy": ("eam/alloy", "* * W_zhou.eam.alloy W", "W", "bcc", 3.165),
    "snap": (*SNAP_W, "W", "bcc", 3.18),
    "snap Mo": ("snap", f"* * {MO}.snapcoeff {MO}.snapparam Mo", "Mo", "bcc", 3.16),
    "uf3": ("uf3 3", "* * Nb.uf3 Nb", "Nb", "bcc", 3.3),
    "meam": ("meam", "* * library.meam Cu Cu.meam Cu", "Cu", "fcc", 3.62),
}  # fmt: skip


def made(name: str) -> qc.Potential:
    require_lammps()
    style, coeff, element, structure, a = SHIPPED[name]
    return qc.lammps(style, coeff, elements=[element], structure=structure, lattice_constant=a)


@pytest.fixture(scope="module")
def tungsten():
    return made("snap")


def column(potential: qc.Potential, radius: float, seed: int = 0):
    """A cylinder of disordered crystal, and its period along z."""
    crystal = getattr(qc.Crystal, potential.structure)(potential, a=potential.lattice_constant)
    problem = qc.homogeneous(crystal, F=np.eye(3), extent=100.0)
    x = problem.position(problem.sites(_tube(radius)))
    return x + np.random.default_rng(seed).uniform(-0.1, 0.1, x.shape), crystal.lattice.period


def _tube(radius: float):
    from qcmethod.lattice.shapes import Tube

    return Tube(radius)


# --- sums -----------------------------------------------------------------------------------------


def test_eam_is_our_eam():
    other = made("eam/alloy")
    table = lammps_table("W_zhou.eam.alloy")
    native = qc.load_potential(table, element="W")
    y, period = column(native, 12.0)
    one, zero = np.ones(len(y)), np.zeros(len(y))
    a, b = (p.site_sum(period, one, zero).at(y) for p in (native, other))
    assert abs(a.energy - b.energy) < 1e-9 * abs(a.energy)
    assert np.abs(a.gradient - b.gradient).max() < 1e-9
    assert other.reach == 2 and abs(other.cutoff - native.cutoff) < 1e-3
    assert abs(other.isolated - native.isolated) < 1e-9


def test_many_calls_are_fresh_runs(tungsten):
    """Atoms that wander over several periods, and out of the first box."""
    y, period = column(tungsten, 6.0)
    sites = tungsten.site_sum(period, np.ones(len(y)), np.zeros(len(y)))
    rng = np.random.default_rng(1)
    drift = rng.uniform(-1.0, 1.0, (1, 3)) * [3.0, 3.0, 1.0]
    for step in range(6):
        moved = y + step * drift + rng.uniform(-0.05, 0.05, y.shape)
        state = sites.at(moved)
        fresh = sites.renewed().at(moved)
        assert abs(state.energy - fresh.energy) < 1e-9
        assert np.abs(state.gradient - fresh.gradient).max() < 1e-9


@pytest.mark.parametrize("periods", [1.5, 2.7, -3.6])
def test_atoms_that_come_from_far(tungsten, periods):
    """LAMMPS wraps by one period, and would lose them."""
    y, period = column(tungsten, 6.0)
    sites = tungsten.site_sum(period, np.ones(len(y)), np.zeros(len(y)))
    at_rest = sites.at(y)
    there = sites.at(y + np.array([0.0, 0.0, periods * period]))
    assert abs(there.energy - at_rest.energy) < 1e-9
    assert np.abs(there.gradient - at_rest.gradient).max() < 1e-9


def test_two_elements_are_those_of_a_plain_script():
    require_lammps()
    file = lammps_table("CuNi.eam.alloy")
    alloy = qc.lammps("eam/alloy", "* * CuNi.eam.alloy Cu Ni", elements=["Cu", "Ni"])
    rng = np.random.default_rng(8)
    grid = np.stack(np.meshgrid(*[1.3 + 2.6 * np.arange(4)] * 3), axis=-1).reshape(-1, 3)
    y, species = grid + rng.uniform(-0.2, 0.2, grid.shape), rng.integers(0, 2, len(grid))
    script = new_lammps()
    script.commands_string(
        "units metal\natom_modify map array\nboundary f f p\n"
        "region box block -20 40 -20 40 0 10.4\ncreate_box 2 box\nmass 1 63.5\nmass 2 58.7"
    )
    script.create_atoms(len(y), np.arange(1, len(y) + 1), species + 1, y.ravel())
    script.commands_string(f"pair_style eam/alloy\npair_coeff * * {file} Cu Ni\nrun 0")
    f = np.ctypeslib.as_array(script.gather_atoms("f", 1, 3)).reshape(-1, 3)
    sites = alloy.site_sum(10.4, np.ones(len(y)), np.zeros(len(y)), species=species)
    state = sites.at(y)
    assert abs(state.energy - script.get_thermo("pe")) < 1e-10 * abs(state.energy)
    assert np.abs(state.gradient + f).max() < 1e-10
    script.close()


def test_threads_have_sessions_of_their_own(tungsten):
    potential = made("eam/alloy")
    y, period = column(potential, 6.0)
    sites = potential.site_sum(period, np.ones(len(y)), np.zeros(len(y)))
    moved = [y + 1e-3 * k * np.sin(np.arange(y.size)).reshape(y.shape) for k in range(4)]
    expected = [sites.at(one).energy for one in moved]

    def asked(k):
        return max(abs(sites.at(moved[k]).energy - expected[k]) for _ in range(30))

    with ThreadPoolExecutor(4) as pool:
        assert max(pool.map(asked, range(4))) < 1e-9
        session = sites._session(y)
        with pytest.raises(EngineError, match="one thread asks"):
            pool.submit(session.at, y).result()


def test_forces_are_differences(tungsten):
    y, period = column(tungsten, 6.0)
    sites = tungsten.site_sum(period, np.ones(len(y)), np.zeros(len(y)))
    v = np.random.default_rng(2).standard_normal(y.shape)
    slope = (sites.at(y + 1e-5 * v).energy - sites.at(y - 1e-5 * v).energy) / 2e-5
    assert slope == pytest.approx(float(np.vdot(sites.at(y).gradient, v)), rel=1e-7)


def test_site_energies_sum_to_the_energy(tungsten):
    y, period = column(tungsten, 6.0)
    sites = tungsten.site_sum(period, np.ones(len(y)), np.zeros(len(y)))
    assert abs(sites.energies(y).sum() - sites.at(y).energy) < 1e-9


# --- cells ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SHIPPED)
def test_stress_of_a_cell_is_the_slope_of_its_energy(name):
    potential = made(name)
    axes = {"x": (1, 1, -2), "y": (1, 1, 1), "z": (1, -1, 0)}
    crystal = getattr(qc.Crystal, potential.structure)(potential, **axes)
    assert np.abs(crystal.stress(np.eye(3))).max() < 1e-9
    rng = np.random.default_rng(4)
    F = np.eye(3) + rng.uniform(-0.03, 0.03, (3, 3))
    G = rng.uniform(-1.0, 1.0, (3, 3))
    slope = (crystal.energy_density(F + 1e-5 * G) - crystal.energy_density(F - 1e-5 * G)) / 2e-5
    assert slope == pytest.approx(float(np.vdot(crystal.stress(F), G)), rel=2e-6)
    rotation, _ = np.linalg.qr(rng.standard_normal((3, 3)))
    rotation *= np.sign(np.linalg.det(rotation))
    assert abs(crystal.site_energy(rotation @ F) - crystal.site_energy(F)) < 1e-9


# --- weighted site energies -----------------------------------------------------------------------


def test_weighted_snap_is_the_sum_of_weighted_sites(tungsten):
    assert Can.SITE_ENERGY in tungsten.can and Can.SITE_ENERGY not in made("uf3").can
    y, period = column(tungsten, 7.0)
    w = np.round(np.random.default_rng(5).uniform(0.0, 1.0, len(y)), 1)
    sites = tungsten.site_sum(period, w, np.zeros(len(y)))
    state = sites.at(y)
    expected = float(w @ sites.energies(y))
    assert abs(state.energy - expected) < 1e-10 * abs(expected)
    v = np.random.default_rng(6).standard_normal(y.shape)
    ahead, behind = (float(w @ sites.energies(y + h * v)) for h in (2e-5, -2e-5))
    slope = (ahead - behind) / 4e-5
    assert slope == pytest.approx(float(np.vdot(state.gradient, v)), rel=1e-7)


def test_zbl_is_that_of_lammps():
    require_lammps()
    own = Zbl(74.0, 4.0, 4.8)
    pair = Commands("zbl", "zbl 4 4.8", ("1 1 74 74",), (183.84,))
    for r in (1.2, 2.0, 3.99, 4.3, 4.79, 4.81):
        y = np.array([[0.0, 0.0, 0.0], [r, 0.0, 0.0]])
        atoms = Atoms(pair, y, np.eye(3), (False, False, False), np.zeros(2, dtype=np.int64))
        E, g = atoms.at(y)
        found, slope = own.at(np.array([r]))
        assert abs(E - found[0]) <= 1e-11 * max(1.0, abs(E))
        assert abs(g[1, 0] - slope[0]) <= 1e-10 * max(1.0, abs(slope[0]))
        atoms.close()


# --- what a copy is -------------------------------------------------------------------------------


def test_a_copy_is_the_same_potential(tungsten):
    again = pickle.loads(pickle.dumps(tungsten))
    assert again.numbers == tungsten.numbers and again.engine == tungsten.engine
    assert qc.Crystal.bcc(again).lattice_constant == qc.Crystal.bcc(tungsten).lattice_constant


def test_a_changed_file_is_another_potential(tmp_path):
    require_lammps()
    file = tmp_path / "W.eam.alloy"
    file.write_bytes(lammps_table("W_zhou.eam.alloy").read_bytes())
    potential = qc.lammps("eam/alloy", f"* * {file} W", elements=["W"], lattice_constant=3.165)
    assert potential.numbers == made("eam/alloy").numbers
    file.write_text(file.read_text() + "\n")
    with pytest.raises(EngineError, match="was changed"):
        qc.Crystal.bcc(potential)


# --- refusals -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("style", "coeff", "elements", "words"),
    [
        ("nonsense", "* *", ["W"], r"style: got 'nonsense', expected pair styles of this LAMMPS"),
        ("lj/cut/coul/long 8", "* * 1 1", ["Ar"], "a cut-off and without charges"),
        ("hybrid/overlay zbl 4 4.8 born/coul/long 8", "1 1 zbl 74 74", ["W"], "without charges"),
        ("", "* *", ["W"], "the words after pair_style"),
        ("eam/alloy", 3, ["W"], "the words after pair_coeff"),
        ("eam/alloy", "* * W_zhou.eam.alloy W", "W", "a list of chemical symbols"),
        ("eam/alloy", "* * W_zhou.eam.alloy W", ["Wolfram"], "a list of chemical symbols"),
        ("eam/alloy", "* * W_zhou.eam.alloy Cu", ["Cu"], "coeff: got .*what LAMMPS accepts"),
        ("lj/cut 8.0", "1 1 0.01 3.4", ["Ar", "Cu"], "All pair coeffs are not set"),
        ("zero 5.0", "* *", ["Cu"], "no forces between atoms"),
        ("agni", "* * Al_prb.agni Al", ["Al"], "forces that are not the slope of an energy"),
        ("dpd 0.1 3.0 12345", "* * 1.0 1.0", ["Cu"], "ghost atoms store velocity"),
        ("hybrid/overlay zbl 4 4.8 snapp", "* * zbl 74 74", ["W"], "coeff: .*Illegal pair_style"),
        ("eam/alloy", "* * 'W_zhou.eam.alloy W", ["W"], "quotes that are closed"),
        ("lj/cut 8.0", "* * eins zwei", ["Ar"], "coeff: got .*what LAMMPS accepts"),
    ],
)
def test_refused(style, coeff, elements, words):
    require_lammps()
    with pytest.raises(InputError, match=words):
        qc.lammps(style, coeff, elements=elements)


def test_refused_files(tmp_path):
    require_lammps()
    with pytest.raises(PotentialFileError, match=r"W_zhou\.eam\.aloy.*Try: W_zhou\.eam\.alloy"):
        qc.lammps("eam/alloy", "* * W_zhou.eam.aloy W", elements=["W"])
    real = tmp_path / "X.sw"
    real.write_text("# DATE: today UNITS: real\n" + lammps_table("Si.sw").read_text())
    with pytest.raises(PotentialFileError, match="UNITS: real"):
        qc.lammps("sw", f"* * {real} Si", elements=["Si"])
    broken = tmp_path / "broken.eam.alloy"
    broken.write_text("\n".join(lammps_table("W_zhou.eam.alloy").read_text().splitlines()[:30]))
    with pytest.raises(InputError, match="what LAMMPS accepts"):
        qc.lammps("eam/alloy", f"* * {broken} W", elements=["W"])


def test_a_folder_is_no_file(tmp_path):
    require_lammps()
    with pytest.raises(PotentialFileError, match="expected a file that exists"):
        qc.lammps("eam/alloy", f"* * {tmp_path} W", elements=["W"])


def test_files_in_folders_with_spaces(tmp_path):
    require_lammps()
    folder = tmp_path / "my own"
    folder.mkdir()
    (folder / "W.eam.alloy").write_bytes(lammps_table("W_zhou.eam.alloy").read_bytes())
    found = qc.lammps("eam/alloy", f"* * '{folder}/W.eam.alloy' W", elements=["W"])
    assert found.numbers == made("eam/alloy").numbers


def test_files_in_a_style():
    require_lammps()
    words = "hybrid/overlay zbl 4 4.8 mliap model linear {0}.model descriptor sna {0}.descriptor"
    lines = ["* * zbl 73 73", "* * mliap Ta"]
    found = qc.lammps(words.format("Ta06A.mliap"), lines, elements=["Ta"])
    assert len(found.engine.digests) == 2 and "Ta06A" not in str(found.numbers)
    assert Can.SITE_ENERGY not in found.can


def test_what_kills_lammps_kills_a_child(monkeypatch):
    require_lammps()
    monkeypatch.setattr(trial, "CHILD", "import os; os.abort()")
    with pytest.raises(InputError, match="what LAMMPS accepts; it died of SIGABRT"):
        qc.lammps("lj/cut 8.0", "* * 0.0123 3.4", elements=["Ar"])


def test_an_atom_by_itself_may_be_too_few():
    """POD ends the process there; the potential is of use without."""
    require_lammps()
    words = ("pod", "* * Ta_param.pod Ta_coeff.pod Ta")
    pod = qc.lammps(*words, elements=["Ta"], structure="bcc", lattice_constant=3.3)
    crystal = qc.Crystal.bcc(pod)
    assert crystal.cohesive < -11.0
    with pytest.raises(EngineError, match="no energy of an atom by itself"):
        crystal.cohesive_energy  # noqa: B018


def test_snap_that_tells_species_apart(tmp_path):
    require_lammps()
    names = [lammps_table(f"W_2940_2017_2.snap{kind}") for kind in ("coeff", "param")]
    param = tmp_path / "W.snapparam"
    param.write_text(names[1].read_text() + "\nchemflag 1\n")
    potential = qc.lammps("snap", f"* * {names[0]} {param} W", elements=["W"])
    with pytest.raises(EngineError, match="chemflag 1 tells species apart"):
        potential.engine.session(
            np.zeros((1, 3)), np.eye(3), (False,) * 3, np.zeros(1, dtype=np.int64), np.ones(1)
        )


def test_reach_where_atoms_screen_one_another():
    """MEAM hides what is behind a neighbour: a rod as dense as that shows one cut-off."""
    engine = made("meam").engine
    assert measured_reach(engine, engine.cutoff) == 2


def test_a_claim_below_the_truth_is_refused():
    require_lammps()
    words = ("eam/alloy", "* * W_zhou.eam.alloy W")
    with pytest.raises(InputError, match=r"cutoff: got 4\.0, expected at least"):
        qc.lammps(*words, elements=["W"], cutoff=4.0)
    with pytest.raises(InputError, match=r"reach: got '1 cut-offs.*expected 2 or more"):
        qc.lammps(*words, elements=["W"], reach=1)


def test_what_is_no_number_is_off_the_table(tungsten):
    y, period = column(tungsten, 5.0)
    sites = tungsten.site_sum(period, np.ones(len(y)), np.zeros(len(y)))
    good = sites.at(y)
    with pytest.raises(OffTableError, match="no numbers"):
        sites.at(np.full_like(y, np.nan))
    onto = y.copy()
    onto[0] = onto[1]
    with pytest.raises(OffTableError, match="on top of one another"):
        sites.at(onto)
    onto[0] = onto[1] - [0.0, 0.0, 3.0 * period]
    with pytest.raises(OffTableError, match="on top of one another"):
        sites.at(onto)
    assert abs(sites.at(y).energy - good.energy) < 1e-9  # the next call makes another instance


def test_a_dead_instance_says_so(tungsten):
    y, period = column(tungsten, 5.0)
    sites = tungsten.site_sum(period, np.ones(len(y)), np.zeros(len(y)))
    before = sites.at(y)
    sites._session(y).command("delete_atoms group all compress no")
    with pytest.raises(EngineError, match=r"lost .* atoms"):
        sites.at(y)
    assert abs(sites.at(y).energy - before.energy) < 1e-9
