"""What is claimed of a calculator against what it does, on a rod of atoms and a small cell.

    f = -dE/dy,    E = sum_l V_l,    X = dE/d(strain),    E(copies of a cell) = copies E(cell)

Forces that are no slopes of the energy come of mixed units, of an energy that they do not belong
to, or of an energy that is no sum over the atoms: no equilibrium of theirs is one.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from qcmethod.base.log import announce
from qcmethod.base.types import Array
from qcmethod.errors import EngineError, InputError, OffTableError, QCError
from qcmethod.potentials.calculator.engine import Ase
from qcmethod.potentials.calculator.held import Held
from qcmethod.potentials.calculator.session import Boxed
from qcmethod.potentials.calculator.weighted import weighted_of
from qcmethod.potentials.reach_check import FELT, MOST, MOVED, SPACING, TOUCHING, rod

STEP, COARSE_STEP = 1e-4, 5e-3
"""Of a position in differences of energies, A, in double and in single precision."""
SLOPE, COARSE_SLOPE = 2e-3, 2e-2
"""Largest disagreement of forces and differences, relative."""
SAME, COARSE_SAME = 1e-7, 2e-5
"""Largest disagreement of two energies that are one, relative."""
OPEN, CLOSED = (False, False, False), (True, True, True)


def require_forces(held: Held, name: str) -> None:
    """InputError for a calculator that has no forces, or no energy."""
    for word in ("energy", "forces"):
        if word not in held.properties and f"free_{word}" not in held.properties:
            expected = f"one that computes energy and forces; {name} computes: "
            raise InputError("calculator", name, expected + ", ".join(held.properties))


def require_elements(engine: Ase) -> None:
    """InputError for an element that the calculator does not know, with what it says."""
    for species, symbol in enumerate(engine.elements):
        y = np.array([[0.0, 0.0, 0.0], [_near(engine, symbol), 0.0, 0.0]])
        try:
            engine.session(y, np.eye(3), OPEN, np.full(2, species)).at(y)
        except OffTableError as error:
            raise InputError(
                "calculator", engine.name, "one that gives numbers", str(error)
            ) from error
        except EngineError as error:
            expected = "an element that the calculator knows"
            raise InputError("elements", symbol, expected, str(error)) from error


def probe(engine: Ase) -> tuple[Array, Boxed]:
    """A rod of atoms (n, 3), A, and its session."""
    y = rod(engine.cutoff, engine.elements[0])
    session = engine.session(y, np.eye(3), OPEN, np.arange(len(y)) % len(engine.elements))
    assert isinstance(session, Boxed)
    return y, session


def require_slopes(engine: Ase, y: Array, session: Boxed) -> None:
    """InputError where forces are not the slopes of the energy, or energies do not sum to it."""
    coarse = engine.floor > 0.0
    step, within = (COARSE_STEP, COARSE_SLOPE) if coarse else (STEP, SLOPE)
    v = np.random.default_rng(5).uniform(-1.0, 1.0, y.shape)
    E, g = session.at(y)
    slope = (session.at(y + step * v)[0] - session.at(y - step * v)[0]) / (2.0 * step)
    scale = float(np.linalg.norm(g * v))
    if scale == 0.0 or abs(slope - float(np.vdot(g, v))) > within * scale:
        given = (
            f"an energy that falls by {-slope:.6g} eV/A where its forces say {-np.vdot(g, v):.6g}"
        )
        raise InputError(
            "calculator",
            f"{engine.name}: {given}",
            "forces that are slopes of the energy, eV and A",
            "the units of both, and the energy that the forces belong to",
        )
    require_sum(engine, y, session, E)


def require_sum(engine: Ase, y: Array, session: Boxed, E: float) -> None:
    """InputError where the site energies, if there are any, do not sum to the energy E, eV."""
    try:
        found = float(session.energies(y).sum())
    except EngineError:  # none; some calculators name what they give on demand alone
        return
    if abs(found - E) > (COARSE_SAME if engine.floor else SAME) * abs(E):
        given = f"{engine.name}: energies of single atoms that sum to {found:.8g} eV"
        raise InputError("calculator", given, f"its energy, {E:.8g} eV")


def require_short(engine: Ase, y: Array, session: Boxed, noise: float) -> None:
    """InputError where a force feels atoms that are more than MOST - 1 cut-offs away."""
    g = session.at(y)[1]
    far = np.linalg.norm(y - y[0], axis=1) > (MOST - 1) * engine.cutoff
    moved = session.at(y + np.where(far[:, None], MOVED, 0.0))[1]
    felt = float(np.abs(moved[0] - g[0]).max())
    if felt > max(FELT * float(np.abs(g).max()), 3.0 * noise):
        expected = f"forces that end within {MOST - 1} of them: one changes by {felt:.1e} eV/A"
        hint = "a larger cutoff=, or a potential without charges and other sums of long range"
        raise InputError("cutoff", engine.cutoff, expected, hint)


def sees_images(engine: Ase) -> bool:
    """Whether a cell that is thinner than the cut-off has the energy that its copies have."""
    cell = small_cell(engine)
    y, one = np.zeros((1, 3)), np.zeros(1, dtype=np.int64)
    of = (engine.held, engine.name, [engine.elements[0]], y, cell, CLOSED, engine.cutoff)
    many = Boxed(*of, alone=False).at(y)[0]
    try:
        alone = engine.session(y, cell, CLOSED, one).at(y)[0]
    except QCError:
        return False
    return abs(alone - many) <= (COARSE_SAME if engine.floor else SAME) * max(1.0, abs(many))


def has_stress(engine: Ase) -> bool:
    """Whether the calculator's stress is the slope of its energy."""
    if "stress" not in engine.held.properties:
        return False
    cell, y, one = small_cell(engine), np.zeros((1, 3)), np.zeros(1, dtype=np.int64)
    session = engine.session(y, cell, CLOSED, one)
    assert isinstance(session, Boxed)
    session.at(y)
    by_energy = session.virial()
    session.trusted()
    try:
        own = session.virial()
    except QCError:
        return False
    error = float(np.abs(own - by_energy).max())
    return error <= (COARSE_SLOPE if engine.floor else SLOPE) * float(np.abs(by_energy).max())


def weighs(engine: Ase, y: Array) -> bool:
    """Whether the model is one whose site energies can be weighted, and their sum has the slope
    that it is said to have, on a rod of atoms y (n, 3)."""
    if weighted_of(engine.held.calculator) is None:
        return False
    rng, coarse = np.random.default_rng(7), engine.floor > 0.0
    w, v = rng.uniform(0.0, 1.0, len(y)), rng.uniform(-1.0, 1.0, y.shape)
    species = np.arange(len(y)) % len(engine.elements)
    session = replace(engine, weighted=True).session(y, np.eye(3), OPEN, species, w)
    step, within = (COARSE_STEP, COARSE_SLOPE) if coarse else (STEP, SLOPE)
    try:
        g = session.at(y)[1]
        slope = (session.at(y + step * v)[0] - session.at(y - step * v)[0]) / (2.0 * step)
    except QCError as error:
        announce(f"{engine.name}: no weighted site energies: {error}")
        return False
    right = abs(slope - float(np.vdot(g, v))) <= within * float(np.linalg.norm(g * v))
    if not right:
        announce(f"{engine.name}: the slope of its weighted site energies is another: not used")
    return right


def small_cell(engine: Ase) -> Array:
    """A sheared cell (3, 3) of one atom, a little wider than neighbours are, A."""
    d = 1.1 * _near(engine, engine.elements[0])
    shear = np.eye(3) + np.array([[0.02, 0.01, 0.0], [0.03, -0.01, 0.02], [0.0, 0.01, 0.01]])
    fcc = np.array([[0.0, 1.0, 1.0], [1.0, 0.0, 1.0], [1.0, 1.0, 0.0]]) / np.sqrt(2.0)
    cell: Array = d * fcc @ shear.T
    return cell


def _near(engine: Ase, symbol: str) -> float:
    from ase.data import atomic_numbers, covalent_radii

    return min(SPACING * engine.cutoff, TOUCHING * float(covalent_radii[atomic_numbers[symbol]]))
