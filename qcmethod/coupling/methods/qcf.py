"""Forces of all atoms in the core, of the full continuum beyond: no energy has them.

Dobson and Luskin 2008 (ESAIM Math. Model. Numer. Anal. 42, 113).
"""

from __future__ import annotations

from qcmethod.coupling.method import Method, register
from qcmethod.coupling.weights import by_sites

register(
    Method(
        name="qcf",
        about="force-based, sharp",
        weigh=by_sites,
        partner="gfc",
        conservative=False,
        passes="every gradient",
    )
)
