"""Anisotropic linear elasticity: plane fields by the Stroh formalism (crack tips, dislocations) and
fields in space (Green's function, dislocation loops, point defects, a sphere on a surface)."""

from __future__ import annotations

from qcmethod.elasticity.clamped import clamped_stiffness
from qcmethod.elasticity.core_traction import core_traction_energy
from qcmethod.elasticity.crack_field import CrackField, energy_release_rate, griffith_K
from qcmethod.elasticity.dipole_field import DipoleField
from qcmethod.elasticity.dislocation_field import DislocationField, prelogarithmic_energy
from qcmethod.elasticity.green import green, green_gradient, green_hessian
from qcmethod.elasticity.indentation_modulus import contact_shape, hertz, indentation_modulus
from qcmethod.elasticity.interaction import Intensities, field_intensities
from qcmethod.elasticity.loop_energy import loop_energy_factor
from qcmethod.elasticity.loop_field import LoopField
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
    "DipoleField",
    "DislocationField",
    "Intensities",
    "LoopField",
    "Stroh",
    "clamped_stiffness",
    "contact_shape",
    "core_traction_energy",
    "cubic_stiffness",
    "energy_release_rate",
    "field_intensities",
    "green",
    "green_gradient",
    "green_hessian",
    "griffith_K",
    "hertz",
    "indentation_modulus",
    "loop_energy_factor",
    "partial_separation",
    "prelogarithmic_energy",
    "rotate_stiffness",
    "stiffness_from_voigt",
    "stiffness_to_voigt",
    "stroh",
]
