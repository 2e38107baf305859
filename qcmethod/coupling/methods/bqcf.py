"""Blended forces: each node takes a mixture of the two.

Li, Ortner, Shapeev and Van Koten 2016 (Numer. Math. 134, 275).
"""

from __future__ import annotations

from qcmethod.coupling.method import Method, register
from qcmethod.coupling.weights import by_sites

register(
    Method(
        name="bqcf",
        about="blended forces",
        weigh=by_sites,
        partner="bgfc",
        conservative=False,
        passes="every gradient",
        blended=True,
    )
)
