"""Units of the package (eV, Angstrom, eV/A^3) and the conversions made at its door.

1 eV = 1.602176634e-19 J exactly (SI 2019), hence 1 eV/A^3 = 160.2176634 GPa and
1 MPa sqrt(m) = 1e6 Pa * 1e5 A^(1/2) / (1.602176634e11 Pa A^3/eV) = 0.6241509... eV/A^(5/2).
"""

from __future__ import annotations

GPA = 1.0 / 160.2176634
"""One gigapascal in eV/A^3."""

MPA = 1e-3 * GPA
"""One megapascal in eV/A^3."""

MPA_SQRT_M = 1.0 / 1.602176634
"""One MPa sqrt(m) in eV/A^(5/2)."""

J_PER_M2 = 1.0 / 16.02176634
"""One J/m^2 in eV/A^2."""

NANONEWTON = 1.0 / 1.602176634
"""One nanonewton in eV/A."""
