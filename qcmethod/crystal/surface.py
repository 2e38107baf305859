"""The energy of a free surface, of crystals of columns and of crystals in space.

The surface is normal to y. Of columns of atoms its stress is that of a stretch along x
(`stretched_surface`), in space it is a tensor (`face`).
"""

from __future__ import annotations

from qcmethod.base.door import door
from qcmethod.crystal.crystal import Crystal, require_cubic
from qcmethod.crystal.face import face_energy
from qcmethod.crystal.stretched_surface import SurfaceEnergy, stretched_surface


@door
def surface_energy(crystal: Crystal) -> SurfaceEnergy:
    """Relaxed energy, stress and stiffness of the surface normal to y, stretched along x.

    Of a crystal in space a `FaceEnergy`, which has the whole tensor of the stress.

    Raises InputError (no fcc or bcc crystal), UnstableCrystalError (a lattice constant at which it
    does not hold), ConvergenceError when the layers find no equilibrium (a reconstructing surface),
    OrientationError in space for a normal in no mirror plane of the crystal.
    """
    solid = require_cubic(crystal)
    return face_energy(solid) if solid.lattice.dim == 3 else stretched_surface(solid)
