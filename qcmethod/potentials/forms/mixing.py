"""Several elements from potentials of one: rules by which a form is mixed, and the average atom.

A form that can be mixed registers a rule for its type of parameters:

    @rule(Morse)
    def morse_alloy(parts: Sequence[Morse]) -> Params: ...

The average atom of a random alloy is one element whose functions are means over what the atoms are,

    phi = sum_ab c_a c_b phi_ab,    rho = sum_b c_b rho_b,    F = sum_a c_a F_a

with the concentrations c (Smith, Hickel, Neugebauer and others; Varvenne, Luque, Nohring and Curtin
2016, Phys. Rev. B 93, 104201): its crystal has the mean properties of the alloy.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar

from qcmethod.base.registry import Registry
from qcmethod.base.stored import stored
from qcmethod.base.types import Array
from qcmethod.errors import InputError
from qcmethod.potentials.site import Params, embed, embedded, mixed2, pair2

RULES: Registry[Callable[[Sequence[Any]], Params]] = Registry("form", "qcmethod.potentials.forms")
"""The rules by the name of the type of parameters."""
Rule = TypeVar("Rule", bound="Callable[[Sequence[Any]], Params]")


def rule(of: type) -> Callable[[Rule], Rule]:
    """Register the mixing rule of a type of parameters."""
    return RULES.under(of.__name__)


def mixed_form(parts: Sequence[Params]) -> Params:
    """The form of several elements, in the order of their parameters (InputError)."""
    names = [type(p).__name__ for p in parts]
    if len(set(names)) > 1 or names[0] not in RULES:
        expected = f"potentials of one form that has a mixing rule: {', '.join(sorted(RULES))}"
        raise InputError("source", names, expected, "a table of eam/alloy with these elements")
    return RULES[names[0]](parts)


@stored
class Averaged(NamedTuple):
    """The average atom of a form of several elements, at concentrations (n,)."""

    cutoff: float
    r_min: float
    n_max: float
    of: Params
    c: Array


@pair2.register(Averaged)
def _pair2(p, x):
    phi, dphi, d2phi, rho, drho, d2rho = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for a in range(p.c.shape[0]):
        for b in range(p.c.shape[0]):
            f, df, d2f, r, dr, d2r = mixed2(p.of, a, b, x)
            w = p.c[a] * p.c[b]
            phi, dphi, d2phi = phi + w * f, dphi + w * df, d2phi + w * d2f
            rho, drho, d2rho = rho + w * r, drho + w * dr, d2rho + w * d2r
    return phi, dphi, d2phi, rho, drho, d2rho


@embed.register(Averaged)
def _embed(p, x):
    F, dF, d2F = 0.0, 0.0, 0.0
    for a in range(p.c.shape[0]):
        f, df, d2f = embedded(p.of, a, x)
        F, dF, d2F = F + p.c[a] * f, dF + p.c[a] * df, d2F + p.c[a] * d2f
    return F, dF, d2F
