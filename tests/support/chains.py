"""The chain r^-12 - 2 r^-6 cut between second and third neighbours, as dense matrices.

Matrices come from the general code, by its Hessian products. A clamped chain is made periodic by
folding: rows of atoms -n/2 ... n/2 - 1 of a chain three atoms longer on each side, columns mod n.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh
from scipy.optimize import brentq

import qcmethod as qc
from qcmethod.coupling.method import find_method
from qcmethod.coupling.partition import Partition
from qcmethod.coupling.system import System
from qcmethod.potentials.forms.knots import eam_knots

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


def double_well() -> qc.Crystal:
    """A chain at rest with phi'(1) = phi'(2) = 0, phi''(1) = -1 and phi''(2) = 3.6.

    phi = -s^2/2 + 2 s^4 about s = r - 1 (two wells at s = +-1/sqrt(8)) up to 1.5, beyond it
    -0.15 (1 - 4 (r - 2)^2)^3, splined through knots 0.05 apart. Each site sits on a hill of its
    nearest neighbours and is held by its second ones.
    """
    r = np.arange(6, 53) * 0.05
    s = r - 1.0
    bump = -0.15 * np.clip(1.0 - 4.0 * (r - 2.0) ** 2, 0.0, 1.0) ** 3
    phi = np.where(r < 1.5 - 1e-9, -0.5 * s**2 + 2.0 * s**4, bump)
    zero = np.zeros_like
    n = np.arange(4.0)
    params = eam_knots(
        cutoff=CUTOFF, r_min=0.4, n_max=3.0, r=r, phi=phi, rho=zero(r), n=n, U=zero(n)
    )
    potential = qc.Potential("double well", "X", params, "chain", 1.0)
    return qc.Crystal.chain(potential, a=1.0)  # the hill: the wells beside it are lower


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
    return System.of(system.body, Partition(find_method(method), core, width, blending))


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


def free_forces(system: System) -> Array:
    """Forces at u = 0 on the free atoms, from left to right."""
    free = np.flatnonzero(system.free.ravel())
    free = free[np.argsort(system.body.x_k[free // 3, 0])]
    return system.model.at(system.zero).forces.ravel()[free]


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


def qnl_matrix(n: int, K: int, ratio: float) -> Array:
    """QNL in closed form (p1 = 1, p2 = ratio): the periodic chain keeps its next-nearest bonds with
    the centre at |c| <= K, every other one is (D_c^2 + D_c+1^2) 2 p2 with its two short bonds."""
    D = np.roll(np.eye(n), 1, axis=1) - np.eye(n)  # bond c joins the atoms c and c + 1
    centre = (np.arange(n) + 1) % n - n // 2  # of the pair of bonds c and c + 1
    kept = np.abs(centre) <= K
    long, next_ = D + np.roll(D, -1, axis=0), np.roll(D, -1, axis=0)
    M = D.T @ D + ratio * long[kept].T @ long[kept]
    return M + 2.0 * ratio * (D[~kept].T @ D[~kept] + next_[~kept].T @ next_[~kept])


def mean_zero(n: int) -> Array:
    """Orthonormal basis (n, n - 1) of the displacements without translation (Householder)."""
    v = np.ones(n)
    v[0] += np.sqrt(n)
    return (np.eye(n) - np.outer(v, v) * (2.0 / (v @ v)))[:, 1:]


def periodic_constant(H: Array) -> float:
    """inf <H u, u>/|Du|^2 over periodic u of zero mean."""
    n = len(H)
    Q, shift = mean_zero(n), np.roll(np.eye(n), 1, axis=0)
    D2 = 2.0 * np.eye(n) - shift - shift.T
    M = 0.5 * Q.T @ (H + H.T) @ Q
    return float(eigh(M, Q.T @ D2 @ Q, eigvals_only=True, subset_by_index=[0, 0])[0])
