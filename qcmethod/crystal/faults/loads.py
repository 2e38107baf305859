"""Loads at which the slip systems of a crack should emit: one row each, the easiest first."""

from __future__ import annotations

from dataclasses import dataclass

from qcmethod.base.door import door
from qcmethod.base.result import Written
from qcmethod.crystal.faults import frame
from qcmethod.crystal.faults.systems import SlipSystem
from qcmethod.lattice.miller import Miller
from qcmethod.units import J_PER_M2


@dataclass(frozen=True)
class Emission:
    """One slip system of a crack.

    Attributes
    ----------
    system : plane, direction, theta, phi
    gamma_us : unstable stacking energy, eV/A^2
    gamma_s : relaxed energy of the slip plane as a surface, eV/A^2
    K : Rice's load with the crystal's own anisotropy, MPa sqrt(m)
    K_isotropic : the same with the Voigt averages of the moduli; None where these drive no slip
    K_step : with the step that the slip leaves at the tip, see `rice.step_energy`; mode I only
    G : energy release rate at K, J/m^2
    """

    system: SlipSystem
    gamma_us: float
    gamma_s: float
    K: float
    K_isotropic: float | None
    K_step: float | None
    G: float


@dataclass(frozen=True, repr=False)
class EmissionLoads(Written):
    """All slip systems that one mode of loading drives, the easiest first.

    Attributes
    ----------
    potential, plane, growth, front : of the crack
    mode : "KI", "KII" or "KIII"
    griffith : K_I that alone releases the energy of two surfaces, MPa sqrt(m)
    systems : sorted by K
    """

    potential: str
    plane: Miller
    growth: Miller
    front: Miller
    mode: str
    griffith: float
    systems: tuple[Emission, ...]

    @property
    def lowest(self) -> Emission:
        """The easiest slip system."""
        return self.systems[0]

    @door
    def record(self) -> dict[str, object]:
        """Names and numbers, the units in the names."""
        return {
            "potential": self.potential,
            "plane": list(self.plane),
            "growth": list(self.growth),
            "front": list(self.front),
            "mode": self.mode,
            "griffith_MPa_sqrt_m": self.griffith,
            "systems": [_system(e) for e in self.systems],
        }

    def __str__(self) -> str:
        head = f"{self.potential}, crack {frame.name(self.plane, self.growth)}, {self.mode}"
        columns = "slip system              theta     phi    g_us      K_e  isotropic     step"
        rows = [head, columns]
        for e in self.systems:
            s, (isotropic, step) = e.system, map(_number, (e.K_isotropic, e.K_step))
            rows.append(
                f"{frame.name(s.plane, s.direction):21} {s.theta:8.2f} {s.phi:7.2f} "
                f"{e.gamma_us / J_PER_M2:7.4f} {e.K:8.4f} {isotropic:>10} {step:>8}"
            )
        return "\n".join([*rows, f"Griffith {self.griffith:.4f} MPa sqrt(m)"])

    def __repr__(self) -> str:
        s, K = self.lowest.system, self.lowest.K
        name = frame.name(s.plane, s.direction)
        return (
            f"EmissionLoads({self.potential} {frame.name(self.plane, self.growth)}, {self.mode}: "
            f"{len(self.systems)} systems, {name} at {K:.4f}, Griffith {self.griffith:.4f})"
        )


def _system(e: Emission) -> dict[str, object]:
    return {
        "plane": list(e.system.plane),
        "direction": list(e.system.direction),
        "theta_degrees": e.system.theta,
        "phi_degrees": e.system.phi,
        "gamma_us_J_per_m2": e.gamma_us / J_PER_M2,
        "gamma_s_J_per_m2": e.gamma_s / J_PER_M2,
        "K_MPa_sqrt_m": e.K,
        "K_isotropic_MPa_sqrt_m": e.K_isotropic,
        "K_step_MPa_sqrt_m": e.K_step,
        "G_J_per_m2": e.G,
    }


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"
