"""Every coupling method is one, and a method is one file: beta squared as an example."""

from __future__ import annotations

import numpy as np
import pytest

from qcmethod.coupling.method import METHODS, Method, register
from qcmethod.coupling.weights import by_sites, gathered, own_rows

STRAINED = [[1.0, 0.02], [0.0, 1.03]]

# --- a coupling method in one file: from here -----------------------------------------------------


def by_squares(body, partition):
    """Weights with beta^2 in place of beta: atoms keep more of the blending zone."""
    plain = by_sites(body, partition)
    beta_k, w_l = plain.beta_k**2, 1.0 - (1.0 - plain.w_l) ** 2
    omega_c = body.cells.volume * beta_k[body.cells.vertices].mean(axis=1)
    rows = own_rows(body, np.where(body.is_lower, 0.0, 1.0 - beta_k))
    return gathered(body, beta_k, w_l, omega_c, plain.needed_l, rows)


SQUARED = Method(
    name="bgfc-squared",
    about="bgfc with beta squared",
    weigh=by_squares,
    partner="bqcf",
    passes="reference",
    blended=True,
    frozen=True,
)


# --- to here --------------------------------------------------------------------------------------


@pytest.fixture
def registered(monkeypatch):
    monkeypatch.setattr(METHODS, "_known", {**METHODS})
    return register(SQUARED)
