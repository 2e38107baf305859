"""ASE calculators for tests: our own forms behind ASE's door, sound and unsound ones.

The neighbours are those of `mirror.Images`, in Python: nothing of what is under test takes part.
"""

from __future__ import annotations

import numpy as np
from ase.calculators.calculator import Calculator, all_changes
from mirror import Images, mirrored

import qcmethod as qc


class Native(Calculator):
    """A native potential as ASE has calculators; `calls` counts what is asked."""

    implemented_properties = ("energy", "free_energy", "energies", "forces", "stress")

    def __init__(self, name: str = "Al-Ercolessi-1994", **kwargs):
        super().__init__(**kwargs)
        self.engine, self.calls = mirrored(qc.load_potential(name)).engine, 0

    def calculate(self, atoms=None, properties=("energy",), system_changes=all_changes):
        super().calculate(atoms, properties, system_changes)
        self.calls += 1
        if set(atoms.symbols) != set(self.engine.elements):
            raise KeyError(f"no parameters of {set(atoms.symbols) - set(self.engine.elements)}")
        images = Images(self.engine, np.array(atoms.cell), tuple(atoms.pbc), None)
        E, g = images.at(atoms.positions)
        self.results = {"energy": E, "free_energy": E, "energies": images.V, "forces": -g}
        if atoms.pbc.all():
            X = images.X / atoms.get_volume()
            self.results["stress"] = X[[0, 1, 2, 1, 0, 0], [0, 1, 2, 2, 2, 1]]
        self.spoil(atoms)

    def spoil(self, atoms):
        """What an unsound calculator does to its results."""


class NoForces(Native):
    implemented_properties = ("energy",)


class OtherUnits(Native):
    def spoil(self, atoms):
        self.results["energy"] /= 27.2114
        self.results["free_energy"] /= 27.2114


class SlightlyOff(Native):
    def spoil(self, atoms):
        self.results["forces"] = 1.01 * self.results["forces"]


class NotSumming(Native):
    def spoil(self, atoms):
        self.results["energies"] = self.results["energies"] + 0.01


class NoNumber(Native):
    def spoil(self, atoms):
        self.results["forces"] = np.full_like(self.results["forces"], np.nan)


class NoStress(Native):
    implemented_properties = ("energy", "forces")


class OtherStress(Native):
    """Of the other sign, as codes that tell the pressure have it."""

    def spoil(self, atoms):
        if "stress" in self.results:
            self.results["stress"] = -self.results["stress"]


class NearestImage(NoStress):
    """Refuses a cell that is thinner than two cut-offs, as codes without images must."""

    def calculate(self, atoms=None, properties=("energy",), system_changes=all_changes):
        thin = 1.0 / np.linalg.norm(np.linalg.inv(atoms.cell.complete()), axis=0)
        if (thin[atoms.pbc] < 2.0 * self.engine.cutoff - 1e-9).any():
            raise ValueError("a cell that is too small")
        super().calculate(atoms, properties, system_changes)


class Single(Native):
    """In single precision, positions too."""

    def calculate(self, atoms=None, properties=("energy",), system_changes=all_changes):
        rounded = atoms.copy()
        rounded.positions = atoms.positions.astype(np.float32)
        super().calculate(rounded, properties, system_changes)
        self.atoms = atoms.copy()

    def spoil(self, atoms):
        self.results = {k: np.asarray(v, dtype=np.float32) for k, v in self.results.items()}


class Charged(Native):
    """With a repulsion 1/r of all atoms."""

    def spoil(self, atoms):
        d = atoms.positions[:, None] - atoms.positions[None]
        r = np.linalg.norm(d, axis=-1) + 1e30 * np.eye(len(atoms))
        more = 0.5 * (0.1 / r).sum()
        self.results["energy"] += more
        self.results["free_energy"] += more
        self.results["energies"] = self.results["energies"] + 0.5 * (0.1 / r).sum(axis=1)
        self.results["forces"] = self.results["forces"] + (0.1 * d / r[..., None] ** 3).sum(axis=1)
