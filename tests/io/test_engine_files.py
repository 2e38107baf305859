"""Files of what an engine computed: what is data is kept, the rest is asked for by name."""

from __future__ import annotations

import json
from dataclasses import replace

import ase.io
import numpy as np
import pytest
from mirror import ALL, FORCES, mirrored
from oracles import require_lammps

import qcmethod as qc
from qcmethod.errors import DamagedFileError, InputError, ResultFileError
from qcmethod.io.container import read_arrays, write_arrays

AXES = {"x": (1, 1, -2), "y": (1, 1, 1), "z": (1, -1, 0)}
NATIVE = qc.load_potential("Al-Ercolessi-1994")


def solved(potential, method="bqcf", **sizes):
    crystal = qc.Crystal.fcc(potential, **AXES)
    sizes = sizes or ({} if method == "atomistic" else {"core": 8.0, "blend": 6.0})
    return qc.relax(qc.couple(qc.vacancy(crystal, extent=40.0), method, **sizes), fmax=1e-4)


@pytest.fixture(scope="module", params=[FORCES, ALL], ids=["forces", "energies"])
def solution(request):
    return solved(mirrored(NATIVE, request.param))


def test_an_engine_that_is_no_data_is_asked_for(solution, tmp_path):
    file = solution.write(tmp_path / "state.npz")
    potential = solution.system.problem.crystal.potential
    with pytest.raises(InputError, match=r"mirror of Al.* of the class mirror:Mirror.*potential="):
        qc.load(file)
    with pytest.raises(ResultFileError, match="expected the potential of the file, mirror of Al"):
        qc.load(file, potential=NATIVE)
    again = qc.load(file, potential=potential)
    assert np.array_equal(again.u, solution.u)
    assert again.system.problem.crystal.potential is potential
    forces = again.system.model.at(again.u).forces
    assert again.system.law == solution.system.law == "tabulated"
    assert np.abs(forces - solution.forces).max() < 1e-13


def test_what_atoms_do_not_tell_is_left_out(solution, tmp_path):
    energies = solution.system.problem.crystal.potential.can == ALL
    for file in ("atoms.xyz", "atoms.data", "mesh.vtu"):
        solution.write(tmp_path / file)
    written = ase.io.read(tmp_path / "atoms.xyz").arrays
    assert "cauchy_stress" not in written and ("site_energy" in written) == energies
    native = solved(NATIVE)
    for region in ("all", 10.0):
        one, other = (s.to_atoms(region) for s in (solution, native))
        assert np.abs(one.positions - other.positions).max() < 1e-3
        if energies:
            differ = one.arrays["site_energy"] - other.arrays["site_energy"]
            assert np.abs(differ).max() < 1e-3
    known = solution.to_atoms("all")
    zone, stress = known.arrays["zone"], known.arrays["cauchy_stress"]
    assert np.isnan(stress[zone < 2]).all() and np.isfinite(stress[zone == 2]).all()
    assert solution.plot(tmp_path / "x.png", measure="von_mises").exists()


def test_a_solution_of_an_engine_has_no_recipe(solution):
    with pytest.raises(InputError, match="the script that made it"):
        solution.recipe()


def test_a_calculator_is_asked_for(tmp_path):
    from ase.calculators.emt import EMT

    words = {"elements": ["Cu"], "cutoff": 6.0, "reach": 2, "structure": "fcc"}
    potential = qc.Potential.of(EMT(), **words, lattice_constant=3.6)
    crystal = qc.Crystal.fcc(potential, **AXES)
    system = qc.couple(qc.vacancy(crystal, extent=26.0), "atomistic")
    file = qc.relax(system, fmax=0.1).write(tmp_path / "state.npz")
    with pytest.raises(InputError, match=r"potential: got .None.* EMT.*calculator.*potential="):
        qc.load(file)
    again = qc.load(file, potential=potential)
    assert again.system.problem.crystal.potential is potential and again.fmax <= 0.1


# --- LAMMPS: words and files are data -------------------------------------------------------------


@pytest.fixture(scope="module")
def copper():
    require_lammps()
    coeff = "* * library.meam Cu Cu.meam Cu"
    return qc.lammps("meam", coeff, elements=["Cu"], structure="fcc", lattice_constant=3.62)


@pytest.fixture(scope="module")
def file(copper, tmp_path_factory):
    return solved(copper, "atomistic").write(tmp_path_factory.mktemp("meam") / "state.npz")


def test_a_solution_of_lammps_comes_back(copper, file):
    again = qc.load(file)
    potential = again.system.problem.crystal.potential
    assert potential.engine == copper.engine and potential.told() == copper.told()
    fresh = solved(copper, "atomistic")
    assert np.abs(again.u - fresh.u).max() < 1e-12
    assert np.abs(again.system.model.at(again.u).forces - again.forces).max() < 1e-12


def test_its_recipe_makes_it_again(copper, file, tmp_path):
    from qcmethod.studies.job.read import read_job

    job = tmp_path / "job.toml"
    job.write_text(qc.load(file).recipe())
    assert read_job(job).potential().numbers == copper.numbers
    job.write_text(job.read_text().replace(copper.told()["potential"]["digest"], 16 * "0"))
    with pytest.raises(InputError, match=r"\[potential\] digest"):
        read_job(job).potential()


def test_a_recipe_tells_own_files_by_their_whole_paths(tmp_path, monkeypatch):
    from oracles import lammps_table

    require_lammps()
    (tmp_path / "own.eam.alloy").write_bytes(lammps_table("W_zhou.eam.alloy").read_bytes())
    (tmp_path / "W").write_text("a file with the name of an element is no word's file")
    monkeypatch.chdir(tmp_path)
    potential = qc.lammps("eam/alloy", ["* * own.eam.alloy W"], elements=["W"])
    told = potential.told()["potential"]["coeff"]
    assert told == [f"* * {tmp_path / 'own.eam.alloy'} W"]


@pytest.mark.parametrize(
    ("style", "coeff"),
    [("python 5.0", ["* * module.Class Cu"]), ("meam", ["* * a\nshell date"]), ("meam", [])],
)
def test_a_file_brings_no_style_that_runs_code(file, tmp_path, style, coeff):
    about, arrays = read_arrays(file, "path")
    crystal = about["record"]["fields"]["system"]["fields"]["problem"]["fields"]["crystal"]
    potential = crystal["fields"]["potential"]["fields"]
    engine = potential["engine"]["fields"]
    engine |= {"style": style, "coeff": {"tuple": coeff}, "digests": {"tuple": []}}
    other = replace(qc.load(file).system.problem.crystal.potential.engine, **_plain(engine))
    numbers = replace(qc.load(file).system.problem.crystal.potential, engine=other)
    from qcmethod.potentials.digest import potential_digest

    potential["digest"] = potential_digest(numbers)
    crafted = tmp_path / "crafted.npz"
    write_arrays(crafted, json.loads(json.dumps(about)), arrays)
    with pytest.raises(DamagedFileError, match=r"words of a style|a style of numbers alone"):
        qc.load(crafted)


def _plain(fields):
    return {k: tuple(v["tuple"]) if isinstance(v, dict) else v for k, v in fields.items()}
