"""The calculator of repatoms, and how ASE is told that a force-based method has no energy.

    f_k = -dE/du_k,  E     (energy methods),        f_k alone     (force methods)

Whoever asks for the energy of a force method is refused with an error that is both ours and ASE's
PropertyNotImplementedError. ASE's optimisers ask for one at every step, if only to log it. They are
handed a nan that can be printed; those that compute with it (line searches) are refused then.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from ase.calculators.calculator import Calculator, PropertyNotImplementedError, all_changes
from ase.optimize.optimize import OptimizableAtoms
from numpy.typing import NDArray

from qcmethod.base.types import Array
from qcmethod.coupling.system import System
from qcmethod.errors import InputError, NoEnergyError


class NoEnergy(NoEnergyError, PropertyNotImplementedError):
    """What ASE expects of a calculator without an energy."""

    def __init__(self, method: str) -> None:
        super().__init__(
            f"{method} has forces but no energy: its Jacobian is not symmetric, so no function has "
            "these forces for its gradient. Try: an optimiser that asks for forces only "
            "(FIRE, BFGS, LBFGS), qcmethod.relax, or the energy method bgfc (gfc for qcf)"
        )


class _Unusable(float):
    """The energy that an optimiser without one may print (nan) but not compute with."""

    __array_ufunc__ = None  # NumPy's numbers leave the operation to this class
    method: str

    def _refuse(self, *_: object) -> Any:
        raise NoEnergy(self.method)

    __lt__ = __le__ = __gt__ = __ge__ = __eq__ = __ne__ = _refuse
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _refuse
    __truediv__ = __rtruediv__ = __neg__ = __abs__ = _refuse
    __float__ = _refuse
    __hash__ = float.__hash__


class RepatomOptimizable(OptimizableAtoms):
    """Repatoms as an optimiser sees them: it logs an energy at every step, and may not have one."""

    def get_value(self) -> float:
        """The energy, eV, or a number that can only be printed."""
        calculator = self.atoms.calc
        if not (isinstance(calculator, RepatomCalculator) and calculator.has_no_energy):
            return float(self.atoms.get_potential_energy(force_consistent=True))
        energy = _Unusable("nan")
        energy.method = calculator.system.method.name
        return energy

    def get_potential_energy(self, force_consistent: bool = True) -> float:
        """The same, under the name that ASE before 3.24 gave it."""
        return self.get_value()


class RepatomCalculator(Calculator):
    """Forces of a system on its repatoms and, for energy methods, the excess energy."""

    def __init__(self, system: System, node: NDArray[np.int64]) -> None:
        super().__init__()
        self.system, self.node = system, node
        energy = [] if self.has_no_energy else ["energy", "free_energy"]
        self.implemented_properties = [*energy, "forces"]

    @property
    def has_no_energy(self) -> bool:
        """Whether the method is a force field."""
        return not self.system.method.conservative

    def corrector(self, positions: Array) -> Array:
        """u (n_k, 3), A, of the positions (n, 3) of the repatoms; zero on nodes that are none."""
        if positions.shape != (len(self.node), 3):
            expected = f"the {len(self.node)} repatoms of {self.system}"
            raise InputError("atoms", f"{len(positions)} atoms", expected, "qcmethod.repatoms(...)")
        u = self.system.zero
        u[self.node] = positions - self.system.body.y0_k[self.node]
        return u

    def get_property(self, name: str, atoms: Any = None, allow_calculation: bool = True) -> Any:
        """As in ASE; the energy of a force method is refused by name (NoEnergyError)."""
        if self.has_no_energy and name in ("energy", "free_energy"):
            raise NoEnergy(self.system.method.name)
        return super().get_property(name, atoms, allow_calculation)

    def calculate(
        self, atoms: Any = None, properties: Any = ("forces",), system_changes: Any = all_changes
    ) -> None:
        """Evaluate the model. Raises OffTableError, InvertedCellError."""
        super().calculate(atoms, list(properties), system_changes)
        state = self.system.model.at(self.corrector(self.atoms.positions))
        self.results: dict[str, Any] = {"forces": state.forces[self.node]}
        if state.energy is not None:
            self.results |= {"energy": state.energy, "free_energy": state.energy}
