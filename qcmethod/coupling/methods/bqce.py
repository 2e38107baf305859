"""Blended energies: beta rises smoothly across a zone.

Van Koten and Luskin 2011 (SIAM J. Numer. Anal. 49, 2182).
"""

from __future__ import annotations

from qcmethod.coupling.method import Method, register
from qcmethod.coupling.weights import by_sites

register(
    Method(
        name="bqce",
        about="blended energies",
        weigh=by_sites,
        partner="bqcf",
        blended=True,
    )
)
