"""All sites are atoms: the reference of every other method.

E(u) = sum_l V_l(y)
"""

from __future__ import annotations

from qcmethod.coupling.method import Method, register
from qcmethod.coupling.weights import by_sites

register(
    Method(
        name="atomistic",
        about="all sites, no continuum",
        weigh=by_sites,
        partner="bqcf",
        passes="every gradient",
        continuum=False,
    )
)
