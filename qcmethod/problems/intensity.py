"""Stress intensities: checked numbers in MPa sqrt(m), and the same in eV/A^(5/2)."""

from __future__ import annotations

from qcmethod.base.arguments import number
from qcmethod.errors import InputError
from qcmethod.units import MPA_SQRT_M


def checked_loads(**loads: float) -> dict[str, float]:
    """Stress intensities as numbers (InputError), MPa sqrt(m)."""
    expected = "a stress intensity in MPa sqrt(m), e.g. 0.42"
    K = {name: number(name, x, expected, above=-100.0, below=100.0) for name, x in loads.items()}
    if K["KI"] < 0.0:
        expected = "0 or more: a negative one presses the flanks together"
        raise InputError("KI", loads["KI"], expected)
    return K


def inner_units(loads: dict[str, float]) -> tuple[float, float, float]:
    """(K_I, K_II, K_III) in eV/A^(5/2)."""
    return (
        MPA_SQRT_M * loads["KI"],
        MPA_SQRT_M * loads["KII"],
        MPA_SQRT_M * loads["KIII"],
    )
