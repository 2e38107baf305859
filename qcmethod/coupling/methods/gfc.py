"""qce with its ghost force at a reference state as a dead load.

Shenoy, Miller, Tadmor, Rodney, Phillips and Ortiz 1999 (J. Mech. Phys. Solids 47, 611).
"""

from __future__ import annotations

from qcmethod.coupling.method import Method, register
from qcmethod.coupling.weights import by_sites

register(
    Method(
        name="gfc",
        about="qce, ghost force corrected",
        weigh=by_sites,
        partner="qcf",
        passes="reference",
        frozen=True,
    )
)
