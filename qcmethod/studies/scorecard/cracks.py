"""The usual cracks of a structure: plane and front; they grow along plane x front."""

from __future__ import annotations

from qcmethod.lattice.miller import Miller

CRACKS: dict[str, tuple[tuple[Miller, Miller], ...]] = {
    "bcc": (
        ((0, 0, 1), (1, -1, 0)),
        ((0, 1, 0), (0, 0, 1)),
        ((1, 1, 0), (1, -1, 0)),
    ),
    "fcc": (((1, 1, 1), (1, -1, 0)), ((1, 0, 0), (0, 1, -1)), ((1, 1, 0), (1, -1, 0))),
}


def called(plane: Miller, front: Miller) -> str:
    """E.g. `(001)[1-10]`."""
    return f"({''.join(map(str, plane))})[{''.join(map(str, front))}]"
