"""Slip: the lattice plane across which bonds have changed, by which vector, and where.

Candidates are the slip planes that hold the crack front, and the crack plane; in space, where there
is none, all slip planes. Among the gaps
between neighbouring planes of every candidate the one that most changed bonds cross is taken; its
slip is the median of their changes, each counted from the lower side to the upper one. The vector
is compared with the Burgers vectors of the structure that lie in the plane.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qcmethod.analysis.events.bonds import Bonds
from qcmethod.base.stored import stored
from qcmethod.base.types import Array
from qcmethod.lattice.lattice import Lattice
from qcmethod.lattice.miller import Miller, along, variants
from qcmethod.lattice.plane import in_plane

PLANES: dict[str, tuple[Miller, ...]] = {"fcc": ((1, 1, 1),), "bcc": ((1, 1, 0), (1, 1, 2))}
"""Slip planes of a structure."""

VECTORS: dict[str, tuple[tuple[str, int, Miller], ...]] = {
    "fcc": (("Shockley partial", 6, (1, 1, 2)), ("perfect", 2, (1, 1, 0))),
    "bcc": (("perfect", 2, (1, 1, 1)), ("twinning", 6, (1, 1, 1)), ("perfect", 1, (1, 0, 0))),
}
"""Name, divisor of the lattice constant, direction."""

ALIKE = 0.9
"""Cosine from which on two slip vectors have one direction."""


@stored
@dataclass(frozen=True, eq=False)
class Slip:
    """A slipped piece of a lattice plane.

    Attributes
    ----------
    plane : Miller indices in crystal axes
    normal : (3,) unit normal in the laboratory frame, upwards
    vector : (3,) displacement of the upper side relative to the lower, laboratory frame, A
    name, burgers : the Burgers vector next to it, e.g. "Shockley partial", "a/6[1 1 -2]"; empty
        where none is near
    start, end : (x, y) of the slipped bonds nearest to the tip and furthest from it, A; in space
        (x, y, z), from the centre of the domain
    columns : atomic columns, in space atoms, on the upper side of the slipped bonds
    planes : neighbouring gaps that have slipped alike; 2 or more make a twin
    level : number of the gap among those of its plane, the same for all events of a ramp
    """

    plane: Miller
    normal: Array
    vector: Array
    name: str
    burgers: str
    start: tuple[float, ...]
    end: tuple[float, ...]
    columns: int
    planes: int
    level: int

    def text(self) -> str:
        """Burgers vector, plane and both ends."""
        vector = f"{self.name} {self.burgers}"
        if not self.name:
            vector = f"slip {np.round(self.vector, 2).tolist()}"
        start, end = (f"({', '.join(f'{x:.2f}' for x in at)})" for at in (self.start, self.end))
        return f"{vector} on {self.plane}, from {start} to {end} A"

    def next_to(self, other: Slip) -> bool:
        """Whether this is the same slip as another one, across the next gap: they make a twin."""
        if self.plane != other.plane or abs(self.level - other.level) != 1:
            return False
        lengths = np.linalg.norm(self.vector) * np.linalg.norm(other.vector)
        return bool(self.vector @ other.vector > ALIKE * lengths)


def find_slip(
    bonds: Bonds, d: Array, lattice: Lattice, threshold: float, tip: float
) -> Slip | None:
    """The slip in the bond changes d (n_b, 3) above a threshold, A; None where no bond changed."""
    changed = np.linalg.norm(d, axis=1) > threshold
    best: tuple[int, Miller, Array, NDArray[np.bool_], int, int] | None = None
    for plane, normal in slip_planes(lattice):
        gap, spacing = _gaps(bonds, normal)
        crossing = changed & (np.abs(gap - spacing) < 1e-3)
        level = levels(bonds, normal)
        found, counts = np.unique(level[crossing], return_counts=True)
        if len(counts) and (best is None or counts.max() > best[0]):
            most = int(found[counts.argmax()])
            alike = counts >= 0.5 * counts.max()
            planes = _consecutive(found[alike], most)
            on = crossing & (level == most)
            best = (int(counts.max()), plane, normal, on, planes, most)
    if best is None:
        return None
    _, plane, normal, on, planes, level_of_slip = best
    upwards = np.sign(bonds.X[on] @ normal)
    vector = np.median(upwards[:, None] * d[on], axis=0)
    middle = bonds.middle[on] if lattice.is_space else in_plane(bonds.middle[on])
    order = np.argsort(np.linalg.norm(middle - tip * np.eye(1, middle.shape[1]), axis=1))
    first, last = middle[order[0]], middle[order[-1]]
    name, burgers = burgers_vector(lattice, normal, vector)
    upper = np.where(upwards > 0.0, bonds.j[on], bonds.i[on])
    return Slip(
        plane=plane,
        normal=normal,
        vector=vector,
        name=name,
        burgers=burgers,
        start=tuple(first.tolist()),
        end=tuple(last.tolist()),
        columns=len(set(upper.tolist())),
        planes=planes,
        level=level_of_slip,
    )


def levels(bonds: Bonds, normal: Array) -> NDArray[np.int64]:
    """Number of the gap between planes of a normal in which the middle of each bond lies (n_b,)."""
    gap, spacing = _gaps(bonds, normal)
    along = bonds.middle @ normal
    number = np.round((along - along[np.abs(gap - spacing).argmin()]) / spacing)
    return np.asarray(number, dtype=np.int64)


def _gaps(bonds: Bonds, normal: Array) -> tuple[Array, float]:
    """How far each bond reaches along a normal (n_b,), and the spacing of its planes, A."""
    gap = np.abs(bonds.X @ normal)
    return gap, float(gap[gap > 1e-3].min())


def slip_planes(lattice: Lattice) -> list[tuple[Miller, Array]]:
    """Miller indices and unit normals of the crack plane and of the slip planes along z; in space
    of all slip planes."""
    if lattice.is_space:
        return _all_slip_planes(lattice)
    found = [(along(lattice.axes[1]), np.array([0.0, 1.0, 0.0]))]
    for family in PLANES[lattice.structure]:
        for indices in variants(family):
            normal = lattice.axes @ indices / np.linalg.norm(indices)
            upward = normal[1] > 1e-9 or (abs(normal[1]) <= 1e-9 and normal[0] > 0.0)
            if abs(normal[2]) < 1e-9 and upward and normal[1] < 1.0 - 1e-9:
                found.append((indices, normal))
    return found


def _all_slip_planes(lattice: Lattice) -> list[tuple[Miller, Array]]:
    """The same, of each pair of opposite normals the upward one."""
    found = []
    for family in PLANES[lattice.structure]:
        for indices in variants(family):
            normal = lattice.axes @ indices / np.linalg.norm(indices)
            leading = [n for n in normal[[1, 0, 2]] if abs(n) > 1e-9]
            if leading[0] > 0.0:
                found.append((indices, normal))
    return found


def burgers_vector(lattice: Lattice, normal: Array, vector: Array) -> tuple[str, str]:
    """Name and indices of the Burgers vector in the plane nearest to a slip vector, A."""
    nearest, names = np.inf, ("", "")
    for name, divisor, family in VECTORS[lattice.structure]:
        for h in variants(family):
            b = lattice.axes @ h * lattice.constant / divisor
            away = float(np.linalg.norm(b - vector)) / float(np.linalg.norm(b))
            if abs(b @ normal) < 1e-6 * lattice.constant and away < min(nearest, 0.35):
                over = "a" if divisor == 1 else f"a/{divisor}"
                nearest, names = away, (name, f"{over}[{h[0]} {h[1]} {h[2]}]")
    return names


def _consecutive(levels: NDArray[np.int64], most: int) -> int:
    """How many of the gaps lie in one row with the gap `most`."""
    have, n = set(levels.tolist()), 1
    for step in (1, -1):
        k = most + step
        while k in have:
            n, k = n + 1, k + step
    return n
