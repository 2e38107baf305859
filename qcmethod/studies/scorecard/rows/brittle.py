"""Brittle or ductile: Griffith's load of a crack against Rice's of the easiest slip system.

    K_e/K_G > 1: the crystal cleaves before a dislocation leaves the tip;  < 1: the tip blunts

(Rice 1992, J. Mech. Phys. Solids 40, 239; Andric and Curtin 2017 for the step that the slip leaves,
J. Mech. Phys. Solids 106, 315.) Continuum estimates: the first event on atoms is a row of its own.
"""

from __future__ import annotations

from qcmethod.crystal.faults.emission import emission_loads
from qcmethod.crystal.faults.loads import Emission
from qcmethod.lattice.miller import Miller
from qcmethod.studies.scorecard.cracks import CRACKS, called
from qcmethod.studies.scorecard.row import ROWS, Found, Number, Row, Subject
from qcmethod.studies.scorecard.rows.elastic import errors

UNIT = "MPa sqrt(m)"


def measure(subject: Subject) -> Found:
    """K_G, K_e (MPa sqrt(m)) and K_e/K_G of each crack."""
    C, d = subject.crystal.elastic_constants().gpa(), errors(subject.crystal)
    part = 0.5 * max(d[name] / abs(C[name]) for name in C)  # K goes with the root of a modulus
    found = []
    for plane, front in CRACKS[subject.structure]:
        found += _of(subject, plane, front, part)
    return Found(tuple(found))


def _of(subject: Subject, plane: Miller, front: Miller, part: float) -> list[Number]:
    loads = emission_loads(subject.turned(plane, front))
    name, K_G = called(plane, front), loads.griffith
    pairs = [_with_step(system) for system in loads.systems]
    low = min(map(min, pairs)) * (1.0 - part)
    high = min(map(max, pairs)) * (1.0 + part)
    K_e = loads.lowest.K
    ratio = (low / K_G / (1.0 + part), high / K_G / (1.0 - part))
    return [
        Number(f"K_G {name}", K_G, UNIT, part * K_G, how="moduli"),
        Number(f"K_e {name}", K_e, UNIT, low=low, high=high, how="with and without step"),
        Number(
            f"K_e/K_G {name}",
            K_e / K_G,
            "",
            low=ratio[0],
            high=ratio[1],
            how="with and without step",
            says=_verdict(*ratio),
        ),
    ]


def _with_step(system: Emission) -> tuple[float, float]:
    return system.K, system.K if system.K_step is None else system.K_step


def _verdict(low: float, high: float) -> str:
    if low > 1.0:
        return "brittle"
    return "ductile" if high < 1.0 else "undecided"


ROWS.add_named(Row("brittle", "Griffith's load against Rice's", measure, order=7.0))
