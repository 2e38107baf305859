"""Files: `.vtu` (the mesh, for ParaView), `.xyz` (the atoms, for OVITO), `.npz` (to go on from).

A file is written under another name in the same folder and moved into place when it is complete:
whoever looks finds the old file or the new one, never half of one. A `.npz` file carries a digest
of all its bytes; it is read as it was written, or refused.
"""

from __future__ import annotations

from qcmethod.base.files import checked, whole
from qcmethod.io.record import load, save
from qcmethod.io.state import _WRITERS as _WRITERS
from qcmethod.io.state import read_corrector, write
from qcmethod.io.vtu import add_field_data, cell_blocks, cell_fields

__all__ = [
    "add_field_data",
    "cell_blocks",
    "cell_fields",
    "checked",
    "load",
    "read_corrector",
    "save",
    "whole",
    "write",
]
