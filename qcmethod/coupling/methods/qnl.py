"""qce whose interface sites see their far neighbours through near ones: plane interfaces.

Shimokawa, Mortensen, Schiotz and Jacobsen 2004 (Phys. Rev. B 69, 214104).
"""

from __future__ import annotations

from qcmethod.base.types import Array
from qcmethod.coupling.method import Method, register
from qcmethod.coupling.reconstruct.qnl import shortened
from qcmethod.coupling.reconstruct.reconstruction import Reconstruction
from qcmethod.coupling.weights import by_sites
from qcmethod.discretisation.body import Body


def _reconstruct(body: Body, core: float, omega: Array) -> Reconstruction:
    """Every bond is made of near ones, whatever the weights of the cells."""
    return shortened(body, core)


register(
    Method(
        name="qnl",
        about="plane interfaces",
        weigh=by_sites,
        partner="qcf",
        passes="every gradient",
        reconstruct=_reconstruct,
    )
)
