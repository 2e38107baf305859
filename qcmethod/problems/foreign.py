"""Sites of another species than the crystal's: where they are, and what."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qcmethod.base.stored import stored
from qcmethod.base.types import Index
from qcmethod.lattice.sites import Sites


@stored
@dataclass(frozen=True, eq=False)
class Foreign:
    """Integer coordinates ij (m, dim) of sites, and their species (m,): indices into the elements
    of the potential."""

    ij: Index
    kinds: Index

    def at(self, ij: Index) -> Index:
        """Species (n,) of the sites ij (n, dim), 0 where nothing else is said."""
        found = Sites(self.ij).find(ij)
        return np.where(found >= 0, self.kinds[np.maximum(found, 0)], 0)

    def joined(self, ij: Index, kinds: Index) -> Foreign:
        """These with further ones (m, dim), which count where both say something."""
        left = Sites(ij).find(self.ij) < 0
        return Foreign(
            np.concatenate([self.ij[left], ij]), np.concatenate([self.kinds[left], kinds])
        )

    def proper(self) -> Foreign:
        """Those that are not of species 0."""
        other = self.kinds != 0
        return Foreign(self.ij[other], self.kinds[other])
