"""Quasicontinuum simulation with real interatomic potentials: atoms where they matter.

This is not the Fortran QC code of Tadmor and Miller (qcmethod.org). Names are loaded on first use:
``import qcmethod`` costs nothing of NumPy, Numba or Matplotlib.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from qcmethod.base.version import __version__ as __version__

_HOME = {
    "Coupling": "coupling.choice",
    "Crystal": "crystal.crystal",
    "Name": "base.registry",
    "Potential": "potentials.contract",
    "Problem": "problems.problem",
    "QCError": "errors",
    "Scorecard": "studies.scorecard",
    "Solution": "solve.solution",
    "Study": "studies.compare",
    "Sweep": "studies.sweep",
    "System": "coupling.system",
    "arc": "studies.arc",
    "compare": "studies.compare",
    "configurational_force": "analysis.crack.configurational",
    "adapt": "studies.adapt",
    "couple": "coupling.couple",
    "crack": "problems.crack",
    "coupling_stress": "analysis.dislocation.coupling_stress",
    "dipole": "problems.dislocation",
    "dislocation": "problems.dislocation",
    "disregistry": "analysis.dislocation.disregistry",
    "drift": "analysis.conservation.drift",
    "elastic_dipole": "analysis.dipole",
    "emission_loads": "crystal.faults.emission",
    "errors": "",
    "gamma_line": "crystal.faults.line",
    "gamma_surface": "crystal.faults.plane",
    "griffith_load": "problems.griffith",
    "homogeneous": "problems.vacancies",
    "indentation": "problems.indentation",
    "j_integral": "analysis.crack.j_on_cells",
    "kink_pairs": "analysis.kinks",
    "kinked": "analysis.kinks",
    "lammps": "potentials.lammps.door",
    "line_energy": "analysis.dislocation.line_energy",
    "list_potentials": "potentials.library",
    "load": "studies.load",
    "load_potential": "potentials.library",
    "loop": "problems.loop",
    "loop_work": "analysis.conservation",
    "microcrack": "problems.vacancies",
    "moved": "analysis.moved",
    "neb": "studies.neb",
    "own_atoms": "problems.own_atoms",
    "own_field": "problems.own_field",
    "patch_test": "analysis.patch",
    "platelet": "problems.platelet",
    "ramp": "studies.ramp",
    "relax": "solve.relax",
    "relaxation_volume": "analysis.dipole",
    "remote_strain": "problems.remote",
    "repatoms": "solve.repatoms",
    "rice_load": "crystal.faults.emission",
    "scorecard": "studies.scorecard",
    "stability": ":crystal.stability",
    "stacking_fault": "crystal.faults.stacking",
    "stress_intensities": "analysis.crack.intensities",
    "stress_intensity": "analysis.crack.j_on_cells",
    "structure": ":analysis.structure",
    "sweep": "studies.sweep",
    "substituted": "problems.substituted",
    "surface_energy": "crystal.surface",
    "testing": "",
    "units": "",
    "vacancy": "problems.vacancies",
    "void": "problems.void",
    "with_dipole": "problems.far_dipole",
    "with_wake": "problems.wake",
    "without": "problems.missing",
    "write_setfl": "potentials.tables.export",
}

__all__ = ["__version__", *sorted(_HOME)]

if TYPE_CHECKING:
    from qcmethod import errors as errors
    from qcmethod import testing as testing
    from qcmethod import units as units
    from qcmethod.analysis import structure as structure
    from qcmethod.analysis.conservation import loop_work as loop_work
    from qcmethod.analysis.conservation.drift import drift as drift
    from qcmethod.analysis.crack.configurational import (
        configurational_force as configurational_force,
    )
    from qcmethod.analysis.crack.intensities import stress_intensities as stress_intensities
    from qcmethod.analysis.crack.j_on_cells import j_integral as j_integral
    from qcmethod.analysis.crack.j_on_cells import stress_intensity as stress_intensity
    from qcmethod.analysis.dipole import elastic_dipole as elastic_dipole
    from qcmethod.analysis.dipole import relaxation_volume as relaxation_volume
    from qcmethod.analysis.dislocation.coupling_stress import coupling_stress as coupling_stress
    from qcmethod.analysis.dislocation.disregistry import disregistry as disregistry
    from qcmethod.analysis.dislocation.line_energy import line_energy as line_energy
    from qcmethod.analysis.kinks import kink_pairs as kink_pairs
    from qcmethod.analysis.kinks import kinked as kinked
    from qcmethod.analysis.moved import moved as moved
    from qcmethod.analysis.patch import patch_test as patch_test
    from qcmethod.base.registry import Name as Name
    from qcmethod.coupling.choice import Coupling as Coupling
    from qcmethod.coupling.couple import couple as couple
    from qcmethod.coupling.system import System as System
    from qcmethod.crystal import stability as stability
    from qcmethod.crystal.crystal import Crystal as Crystal
    from qcmethod.crystal.faults.emission import emission_loads as emission_loads
    from qcmethod.crystal.faults.emission import rice_load as rice_load
    from qcmethod.crystal.faults.line import gamma_line as gamma_line
    from qcmethod.crystal.faults.plane import gamma_surface as gamma_surface
    from qcmethod.crystal.faults.stacking import stacking_fault as stacking_fault
    from qcmethod.crystal.surface import surface_energy as surface_energy
    from qcmethod.errors import QCError as QCError
    from qcmethod.potentials.contract import Potential as Potential
    from qcmethod.potentials.lammps.door import lammps as lammps
    from qcmethod.potentials.library import list_potentials as list_potentials
    from qcmethod.potentials.library import load_potential as load_potential
    from qcmethod.potentials.tables.export import write_setfl as write_setfl
    from qcmethod.problems.crack import crack as crack
    from qcmethod.problems.dislocation import dipole as dipole
    from qcmethod.problems.dislocation import dislocation as dislocation
    from qcmethod.problems.far_dipole import with_dipole as with_dipole
    from qcmethod.problems.griffith import griffith_load as griffith_load
    from qcmethod.problems.indentation import indentation as indentation
    from qcmethod.problems.loop import loop as loop
    from qcmethod.problems.missing import without as without
    from qcmethod.problems.own_atoms import own_atoms as own_atoms
    from qcmethod.problems.own_field import own_field as own_field
    from qcmethod.problems.platelet import platelet as platelet
    from qcmethod.problems.problem import Problem as Problem
    from qcmethod.problems.remote import remote_strain as remote_strain
    from qcmethod.problems.substituted import substituted as substituted
    from qcmethod.problems.vacancies import homogeneous as homogeneous
    from qcmethod.problems.vacancies import microcrack as microcrack
    from qcmethod.problems.vacancies import vacancy as vacancy
    from qcmethod.problems.void import void as void
    from qcmethod.problems.wake import with_wake as with_wake
    from qcmethod.solve.relax import relax as relax
    from qcmethod.solve.repatoms import repatoms as repatoms
    from qcmethod.solve.solution import Solution as Solution
    from qcmethod.studies.adapt import adapt as adapt
    from qcmethod.studies.arc.arc import arc as arc
    from qcmethod.studies.compare import Study as Study
    from qcmethod.studies.compare.compare import compare as compare
    from qcmethod.studies.load import load as load
    from qcmethod.studies.neb.neb import neb as neb
    from qcmethod.studies.ramp.ramp import ramp as ramp
    from qcmethod.studies.scorecard import Scorecard as Scorecard
    from qcmethod.studies.scorecard.scorecard import scorecard as scorecard
    from qcmethod.studies.sweep import Sweep as Sweep
    from qcmethod.studies.sweep.sweep import sweep as sweep


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'qcmethod' has no attribute {name!r}")
    where = _HOME[name]
    if where[:1] in ("", ":"):
        return import_module(f"qcmethod.{where[1:] or name}")
    return getattr(import_module(f"qcmethod.{where}"), name)


def __dir__() -> list[str]:
    return __all__
