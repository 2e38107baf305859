"""What makes two ramps the same: written into the folder of a run, compared when it goes on."""

from __future__ import annotations

from typing import Any

from qcmethod.base.digest import digest
from qcmethod.base.version import __version__
from qcmethod.potentials.digest import potential_digest
from qcmethod.studies.ramp.follow import Follower


def identity(
    follower: Follower, loads: tuple[float, ...], events: int, coupling: dict[str, Any]
) -> dict[str, Any]:
    """What makes two runs the same, as numbers and texts."""
    system, problem = follower.system, follower.system.problem
    potential, lattice = problem.crystal.potential, problem.crystal.lattice
    options = {k: v if isinstance(v, str | int | float) else digest(v) for k, v in coupling.items()}
    reference = follower.reference
    return {
        "version": __version__,
        "problem": problem.name,
        "potential": potential.name,
        "potential_digest": potential_digest(potential),
        "crystal": digest([lattice.structure, lattice.basis, lattice.axes]),
        "mesh": digest([system.body.mesh.ij, system.body.mesh.cells]),
        "extent": problem.extent,
        "rim": problem.rim,
        "indenter": None if problem.indenter is None else problem.indenter.form,
        "method": system.method.name,
        "core": system.core,
        "blend": system.blend,
        "coupling": options,
        "reference": reference if isinstance(reference, str) else digest(reference),
        "other_loads": {k: v for k, v in problem.loads.items() if k != follower.mode},
        "mode": follower.mode,
        "loads": list(loads),
        "width": follower.width,
        "events": events,
        "jump": follower.jump,
        "fmax": follower.fmax,
        "max_iterations": follower.max_iterations,
        "shake": follower.shake,
        "ring": None if follower.ring is None else list(follower.ring),
        "patch_number": float(f"{system.patch_number:.6e}"),
    }
