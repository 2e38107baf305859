"""bqce with its ghost force at a reference state as a dead load.

Ortner and Zhang 2016 (SIAM J. Sci. Comput. 38, A346).
"""

from __future__ import annotations

from qcmethod.coupling.method import Method, register
from qcmethod.coupling.weights import by_sites

register(
    Method(
        name="bgfc",
        about="bqce, ghost force corrected",
        weigh=by_sites,
        partner="bqcf",
        passes="reference",
        blended=True,
        frozen=True,
    )
)
