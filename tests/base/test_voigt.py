"""Voigt's numbering: three tables that say the same."""

from __future__ import annotations

import numpy as np

from qcmethod.base.voigt import COLUMN, NUMBER, ROW, components, matrix


def test_numbers_rows_and_columns_agree():
    names = ["xyz"[i] + "xyz"[j] for i, j in zip(ROW, COLUMN, strict=True)]
    assert names == ["xx", "yy", "zz", "yz", "xz", "xy"]
    np.testing.assert_array_equal(NUMBER, NUMBER.T)
    np.testing.assert_array_equal(NUMBER[ROW, COLUMN], np.arange(6))


def test_components_and_matrix_hold_all_of_a_symmetric_tensor():
    rng = np.random.default_rng(7)
    E = rng.normal(size=(4, 3, 3))
    E += E.transpose(0, 2, 1)
    np.testing.assert_array_equal(components(E)[:, NUMBER], E)
    C = np.einsum("nij,nkl->ijkl", E, E)  # minor and major symmetry
    np.testing.assert_array_equal(matrix(C)[NUMBER[:, :, None, None], NUMBER], C)
