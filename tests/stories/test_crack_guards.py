"""What a crack cannot be asked: mode I without a mirror, loads that close it or tear the crystal.

Small iron and aluminium cylinders; each refusal comes before anything is relaxed, but for the tip.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

import qcmethod as qc
from qcmethod.crystal.surface import surface_energy
from qcmethod.elasticity import energy_release_rate, griffith_K, stroh
from qcmethod.errors import (
    ClosedCrackError,
    ConvergenceError,
    CouplingError,
    InputError,
    OrientationError,
    OverloadedCrackError,
    TipError,
    UnstableCrystalError,
)
from qcmethod.problems.crack_limits import load_of, require_loaded
from qcmethod.problems.griffith import mode_coupling
from qcmethod.units import MPA_SQRT_M

FRONTS = {"mirror": (1, -1, 0), "none": (1, 1, -2)}


@cache
def aluminium(front="mirror"):
    z = FRONTS[front]
    x = np.cross((1, 1, 1), z)
    x = x // np.gcd.reduce(x)
    potential = qc.load_potential("Al-Ercolessi-1994")
    return qc.Crystal.fcc(potential, x=tuple(x.tolist()), y=(1, 1, 1), z=z)


@cache
def iron():
    potential = qc.load_potential("Fe-Finnis-1984")
    return qc.Crystal.bcc(potential, x=(1, -1, 0), y=(0, 0, 1), z=(-1, -1, 0))


def solid(crystal):
    return stroh(crystal.elastic_constants().tensor)


# --- mode I and its mirror ------------------------------------------------------------------------


def test_a_front_without_a_mirror_has_no_mode_I():
    with pytest.raises(OrientationError, match=r"\(1 1 1\).*mirror.*slides.*KII=0, KIII=0"):
        qc.griffith_load(aluminium("none"))
    along, front = mode_coupling(aluminium("none"))
    assert abs(along) < 1e-9 and abs(front) > 0.01
    # the flagship: a mirror normal to its front, none in its crack plane
    along, front = mode_coupling(aluminium())
    assert abs(front) < 1e-9 and along == pytest.approx(-0.017, abs=5e-4)
    assert qc.griffith_load(aluminium()) == pytest.approx(0.41318, abs=1e-5)
    assert mode_coupling(iron()) == pytest.approx((0.0, 0.0), abs=1e-9)
    with pytest.raises(InputError, match=r"^crystal: got 'hex2d'"):
        mode_coupling(qc.Crystal.hex2d(qc.load_potential("toy2d-c10")))


@pytest.mark.parametrize("front", list(FRONTS))
@pytest.mark.parametrize("shears", [(0.0, 0.0), (0.1, 0.0), (-0.1, 0.05)])
def test_griffith_loads_beside_shears_release_the_energy_of_two_surfaces(front, shears):
    crystal = aluminium(front)
    gamma = surface_energy(crystal).per_area
    K = MPA_SQRT_M * np.array([qc.griffith_load(crystal, *shears), *shears])
    assert energy_release_rate(solid(crystal), K) == pytest.approx(2.0 * gamma, rel=1e-10)
    if shears == (0.0, 0.0):
        assert K[0] == pytest.approx(griffith_K(solid(crystal), gamma), rel=1e-12)


def test_shears_that_release_too_much_alone():
    with pytest.raises(InputError, match=r"KII, KIII.*less than 2 gamma"):
        qc.griffith_load(iron(), KII=3.0)
    for given in (float("nan"), True, "0.1", np.zeros(2), 10**400):
        with pytest.raises(InputError, match=r"^KIII:"):
            qc.griffith_load(iron(), KIII=given)


# --- loads that close the crack, or tear the crystal ----------------------------------------------


CYLINDERS = {"atomistic": (), "bgfc": (12.0, 8.0), "bqcf": (12.0, 8.0)}


def asked(how, method, K, extent=60.0):
    """Ask one of the three doors for a load."""
    problem, zone = qc.crack(aluminium(), KI=0.42, extent=extent), CYLINDERS[method]
    if how == "relax":
        return qc.relax(qc.couple(qc.crack(aluminium(), KI=K, extent=extent), method, *zone))
    if how == "ramp":
        return qc.ramp(problem, method, *zone, KI=(K, 0.42 if K < 0.42 else 5.1))
    return qc.arc(problem, method, *zone, KI=K)


@pytest.mark.parametrize("how", ["relax", "ramp", "arc"])
@pytest.mark.parametrize("method", list(CYLINDERS))
def test_a_load_that_does_not_open_the_crack_is_refused(how, method):
    with pytest.raises(ClosedCrackError, match=r"KI: got 0\.05.*A apart.*0\.4132") as caught:
        asked(how, method, 0.05)
    assert caught.value.given == 0.05 and isinstance(caught.value, CouplingError)


@pytest.mark.parametrize("how", ["relax", "ramp", "arc"])
@pytest.mark.parametrize("method", list(CYLINDERS))
def test_a_load_that_tears_the_crystal_is_refused(how, method):
    with pytest.raises(OverloadedCrackError, match=r"KI: got 5\.0.*unstable.*0\.4132"):
        asked(how, method, 5.0)


def test_no_load_at_all():
    with pytest.raises(ClosedCrackError, match=r"KI: got 0\.0"):
        asked("relax", "atomistic", 0.0)


@pytest.mark.parametrize("KII", [0.4, -0.4])
@pytest.mark.parametrize("method", ["bgfc", "bqcf"])
def test_flanks_that_only_slide_are_not_open(method, KII):
    """A pure mode II slides the flanks past each other: out of reach along x, closed along y."""
    system = qc.couple(qc.crack(aluminium(), KII=KII, extent=300.0), method, 20.0, 12.0)
    with pytest.raises(ClosedCrackError, match=r"KI: got 0\.0.*flanks are 2\.[24]\d A apart"):
        require_loaded(system)


def test_a_crack_without_equilibrium_says_how_it_is_loaded():
    system = qc.couple(qc.crack(aluminium(), KI=0.6, extent=60.0), "bgfc", 12.0, 8.0)
    expected = r"KI = 0\.6 .*1\.45 times in KI the Griffith load of 0\.4132.*qcmethod\.ramp"
    with pytest.raises(ConvergenceError, match=expected) as caught:
        qc.relax(system)
    assert caught.value.iterations > 0 and caught.value.best.u.shape == system.zero.shape


def test_the_load_in_a_message_is_no_error_itself():
    hopeless = load_of(qc.crack(aluminium(), KI=0.6, KII=0.7, extent=60.0))
    assert hopeless.startswith("The load is KI = 0.6, KII = 0.7 MPa sqrt(m). ")
    no_mirror = load_of(qc.crack(aluminium("none"), KI=0.6, extent=60.0))
    assert "times in KI the Griffith load" in no_mirror and "ramp" in no_mirror


def test_a_crystal_that_does_not_exist_is_named():
    crystal = qc.Crystal.bcc(qc.load_potential("Al-Ercolessi-1994"))
    for refused in (
        lambda: qc.crack(crystal, KI=0.4, extent=60.0),
        lambda: qc.griffith_load(crystal),
    ):
        with pytest.raises(
            UnstableCrystalError, match=r"Al-Ercolessi-1994 has no stable bcc.*Try: Crystal\.fcc$"
        ):
            refused()
    stretched = qc.Crystal.fcc(qc.load_potential("Al-Ercolessi-1994"), a=5.0)
    with pytest.raises(UnstableCrystalError, match=r"fcc crystal of a = 5 A.*Try: a= of the"):
        qc.crack(stretched, KI=0.4, extent=60.0)


def test_flanks_that_touch_at_the_core_only_ask_for_a_larger_core():
    with pytest.raises(CouplingError, match=r"core: got 12\.0.*larger core") as caught:
        asked("relax", "bgfc", 0.15, extent=400.0)
    assert not isinstance(caught.value, ClosedCrackError)


def test_the_advice_counts_the_shears():
    problem = qc.crack(aluminium(), KI=0.02, KII=0.1, extent=60.0)
    K = qc.griffith_load(aluminium(), 0.1, 0.0)
    with pytest.raises(ClosedCrackError, match=f"{K:.4g}.*beside these shears"):
        require_loaded(qc.couple(problem, "atomistic"))
    hopeless = qc.crack(aluminium(), KI=0.02, KII=0.45, extent=60.0)
    with pytest.raises(ClosedCrackError, match=r"near qcmethod\.griffith_load"):
        require_loaded(qc.couple(hopeless, "atomistic"))


def test_a_healed_crack_of_atoms_is_no_solution():
    """At half the Griffith load the tip goes back by more than the cylinder can tell."""
    problem = qc.crack(iron(), KI=0.5 * qc.griffith_load(iron()), extent=40.0)
    with pytest.raises(TipError, match=r"healed.*inner 8\.2 A.*'KI': 0\.47") as caught:
        qc.relax(qc.couple(problem, "atomistic"))
    assert caught.value.best.u.shape[1] == 3


@pytest.mark.parametrize(("method", "tip"), [("bgfc", "-17.3"), ("bqcf", "-19.8")])
def test_a_tip_that_the_continuum_stopped_is_no_solution(method, tip):
    """At 0.9 K_G it goes back until the end of the atoms holds it, a little inside the core."""
    system = qc.couple(qc.crack(aluminium(), KI=0.37, extent=300.0), method, 20.0, 12.0)
    with pytest.raises(TipError, match=rf"x = {tip} A, outside of the inner 15\.0 A of the core"):
        qc.relax(system)


def test_the_tip_is_in_the_representation():
    problem = qc.crack(aluminium(), KI=0.42, extent=60.0)
    assert ", tip 0.0 A, " in repr(qc.relax(qc.couple(problem, "bgfc", 12.0, 8.0)))


def test_a_crack_trapped_below_the_griffith_load_holds():
    problem = qc.crack(iron(), KI=0.97 * qc.griffith_load(iron()), extent=40.0)
    assert abs(qc.relax(qc.couple(problem, "atomistic")).tip) < 8.2


# --- the path of the tip --------------------------------------------------------------------------


def test_the_core_covers_the_path():
    problem = qc.crack(iron(), KI=1.0, extent=200.0, path=(-4.0, 9.0))
    np.testing.assert_array_equal(problem.row, [[-4.0, 0.0], [9.0, 0.0]])
    assert problem.distance(np.array([[9.0, 3.0], [2.0, -1.0], [-8.0, 0.0]])).tolist() == [3, 1, 4]
    system = qc.couple(problem, "bgfc", 10.0, 6.0)
    x = system.body.x_l[system.weights.w_l == 1.0]
    assert x[:, 0].max() > 16.0 and x[:, 0].min() < -11.0 and np.abs(x[:, 1]).max() < 10.1


@pytest.mark.parametrize(
    "path", [(1.0,), 3.0, (2.0, 1.0), (-300.0, 0.0), (0.0, float("nan")), "ab", "34", None]
)
def test_impossible_paths(path):
    with pytest.raises(InputError, match="path"):
        qc.crack(iron(), KI=1.0, extent=200.0, path=path)


# --- events of a real potential -------------------------------------------------------------------


@cache
def sheared(sign):
    """K_II beside K_I on a (110) crack along [001]: the plane normal to x and y are mirrors."""
    potential = qc.load_potential("Fe-Finnis-1984")
    crystal = qc.Crystal.bcc(potential, x=(0, 0, 1), y=(1, 1, 0), z=(-1, 1, 0))
    problem = qc.crack(crystal, KI=1.05 * qc.griffith_load(crystal), extent=30.0)
    loads = sign * np.array([0.0, 0.2, 0.4, 0.6])
    return qc.ramp(problem, "atomistic", KII=loads, width=2e-2, jump=0.4)


def test_the_sign_of_a_shear_chooses_the_side():
    """The crack plane is a mirror, so -K_II is the mirror image of K_II, at the same load."""
    (up,), (down,) = sheared(1.0).events, sheared(-1.0).events
    assert (up.before, up.after) == (-down.before, -down.after)
    assert up.change == pytest.approx(down.change, abs=1e-4)
    # the upper side goes along x with K_II > 0
    last = sheared(1.0).steps[-2]
    follower, u = sheared(1.0).follower, sheared(1.0).corrector(last.number)
    y = follower.positions(last.load, u) - follower.bonds.x
    ahead = (follower.bonds.x[:, 0] > 5.0) & (np.abs(follower.bonds.x[:, 1]) < 3.0)
    upper, lower = (y[ahead & (s * follower.bonds.x[:, 1] > 0.0), 0].mean() for s in (1, -1))
    assert last.load > 0.0 and upper > lower


def test_unloading_closes_the_crack():
    """With falling loads the tip goes back by a lattice period, and the energy falls."""
    crystal = iron()
    K = qc.griffith_load(crystal)
    problem = qc.crack(crystal, KI=K, extent=40.0)
    ramp = qc.ramp(problem, "atomistic", KI=K * np.arange(1.0, 0.6, -0.04), width=0.02, jump=0.3)
    event = ramp.events[0]
    assert event.kind == "closure" and event.converged
    gone = event.tip_after - event.tip_before
    period = crystal.lattice.basis[0, 0]
    assert gone == pytest.approx(-period, abs=1e-6)
    assert len(ramp.steps) >= 2 and ramp.solution().tip == event.tip_before
