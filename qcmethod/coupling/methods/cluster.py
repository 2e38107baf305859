"""Energies summed over clusters of sites about the nodes (`coupling.cluster`).

Eidel and Stukowski 2009 (J. Mech. Phys. Solids 57, 87).
"""

from __future__ import annotations

from qcmethod.coupling.cluster import by_clusters
from qcmethod.coupling.method import Method, register

register(
    Method(
        name="cluster",
        about="summation over clusters of sites",
        weigh=by_clusters,
        partner="cluster-force",
        continuum=False,
        sampled=True,
    )
)
