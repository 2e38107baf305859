"""Numbers of the Green-Lagrange strain: "shear", "volumetric", and its components "xx" ... "xy"."""

from __future__ import annotations

from qcmethod.analysis import strain
from qcmethod.analysis.measure import Measure, Number, component, of_tensor, register


def _add(name: str, text: str, number: Number, signed: bool = True) -> None:
    cells, sites = (of_tensor(number, E) for E in (strain.cell_strain, strain.site_strain))
    register(Measure(name=name, text=text, cells=cells, sites=sites, signed=signed))


_add(
    "shear", r"shear strain $(\mathrm{dev}\,E : \mathrm{dev}\,E\,/\,2)^{1/2}$", strain.shear, False
)
_add("volumetric", r"volumetric strain $\mathrm{tr}E/n$", strain.volumetric)
for _name in ("xx", "yy", "zz", "yz", "xz", "xy"):
    _ij = ("xyz".index(_name[0]), "xyz".index(_name[1]))
    _add(_name, f"strain $E_{{{_name}}}$", component(*_ij))
