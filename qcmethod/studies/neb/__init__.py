"""The barrier between two equilibria: a nudged elastic band, and the saddle at its top."""

from __future__ import annotations

from qcmethod.studies.neb.band import Band
from qcmethod.studies.neb.neb import neb

__all__ = ["Band", "neb"]
