"""What a potential says about fracture and plasticity: `scorecard`."""

from __future__ import annotations

from qcmethod.studies.scorecard.card import Entry, Scorecard
from qcmethod.studies.scorecard.row import ROWS, Curve, Found, Number, Row, Subject
from qcmethod.studies.scorecard.scorecard import scorecard

__all__ = [
    "ROWS",
    "Curve",
    "Entry",
    "Found",
    "Number",
    "Row",
    "Scorecard",
    "Subject",
    "scorecard",
]
