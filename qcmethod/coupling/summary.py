"""What a file, a log or a table says of a system: names and numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from qcmethod.base.types import Array, Facts
from qcmethod.coupling.ghost import ghost_force
from qcmethod.coupling.system import System
from qcmethod.potentials.digest import potential_digest


def summary(system: System, u: Array) -> Facts:
    """Numbers and names that identify a solution: flat, of str, int and float only."""
    crystal, problem = system.problem.crystal, system.problem
    facts: Facts = {
        "problem": problem.name,
        "potential": crystal.potential.name,
        "method": system.method.name,
        "core": float(system.core),
        "blend": float(system.blend),
        "extent": float(problem.extent),
        "lattice_constant": float(crystal.lattice_constant),
        "sites": system.n_sites,
        "represented": float(system.represented),
        "repatoms": int(system.n_repatoms),
        "ghost_force": float(np.linalg.norm(ghost_force(system, system.zero), axis=1).max()),
        "patch_number": float(system.patch_number),
        **{name: float(value) for name, value in problem.loads.items()},
    }
    energy = system.model.at(u).energy
    if energy is not None:
        facts["excess_energy"] = float(energy)
    return facts


def head(system: System) -> Facts:
    """What the head of a file says of a system besides: of which potential, on which mesh."""
    mesh, potential = system.body.mesh, system.problem.crystal.potential
    return {
        "potential_digest": potential_digest(potential),
        "blending": system.blending,
        "elements": system.body.elements,
        "mesh": {"nodes": mesh.n_nodes, "cells": mesh.n_cells},
    }


def record(system: System) -> Facts:
    """What was coupled, for the head of a table: crystal, problem and loads, zones, sizes."""
    crystal, method = system.problem.crystal, system.method
    out: Facts = {
        "potential": crystal.potential.name,
        "crystal": crystal.lattice.structure,
        "lattice_constant": crystal.lattice_constant,
        "problem": system.problem.name,
        "loads": dict(system.problem.loads),
        "extent": system.problem.extent,
        "sites": system.n_sites,
        "repatoms": system.n_repatoms,
    }
    if method.coupled:
        out |= {"core": system.core, "metric": system.problem.metric}
    if method.blended:
        out |= {"blend": system.blend, "blending": system.blending}
    return out


def with_patch_number(system: System, other: System) -> System:
    """A system that needs not be tested again: its coupling and its crystal are another's."""
    if np.array_equal(system.problem.predictor.F, other.problem.predictor.F):
        return replace(system, known_patch=other.patch_number)
    return system
