"""Checks for the test suite of whoever changes a coupling, or adds something to the package.

    from qcmethod.testing import assert_patch_test
    assert_patch_test(system)                          # no ghost force at any gradient
    assert_patch_test(system, at="reference")          # none at the problem's own

A test that could not have found anything (no ghost force of the plain energy either) fails as well.
`qcmethod.pytest_plugin` makes a fixture of it that keeps the map of a failure. What is one file (a
functional form, a law of a cell, an element, a coupling method, a far field, a problem, a solver)
is proven by one call:

    check_potential(potential)         derivatives, sums, rotations, reach, smoothness
    check_law(law, crystal)            P = dW/dF, A = dP/dF, objectivity, symmetry, trust
    check_element(element)             partition of unity, order, slopes, quadrature, patch
    check_method(method)               forces, symmetry, sites, the patch test that it claims
    check_predictor(field, 5., 50.)    its gradient is the derivative of its displacement
    check_problem(problem)             its loads, every method and element at two loads, its file
    check_solver(solver, system)       M x = b against dense factors, symmetry, the same again

Each raises AssertionError with the numbers, and returns them.
"""

from qcmethod.testing.element import check_element
from qcmethod.testing.law import check_law
from qcmethod.testing.method import check_method
from qcmethod.testing.patch import At, GhostForceError, assert_patch_test, failure
from qcmethod.testing.potential import check_potential
from qcmethod.testing.predictor import check_predictor
from qcmethod.testing.problem import check_problem
from qcmethod.testing.solver import check_solver

__all__ = [
    "At",
    "GhostForceError",
    "assert_patch_test",
    "check_element",
    "check_law",
    "check_method",
    "check_potential",
    "check_predictor",
    "check_problem",
    "check_solver",
    "failure",
]
