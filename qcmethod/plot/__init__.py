"""Pictures of results: one file a picture, found by the type of what it shows (`pictures`).

Nothing below imports this room: `result.plot()` looks it up when it is asked.
"""

from __future__ import annotations

from qcmethod.base.registry import import_folder
from qcmethod.plot.ghosts import ghost_map
from qcmethod.plot.interactive import view
from qcmethod.plot.pictures import draw, drawn, draws, fill, fills
from qcmethod.plot.sheet import sheet
from qcmethod.plot.solution import plot

__all__ = ["draw", "drawn", "draws", "fill", "fills", "ghost_map", "plot", "sheet", "view"]

import_folder(__name__)  # the pictures: a user's own come after them, and take their place
