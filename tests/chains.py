"""The chain r^-12 - 2 r^-6 cut between second and third neighbours, as dense matrices.

Matrices come from the general code, by its Hessian products. A clamped chain is made periodic by
folding: rows of atoms -n/2 ... n/2 - 1 of a chain three atoms longer on each side, columns mod n.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh, null_space
from scipy.optimize import brentq

import qcmethod as qc
from qcmethod.coupling.methods import find_method
from qcmethod.system import System

Array = NDArray[np.float64]
CUTOFF = 2.5


def crystal(form: str = "lennard-jones", **parameters: float) -> qc.Crystal:
    """Chain of unit spacing; Lennard-Jones with its minimum -1 at 1 unless told otherwise."""
    parameters = parameters or {"epsilon": 1.0, "sigma": 2.0 ** (-1.0 / 6.0)}
    card = {
        "name": "chain",
        "form": form,
        "element": "X",
        "structure": "chain",
        "doi": "-",
        "citation": "-",
        "lattice_constant": 1.0,
        "parameters": {**parameters, "cutoff": CUTOFF, "treatment": "cut"},
    }
    return qc.Crystal.chain(qc.load_potential(card), a=1.0)


def dphi(r: float) -> float:
    """phi'(r) of r^-12 - 2 r^-6."""
    return -12.0 * r**-13 + 12.0 * r**-7


def d2phi(r: float) -> float:
    """phi''(r) of r^-12 - 2 r^-6."""
    return 156.0 * r**-14 - 84.0 * r**-8


def stretch_of_ratio(ratio: float) -> float:
    """F with phi''(2F)/phi''(F) = ratio: only this ratio matters to a normalised Hessian."""
    return float(brentq(lambda F: d2phi(2.0 * F) / d2phi(F) - ratio, 1.0, 1.1058, xtol=1e-15))


def gradient(F: float) -> Array:
    """(3, 3) stretch along the chain."""
    return np.diag([F, 1.0, 1.0])


def resolved(
    chain: qc.Crystal,
    F: float,
    method: str,
    N: int,
    K: float = 0.0,
    width: float = 0.0,
    blending: str = "quintic",
) -> System:
    """A chain with free atoms -N ... N, every atom a node; the core is |l| <= K."""
    problem = qc.homogeneous(chain, gradient(F), extent=N + 0.5 + CUTOFF, rim=CUTOFF)
    system = qc.couple(problem, "atomistic")
    core = K if width else K + 0.5
    return replace(system, method=find_method(method), core=core, blend=width, blending=blending)


def dense(system: System) -> Array:
    """E'' or -df/du at u = 0 on the free atoms, from left to right."""
    model, free = system.model, np.flatnonzero(system.free.ravel())
    free = free[np.argsort(system.body.x_k[free // 3, 0])]
    product = model.stiffness(model.at(system.zero))
    unit = np.zeros(product.shape[0])
    columns = []
    for i in free:
        unit[i] = 1.0
        columns.append(product.matvec(unit)[free])
        unit[i] = 0.0
    return np.array(columns).T


def clamped_constant(H: Array) -> float:
    """inf <H u, u>/|Du|^2 with u = 0 at both ends."""
    n = len(H)
    D2 = 2.0 * np.eye(n) - np.eye(n, k=1) - np.eye(n, k=-1)
    return float(eigh(0.5 * (H + H.T), D2, eigvals_only=True, subset_by_index=[0, 0])[0])


def periodic(chain: qc.Crystal, F: float, method: str, n: int, K: int, width: int = 0) -> Array:
    """The matrix of the periodic chain of n atoms (n even), by folding a clamped one."""
    N = n // 2 + 3
    H = dense(resolved(chain, F, method, N, K, width))
    atom = np.arange(-N, N + 1)
    own = (atom >= -n // 2) & (atom < n // 2)
    folded = np.zeros((n, n))
    np.add.at(folded.T, (atom + n // 2) % n, H[own].T)
    return folded


def mean_zero(n: int) -> Array:
    """Orthonormal basis (n, n - 1) of the displacements without translation."""
    return null_space(np.ones((1, n)))


def periodic_constant(H: Array) -> float:
    """inf <H u, u>/|Du|^2 over periodic u of zero mean."""
    n = len(H)
    Q, shift = mean_zero(n), np.roll(np.eye(n), 1, axis=0)
    D2 = 2.0 * np.eye(n) - shift - shift.T
    M = 0.5 * Q.T @ (H + H.T) @ Q
    return float(eigh(M, Q.T @ D2 @ Q, eigvals_only=True, subset_by_index=[0, 0])[0])
