"""A solution as a scene that one can turn: the mesh, and a sphere for each atom.

With pyvista (the extra `view`), in a notebook too; else, where OVITO is installed, the atoms in
OVITO. It shows what the `.vtu` and the `.xyz` carry. Of a mesh in space it shows the faces of the
cells below the middle, on which the atoms lie.
"""

from __future__ import annotations

import shutil
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from qcmethod.analysis.measure import Measure
from qcmethod.base.types import Array
from qcmethod.errors import NotInstalledError
from qcmethod.plot.atoms_in_space import VIEW
from qcmethod.plot.scene import Scene, measure_of
from qcmethod.solve.solution import Solution

RADIUS = 0.4
"""Of an atom, in distances of nearest neighbours."""


def view(solution: Solution, measure: str | None = None, deformed: bool = True) -> Any:
    """A pyvista.Plotter of a solution, whose show() opens it; else the process of OVITO.

    measure, deformed : as of `Solution.plot`

    Raises InputError (measure), NotInstalledError where there is neither of them.
    """
    shown = measure_of(solution.system, measure)
    if find_spec("pyvista") is not None:
        return _plotter(solution, shown, deformed)
    if shutil.which("ovito"):
        from ase.visualize import view as opened

        return opened(solution.to_atoms(), viewer="ovito")
    expected = "pyvista or OVITO to be installed"
    files = "solution.write('x.vtu') for ParaView, solution.write('x.xyz') for OVITO"
    raise NotInstalledError("view", "neither", expected, f"pip install 'qcmethod[view]'; {files}")


def _plotter(solution: Solution, measure: Measure, deformed: bool) -> Any:
    import pyvista

    lattice = solution.system.problem.crystal.lattice
    scene = Scene(solution.system, solution.u, measure, deformed)
    unit = measure.unit(lattice.n_components)[1].replace("$", "")
    with TemporaryDirectory() as folder:
        mesh = pyvista.read(solution.write(Path(folder) / "state.vtu"))
    if deformed:
        mesh = mesh.warp_by_vector("displacement")
    if scene.solid:
        mesh = mesh.clip(normal="z", origin=(0.0, 0.0, 0.0), crinkle=True)
    plotter = pyvista.Plotter()
    plotter.add_mesh(mesh, style="wireframe", color="grey", opacity=0.5)
    on = scene.weight > 0.0
    if on.any():
        atoms = pyvista.PolyData(scene.site[on])
        atoms["value"] = scene.site_value[on]
        sphere = pyvista.Sphere(radius=RADIUS * lattice.neighbour)
        low, high = scene.colours.norm.vmin, scene.colours.norm.vmax
        plotter.add_mesh(
            atoms.glyph(geom=sphere, scale=False, orient=False),
            scalars="value",
            cmap=scene.colours.get_cmap(),
            clim=(low, high),
            log_scale=low > 0.0,
            scalar_bar_args={"title": f"{measure.name.replace('_', ' ')} {unit}"},
        )
    points = scene.site[on] if on.any() else np.asarray(mesh.points)
    _look_down(plotter, points, VIEW[2] if scene.solid else np.eye(3)[2])
    return plotter


def _look_down(plotter: Any, points: Any, towards: Array) -> None:
    """From above the plane, in space obliquely, as the pictures do, so that the points fill the
    window."""
    middle = 0.5 * (points.min(axis=0) + points.max(axis=0))
    far = 2.5 * float(np.ptp(points[:, :2], axis=0).max(initial=1.0))
    plotter.camera_position = [middle + far * towards, middle, (0.0, 1.0, 0.0)]
