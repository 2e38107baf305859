"""Every indicator marks where the defect is, and one is one file: size of the corrector."""

from __future__ import annotations

import numpy as np
import pytest

import qcmethod as qc
from qcmethod.studies.adapt.indicator import INDICATORS, gradients, indicator

# --- an indicator in one file: from here ----------------------------------------------------------


@indicator("corrector")
def corrector(system, u):
    """vol_c |grad u|^2: how much the cells are deformed beyond the predictor, (n_c,)."""
    G, _ = gradients(system, u)
    return system.body.cells.volume * (G**2).sum(axis=(1, 2))


# --- to here --------------------------------------------------------------------------------------


def vacancy():
    crystal = qc.Crystal.hex2d(qc.load_potential("toy2d-c10"))
    return qc.vacancy(crystal, [[1.0, 0.02], [0.0, 1.03]], extent=25.0)


@pytest.mark.parametrize("name", INDICATORS)
def test_every_indicator_is_one(name):
    """Numbers >= 0, one a cell, the largest next to the defect; no number without a corrector."""
    solution = qc.relax(qc.couple(vacancy(), "bgfc", 4.0, 4.0))
    system, cells = solution.system, solution.system.body.cells
    found = INDICATORS[name](system, solution.u)
    assert found.shape == cells.volume.shape and np.isfinite(found).all() and (found >= 0.0).all()
    centre = system.body.x_k[cells.vertices].mean(axis=1)
    assert system.problem.distance(centre)[found.argmax()] < 4.0
    assert INDICATORS[name](system, system.zero).max() < 1e-12 * found.max()


def test_adapt_takes_the_indicator_of_a_user():
    result = qc.adapt(vacancy(), tolerance=0.04, indicator="corrector")
    assert result.converged
    with pytest.raises(qc.errors.InputError, match=r"one of \['residual', .*'corrector'"):
        qc.adapt(vacancy(), tolerance=0.04, indicator="no such")
