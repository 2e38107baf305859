"""What "not conservative" means: work around closed loops, energy of undamped runs."""

from __future__ import annotations

from qcmethod.analysis.conservation.work import LoopWork, loop_work

__all__ = ["LoopWork", "loop_work"]
