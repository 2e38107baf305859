"""OVITO reads the atoms of a solution in space, and finds the dislocation loop that is in them.

Its dislocation analysis (Stukowski, Bulatov, Arsenlis 2012, Modelling Simul. Mater. Sci. Eng. 20,
085007) knows of no predictor: it draws Burgers circuits about what is no crystal.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

import qcmethod as qc
from qcmethod.analysis.structure.common import KINDS, common_neighbours
from qcmethod.io.atoms import to_atoms

ovito = pytest.importorskip("ovito")
pipelines = pytest.importorskip("ovito.io")
modifiers = pytest.importorskip("ovito.modifiers")

RADIUS = 14.0
LOOPS = {
    "1/3<111>": ((-1 / 3, -1 / 3, -1 / 3), (1, 1, 1), {"faulted": True}),
    "1/2<110>": ((-0.5, -0.5, 0.0), (1, 1, 0), {}),
    "1/2<110> sheared": ((0.5, -0.5, 0.0), (1, 1, 1), {}),
}


@cache
def looped(name: str) -> qc.Solution:
    """A loop at its predictor: nobody asks for its forces."""
    crystal = qc.Crystal.fcc(qc.load_potential("Al-Ercolessi-1994"), dimensions=3)
    b, normal, options = LOOPS[name]
    problem = qc.loop(crystal, b, normal, radius=RADIUS, extent=60.0, **options)
    system = qc.couple(problem, "bqcf", core=14.0, blend=4.0)
    return qc.Solution(system, system.zero, system.zero, None, 0.0, 0, 0, 0, 0.0)


@pytest.mark.parametrize("name", LOOPS)
def test_the_loop_is_one_line_that_closes_with_its_burgers_vector(name, tmp_path):
    solution = looped(name)
    pipeline = pipelines.import_file(str(solution.write(tmp_path / "loop.xyz")))
    analysis = modifiers.DislocationAnalysisModifier
    pipeline.modifiers.append(analysis(input_crystal_structure=analysis.Lattice.FCC))
    data = pipeline.compute()
    atoms = solution.to_atoms()
    assert data.particles.count == len(atoms)
    np.testing.assert_allclose(
        data.particles["displacement"], atoms.arrays["displacement"], atol=1e-7
    )
    (line,) = data.dislocations.lines
    assert line.is_loop
    b = np.array(LOOPS[name][0])
    found = np.array(line.true_burgers_vector)
    assert min(np.abs(found - b).max(), np.abs(found + b).max()) < 1e-4
    assert data.attributes[f"DislocationAnalysis.length.{name.split()[0]}"] == line.length
    assert line.length == pytest.approx(2.0 * np.pi * RADIUS, rel=0.1)
    middle = np.mean(line.points, axis=0) - atoms.info["shift"]
    assert np.linalg.norm(middle) < 2.0


@pytest.mark.parametrize("name", LOOPS)
def test_it_sees_the_kinds_of_neighbourhoods_that_we_do(name, tmp_path):
    solution = looped(name)
    found = common_neighbours(solution)
    path = tmp_path / "all.xyz"  # with the atoms around those that are looked at
    to_atoms(solution.system, solution.u, solution.forces, padding=True).write(path)
    pipeline = pipelines.import_file(str(path))
    pipeline.modifiers.append(modifiers.CommonNeighborAnalysisModifier())
    theirs = np.array(pipeline.compute().particles["Structure Type"])
    names = modifiers.CommonNeighborAnalysisModifier.Type
    numbers = [names.OTHER, names.FCC, names.HCP, names.BCC, names.ICO]
    assert [int(n) for n in numbers] == list(range(len(KINDS)))
    np.testing.assert_array_equal(theirs[found.zone.site], found.label)
