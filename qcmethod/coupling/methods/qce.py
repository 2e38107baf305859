"""The original energy-based quasicontinuum: beta jumps where the atoms end.

Tadmor, Ortiz and Phillips 1996 (Philos. Mag. A 73, 1529).
"""

from __future__ import annotations

from qcmethod.coupling.method import Method, register
from qcmethod.coupling.weights import by_sites

register(
    Method(
        name="qce",
        about="the original energy-based QC",
        weigh=by_sites,
        partner="qcf",
    )
)
