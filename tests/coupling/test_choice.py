"""All choices as one value: the same as the words of a call, in all studies; what is refused."""

from __future__ import annotations

import numpy as np
import pytest

import qcmethod as qc
from qcmethod.errors import CouplingError, InputError

F = np.array([[1.0, 0.01, 0.0], [0.0, 1.02, 0.0], [0.0, 0.0, 1.0]])


@pytest.fixture(scope="module")
def crack():
    potential = qc.load_potential("Al-Ercolessi-1994")
    crystal = qc.Crystal.fcc(potential, (1, 1, -2), (1, 1, 1), (1, -1, 0))
    return qc.crack(crystal, KI=0.46, extent=50.0)


@pytest.fixture(scope="module")
def vacancy():
    crystal = qc.Crystal.hex2d(qc.load_potential("toy2d-c10"))
    return qc.vacancy(crystal, [[1.0, 0.02], [0.0, 1.03]], extent=25.0)


def test_a_value_is_the_words(vacancy):
    words = qc.couple(vacancy, "bgfc", 4.0, 4.0, metric="hops", reference=F)
    value = qc.Coupling("bgfc", 4.0, 4.0, metric="hops", reference=F)
    for other in (qc.couple(vacancy, value), qc.couple(vacancy, value, core=4.0)):
        assert repr(other) == repr(words)
        np.testing.assert_array_equal(other.g, words.g)
    assert qc.couple(vacancy, value, core=6.0).core == 6.0


def test_the_reference_of_a_value_holds_in_a_ramp_and_an_arc(crack, tmp_path):
    """It is frozen there at every load, and the folder of the run is the same."""
    value = qc.Coupling("bgfc", 10.0, 6.0, reference=F)
    ramps = [
        qc.ramp(crack, "bgfc", 10.0, 6.0, KI=(0.46, 0.464), reference=F, directory=tmp_path / "r"),
        qc.ramp(crack, value, KI=(0.46, 0.464)),
        qc.ramp(crack, value, KI=(0.46, 0.464), directory=tmp_path / "r"),
    ]
    energies = [[step.energy for step in ramp.steps] for ramp in ramps]
    assert energies[0] == energies[1] == energies[2]
    plain = qc.ramp(crack, "bgfc", 10.0, 6.0, KI=(0.46,))
    assert abs(plain.steps[0].energy - energies[0][0]) > 1e-3
    arcs = [
        qc.arc(crack, "bgfc", 10.0, 6.0, KI=0.46, steps=1, reference=F),
        qc.arc(crack, value, KI=0.46, steps=1),
    ]
    assert arcs[0].points[-1].energy == arcs[1].points[-1].energy


def test_an_unknown_word_is_refused_with_the_nearest(crack, vacancy):
    with pytest.raises(CouplingError, match=r"^cores: got 4\.0.*Try: core,"):
        qc.Coupling("bgfc", cores=4.0)
    with pytest.raises(CouplingError, match=r"^metrik: .*Try: metric"):
        qc.couple(vacancy, qc.Coupling("bgfc", 4.0, 4.0), metrik="hops")
    with pytest.raises(CouplingError, match=r"^ki: .*Try: KI"):
        qc.ramp(crack, "bgfc", 10.0, 6.0, ki=(0.46,))
    with pytest.raises(CouplingError, match=r"^directry: .*Try: directory"):
        qc.ramp(crack, "bgfc", 10.0, 6.0, KI=(0.46,), directry="here")
    with pytest.raises(CouplingError, match=r"^step: .*Try: steps"):
        qc.arc(crack, "bgfc", 10.0, 6.0, KI=0.46, step=1)


def test_wrong_values_are_refused_by_name(vacancy):
    with pytest.raises(CouplingError, match="problem: got 'vacancy', expected a Problem"):
        qc.Coupling("bgfc", 4.0, 4.0).checked("vacancy")
    for wrong in ("no", np.ones(3), None, 1):
        with pytest.raises(CouplingError, match=r"surface: got .*True or False"):
            qc.couple(vacancy, "bgfc", 4.0, 4.0, surface=wrong)
    for wrong in (["zz"], np.array(["zz", "strain"]), len, None):
        with pytest.raises(InputError, match=r"indicator: got .*'zz'"):
            qc.adapt(vacancy, indicator=wrong)
