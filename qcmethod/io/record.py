"""Whole objects in sealed `.npz` files: a solution, the result of a ramp, and all they refer to.

The text of a file says what it is (`about`: problem, potential and its digest, method, core, blend,
patch-test number, mesh) and how the object is put together again (`codec`). A system is kept as
problem, mesh, method and numbers; sites and interpolation are rebuilt from them, nothing is solved.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from qcmethod.base.door import door
from qcmethod.base.files import checked
from qcmethod.base.types import Array, Facts, Index
from qcmethod.base.whole import whole
from qcmethod.coupling.field import site_reach
from qcmethod.coupling.method import Method, find_method
from qcmethod.coupling.partition import Partition
from qcmethod.coupling.system import System
from qcmethod.crystal.law import CAUCHY_BORN, LAWS
from qcmethod.crystal.stretched_surface import SurfaceEnergy
from qcmethod.discretisation.resolve import on_mesh
from qcmethod.errors import DamagedFileError, InputError
from qcmethod.io import codec, sound_in_space  # noqa: F401 - the second registers its checks
from qcmethod.io.container import HINT, Arrays, foreign, read_arrays, write_arrays
from qcmethod.io.declared import fits
from qcmethod.io.decode import Decoder
from qcmethod.io.encode import Encoder
from qcmethod.io.sound import require, require_steps
from qcmethod.mesh import Mesh
from qcmethod.mesh.element import ELEMENTS
from qcmethod.potentials.contract import Potential
from qcmethod.problems.problem import Problem
from qcmethod.problems.surface_layers import Relaxation


@door
def save(
    path: str | Path,
    value: object,
    about: Mapping[str, object] | None = None,
    extra: Arrays | None = None,
) -> Path:
    """Write a value to a sealed `.npz` file, whole or not at all (InputError); see `put`."""
    target = checked(path, [".npz"])
    with whole(target) as partial:
        put(partial, value, about, extra)
    return target


def put(
    path: Path,
    value: object,
    about: Mapping[str, object] | None = None,
    extra: Arrays | None = None,
) -> None:
    """Write a value to a sealed file.

    about : facts of JSON that identify it; extra : more arrays, not part of the value
    """
    encoder = Encoder(extra or ())
    tree = encoder.tree(value)
    write_arrays(path, {**(about or {}), "record": tree}, {**encoder.arrays, **(extra or {})})


@door
def load(path: str | Path, potential: Potential | None = None, name: str = "path") -> Any:
    """The value of a file that `save` wrote.

    Raises ResultFileError, DamagedFileError, FileVersionError (see `container.read_arrays`), and
    InputError where the potential is not the one of the file.
    """
    return rebuilt(*read_arrays(path, name), path, potential, name)


def rebuilt(
    about: Facts,
    arrays: Arrays,
    path: str | Path,
    potential: Potential | None = None,
    name: str = "path",
) -> Any:
    """The value in the text and the arrays of the file at a path; see `load`."""
    if "record" not in about:
        raise DamagedFileError(name, str(path), "a file that holds a result", HINT)
    with foreign(path, name):
        return Decoder(arrays, potential, about["format"]).value(about["record"])


OWN = ("partition", "surface", "lattice_reach")


_HINTS = {
    "problem": Problem,
    "mesh": Mesh,
    "elements": str,
    "cluster": Index | None,
    "round_rim": bool,
    "patch_number": float | None,
    "g": Array,
    "partition": Partition,
    "surface": SurfaceEnergy | None,
    "lattice_reach": float,
}
"""What the parts of a system are."""


def _parts(system: System) -> dict[str, Any]:
    body = system.body
    return {
        "problem": system.problem,
        "mesh": body.mesh,
        "elements": body.elements,
        "cluster": body.cluster,
        "round_rim": body.round_rim,
        "patch_number": system.patch_number,
        "g": system.g,
        "made": system.made,
        "law": system.law,
        **{name: getattr(system, name) for name in OWN},
    }


def _build(parts: dict[str, Any]) -> System:
    own, problem = {name: parts[name] for name in OWN}, parts["problem"]
    for name, declared in _HINTS.items():
        require(fits(parts[name], declared), f"{name} of a system")
    basis = problem.crystal.lattice.plane_basis
    require(np.array_equal(parts["mesh"].basis, basis), "a mesh on the lattice of its problem")
    require_steps(parts["cluster"], problem.crystal.lattice.dim)
    if parts["elements"] not in ELEMENTS:
        hint = "run the script that adds it first"
        raise InputError("elements", parts["elements"], f"one of {sorted(ELEMENTS)}", hint)
    law = parts.get("law", CAUCHY_BORN)  # an older file has no other
    if law not in LAWS:
        raise InputError("law", law, f"one of {sorted(LAWS)}", "run the script that adds it first")
    partition, surface = parts["partition"], parts["surface"]
    relaxation = None
    if surface is not None and problem.cuts:
        relaxation = Relaxation(surface.relaxation, partition.core)
    options = {name: parts[name] for name in ("elements", "cluster", "round_rim")}
    reach = site_reach(problem, partition)
    system = System.of(on_mesh(problem, parts["mesh"], reach, relaxation, **options), **own)
    require(parts["g"].shape == system.zero.shape, "a frozen force of the nodes")
    system = replace(system, law=law, g=parts["g"], made=parts.get("made"))
    return replace(system, known_patch=parts["patch_number"])


codec.register(System, _parts, _build)
codec.register(
    Method, lambda method: {"name": method.name}, lambda parts: find_method(parts["name"])
)
