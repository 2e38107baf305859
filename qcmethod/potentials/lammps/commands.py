"""What LAMMPS is told: a box, masses, `pair_style`, lines of `pair_coeff`, what it has to say.

    units metal, atom_style atomic, boundary of the frame, one type a species

Atoms keep their order (`sort 0 0`), energies are those of all atoms together (`norm no`), and an
atom that gets lost is an error: nothing is to change in silence.
"""

from __future__ import annotations

from dataclasses import dataclass

from qcmethod.potentials.lammps.frame import Frame


@dataclass(frozen=True)
class Commands:
    """What LAMMPS is told of a potential: `pair_style`, lines of `pair_coeff`, masses, name."""

    name: str
    style: str
    coeff: tuple[str, ...]
    masses: tuple[float, ...]

    @property
    def pair(self) -> list[str]:
        """The lines of the potential itself."""
        return [f"pair_style {self.style}", *(f"pair_coeff {line}" for line in self.coeff)]


def before_atoms(commands: Commands, frame: Frame, skin: float) -> str:
    """The box and its types; skin : of neighbour lists, A."""
    masses = "\n".join(f"mass {i + 1} {m!r}" for i, m in enumerate(commands.masses))
    return f"""units metal
atom_style atomic
atom_modify map array sort 0 0
boundary {frame.boundary}
box tilt large
region box prism {frame.prism} units box
create_box {len(commands.masses)} box
{masses}
neighbor {skin} bin
neigh_modify delay 0 every 1 check yes one 20000 page 400000
"""


def after_atoms(of_atoms: bool, pressure: bool) -> str:
    """What is computed in each run: the energy, those of atoms, the pressure of a period box."""
    computes = "compute of_atoms all pe/atom\ncompute total all reduce sum c_of_atoms"
    columns = "pe" + " c_total" * of_atoms + " pxx pyy pzz pxy pxz pyz vol" * pressure
    return f"""{computes if of_atoms else ""}
thermo_style custom step {columns}
thermo_modify norm no lost error flush no
thermo 0
"""


def new_box(frame: Frame) -> str:
    """The box of another frame with the same periods, in steps that never turn it inside out."""
    sides = " ".join(f"{a} final 0.0 {float(frame.L[i, i])!r}" for i, a in enumerate("xyz"))
    xy, xz, yz = frame.tilts.split()
    return f"change_box all {sides} xy final {xy} xz final {xz} yz final {yz} units box"


def said(error: BaseException) -> str:
    """What LAMMPS said, without the places in its source and manual."""
    text = " ".join(str(error.__cause__ or error).split())
    text = text.removeprefix("ERROR: ").removeprefix("ERROR on proc 0: ").split(" (src/")[0]
    return text.split(" For more information see ")[0]
