"""From what the user said on the command line to a crystal, a problem and the sizes of a coupling.

The crack plane is y and the front z; the growth direction is their product. Lengths that are not
given are counted in cut-offs of the potential, a load that is not given is Griffith's.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qcmethod.errors import InputError

if TYPE_CHECKING:
    from qcmethod.crystal.crystal import Crystal
    from qcmethod.problems.problem import Problem

STRUCTURES = ("fcc", "bcc", "hex2d", "chain")
PROBLEMS = ("crack", "vacancy", "microcrack", "homogeneous")
ORIENTATION = {"fcc": ("1,1,1", "1,-1,0"), "bcc": ("0,1,0", "0,0,1")}
"""Default crack plane and front: {111}<110> of fcc, {100}<100> of bcc."""
EXTENT, CORE, BLEND = 60.0, 3.0, 3.0
"""Defaults in cut-offs."""


@dataclass(frozen=True)
class ProblemOptions:
    """What the user said of crystal and problem; None where the default is meant."""

    potential: str
    element: str | None
    style: str | None
    structure: str | None
    plane: str | None
    front: str | None
    lattice_constant: float | None
    problem: str | None
    vacancies: int
    KI: float | None
    F: tuple[float, float, float] | None
    extent: float | None

    def crystal(self) -> Crystal:
        """The crystal. Raises InputError and what `load_potential` and `Crystal` raise."""
        from qcmethod.crystal.crystal import Crystal
        from qcmethod.potentials.library import load_potential

        potential = load_potential(self.potential, element=self.element, style=self.style)
        structure = self.structure or potential.structure
        if structure not in STRUCTURES:
            expected = f"--structure out of {', '.join(STRUCTURES)}: the potential names none"
            raise InputError("structure", self.structure, expected)
        if structure in ("hex2d", "chain"):
            for name, given in (("plane", self.plane), ("front", self.front)):
                if given is not None:
                    raise InputError(name, given, f"nothing: a {structure} has no orientation")
            return getattr(Crystal, structure)(potential, a=self.lattice_constant)
        plane, front = ORIENTATION[structure]
        plane, front = self.plane or plane, self.front or front
        y, z = miller("plane", plane), miller("front", front)
        if y[0] * z[0] + y[1] * z[1] + y[2] * z[2] != 0:
            raise InputError("front", front, f"a direction within the plane {plane}")
        x = (y[1] * z[2] - y[2] * z[1], y[2] * z[0] - y[0] * z[2], y[0] * z[1] - y[1] * z[0])
        common = math.gcd(*x) or 1
        x = (x[0] // common, x[1] // common, x[2] // common)
        return getattr(Crystal, structure)(potential, x, y, z, a=self.lattice_constant)

    def build(self, crystal: Crystal | None = None) -> Problem:
        """The problem: by default a crack at Griffith's load, in two dimensions a vacancy."""
        from qcmethod.problems.crack import crack
        from qcmethod.problems.griffith import griffith_load
        from qcmethod.problems.vacancies import microcrack

        crystal = crystal or self.crystal()
        solid = crystal.lattice.n_components == 3
        kind = self.problem or ("crack" if solid else "vacancy")
        extent = EXTENT * crystal.potential.cutoff if self.extent is None else self.extent
        if kind == "crack":
            if self.F:
                raise InputError("F", self.F, "nothing: a crack is loaded by --KI")
            if self.KI is None and solid:  # of the traction K_I: there may be no mirror
                return crack(crystal, KI=griffith_load(crystal, 0.0, 0.0), extent=extent)
            return crack(crystal, KI=self.KI or 0.0, extent=extent)
        if self.KI is not None:
            raise InputError("KI", self.KI, f"nothing: a {kind} is loaded by --F")
        n = {"vacancy": 1, "microcrack": self.vacancies, "homogeneous": 0}[kind]
        return microcrack(crystal, n, self._gradient(), extent=extent)

    def _gradient(self) -> list[list[float]] | None:
        """F xx, yy and xy of the options as (3, 3), or None."""
        if not self.F:
            return None
        xx, yy, xy = self.F
        return [[xx, xy, 0.0], [0.0, yy, 0.0], [0.0, 0.0, 1.0]]


@dataclass(frozen=True)
class CouplingOptions:
    """Core, blend and their shapes; None where the default is meant."""

    core: float | None
    blend: float | None
    blending: str
    metric: str
    grading: float | None
    elements: str
    law: str | None
    cluster: float | None

    def keywords(self, problem: Problem) -> dict[str, Any]:
        """Arguments of `couple` beside the problem and the method."""
        cutoff = problem.crystal.potential.cutoff
        lengths = {
            "core": CORE * cutoff if self.core is None else self.core,
            "blend": BLEND * cutoff if self.blend is None else self.blend,
        }
        return lengths | {k: v for k, v in vars(self).items() if k not in lengths}


def miller(name: str, text: str) -> tuple[int, int, int]:
    """Three integers out of "1,-1,0", "1 -1 0", "[1-10]" or "(111)"; InputError otherwise."""
    inner = text.strip().strip("()[]{}<>")
    separated = re.split(r"[,\s]+", inner.strip())
    parts = separated if len(separated) == 3 else re.findall(r"-?\d", inner)
    whole = len(separated) == 3 or "".join(parts) == inner
    if len(parts) != 3 or not whole or not all(re.fullmatch(r"[+-]?\d{1,2}", p) for p in parts):
        raise InputError(name, text, "three Miller indices of one or two digits", "1,-1,0 or 1-10")
    h, k, l = (int(p) for p in parts)
    return h, k, l
