"""How stable an equilibrium is: its softest direction, measured against the perfect crystal.

    value = min Re lambda,     J v = lambda M v,     J = -df/du,     M = K_CB(reference crystal)

Of an energy J is the Hessian, and an equilibrium is a minimum where the value is positive. Of a
force field J is its Jacobian, which is not symmetric, and the value is positive where the
equilibrium comes back from every small push under du/dt = M^-1 f (see `settle`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qcmethod.base.stored import stored
from qcmethod.base.types import Array
from qcmethod.coupling.system import System
from qcmethod.solve.free import FreeSystem
from qcmethod.solve.linear import exactly
from qcmethod.solve.softest import Softest, softest


@stored
@dataclass(frozen=True, eq=False, repr=False)
class Stability:
    """The softest direction of an equilibrium.

    Attributes
    ----------
    value : stiffness along it over that of the perfect crystal, without unit; negative: a saddle
    mode : (n_k, 3) the direction, its largest displacement 1
    of : "Hessian" of an energy, or "Jacobian" of a force field (the real part)
    left : the value at the saddle that `relax` met first and left; None: it met none, or it did not
        look (energies)
    """

    value: float
    mode: Array
    of: str
    left: float | None = None

    @property
    def stable(self) -> bool:
        """Whether the equilibrium is a minimum."""
        return self.value > 0.0

    @property
    def node(self) -> int:
        """The node that moves most."""
        return int(np.argmax((self.mode**2).sum(axis=1)))

    def __repr__(self) -> str:
        left = "" if self.left is None else f", left a saddle of {self.left:.3g}"
        what = "a minimum" if self.stable else "a saddle"
        return f"Stability({self.value:.3g} of the {self.of}: {what}{left})"


def stability_of(system: System, u: Array) -> Stability:
    """The stability of an equilibrium u (n_k, 3): some tens of products with J."""
    free = FreeSystem(system, lu=exactly(system))
    return told(free, softest(free, free.at(u)))


def told(free: FreeSystem, soft: Softest, left: float | None = None) -> Stability:
    """What is kept of a softest direction."""
    mode = free.nodal(soft.direction)
    node = int(np.argmax((mode**2).sum(axis=1)))
    mode = mode / float(np.linalg.norm(mode[node]))
    sign = np.sign(mode[node][np.argmax(np.abs(mode[node]))])
    of = "Hessian" if free.system.method.conservative else "Jacobian"
    return Stability(soft.value, sign * mode, of, left)
