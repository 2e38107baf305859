"""Every public function and method of the package, with a small valid call of each.

A function is public where `qcmethod.__all__` names it or a module that has it; a method, where its
class is named there, or is that of a result. Arguments are known by their names: a new function
whose arguments have the usual ones is called without an entry here.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Any

import numpy as np
from ase.calculators.emt import EMT

import qcmethod as qc
from qcmethod.base.registry import import_rooms
from qcmethod.base.result import Drawn, Written

SHEARED = np.array([[1.01, 0.01, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
EDGE = (0.5, -0.5, 0.0)
INNER = (
    "around",
    "checked",
    "draw",
    "force_sum",
    "frames",
    "head",
    "of",
    "of_engine",
    "site_sum",
    "stencil_sum",
)
"""Methods by which the rooms of the package talk: of what users do not hold."""
HELD = ("Crystal.of", "Potential.of")
"""Methods with such a name that are for users."""


def found(n: float) -> Any:
    """What sweeps call: a result that is kept whole for some cases, numbers for others."""
    return made("solution") if n == 1 else {"half": n / 2}


@cache
def made(name: str) -> Any:
    """An object by the name of its class in small letters, or of an argument."""
    return MADE[name]()


MADE: dict[str, Callable[[], Any]] = {
    "potential": lambda: qc.load_potential("toy2d-c10"),
    "crystal": lambda: qc.Crystal.hex2d(made("potential")),
    "problem": lambda: qc.vacancy(made("crystal"), SHEARED, extent=13.0),
    "coupling": lambda: qc.Coupling("bgfc", 4.0, 4.0),
    "system": lambda: qc.couple(made("problem"), "bgfc", 4.0, 4.0),
    "solution": lambda: qc.relax(made("system")),
    "solid": lambda: qc.Crystal.fcc(
        qc.load_potential("Al-Ercolessi-1994"), (1, 1, -2), (1, 1, 1), (1, -1, 0)
    ),
    "cracked": lambda: qc.crack(made("solid"), 0.43, extent=45.0),
    "tip": lambda: qc.relax(qc.couple(made("cracked"), "bgfc", 10.0, 6.0)),
    "line": lambda: qc.relax(qc.couple(made("dislocated"), "bgfc", 14.0, 6.0), 1e-3),
    "dislocated": lambda: qc.dislocation(made("edged"), EDGE, extent=50.0),
    "edged": lambda: qc.Crystal.fcc(
        qc.load_potential("Al-Ercolessi-1994"), (1, -1, 0), (1, 1, 1), (-1, -1, 2)
    ),
    "space": lambda: qc.Crystal.bcc(qc.load_potential("W-Ackland-1987"), dimensions=3),
    "hole": lambda: qc.relax(
        qc.couple(qc.vacancy(made("space"), extent=40.0), "bgfc", 6.0, 3.0), 1e-2
    ),
    "kinky": lambda: qc.relax(qc.couple(_front(), "bgfc", 9.0, 4.0), 1e-2),
    "patchreport": lambda: qc.patch_test(made("system")),
    "report": lambda: made("patchreport"),
    "sweep": lambda: qc.sweep(found, {"n": [1, 2]}),
    "scorecard": lambda: qc.scorecard(made("solid").potential, only=["elastic", "surfaces"]),
    "study": lambda: qc.compare(made("problem"), ["bgfc"], [4.0], stability=False),
    "rampresult": lambda: qc.ramp(made("cracked"), "bgfc", 10.0, 6.0, KI=[0.43]),
    "arcresult": lambda: qc.arc(made("cracked"), "bgfc", 10.0, 6.0, KI=0.43, steps=1),
    "band": lambda: qc.neb(
        made("screw"), qc.relax(made("screw").system, u=qc.moved(made("screw"))), 5
    ),
    "screw": lambda: qc.relax(qc.couple(_screw(), "bgfc", 12.0, 8.0)),
    "adaptresult": lambda: qc.adapt(made("problem"), tolerance=0.5, max_cycles=1),
    "drift": lambda: qc.drift(made("system"), made("solution"), steps=3, every=1, kick=1e-3),
    "loopwork": lambda: qc.loop_work(made("system"), loops=1),
    "gammaline": lambda: qc.gamma_line(made("solid"), points=3),
    "gammasurface": lambda: qc.gamma_surface(made("solid"), points=(2, 2)),
    "stackingfaults": lambda: qc.stacking_fault(made("solid"), points=3),
    "emissionloads": lambda: qc.emission_loads(made("solid")),
    "phonons": lambda: made("crystal").phonons(points=3),
    "disregistry": lambda: qc.disregistry(made("line")),
    "nyetensor": lambda: qc.structure.nye_tensor(made("line")),
    "commonneighbours": lambda: qc.structure.common_neighbours(made("line")),
    "differentialdisplacement": lambda: qc.structure.differential_displacement(made("line")),
    "elasticconstants": lambda: made("crystal").elastic_constants(),
}
VALUES: dict[str, Callable[[], Any]] = {
    **{name: (lambda name=name: made(name)) for name in ("coupling", "report")},
    **{name: (lambda name=name: made(name)) for name in list(MADE)[:6]},
    "F": lambda: np.eye(3),
    "F_q": lambda: np.eye(3)[None],
    "u": lambda: made("system").zero,
    "x": lambda: np.zeros((2, 3)),
    "ij": lambda: np.zeros((2, 2), dtype=np.int64),
    "path": lambda: "x.png",
    "file": lambda: "x.png",
    "extent": lambda: 13.0,
    "region": lambda: made("problem").free,
    "mesh": lambda: made("system").body.mesh,
    "lattice": lambda: made("crystal").lattice,
    "number": lambda: 0,
    "label": lambda: "bgfc",
    "element": lambda: "P1",
    "law": lambda: "cauchy-born",
    "at": lambda: "reference",
    "metric": lambda: "hops",
    "method": lambda: "bgfc",
    "source": lambda: "toy2d-c10",
    "inner": lambda: 20.0,
    "outer": lambda: 30.0,
    "fraction": lambda: 0.5,
    "name": lambda: "zz",
    "body": lambda: made("system").body,
    "partition": lambda: made("system").partition,
}
OWN: dict[str, Callable[[], dict[str, Any]]] = {
    "Coupling": lambda: {"method": "bgfc", "core": 4.0, "blend": 4.0},
    "Crystal.bcc": lambda: {"potential": qc.load_potential("Fe-Zhou-2004")},
    "Crystal.fcc": lambda: {"potential": made("solid").potential},
    "Crystal.of": lambda: {"atoms": _bulk(), "potential": made("solid").potential},
    "Crystal.phonons": lambda: {"points": 3},
    "Crystal.plot_phonons": lambda: {"path": None},
    "Potential": lambda: {"name": "x", "element": "X", "params": made("potential").params},
    "lammps": lambda: {
        "style": "eam/alloy",
        "coeff": "* * W_zhou.eam.alloy W",
        "elements": ["W"],
    },
    "Potential.of": lambda: {"calculator": EMT(), "elements": ["Al"], "cutoff": 6.6},
    "Potential.site_sum": lambda: {"period": 1.0, "w": np.ones(3), "reference": np.zeros(3)},
    "Problem": lambda: _fields("problem"),
    "Solution": lambda: _fields("solution"),
    "Scorecard": lambda: _fields("scorecard"),
    "Scorecard.number": lambda: {"name": "C11"},
    "Study": lambda: _fields("study"),
    "Sweep": lambda: _fields("sweep"),
    "Sweep.column": lambda: {"name": "seconds"},
    "System": lambda: _fields("system"),
    "System.at_load": lambda: {"reference": None},
    "Coupling.of": lambda: {"core": 4.0, "blend": 4.0},
    "PatchReport.at": lambda: {"gradient": "shear"},
    "adapt": lambda: {"tolerance": 0.5, "max_cycles": 1, "max_repatoms": 600},
    "arc": lambda: {**_crack(), "KI": 0.43, "steps": 1},
    "compare": lambda: {"methods": ["bgfc"], "cores": [4.0], "stability": False},
    "configurational_force": lambda: {"solution": made("tip")},
    "coupling_stress": lambda: {"solution": made("line")},
    "couple": lambda: {"core": 4.0, "blend": 4.0},
    "crack": lambda: {"crystal": made("solid"), "KI": 0.43, "extent": 45.0},
    "dipole": lambda: {**_line(), "separation": 6},
    "disregistry": lambda: {"solution": made("line")},
    "dislocation": lambda: _line(),
    "drift": lambda: {"u": made("solution"), "steps": 3, "every": 1, "kick": 1e-3},
    "gamma_line": lambda: {"crystal": made("solid"), "points": 3},
    "gamma_surface": lambda: {"crystal": made("solid"), "points": (2, 2)},
    "indentation": lambda: {"crystal": made("solid"), "radius": 20.0, "extent": 60.0},
    "j_integral": lambda: {"solution": made("tip")},
    "line_energy": lambda: {"solution": made("line"), "radius": [20.0, 25.0]},
    "elastic_dipole": lambda: {"solution": made("hole")},
    "relaxation_volume": lambda: {"crystal": made("space"), "P": -np.eye(3)},
    "kinked": lambda: {"first": made("kinky"), "last": made("kinky"), "length": 12.0},
    "kink_pairs": lambda: {"first": made("kinky"), "last": made("kinky"), "images": 5},
    "load": lambda: {"path": "nothing.npz"},
    "loop": lambda: {**_in_space(), "burgers": (-0.5, -0.5, -0.5), "radius": 6.0},
    "loop_work": lambda: {"loops": 1},
    "microcrack": lambda: {"n": 2},
    "own_atoms": lambda: {"atoms": made("solution").to_atoms("all"), "radius": 4.0},
    "own_field": lambda: {"field": made("dislocated").predictor.singular, **_turned()},
    "platelet": lambda: {**_in_space(), "radius": 4.0},
    "remote_strain": lambda: {"along": [1.0, 0.0, 0.0, 0.0, 0.0, 0.0]},
    "void": lambda: {"crystal": made("space"), "radius": 4.0, "extent": 40.0},
    "ramp": lambda: {**_crack(), "KI": [0.43], "max_iterations": 30},
    "moved": lambda: {"solution": made("screw")},
    "neb": lambda: {"first": made("band").first, "last": made("band").last, "images": 5},
    "relax": lambda: {"max_iterations": 20},
    "scorecard": lambda: {"potentials": made("solid").potential, "only": ["elastic"]},
    "substituted": lambda: {"sites": [[1, 0]], "element": made("solid").potential.element},
    "sweep": lambda: {"function": found, "cases": {"n": [1, 2]}},
    "stacking_fault": lambda: {"crystal": made("solid"), "points": 3},
    "stress_intensities": lambda: {"solution": made("tip")},
    "stress_intensity": lambda: {"solution": made("tip")},
    "structure.common_neighbours": lambda: {"solution": made("line")},
    "structure.differential_displacement": lambda: {"solution": made("line")},
    "structure.nye_tensor": lambda: {"solution": made("line")},
    "testing.assert_patch_test": lambda: {"system": qc.couple(made("problem"), "bqcf", 4.0, 4.0)},
    "testing.check_solver": lambda: {"solver": "superlu", "system": made("system")},
    "testing.check_problem": lambda: {"methods": ["bgfc"], "elements": ["P1"]},
    "testing.check_predictor": lambda: {"field": made("dislocated").predictor.singular},
    "with_dipole": lambda: {
        "problem": qc.vacancy(made("space"), extent=40.0),
        "dipole": -np.eye(3),
    },
    "with_wake": lambda: {"problem": made("cracked"), "length": 10.0},
    "without": lambda: {"sites": [[1, 0], [1, 1]]},
    "write_setfl": lambda: {"path": "x.eam.alloy", "potential": made("solid").potential, "nr": 500},
    **{
        name: (lambda: {"crystal": made("solid")})
        for name in ("emission_loads", "griffith_load", "rice_load", "surface_energy")
    },
}
"""What a function needs beside, or in place of, the arguments known by name."""


def _in_space() -> dict[str, Any]:
    return {"crystal": made("space"), "normal": (1, 1, 1), "extent": 60.0}


def _front() -> Any:
    b, plane, line = (1.0, 0.0, 0.0), (0, 1, 0), (0, 0, 1)
    return qc.dislocation(made("space"), b, plane, line, extent=40.0, period=12.0)


def _fields(name: str) -> dict[str, Any]:
    one = made(name)
    return {f: getattr(one, f) for f in inspect.signature(type(one)).parameters}


def _turned() -> dict[str, Any]:
    return {"crystal": made("edged"), "extent": 50.0}


def _bulk() -> Any:
    from ase.build import bulk

    return bulk("Al", a=made("solid").lattice_constant)


def _crack() -> dict[str, Any]:
    return {"problem": made("cracked"), "core": 10.0, "blend": 6.0}


def _line() -> dict[str, Any]:
    return {"crystal": made("edged"), "burgers": EDGE, "extent": 50.0}


def _screw() -> qc.Problem:
    crystal = qc.Crystal.bcc(qc.load_potential("Fe-Zhou-2004"))
    axes = ((0.5, 0.5, 0.5), (1, -1, 0), (1, 1, 1))
    return qc.dislocation(crystal, *axes, extent=60.0, centre=(0.5, 1 / 3))


SUFFIXES = {
    "band": ".xyz",
    "solution": ".xyz",
    "rampresult": ".xyz",
    "arcresult": ".xyz",
    "adaptresult": ".xyz",
}
OBJECTS = {"Crystal": "solid"}
"""Which object a method is called on, where it is not that of its class's name."""


@dataclass(frozen=True)
class Public:
    """A public function by its name; of a method the class whose object it is called on."""

    name: str
    function: Callable[..., Any]
    of: str = ""

    def called(self) -> Callable[..., Any]:
        """The function, bound to its object."""
        return getattr(made(self.of), self.name.rpartition(".")[2]) if self.of else self.function

    def valid(self) -> dict[str, Any]:
        """Arguments of a small valid call."""
        own = OWN[self.name]() if self.name in OWN else {}
        if self.name.endswith(".write"):
            own = {"path": f"x{SUFFIXES.get(self.of, '.json')}"}
        needed = [p.name for p in self.parameters() if p.default is p.empty and p.name not in own]
        return {**{name: VALUES[name]() for name in needed}, **own}

    def unknown(self) -> list[str]:
        """Arguments that it needs and that nobody has written down."""
        needed = {p.name for p in self.parameters() if p.default is p.empty}
        return [] if self.name in OWN else sorted(needed - set(VALUES))

    def parameters(self) -> list[inspect.Parameter]:
        """Its parameters that have a name, without self."""
        every = inspect.signature(self.function).parameters.values()
        kinds = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
        return [p for p in every if p.kind not in kinds and p.name not in ("self", "cls")]


@cache
def public() -> tuple[Public, ...]:
    """All of them."""
    return tuple(sorted(set(_public()), key=lambda one: one.name))


def _public() -> Iterator[Public]:
    import_rooms("qcmethod")
    for name in qc.__all__:
        yield from _of(name, getattr(qc, name))
    for base in (Written, Drawn):
        for cls in _below(base):
            if cls.__name__ not in qc.__all__ and cls.__module__.startswith("qcmethod."):
                yield from _methods(cls.__name__, cls)


def _of(name: str, one: Any) -> Iterator[Public]:
    if isinstance(one, ModuleType):
        for inner in getattr(one, "__all__", ()):
            if inspect.isfunction(getattr(one, inner)):
                yield Public(f"{name}.{inner}", getattr(one, inner))
    elif inspect.isclass(one) and not issubclass(one, Exception):
        yield Public(name, one)
        yield from _methods(name, one)
    elif inspect.isfunction(one):
        yield Public(name, one)


def _methods(name: str, cls: type) -> Iterator[Public]:
    for inner in dir(cls):
        found = inspect.getattr_static(cls, inner)
        method = getattr(found, "__func__", found)  # of a class method
        inside = inner.startswith("_") or (inner in INNER and f"{name}.{inner}" not in HELD)
        if not inside and inspect.isfunction(method):
            yield Public(f"{name}.{inner}", method, OBJECTS.get(name, name.lower()))


def _below(cls: type) -> Iterator[type]:
    for one in cls.__subclasses__():
        if one.__name__ != "Result":
            yield one
        yield from _below(one)
