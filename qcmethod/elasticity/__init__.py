"""Plane anisotropic linear elasticity by the Stroh formalism: crack tips and dislocations."""

from __future__ import annotations

from qcmethod.elasticity.clamped import clamped_stiffness
from qcmethod.elasticity.core_traction import core_traction_energy
from qcmethod.elasticity.crack_field import CrackField, energy_release_rate, griffith_K
from qcmethod.elasticity.dislocation_field import DislocationField, prelogarithmic_energy
from qcmethod.elasticity.interaction import Intensities, field_intensities
from qcmethod.elasticity.partials import partial_separation
from qcmethod.elasticity.stiffness import (
    cubic_stiffness,
    rotate_stiffness,
    stiffness_from_voigt,
    stiffness_to_voigt,
)
from qcmethod.elasticity.stroh import Stroh, stroh

__all__ = [
    "CrackField",
    "DislocationField",
    "Intensities",
    "Stroh",
    "clamped_stiffness",
    "core_traction_energy",
    "cubic_stiffness",
    "energy_release_rate",
    "field_intensities",
    "griffith_K",
    "partial_separation",
    "prelogarithmic_energy",
    "rotate_stiffness",
    "stiffness_from_voigt",
    "stiffness_to_voigt",
    "stroh",
]
