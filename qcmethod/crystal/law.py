"""Laws of a cell: what a homogeneous deformation gradient costs, per site.

    W(F),    P = dW/dF,    A = dP/dF

A law is one file in `crystal/laws` (or user code) whose builder makes it from a crystal:

    @law("cauchy-born")
    def cauchy_born(crystal: Crystal) -> CauchyBorn: ...

A law may also have sums over many points of its own, `over(points)` (`crystal.rows`).
`qcmethod.testing.check_law` proves one; a sum over cells (`discretisation.cells`) takes any.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

from qcmethod.base.registry import Registry
from qcmethod.base.types import Array

if TYPE_CHECKING:
    from qcmethod.crystal.crystal import Crystal


class Response(NamedTuple):
    """W (n,) and P (n, 3, 3) in eV per site, and what the law keeps of each for its tangent."""

    W: Array
    P: Array
    kept: Array


class Law(Protocol):
    """Energy per site as a function of the deformation gradient alone; gradients are (n, 3, 3)."""

    def at(self, F: Array) -> Response:
        """Energy and stress. Raises InvertedCellError or OffTableError where it knows none."""

    def tangent(self, F: Array, found: Response) -> Array:
        """A (n, 3, 3, 3, 3) with [a, i, b, j] = dP_ai/dF_bj, eV per site, at what `at(F)` found."""

    def trust(self, F: Array) -> Array:
        """How far F is inside of what `at` accepts (n,), no unit: negative outside, inf if nothing
        bounds it."""


CAUCHY_BORN = "cauchy-born"
"""The name of the energy of the homogeneous crystal itself."""
LAWS: Registry[Callable[[Crystal], Law]] = Registry("law", "qcmethod.crystal.laws")
"""The builders by name."""

Build = TypeVar("Build", bound="Callable[[Crystal], Law]")


def law(name: str) -> Callable[[Build], Build]:
    """Register the builder of a law under a name."""
    return LAWS.under(name)
