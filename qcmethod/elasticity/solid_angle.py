"""The solid angle of a polygon, with a rule for points on it: an exact sum over edges.

    Omega = sign(h) sum_edges theta(s2) - theta(s1),
    tan theta(s) = p s (p^2 + s^2) / ((R + h)(p^2 R + h s^2)),      R^2 = p^2 + s^2 + h^2

with the height |h| above the plane, the distance p of the foot of the point from the edge (positive
inside) and the positions s of the ends of the edge from there. It is the difference of the angles
that an edge subtends in the plane, atan(s/p), and from the point, atan(h s/(p R)); no term is ever
a small difference. Omega jumps by 4 pi from below to above (where the edges run anticlockwise):
h = 0 counts as above, and so does all that is nearer than rounding. Van Oosterom and Strackee 1983,
IEEE Trans. Biomed. Eng. 30, 125, sum triangles instead, which leaves points on their common edges
undecided.
"""

from __future__ import annotations

import numpy as np

from qcmethod.base.jit import entry
from qcmethod.base.types import Array

ROUNDING = 1e-10
"""Of the perimeter: points nearer to a plane or an edge count as on it."""


def faces_of(vertices: Array) -> Array:
    """Planar polygons (faces, corners, 3) of a closed line (m, 3): itself, or a fan of triangles.

    A line that is not planar bounds triangles from its edges to the mean of its vertices.
    """
    centre = vertices.mean(axis=0)
    normal = vector_area(vertices)
    height = (vertices - centre) @ normal / max(float(np.linalg.norm(normal)), 1e-300)
    if np.abs(height).max() <= ROUNDING * perimeter(vertices):
        return vertices[None].copy()
    ends = np.roll(vertices, -1, axis=0)
    return np.stack([vertices, ends, np.broadcast_to(centre, vertices.shape)], axis=1)


def vector_area(vertices: Array) -> Array:
    """Area times normal (3,), A^2, of a closed line (m, 3); right-handed about its sense."""
    rays = vertices - vertices.mean(axis=0)
    return np.asarray(0.5 * np.cross(rays, np.roll(rays, -1, axis=0)).sum(axis=0))


def perimeter(vertices: Array) -> float:
    """Length of a closed line (m, 3)."""
    return float(np.linalg.norm(np.roll(vertices, -1, axis=0) - vertices, axis=1).sum())


def solid_angle(faces: Array, x: Array) -> Array:
    """Omega (n,), -2 pi to 2 pi for a planar polygon, of faces (f, corners, 3) at x (n, 3).

    Positive where a face is seen from its upper side, from which its corners run anticlockwise.
    """
    normals = np.array([vector_area(face) for face in faces])
    # A triangle of no area (a corner in line with the mean of all) has no plane and no angle.
    size = np.linalg.norm(normals, axis=1)
    kept = size > ROUNDING * size.max()
    faces, normals = faces[kept], normals[kept] / size[kept, None]
    near = ROUNDING * max(perimeter(face) for face in faces)
    if len(faces) == 1:
        return np.asarray(_sum_over_edges(faces, normals, x, near))
    # What is seen from a crease depends on its angle: step off, and have no point on a face.
    up = (size[kept, None] * normals).sum(axis=0)
    height = np.einsum("nfi,fi->nf", x[:, None] - faces[None, :, 0], normals)
    on = (np.abs(height) <= near).any(axis=1)
    step = 4.0 * near * up / np.linalg.norm(up)
    return np.asarray(_sum_over_edges(faces, normals, x + on[:, None] * step, 0.0))


@entry
def _sum_over_edges(faces, normals, x, near):
    omega = np.zeros(len(x))
    corners = faces.shape[1]
    for f in range(len(faces)):
        n = normals[f]
        for v in range(corners):
            first, last = faces[f, v], faces[f, (v + 1) % corners]
            t = (last - first) / np.sqrt(((last - first) ** 2).sum())
            inward = np.array(
                [n[1] * t[2] - n[2] * t[1], n[2] * t[0] - n[0] * t[2], n[0] * t[1] - n[1] * t[0]]
            )
            for a in range(len(x)):
                h, p, s1, s2 = 0.0, 0.0, 0.0, 0.0
                for i in range(3):
                    h += (x[a, i] - faces[f, 0, i]) * n[i]
                    p += (x[a, i] - first[i]) * inward[i]
                    s1 += (first[i] - x[a, i]) * t[i]
                    s2 += (last[i] - x[a, i]) * t[i]
                if abs(h) <= near:
                    h = 0.0
                if abs(p) <= near:  # half of the plane on either side of an edge
                    p = 0.0
                angle = _theta(s2, p, abs(h)) - _theta(s1, p, abs(h))
                omega[a] += angle if h >= 0.0 else -angle
    return omega


@entry
def _theta(s, p, h):
    R = np.sqrt(p * p + s * s + h * h)
    return np.arctan2(p * s * (p * p + s * s), (R + h) * (p * p * R + h * s * s))
