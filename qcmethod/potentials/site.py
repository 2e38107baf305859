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

A form whose site energy is no sum over bonds and a function of it, a many-body form, has instead

    site(p, d, s)     -> V, dV/dd, n   d (k, 3): the vectors to all neighbours within the cut-off, A
    turned(p, dv, s)  -> V'' v         dv (k, 6): the vectors d and their change v; default: central
                                       differences of dV/dd

with n the density that `n_max` bounds (0 for a form without one) and s (1 + k,) the species of the
site and of its neighbours, 0 throughout in a crystal of one. Sums take these where a form has a
``site``, and the radial functions else. A central form of several species has, besides its radial
functions, which are those of species 0 among themselves,

    mixed2(p, a, b, r)   -> phi, phi', phi'', rho, rho', rho''    of b, as felt by a
    mixed(p, a, b, r)    -> phi, phi', rho, rho'                  default: from mixed2
    embedded(p, a, n)    -> F, F', F''                            of a

A form is one file in `potentials/forms` (or user code); its builder takes the [parameters] of a
card:

    @form("morse")
    def morse(*, D: float, alpha: float, ...) -> Morse: ...

`qcmethod.testing.check_potential` proves one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol, TypeVar

import numpy as np

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

STEP = 3e-6
"""Of differences of gradients, in the largest component of a vector, A: so short that few bonds
cross a kink of a third derivative."""

Build = TypeVar("Build", bound="Callable[..., Params]")


def form(name: str) -> Callable[[Build], Build]:
    """Register the builder of a functional form under a name."""
    return FORMS.under(name)


def _first_of_pair2(p, x):
    phi, dphi, d2phi, rho, drho, d2rho = pair2(p, x)
    return phi, dphi, rho, drho


def _no_embedding(p, x):
    return 0.0, 0.0, 0.0


def _first_of_mixed2(p, a, b, x):
    phi, dphi, d2phi, rho, drho, d2rho = mixed2(p, a, b, x)
    return phi, dphi, rho, drho


def _by_differences(p, x, s):
    largest = 0.0
    for m in range(x.shape[0]):
        for a in range(3):
            largest = max(largest, abs(x[m, 3 + a]))
    if largest == 0.0:
        return np.zeros((x.shape[0], 3))
    h = STEP / largest
    d, v = np.ascontiguousarray(x[:, :3]), x[:, 3:]
    return (site(p, d + h * v, s)[1] - site(p, d - h * v, s)[1]) * (0.5 / h)


def _true(p, x):
    return True


def _false(p, x):
    return False


pair2 = generic("phi, phi', phi'', rho, rho', rho'' at the distance r (A).")
pair = generic("phi, phi', rho, rho' at the distance r (A).", lambda cls: _first_of_pair2)
embed = generic("F, F', F'' at the electron density n.", lambda cls: _no_embedding)
site = generic(
    "V, dV/dd (k, 3), n of a site with neighbours at d (k, 3), A, all of species s (1 + k,).",
    arguments="x s",
)
turned = generic(
    "V'' v (k, 3) at (k, 6): the vectors d to the neighbours, and v; of species s (1 + k,).",
    lambda cls: _by_differences,
    arguments="x s",
)
mixed2 = generic(
    "phi to rho'' of species b, as felt by a, at the distance r (A).", arguments="a b x"
)
mixed = generic(
    "phi, phi', rho, rho' of species b, as felt by a.",
    lambda cls: _first_of_mixed2,
    arguments="a b x",
)
embedded = generic("F, F', F'' of species a at the electron density n.", arguments="a x")
is_pair = generic(
    "Whether the form has no embedding energy.", lambda cls: _false if embed.has(cls) else _true
)


def is_mixed(p: Params) -> bool:
    """Whether a central form knows several species."""
    return bool(mixed2.has(type(p)))


def is_many_body(p: Params) -> bool:
    """Whether a form has a site energy of its own, and is no sum over bonds."""
    return bool(site.has(type(p)))
