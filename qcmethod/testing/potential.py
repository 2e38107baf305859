"""Is it a potential: one function of the positions, with the derivatives that it says it has?

phi', phi'', rho', rho'', F', F''      by a sweep of steps; `pair` is `pair2` without the second;
                                       not of a many-body form, whose sums say it all
dE/dx, E'' v                           of weighted sites of a cluster in disorder
E = sum_l w_l V_l,   E(Q x) = E(x),    a force feels nothing beyond `reach` cut-offs
W(F)                                   of the perfect crystal: `check_law`, and V of a site of it
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qcmethod.base.arguments import number, seed_of, whole_number
from qcmethod.base.door import door
from qcmethod.errors import InputError
from qcmethod.testing.cluster import Cluster
from qcmethod.testing.law import check_law
from qcmethod.testing.sweep import require, slope_error

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qcmethod.crystal.crystal import Crystal
    from qcmethod.potentials.contract import Potential
    from qcmethod.potentials.site import Params


@door
def check_potential(
    potential: Potential,
    crystal: Crystal | None = None,
    *,
    smooth: int | None = None,
    tolerance: float = 1e-6,
    seed: int = 0,
) -> dict[str, float]:
    """Check a potential: by itself, on a cluster in disorder, in the perfect crystal.

    Parameters
    ----------
    crystal : whose sites make the cluster (default: the relaxed one of the potential's structure)
    smooth : derivatives that are continuous at the cut-off: -1 (the energy jumps), 0, 1 or 2;
        None: not checked
    tolerance : of the derivatives, relative, and of Hessians that are differences; sums and
        symmetries hold to 1e-9, those of an engine to this as well

    Returns the errors by name. Raises AssertionError with the first that is too large, and
    UnstableCrystalError where there is no such crystal, InputError for what is no potential.
    """
    from qcmethod.crystal.crystal import Crystal
    from qcmethod.potentials.contract import Can, Potential
    from qcmethod.potentials.site import is_many_body, turned

    if not isinstance(potential, Potential):
        raise InputError("potential", potential, "a Potential", "qcmethod.load_potential(name)")
    number("tolerance", tolerance, "a positive error, e.g. 1e-6", above=0.0)
    if smooth is not None:
        whole_number("smooth", smooth, "a number of derivatives, -1 to 2", least=-10, most=10)
    if crystal is None:
        crystal = getattr(Crystal, potential.structure or "fcc")(potential)
    rng, name = np.random.default_rng(seed_of(seed)), potential.name
    errors: dict[str, float] = {}
    of_engine = potential.engine is not None
    central = not of_engine and not is_many_body(potential.params)
    for what, error in _functions(potential, crystal, rng).items() if central else ():
        errors[what] = require(what, error, tolerance, name)
    if smooth is not None and of_engine:
        hint = "forces on atoms that come into its range"
        raise InputError("smooth", smooth, f"None: {name} is an engine, seen from outside", hint)
    if smooth is not None:
        found = smoothness(potential, None if central else crystal)
        errors["smooth"] = found
        if found != smooth:
            raise AssertionError(
                f"{name}: {found} continuous derivatives at the cut-off, expected {smooth}"
            )
    cluster = Cluster(potential, crystal, rng)
    for what, error in cluster.derivatives().items():
        errors[what] = require(what, error, tolerance, name)
    differences = not central and not turned.has(type(potential.params))
    for what, error in cluster.identities().items():
        loose = of_engine or (differences and what.startswith("E''"))
        errors[what] = require(what, error, tolerance if loose else 1e-9, name)
    if Can.STRESS in potential.can:
        errors |= check_law("cauchy-born", crystal, tolerance=tolerance, seed=seed)
    return errors


def _functions(
    potential: Potential, crystal: Crystal, rng: np.random.Generator
) -> dict[str, float]:
    """Errors of the derivatives of phi, rho and F, at distances and densities of the crystal."""
    from qcmethod.potentials.shells import perfect_crystal

    p, a = potential.params, crystal.lattice_constant
    nearest = float(np.linalg.norm(crystal.lattice.shell(potential.cutoff), axis=1).min())
    shortest = max(0.85 * nearest, 1.02 * p.r_min)
    distances = rng.uniform(shortest, 0.98 * potential.cutoff, 12)
    worst = np.max([_at_distance(p, float(r)) for r in distances], axis=0)
    names = ("phi', rho'", "phi'', rho''", "pair is pair2")
    errors = dict(zip(names, map(float, worst), strict=True))
    n = perfect_crystal(p, crystal.lattice.structure, a)[0]
    if potential.reach > 1:
        densities = [s * n for s in (0.8, 0.93, 1.07) if s * n < p.n_max]
        worst = np.max([_at_density(p, d) for d in densities], axis=0)
        errors |= {"F'": float(worst[0]), "F''": float(worst[1])}
    return errors


def _at_density(p: Params, n: float) -> tuple[float, float]:
    """Errors of F' and F'' at a density, where both count as F does when n changes by 1."""
    from qcmethod.potentials.site import embed

    F, dF, d2F = embed(p, n)
    first = slope_error(lambda h: embed(p, (1.0 + h) * n)[0], dF * n, abs(F))
    return first, slope_error(lambda h: embed(p, (1.0 + h) * n)[1] * n, d2F * n * n, abs(F))


def _at_distance(p: Params, r: float) -> tuple[float, float, float]:
    """Errors at the distance r (A): of first derivatives, of second ones, of `pair`."""
    from qcmethod.potentials.site import pair, pair2

    found = np.array(pair2(p, r))
    first = second = 0.0
    for k in (0, 3):  # phi, rho
        f, df, d2f = found[k : k + 3]
        first = max(first, slope_error(lambda h, k=k: pair2(p, r + h)[k], df, abs(f) / r))
        second = max(second, slope_error(lambda h, k=k: pair2(p, r + h)[k + 1], d2f, abs(df) / r))
    same = np.abs(pair(p, r) - found[[0, 1, 3, 4]]).max() / np.abs(found).max()
    return first, second, float(same)


def smoothness(potential: Potential, crystal: Crystal | None = None) -> int:
    """Derivatives that are continuous where a neighbour leaves the cut-off; -1 where the energy
    jumps.

    Of phi and rho; of the site energy of a crystal with a neighbour too many, where one is given.
    What is left a millionth of the cut-off before it is compared with the largest value in between.
    """
    from qcmethod.potentials.site import pair2

    p, rc = potential.params, potential.cutoff

    def values(r: float) -> NDArray[np.float64]:
        found = np.array(pair2(p, r)) if crystal is None else _of_neighbour(p, crystal, r)
        return found.reshape(-1, 3)

    inside = np.array([values(rc * s) for s in np.linspace(0.7, 0.99, 30)])
    scale = np.maximum(np.abs(inside).max(axis=0), 1e-300)
    jumps = (np.abs(values(rc * (1.0 - 1e-6))) / scale > 1e-4).any(axis=0)
    return int(np.argmax(jumps)) - 1 if jumps.any() else 2


def _of_neighbour(p: Params, crystal: Crystal, r: float) -> NDArray[np.float64]:
    """What one more neighbour at the distance r costs a site, with two derivatives in r."""
    from qcmethod.potentials.site import site, turned

    half = crystal.lattice.shell(0.99 * p.cutoff)
    e = np.array([[0.8, 0.6, 0.0]])
    d = np.concatenate([half, -half, r * e])
    v = np.zeros_like(d)
    v[-1] = e
    s = np.zeros(len(d) + 1, dtype=np.int64)
    V, g, _ = site(p, d, s)
    change = turned(p, np.hstack([d, v]), s)
    return np.array([V - site(p, d[:-1], s[:-1])[0], float(g[-1] @ e[0]), float(change[-1] @ e[0])])
