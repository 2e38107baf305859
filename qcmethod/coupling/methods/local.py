"""Cauchy and Born everywhere: no atom keeps its own neighbours.

    E(u) = sum_c vol_c W(F_c)

Tadmor, Ortiz and Phillips 1996 (Philos. Mag. A 73, 1529): the local limit of QC.
"""

from __future__ import annotations

from qcmethod.coupling.method import Method, register
from qcmethod.coupling.weights import by_sites

register(
    Method(
        name="local",
        about="Cauchy-Born everywhere",
        weigh=by_sites,
        partner="bqcf",
        passes="every gradient",
        core=False,
    )
)
