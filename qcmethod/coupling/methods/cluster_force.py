"""Forces summed over clusters of sites about the nodes (`coupling.cluster`).

Knap and Ortiz 2001 (J. Mech. Phys. Solids 49, 1899).
"""

from __future__ import annotations

from qcmethod.coupling.cluster import by_clusters
from qcmethod.coupling.method import Method, register

register(
    Method(
        name="cluster-force",
        about="the same for forces",
        weigh=by_clusters,
        partner="cluster",
        conservative=False,
        passes="every gradient",
        continuum=False,
        sampled=True,
    )
)
