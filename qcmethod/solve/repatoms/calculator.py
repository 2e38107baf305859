"""The calculator of repatoms, and how ASE is told that a force-based method has no energy.

    f_k = -dE/du_k,  E     (energy methods),        f_k alone     (force methods)

Whoever asks for the energy of a force method is refused with an error that is both ours and ASE's
PropertyNotImplementedError. ASE's optimisers ask for one at every step, if only to log it. They are
handed a nan that can be printed; those that compute with it (line searches) are refused then.

A stress is the mean over the domain (`coupling.mean_stress`), where that is the stress which its
boundary carries: not where a crack is open inside, or a crystal ends.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from ase.calculators.calculator import Calculator, PropertyNotImplementedError, all_changes
from ase.optimize.optimize import OptimizableAtoms
from numpy.typing import NDArray

from qcmethod.base.types import Array
from qcmethod.base.voigt import components
from qcmethod.coupling.mean_stress import mean_stress
from qcmethod.coupling.system import System
from qcmethod.errors import InputError, NoEnergyError, QCError
from qcmethod.problems.problem import Problem


class NoEnergy(NoEnergyError, PropertyNotImplementedError):
    """What ASE expects of a calculator without an energy."""

    def __init__(self, method: str) -> None:
        super().__init__(
            f"{method} has forces but no energy: its Jacobian is not symmetric, so no function has "
            "these forces for its gradient. Try: an optimiser that asks for forces only "
            "(FIRE, BFGS, LBFGS), qcmethod.relax, or the energy method bgfc (gfc for qcf)"
        )


class NoStress(QCError, PropertyNotImplementedError):
    """The mean stress of a domain that does not have one."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(
            f"stress: got {problem.name}, expected a crystal in three dimensions without flanks "
            "and surfaces, whose mean stress is that of its boundary. Try: 'cauchy_stress' of each "
            "atom in solution.to_atoms(), or solution.plot(path, measure='stress_yy')"
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
    """Forces of a system on its repatoms and, for energy methods, the excess energy.

    `get_stress`: the mean Cauchy stress of the domain, xx yy zz yz xz xy, eV/A^3; NoStress, which
    is ASE's PropertyNotImplementedError, for a crack, below a surface and in fewer dimensions.
    """

    def __init__(self, system: System, node: NDArray[np.int64]) -> None:
        super().__init__()
        self.system, self.node = system, node
        energy = [] if self.has_no_energy else ["energy", "free_energy"]
        self.implemented_properties = [
            *energy,
            "forces",
            *([] if self.has_no_stress else ["stress"]),
        ]

    @property
    def has_no_energy(self) -> bool:
        """Whether the method is a force field."""
        return not self.system.method.conservative

    @property
    def has_no_stress(self) -> bool:
        """Whether the domain is open, or no body in three dimensions."""
        problem = self.system.problem
        return bool(problem.cuts) or problem.crystal.lattice.n_components < 3

    def corrector(self, positions: Array) -> Array:
        """u (n_k, 3), A, of the positions (n, 3) of the repatoms; zero on nodes that are none."""
        if positions.shape != (len(self.node), 3):
            expected = f"the {len(self.node)} repatoms of {self.system}"
            raise InputError("atoms", f"{len(positions)} atoms", expected, "qcmethod.repatoms(...)")
        u = self.system.zero
        u[self.node] = positions - self.system.body.y0_k[self.node]
        return u

    def get_property(self, name: str, atoms: Any = None, allow_calculation: bool = True) -> Any:
        """As in ASE; an energy or a stress that there is none of is refused by name (QCError)."""
        if self.has_no_energy and name in ("energy", "free_energy"):
            raise NoEnergy(self.system.method.name)
        if self.has_no_stress and name == "stress":
            raise NoStress(self.system.problem)
        return super().get_property(name, atoms, allow_calculation)

    def calculate(
        self, atoms: Any = None, properties: Any = ("forces",), system_changes: Any = all_changes
    ) -> None:
        """Evaluate the model. Raises OffTableError, InvertedCellError."""
        super().calculate(atoms, list(properties), system_changes)
        u = self.corrector(self.atoms.positions)
        state = self.system.model.at(u)
        self.results: dict[str, Any] = {"forces": state.forces[self.node]}
        if state.energy is not None:
            self.results |= {"energy": state.energy, "free_energy": state.energy}
        if "stress" in properties:
            self.results["stress"] = components(mean_stress(self.system, u)[None])[0]
