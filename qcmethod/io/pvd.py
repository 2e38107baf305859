"""`.pvd`: a series of meshes, for ParaView.

    run.pvd              the list: a time and a file each
    run_frames/0000.vtu  one mesh a state

The list is taken away first and written last: where there is one, its meshes are whole. Meshes of
an earlier, longer series go with it.
"""

from __future__ import annotations

from pathlib import Path
from xml.sax.saxutils import quoteattr

from qcmethod.base.types import Facts
from qcmethod.base.whole import whole
from qcmethod.coupling.summary import summary
from qcmethod.errors import InputError
from qcmethod.io.capabilities import Frame, Series
from qcmethod.io.formats import writes
from qcmethod.io.vtu import write_vtu
from qcmethod.io.xyz import require_some


@writes(".pvd", of=Series, whole=False)
def write_meshes(series: Series, path: Path) -> None:
    """A mesh a frame, then the list of them (InputError: no frame, no place for the folder)."""
    folder = path.with_name(f"{path.stem}_frames")
    if folder.exists() and not folder.is_dir():
        raise InputError("path", str(path), f"a name so that {folder.name} can be a folder")
    rows = []
    for number, frame in enumerate(series.frames()):
        if number == 0:
            path.unlink(missing_ok=True)
            folder.mkdir(exist_ok=True)
        file = folder / f"{number:04d}.vtu"
        _write_mesh(file, frame)
        name = quoteattr(f"{folder.name}/{file.name}")
        rows.append(f'<DataSet timestep="{frame.time!r}" group="" part="0" file={name}/>')
    require_some(path, len(rows))
    for file in folder.glob("[0-9][0-9][0-9][0-9].vtu"):
        if int(file.stem) >= len(rows):
            file.unlink()
    with whole(path) as partial:
        partial.write_text(
            '<?xml version="1.0"?>\n<VTKFile type="Collection" version="0.1">\n<Collection>\n'
            + "\n".join(rows)
            + "\n</Collection>\n</VTKFile>\n"
        )


def _write_mesh(file: Path, frame: Frame) -> None:
    facts = {**summary(frame.system, frame.u), "time": frame.time, **frame.about}
    forces = frame.system.model.at(frame.u).forces
    with whole(file) as partial:
        write_vtu(partial, frame.system, frame.u, forces, _plain(facts))


def _plain(facts: Facts) -> Facts:
    """Numbers and texts only: what is unknown is left out."""
    return {k: v for k, v in facts.items() if isinstance(v, str | int | float)}
