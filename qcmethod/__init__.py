"""Quasicontinuum simulation with real interatomic potentials: atoms where they matter.

This is not the Fortran QC code of Tadmor and Miller (qcmethod.org). Names are loaded on first use:
``import qcmethod`` costs nothing of NumPy, Numba or Matplotlib.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOME = {
    "Crystal": "crystal",
    "Potential": "potentials.site",
    "Problem": "problem",
    "QCError": "errors",
    "Solution": "solution",
    "Study": "study",
    "System": "system",
    "arc": "loading.arc",
    "compare": "study",
    "configurational_force": "loading.configurational",
    "adapt": "adaptive",
    "couple": "assembly",
    "crack": "problems.crack",
    "dipole": "problems.dislocation",
    "dislocation": "problems.dislocation",
    "disregistry": "dislocations.disregistry",
    "drift": "conservation.drift",
    "emission_loads": "faults.emission",
    "errors": "",
    "gamma_line": "faults.line",
    "gamma_surface": "faults.plane",
    "griffith_load": "problems.griffith",
    "homogeneous": "problems.vacancies",
    "indentation": "problems.indentation",
    "j_integral": "energy_release",
    "line_energy": "dislocations.line_energy",
    "list_potentials": "potentials.library",
    "load": "records",
    "load_potential": "potentials.library",
    "loop_work": "conservation",
    "microcrack": "problems.vacancies",
    "patch_test": "patch",
    "ramp": "loading.ramp",
    "relax": "solution",
    "repatoms": "repatom",
    "rice_load": "faults.emission",
    "stability": "",
    "stacking_fault": "faults.stacking",
    "stress_intensity": "energy_release",
    "structure": "",
    "surface_energy": "surface",
    "testing": "",
    "units": "",
    "vacancy": "problems.vacancies",
    "with_wake": "problems.wake",
    "write_setfl": "potentials.setfl",
}

__all__ = ["__version__", *sorted(_HOME)]

if TYPE_CHECKING:
    from qcmethod import errors as errors
    from qcmethod import stability as stability
    from qcmethod import structure as structure
    from qcmethod import testing as testing
    from qcmethod import units as units
    from qcmethod.adaptive import adapt as adapt
    from qcmethod.assembly import couple as couple
    from qcmethod.conservation import loop_work as loop_work
    from qcmethod.conservation.drift import drift as drift
    from qcmethod.crystal import Crystal as Crystal
    from qcmethod.dislocations.disregistry import disregistry as disregistry
    from qcmethod.dislocations.line_energy import line_energy as line_energy
    from qcmethod.energy_release import j_integral as j_integral
    from qcmethod.energy_release import stress_intensity as stress_intensity
    from qcmethod.errors import QCError as QCError
    from qcmethod.faults.emission import emission_loads as emission_loads
    from qcmethod.faults.emission import rice_load as rice_load
    from qcmethod.faults.line import gamma_line as gamma_line
    from qcmethod.faults.plane import gamma_surface as gamma_surface
    from qcmethod.faults.stacking import stacking_fault as stacking_fault
    from qcmethod.loading.arc import arc as arc
    from qcmethod.loading.configurational import configurational_force as configurational_force
    from qcmethod.loading.ramp import ramp as ramp
    from qcmethod.patch import patch_test as patch_test
    from qcmethod.potentials.library import list_potentials as list_potentials
    from qcmethod.potentials.library import load_potential as load_potential
    from qcmethod.potentials.setfl import write_setfl as write_setfl
    from qcmethod.potentials.site import Potential as Potential
    from qcmethod.problem import Problem as Problem
    from qcmethod.problems.crack import crack as crack
    from qcmethod.problems.dislocation import dipole as dipole
    from qcmethod.problems.dislocation import dislocation as dislocation
    from qcmethod.problems.griffith import griffith_load as griffith_load
    from qcmethod.problems.indentation import indentation as indentation
    from qcmethod.problems.vacancies import homogeneous as homogeneous
    from qcmethod.problems.vacancies import microcrack as microcrack
    from qcmethod.problems.vacancies import vacancy as vacancy
    from qcmethod.problems.wake import with_wake as with_wake
    from qcmethod.records import load as load
    from qcmethod.repatom import repatoms as repatoms
    from qcmethod.solution import Solution as Solution
    from qcmethod.solution import relax as relax
    from qcmethod.study import Study as Study
    from qcmethod.study import compare as compare
    from qcmethod.surface import surface_energy as surface_energy
    from qcmethod.system import System as System


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'qcmethod' has no attribute {name!r}")
    home = import_module(f"qcmethod.{_HOME[name] or name}")
    return getattr(home, name) if _HOME[name] else home


def __dir__() -> list[str]:
    return __all__
