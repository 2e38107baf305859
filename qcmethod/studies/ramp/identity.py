"""What makes two ramps the same: written into the folder of a run, compared when it goes on."""

from __future__ import annotations

from typing import Any

from qcmethod.base.digest import digest
from qcmethod.base.types import Facts
from qcmethod.studies.identity import facts_of
from qcmethod.studies.ramp.follow import Follower


def identity(
    follower: Follower, loads: tuple[float, ...], events: int, coupling: dict[str, Any]
) -> Facts:
    """What makes two runs the same, as numbers and texts."""
    system, problem = follower.system, follower.system.problem
    lattice = problem.crystal.lattice
    options = {k: v if isinstance(v, str | int | float) else digest(v) for k, v in coupling.items()}
    reference, varied = follower.reference, follower.path or {follower.mode}
    return {
        **facts_of(problem, system.body.mesh),
        "crystal": digest([lattice.structure, lattice.basis, lattice.axes]),
        "rim": problem.rim,
        "indenter": ", ".join(one.form for one in problem.external) or None,
        "method": system.method.name,
        "core": system.core,
        "blend": system.blend,
        "coupling": options,
        "reference": reference if isinstance(reference, str) else digest(reference),
        "other_loads": {k: v for k, v in problem.loads.items() if k not in varied},
        "mode": follower.mode,
        "loads": list(loads),
        **({"path": {k: list(v) for k, v in follower.path.items()}} if follower.path else {}),
        "width": follower.width,
        "events": events,
        "jump": follower.jump,
        "fmax": follower.fmax,
        "max_iterations": follower.max_iterations,
        "shake": follower.shake,
        "ring": None if follower.ring is None else list(follower.ring),
        "patch_number": float(f"{system.patch_number:.6e}"),
    }
