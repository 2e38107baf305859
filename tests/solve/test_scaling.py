"""A millionfold domain: what a crack in 1e6 and in 1e12 sites of the lattice costs."""

from __future__ import annotations

import numpy as np
import pytest

import qcmethod as qc

CRYSTAL = qc.Crystal.fcc(
    qc.load_potential("Al-Ercolessi-1994"), x=(1, 1, -2), y=(1, 1, 1), z=(1, -1, 0)
)
EXTENTS = (1354.0, 1.354e6)  # 1e6 and 1e12 sites of 5.76 A^2 each


@pytest.fixture(scope="module", params=["bgfc", "bqcf"])
def pair(request):
    """The same crack, core and blend in both domains, relaxed."""
    return [
        qc.relax(qc.couple(qc.crack(CRYSTAL, KI=0.41, extent=R), request.param, 25.0, 15.0))
        for R in EXTENTS
    ]


def test_the_domains_are_a_million_times_apart(pair):
    small, large = (solution.system.n_sites for solution in pair)
    assert small > 1e6 and large > 1e12
    assert large / small == pytest.approx(1e6, rel=0.1)


def test_nodes_grow_like_the_logarithm(pair):
    small, large = (solution.system.n_repatoms for solution in pair)
    assert (large - small) / np.log(EXTENTS[1] / EXTENTS[0]) < 200.0  # measured 126 a factor e
    assert large < 1.5 * small


def test_iterations_at_most_double(pair):
    """Outer Newton steps, and Jacobian products a step: the preconditioner does not notice."""
    small, large = pair
    assert large.iterations <= 2 * small.iterations
    assert large.evaluations <= 2 * small.evaluations
    assert large.inner / large.iterations <= 2.0 * small.inner / small.iterations


def test_nodes_of_every_decade():
    """At every decade in between the mesh grows by the same few hundred nodes."""
    nodes = [
        qc.couple(qc.crack(CRYSTAL, KI=0.41, extent=R), "bgfc", 25.0, 15.0).n_repatoms
        for R in EXTENTS[0] * 10.0 ** np.arange(4)
    ]
    assert max(np.diff(nodes)) < 450 and min(np.diff(nodes)) > 0
