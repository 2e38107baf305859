"""qce whose interface bonds are reconstructed so that no ghost force is left, by a linear program.

Ortner and Zhang 2012 (SIAM J. Numer. Anal. 50, 2940).
"""

from __future__ import annotations

from qcmethod.coupling.method import Method, register
from qcmethod.coupling.reconstruct.grac import balanced
from qcmethod.coupling.weights import by_sites

register(
    Method(
        name="grac",
        about="reconstructed bonds",
        weigh=by_sites,
        partner="qcf",
        passes="every gradient",
        reconstruct=balanced,
    )
)
