"""Files: `.vtu` (the mesh, for ParaView), `.xyz` (the atoms, for OVITO), `.npz` (to go on from).

A file is written under another name in the same folder and moved into place when it is complete:
whoever looks finds the old file or the new one, never half of one. A `.npz` file carries a digest
of all its bytes; it is read as it was written, or refused. A format is a module of this folder, or
a function of yours: see `formats`.
"""

from __future__ import annotations

from qcmethod.base.registry import import_folder
from qcmethod.io.atoms import to_atoms
from qcmethod.io.capabilities import Columnar, Frame, Series, Stored, Tabular
from qcmethod.io.formats import write_result, writes
from qcmethod.io.record import load, save
from qcmethod.io.region import atoms_in
from qcmethod.io.state import read_corrector, write
from qcmethod.io.vtu import cell_fields

__all__ = [
    "Columnar",
    "Frame",
    "Series",
    "Stored",
    "Tabular",
    "atoms_in",
    "cell_fields",
    "load",
    "read_corrector",
    "save",
    "to_atoms",
    "write",
    "write_result",
    "writes",
]

import_folder(__name__)  # the formats: a user's own come after them, and before them in rank
