"""The digest of a potential: its functional form and all its numbers."""

from __future__ import annotations

from qcmethod.base.digest import digest
from qcmethod.potentials.contract import Potential


def potential_digest(potential: Potential) -> str:
    """Digest (16 hex digits) of the functional form and all its numbers."""
    return digest(potential.numbers)
