"""Shipped cards: derivatives, cut-off, lattice sums; exact forms against LAMMPS; the library."""

from __future__ import annotations

import json
import math
import tomllib
from dataclasses import replace

import numpy as np
import oracles
import pytest
from paths import DATA
from reference_energy import (
    crystal_block,
    double_loop,
    energy_forces,
    lammps_energy_forces,
)

from qcmethod.errors import InputError, PotentialFileError, UnknownPotentialError
from qcmethod.potentials.cards import potential_from_card, read_card
from qcmethod.potentials.contract import Potential
from qcmethod.potentials.forms.lennard_jones import lennard_jones
from qcmethod.potentials.forms.morse import morse
from qcmethod.potentials.library import cards_folder, list_potentials, load_potential
from qcmethod.potentials.shells import perfect_crystal, shells
from qcmethod.potentials.site import embed, is_pair, pair, pair2
from qcmethod.potentials.tables.export import write_setfl

ORACLES = json.loads((DATA / "potential_oracles.json").read_text())
CARDS = list_potentials()
LJ = {"epsilon": 0.0104, "sigma": 3.4, "cutoff": 8.5}
MORSE = {"D": 0.3429, "alpha": 1.3588, "r0": 2.866, "cutoff": 7.0}

# Every treatment of a cut-off, beside the cards.
TREATED = {
    **{f"lj {t}": lennard_jones(**LJ, treatment=t) for t in ("cut", "shift", "force-shift")},
    **{f"lj {t}": lennard_jones(**LJ, treatment=t, inner=7.0) for t in ("taper", "smooth")},
    **{f"morse {t}": morse(**MORSE, treatment=t) for t in ("cut", "shift", "force-shift")},
    "morse taper": morse(**MORSE, treatment="taper", inner=5.5),
}


def params_of(name):
    return TREATED[name] if name in TREATED else load_potential(name).params


def smallest_error(f, df, x):
    """Step sweep of central differences: the least error over h, at each x, against max |df|."""
    exact = np.array([df(v) for v in x])
    errors = []
    for h in 10.0 ** np.arange(-2.0, -6.5, -0.5):
        errors.append([(f(v + h) - f(v - h)) / (2.0 * h) for v in x] - exact)
    least = np.min(np.abs(errors), axis=0)
    return float(least.max() / max(1e-300, np.abs(exact).max()))


@pytest.mark.parametrize("name", [*CARDS, *TREATED])
def test_derivatives_by_a_step_sweep(name):
    p = params_of(name)
    x = np.random.default_rng(0).uniform(
        max(p.r_min, 0.35 * p.cutoff) + 0.011, p.cutoff - 0.011, 25
    )
    for value, slope in ((0, 1), (1, 2), (3, 4), (4, 5)):
        assert (
            smallest_error(lambda r, k=value: pair2(p, r)[k], lambda r, k=slope: pair2(p, r)[k], x)
            < 1e-8
        )
    for r in x:
        assert pair(p, r) == pytest.approx([pair2(p, r)[k] for k in (0, 1, 3, 4)], rel=1e-14)


@pytest.mark.parametrize("name", CARDS)
def test_embedding_derivatives_by_a_step_sweep(name):
    potential = load_potential(name)
    p = potential.params
    if is_pair(p, 0):
        assert embed(p, 0.7) == (0.0, 0.0, 0.0)
        return
    n0, _ = perfect_crystal(p, potential.structure, potential.lattice_constant)
    x = np.random.default_rng(1).uniform(0.3, 1.6, 30) * n0
    assert x.max() < p.n_max
    for k in (0, 1):
        # A fit whose pieces meet to six digits (Zhou 2004) is compared inside them only.
        inside = [v for v in x if all(abs(v - e) > 0.01 for e in edges_of_embedding(p))]
        assert (
            smallest_error(lambda n, k=k: embed(p, n)[k], lambda n, k=k: embed(p, n)[k + 1], inside)
            < 1e-8
        )


def edges_of_embedding(p):
    return [p.rho_in * p.rhoe, p.rhoe, 1.15 * p.rhoe] if hasattr(p, "rhoe") else []


@pytest.mark.parametrize("name", [n for n in [*CARDS, *TREATED] if not n.startswith("toy2d")])
def test_functions_end_at_the_cutoff(name):
    """phi and rho vanish there, phi' where the treatment says so, phi'' under a taper."""
    p = params_of(name)
    phi, dphi, d2phi, rho, drho, _ = pair2(p, p.cutoff * (1.0 - 1e-12))
    treatment = name.split()[-1] if name in TREATED else "shift" if "Girifalco" in name else "C1"
    scale = max(abs(pair(p, r)[0]) for r in np.linspace(0.6, 0.9, 30) * p.cutoff)
    # Two knots a hair beyond the cut-off flatten the splines of Ercolessi and Adams to 2e-6.
    flat = 2e-6 if "Ercolessi" in name else 1e-9 * scale
    assert abs(rho) < 1e-9 and abs(drho) < flat
    if treatment != "cut":
        assert abs(phi) < 1e-9 * scale
    if treatment not in ("cut", "shift"):
        assert abs(dphi) < flat
    if treatment in ("taper", "smooth"):
        assert abs(d2phi) < 1e-8 * scale


@pytest.mark.parametrize("t, r1, r2", [("taper", 7.0, 8.5), ("smooth", 7.0, 8.5)])
def test_inner_radius_joins_smoothly(t, r1, r2):
    p, bare = TREATED[f"lj {t}"], lennard_jones(**LJ, treatment="cut")
    below, above = pair2(p, r1 - 1e-9), pair2(p, r1 + 1e-9)
    assert above == pytest.approx(below, rel=1e-6)
    assert pair2(p, 0.9 * r1)[1:] == pytest.approx(pair2(bare, 0.9 * r1)[1:], rel=1e-14)


def test_finnis_sinclair_isolated_atom_is_finite():
    for name in ("W-Ackland-1987", "Fe-Finnis-1984"):
        assert embed(load_potential(name).params, 0.0) == (0.0, 0.0, 0.0)


def test_ercolessi_adams_published_end_slopes():
    """First coefficients printed with the original code's splines."""
    p = load_potential("Al-Ercolessi-1994").params
    dr, dn = 1.0 / p.inv_dr, 1.0 / p.inv_dn
    assert p.radial[0, 1] / dr == pytest.approx(-7.02739315585347, rel=1e-12)
    assert p.radial[0, 2] / dr**2 == pytest.approx(8.77545959718548, rel=1e-12)
    assert p.radial[0, 5] / dr == pytest.approx(0.0608555214104682, rel=1e-12)
    assert p.embedding[0, 1] / dn == pytest.approx(-18.3757286015853, rel=1e-12)
    assert p.embedding[0, 2] / dn**2 == pytest.approx(83.0779120415016, rel=1e-11)


def test_ercolessi_adams_continues_its_last_cubic():
    p = load_potential("Al-Ercolessi-1994").params
    knots = tomllib.loads((cards_folder() / "Al-Ercolessi-1994.toml").read_text())["parameters"]
    assert embed(p, 1.2)[0] == pytest.approx(knots["U"][-1], rel=1e-13)
    t = np.array([1.1, 1.14, 1.17, 1.199])
    cubic = np.polyfit(t, [embed(p, n)[0] for n in t], 3)
    for n in (1.3, 1.7, 2.39):
        assert embed(p, n)[0] == pytest.approx(np.polyval(cubic, n), rel=1e-6)
    assert p.n_max == pytest.approx(2.4)


def pressure(potential, a):
    """dE/da of the perfect crystal, from the first derivatives."""
    p = potential.params
    near = [(d, c) for d, c in shells(potential.structure, p.cutoff / a)]
    n = sum(c * pair(p, d * a)[2] for d, c in near)
    slope = embed(p, n)[1]
    return sum(c * d * (0.5 * pair(p, d * a)[1] + slope * pair(p, d * a)[3]) for d, c in near)


@pytest.mark.parametrize("name", CARDS)
def test_card_reference_is_a_relaxed_crystal(name):
    """At the card's a0 the crystal has the card's energy and no stress."""
    potential = load_potential(name)
    a0, energy = potential.reference["a0"], potential.reference["E_atom"]
    _, found = perfect_crystal(potential.params, potential.structure, a0)
    assert found == pytest.approx(energy, rel=2e-8)
    stiffness = (pressure(potential, a0 * 1.001) - pressure(potential, a0 * 0.999)) / 0.002
    assert abs(pressure(potential, a0) / stiffness) < 1e-7  # the error of a0, relative
    assert abs(potential.lattice_constant / a0 - 1.0) < 1e-2


@pytest.mark.parametrize("key", [k for k in ORACLES if "card" in ORACLES[k]])
def test_card_repeats_the_oracle(key):
    oracle = ORACLES[key]
    potential = load_potential(oracle["card"])
    assert potential.structure == oracle["structure"]
    for quantity in ("a0", "E_atom", "C11", "C12", "C44"):
        value, _ = oracle["values"][quantity]
        assert potential.reference[quantity] == value


@pytest.mark.parametrize(
    "c, a, energy, F, strained",
    [
        (10, 0.98380466644, -2.9055664838, 1.03, -2.8848115861),
        (20, 0.97255298575, -2.8344116991, 1.02, -2.8218851600),
    ],
)
def test_model_potential_published_energies(c, a, energy, F, strained):
    """Relaxed and strained site energy of the triangular lattice (AC2D, its scale good to 1e-8)."""
    p = load_potential(f"toy2d-c{c}").params
    angles = np.arange(6) * math.pi / 3.0
    neighbours = np.stack([np.cos(angles), np.sin(angles)])
    for gradient, value in ((np.eye(2), energy), (np.array([[1.0, 0.02], [0.0, F]]), strained)):
        r = np.linalg.norm(a * gradient @ neighbours, axis=0)
        found = sum(0.5 * pair(p, s)[0] for s in r) + embed(p, sum(pair(p, s)[2] for s in r))[0]
        assert found == pytest.approx(value, abs=2e-8)


FORMS = {type(params_of(name)): name for name in [*TREATED, *CARDS]}


@pytest.mark.parametrize("name", FORMS.values())
def test_compiled_equals_plain_python(name):
    """One potential a form: the same loop compiled and interpreted."""
    p = params_of(name)
    x = np.random.default_rng(2).uniform(0.0, 0.1, (6, 3)) * p.cutoff
    x += 0.5 * p.cutoff * np.array([[i, j, 0] for i in range(3) for j in range(2)])
    arguments = (p, x, np.full(3, 20.0 * p.cutoff), (0, 0, 0))
    energy, force = double_loop(*arguments)
    plain_energy, plain_force = getattr(double_loop, "py_func", double_loop)(*arguments)
    assert energy == pytest.approx(plain_energy, rel=1e-13)
    np.testing.assert_allclose(force, plain_force, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize(
    "name, commands",
    [
        ("lj cut", ("pair_style lj/cut 8.5", "pair_coeff 1 1 0.0104 3.4")),
        (
            "lj shift",
            ("pair_style lj/cut 8.5", "pair_coeff 1 1 0.0104 3.4", "pair_modify shift yes"),
        ),
        ("lj force-shift", ("pair_style lj/smooth/linear 8.5", "pair_coeff 1 1 0.0104 3.4")),
        (
            "lj smooth",
            ("pair_style lj/smooth 7.0 8.5", "pair_coeff 1 1 0.0104 3.4", "pair_modify shift yes"),
        ),
        ("morse cut", ("pair_style morse 7.0", "pair_coeff 1 1 0.3429 1.3588 2.866")),
        (
            "morse shift",
            ("pair_style morse 7.0", "pair_coeff 1 1 0.3429 1.3588 2.866", "pair_modify shift yes"),
        ),
        (
            "morse force-shift",
            ("pair_style morse/smooth/linear 7.0", "pair_coeff 1 1 0.3429 1.3588 2.866"),
        ),
    ],
)
def test_pair_forms_equal_lammps(name, commands, lammps_factory):
    lammps = lammps_factory()
    style = commands[0].split()[1]
    if not lammps.has_style("pair", style):
        pytest.skip(f"this LAMMPS has no pair_style {style}")
    a = 5.25 if name.startswith("lj") else 3.6
    potential = Potential(name, "X", TREATED[name])
    x, box = crystal_block("fcc", a, 3, shake=0.06 * a)
    energy, force = energy_forces(potential, x, box)
    expected, expected_force = lammps_energy_forces(lammps, x, box, 1.0, *commands)
    assert energy == pytest.approx(expected, rel=1e-10)
    np.testing.assert_allclose(force, expected_force, rtol=0, atol=1e-8)


@pytest.mark.parametrize(
    "name, energy_error, force_error",
    [
        ("Al-Ercolessi-1994", 1e-9, 1e-7),
        ("Cu-Zhou-2004", 1e-9, 1e-7),
        ("W-Ackland-1987", 1e-9, 1e-7),
        ("Cu-Girifalco-1959", 1e-9, 1e-6),  # the force jumps at the cut-off
    ],
)
def test_analytic_forms_through_a_dense_setfl(
    name, energy_error, force_error, tmp_path, lammps_factory
):
    """LAMMPS on the written table against the formula; reading the table back is LAMMPS exactly."""
    potential = load_potential(name)
    path = write_setfl(tmp_path / "dense.eam.alloy", potential)
    x, box = crystal_block(potential.structure, potential.lattice_constant, 3, shake=0.15)
    commands = ("pair_style eam/alloy", f"pair_coeff * * {path} {potential.element}")
    expected, expected_force = lammps_energy_forces(
        lammps_factory(), x, box, potential.mass, *commands
    )
    energy, force = energy_forces(potential, x, box)
    assert energy == pytest.approx(expected, rel=energy_error)
    np.testing.assert_allclose(force, expected_force, rtol=0, atol=force_error)
    energy, force = energy_forces(load_potential(path), x, box)
    assert energy == pytest.approx(expected, rel=1e-10)
    np.testing.assert_allclose(force, expected_force, rtol=0, atol=1e-8)


# --- the library ---------------------------------------------------------------------------------


def test_library_holds_what_it_promises():
    wanted = {"Al-Ercolessi-1994", "LJ", "Cu-Girifalco-1959", "toy2d-c10", "toy2d-c20", "toy2d-lov"}
    assert wanted | {f"{e}-Zhou-2004" for e in ("Cu", "Ni", "Fe", "W", "Al")} <= set(CARDS)


@pytest.mark.parametrize("name", CARDS)
def test_card_is_complete(name):
    potential = load_potential(name)
    assert potential.name == name
    assert potential.doi.startswith("10.")
    assert potential.lattice_constant > 0.0
    assert potential.params.cutoff > potential.params.r_min > 0.0
    assert potential.cutoff == potential.params.cutoff


@pytest.mark.parametrize(
    "given, near", [("Al-Ercolesi-94", "Al-Ercolessi-1994"), ("cu-zhou-2004", "Cu-Zhou-2004")]
)
def test_unknown_name_lists_the_nearest(given, near):
    with pytest.raises(UnknownPotentialError, match=near) as caught:
        load_potential(given)
    assert "list_potentials" in str(caught.value)


def test_card_as_path_and_as_dict(tmp_path):
    text = (cards_folder() / "LJ.toml").read_text()
    path = tmp_path / "mine.toml"
    path.write_text(text.replace('name = "LJ"', 'name = "Mine"'))
    assert load_potential(path).name == load_potential(str(path)).name == "Mine"
    assert load_potential(tomllib.loads(text)).params == load_potential("LJ").params


def test_card_may_point_to_a_table(tmp_path):
    write_setfl(tmp_path / "cu.eam.alloy", load_potential("Cu-Zhou-2004"), nr=2001, nrho=2001)
    card = {
        "name": "Cu-table", "form": "eam-table", "element": "Cu", "structure": "fcc",
        "doi": "10.1103/PhysRevB.69.144113", "citation": "see there", "lattice_constant": 3.615,
        "parameters": {"file": "cu.eam.alloy", "element": "Cu"},
    }  # fmt: skip
    assert potential_from_card(card, tmp_path).cutoff == pytest.approx(2.42 * 2.556162)
    with pytest.raises(PotentialFileError, match="Ni"):
        potential_from_card(
            card | {"parameters": {"file": "cu.eam.alloy", "element": "Ni"}}, tmp_path
        )


def card(**changes):
    return read_card(cards_folder() / "LJ.toml") | changes


@pytest.mark.parametrize(
    "key", ["name", "form", "element", "structure", "doi", "citation", "parameters"]
)
def test_card_without_a_key_names_it(key):
    broken = card()
    del broken[key]
    with pytest.raises(InputError, match=key):
        load_potential(broken)


@pytest.mark.parametrize(
    "changes, named",
    [
        ({"colour": "red"}, "colour"),
        ({"form": "lennard-johns"}, "form"),
        ({"structure": "hcp"}, "structure"),
        ({"mass": "heavy"}, "mass"),
        ({"mass": math.nan}, "mass"),
        ({"doi": 10}, "doi"),
        ({"parameters": 3}, "parameters"),
        ({"parameters": {"epsilon": 1.0, "sigma": 1.0}}, "cutoff"),
        ({"parameters": {"epsilon": 1.0, "sigma": 1.0, "cutoff": 2.5, "rc": 2.5}}, "rc"),
        ({"parameters": {"epsilon": -1.0, "sigma": 1.0, "cutoff": 2.5}}, "epsilon"),
        ({"parameters": {"epsilon": "1", "sigma": 1.0, "cutoff": 2.5}}, "epsilon"),
        ({"reference": {"a0": "long"}}, "a0"),
    ],
)
def test_card_with_an_unusable_entry_names_it(changes, named):
    with pytest.raises(InputError, match=named):
        load_potential(card(**changes))


def test_card_refuses_another_element_or_a_style():
    with pytest.raises(InputError, match="element"):
        load_potential("Cu-Zhou-2004", element="Ni")
    with pytest.raises(InputError, match="style"):
        load_potential("Cu-Zhou-2004", style="eam/fs")
    assert load_potential("Cu-Zhou-2004", element="Cu").element == "Cu"


def test_card_that_is_not_toml(tmp_path):
    path = tmp_path / "bad.toml"
    path.write_text("name = ")
    with pytest.raises(InputError, match=r"bad\.toml"):
        load_potential(path)


@pytest.mark.parametrize(
    "build, named",
    [
        (lambda: lennard_jones(**LJ, treatment="smoothest"), "treatment"),
        (lambda: lennard_jones(**LJ, treatment="taper"), "inner"),
        (lambda: lennard_jones(**LJ, treatment="smooth", inner=8.5), "inner"),
        (lambda: lennard_jones(**(LJ | {"cutoff": math.inf})), "cutoff"),
        (lambda: morse(**MORSE, treatment="smooth"), "treatment"),
        (lambda: morse(**(MORSE | {"alpha": 0.0})), "alpha"),
    ],
)
def test_forms_refuse_by_name(build, named):
    with pytest.raises(InputError) as caught:
        build()
    assert caught.value.argument == named


def knots(**changes):
    read = read_card(cards_folder() / "Al-Ercolessi-1994.toml")
    return read | {"parameters": read["parameters"] | changes}


@pytest.mark.parametrize(
    "changes, named",
    [
        ({"phi": [0.0] * 16}, "phi"),
        ({"n": [0.0, 0.1, 0.2]}, "n"),
        ({"cutoff": 5.0}, "cutoff"),
        ({"n": [0.1 * k for k in range(1, 14)]}, "n"),
        ({"r": [2.0 + 0.1 * k**1.1 for k in range(17)]}, "cutoff"),
    ],
)
def test_knots_refuse_by_name(changes, named):
    with pytest.raises(InputError, match=rf"parameters\.{named}"):
        load_potential(knots(**changes))


def test_export_refuses_and_leaves_nothing(tmp_path):
    potential = load_potential("Cu-Zhou-2004")
    with pytest.raises(InputError, match="nr"):
        write_setfl(tmp_path / "x.setfl", potential, nr=3)
    with pytest.raises(InputError, match="rho_max"):
        write_setfl(tmp_path / "x.setfl", replace(potential, structure=""))
    with pytest.raises(InputError, match="path"):
        write_setfl(tmp_path / "no" / "x.setfl", potential, nr=11, nrho=11)
    assert list(tmp_path.iterdir()) == []


def test_oracle_loads():
    assert oracles.lammps_table("Cu_u3.eam").is_file()
