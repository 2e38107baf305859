"""What a functional form must provide: its site energy over relative neighbour positions.

    V_i = 1/2 sum_j phi(r_ij) + F(n_i),     n_i = sum_j rho(r_ij)

(Daw and Baskes 1984, Finnis and Sinclair 1984; a pair potential has F = 0). Energies, forces,
stress, the Cauchy-Born continuum, Hessians and all coupling methods derive from it. A functional
form is one ``NamedTuple`` of numbers and arrays whose first three fields are

    cutoff   A, pairs at r >= cutoff do not interact
    r_min    A, distances below are off the table
    n_max    densities above are off the table (inf where the form has no limit)

and bodies registered for that type, each a function of the tuple ``p`` and one number ``x``:

    pair2(p, r)    -> phi, phi', phi'', rho, rho', rho''
    pair(p, r)     -> phi, phi', rho, rho'      where these are cheaper alone; default: from pair2
    embed(p, n)    -> F, F', F''                default: none, a pair potential
    is_pair(p, 0)  -> True when F = 0 identically (kernels then skip the density): no ``embed``

It is one file in `potentials/forms` (or user code); its builder takes the [parameters] of a card:

    @form("morse")
    def morse(*, D: float, alpha: float, ...) -> Morse: ...

`qcmethod.testing.check_potential` proves one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol, TypeVar

from qcmethod.base.jit import generic
from qcmethod.base.registry import Registry


class Params(Protocol):
    """The numbers of a form, a ``NamedTuple`` whose type selects the bodies."""

    @property
    def cutoff(self) -> float:
        """A, pairs at r >= cutoff do not interact."""

    @property
    def r_min(self) -> float:
        """A, distances below are off the table."""

    @property
    def n_max(self) -> float:
        """Densities above are off the table."""

    def __iter__(self) -> Iterator[object]: ...


FORMS: Registry[Callable[..., Params]] = Registry("form", "qcmethod.potentials.forms")
"""The functional forms that a card can name; each builder takes the card's [parameters]."""

Build = TypeVar("Build", bound="Callable[..., Params]")


def form(name: str) -> Callable[[Build], Build]:
    """Register the builder of a functional form under a name."""
    return FORMS.under(name)


def _first_of_pair2(p, x):
    phi, dphi, d2phi, rho, drho, d2rho = pair2(p, x)
    return phi, dphi, rho, drho


def _no_embedding(p, x):
    return 0.0, 0.0, 0.0


def _true(p, x):
    return True


def _false(p, x):
    return False


pair2 = generic("phi, phi', phi'', rho, rho', rho'' at the distance r (A).")
pair = generic("phi, phi', rho, rho' at the distance r (A).", lambda cls: _first_of_pair2)
embed = generic("F, F', F'' at the electron density n.", lambda cls: _no_embedding)
is_pair = generic(
    "Whether the form has no embedding energy.", lambda cls: _false if embed.has(cls) else _true
)
