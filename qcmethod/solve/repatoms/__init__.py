"""Repatoms as atoms: a coupled system that ASE's optimisers and molecular dynamics can drive."""

from __future__ import annotations

from qcmethod.solve.repatoms.atoms import Repatoms, repatoms

__all__ = ["Repatoms", "repatoms"]
