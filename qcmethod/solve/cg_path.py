"""The path of conjugate gradients through the models of a trust region: Steihaug's step for any
radius, each product with the Hessian taken once.

    minimise  -f . p + 1/2 p . H p   within  |p|_M <= radius

The iterates p_0 = 0, p_1, ... do not depend on the radius, and their norms |p_i|_M grow (Steihaug
1983, SIAM J. Numer. Anal. 20, 626, theorem 2.1). A step ends where the path leaves the ball, at
negative curvature, or where the residual is small; for a smaller radius it ends earlier on the same
path, on a piece that is known.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse.linalg import LinearOperator

from qcmethod.base.types import Array
from qcmethod.solve.linear import Linear

COARSE = 0.4
"""Part of a residual, in the norm of M^-1, that a coarse step leaves."""
MOST = 300
"""Iterates at most."""


@dataclass(frozen=True, eq=False)
class Piece:
    """A piece p + tau d of the path, 0 <= tau <= alpha: infinite along a negative curvature.

    pMp, pMd, dMd : products with M; slope, curvature : of the model along d; gained : the decrease
    that the model predicts up to p
    """

    d: Array
    alpha: float
    pMp: float
    pMd: float
    dMd: float
    slope: float
    curvature: float
    gained: float

    @property
    def end(self) -> float:
        """|p + alpha d|_M^2."""
        return self.pMp + 2.0 * self.alpha * self.pMd + self.alpha**2 * self.dMd

    def leaves(self, radius: float) -> bool:
        """Whether the piece ends on the boundary of a ball or beyond, or nowhere."""
        return self.alpha == np.inf or self.end >= radius**2

    def bounded(self, radius: float) -> tuple[float, float, float]:
        """tau and |p + tau d|_M at the boundary of a ball, and the predicted decrease there."""
        if not np.isfinite(radius):  # only negative curvature gets here without a radius
            radius = float(np.sqrt(self.pMp) + max(1.0, np.sqrt(self.dMd)))
        pMp, pMd, dMd = self.pMp, self.pMd, self.dMd
        tau = float((-pMd + np.sqrt(pMd**2 + dMd * (radius**2 - pMp))) / dMd)
        return tau, radius, self.gained + tau * self.slope - 0.5 * tau**2 * self.curvature

    @property
    def whole(self) -> tuple[float, float, float]:
        """The same at the end of the piece."""
        return self.alpha, float(np.sqrt(self.end)), self.gained + 0.5 * self.alpha * self.slope


class Path:
    """The path for a Hessian H, forces f (n,) and a preconditioner, followed as far as is asked.

    coarse : it ends early, and before it follows a negative curvature
    first : |M^-1 f|_M, the length of the elastic answer
    """

    def __init__(self, H: LinearOperator, f: Array, M: Linear, coarse: bool) -> None:
        self._H, self._M, self._coarse = H, M, coarse
        self._pieces: list[Piece] = []
        self._ended = False
        self._r, self._Hd, self._d = f, np.zeros_like(f), M.solve(f)
        self.first = float(np.sqrt(f @ self._d))
        self._tolerance = self.first * min(COARSE if coarse else 0.1, np.sqrt(self.first))

    def step(self, radius: float) -> tuple[Array, float, float]:
        """Steihaug's step (n,) within a radius, its M norm and the predicted decrease."""
        p, length, decrease, i = np.zeros_like(self._r), 0.0, 0.0, 0
        while (piece := self._piece(i)) is not None:
            out = piece.leaves(radius)
            tau, length, decrease = piece.bounded(radius) if out else piece.whole
            p = p + tau * piece.d
            if out:
                break
            i += 1
        return p, length, decrease

    def _piece(self, i: int) -> Piece | None:
        """Piece number i; None where the path has ended before."""
        if i == len(self._pieces) and not self._ended:
            new = self._next()
            self._ended = new is None or new.alpha == np.inf or i + 1 == MOST
            self._pieces += [] if new is None else [new]
        return self._pieces[i] if i < len(self._pieces) else None

    def _next(self) -> Piece | None:
        """One iteration of conjugate gradients; None where it need not or must not go on."""
        if not self._pieces:
            d, rz = self._d, float(self._r @ self._d)
            pMp, pMd, dMd, gained = 0.0, 0.0, rz, 0.0
        else:
            last = self._pieces[-1]
            self._r = self._r - last.alpha * self._Hd
            z = self._M.solve(self._r)
            rz = float(self._r @ z)
            if np.sqrt(rz) <= self._tolerance:
                return None
            beta = rz / last.slope
            d, pMp, gained = z + beta * last.d, last.end, last.whole[2]
            pMd, dMd = beta * (last.pMd + last.alpha * last.dMd), rz + beta**2 * last.dMd
        self._Hd = self._H.matvec(d)
        curvature = float(d @ self._Hd)
        if self._coarse and curvature <= 0.0 and pMp > 0.0:
            return None
        alpha = rz / curvature if curvature > 0.0 else np.inf
        return Piece(d, alpha, pMp, pMd, dMd, rz, curvature, gained)
