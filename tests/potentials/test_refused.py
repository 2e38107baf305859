"""Cards and arguments of write_setfl that cannot be: refused by name, before memory is spent."""

from __future__ import annotations

import os
import tomllib

import numpy as np
import pytest

import qcmethod as qc
from qcmethod.errors import InputError, QCError, UnstableCrystalError
from qcmethod.potentials.library import cards_folder, load_potential


def card(source, /, **changes):
    read = tomllib.loads((cards_folder() / f"{source}.toml").read_text())
    for key, value in changes.items():
        (read if key in (*read, "mass") else read["parameters"])[key] = value
    return read


CU = card("Cu-Zhou-2004")["parameters"]


@pytest.mark.parametrize(
    "name, changes, named",
    [
        ("Cu-Zhou-2004", {"Fn": CU["Fn"][:3]}, "Fn"),
        ("Cu-Zhou-2004", {"Fn": [*CU["Fn"], 7.0]}, "Fn"),
        ("Cu-Zhou-2004", {"F": [*CU["F"], 7.0]}, "F"),
        ("Cu-Zhou-2004", {"mass": 10**400}, "mass"),
        ("Cu-Zhou-2004", {"mass": 0.0}, "mass"),
        ("Cu-Zhou-2004", {"mass": -63.5}, "mass"),
        ("Cu-Zhou-2004", {"lattice_constant": -3.6}, "lattice_constant"),
        ("Cu-Zhou-2004", {"lattice_constant": 1e-300}, "lattice_constant"),
        ("Cu-Zhou-2004", {"cutoff": 1e308}, "cutoff"),
        ("Cu-Zhou-2004", {"name": "a\nb"}, "name"),
        ("LJ", {"sigma": 10.0}, "cutoff"),
        ("LJ", {"sigma": 1e200}, "parameters"),
        ("Cu-Zhou-2004", {"F3plus": -2e200}, "parameters.F3plus"),
        ("W-Ackland-1987", {"c2": 6e30}, "parameters.c2"),
        ("Al-Ercolessi-1994", {"n_max": 1e5}, "n_max"),
        ("Al-Ercolessi-1994", {"n": [0.1 * k for k in range(100_000)]}, "n"),
    ],
)
def test_a_card_that_cannot_be(name, changes, named):
    with pytest.raises(InputError, match=named):
        load_potential(card(name, **changes))


@pytest.mark.parametrize("what", ["digits", "deep", "long"])
def test_a_file_that_is_no_card(what, tmp_path):
    text = (cards_folder() / "LJ.toml").read_text()
    more = {"digits": "9" * 4301, "deep": "[" * 5000 + "]" * 5000, "long": "'" + "x" * 10**6 + "'"}
    (tmp_path / "x.toml").write_text(f"{text}\n[x]\ny = {more[what]}\n")
    with pytest.raises(InputError, match=r"x\.toml"):
        load_potential(tmp_path / "x.toml")


def test_functions_whose_pieces_do_not_meet_hold_no_crystal():
    with pytest.raises(UnstableCrystalError, match=r"jumps|no stress-free"):
        qc.Crystal.fcc(load_potential(card("Cu-Zhou-2004", F=CU["F"][::-1])))


@pytest.mark.parametrize("a", [1e-300, -1.0, 0.0, np.nan, 10**400, "4", 1e300])
def test_a_lattice_constant_that_is_none(a):
    with pytest.raises(InputError, match="a:"):
        qc.Crystal.fcc(load_potential("LJ"), a=a)


ALUMINIUM = load_potential("Al-Ercolessi-1994")


@pytest.mark.parametrize(
    "options",
    [
        {"nr": "x"}, {"nr": 10.5}, {"nr": 10**30}, {"nr": None}, {"nr": np.eye(2)}, {"nr": True},
        {"rho_max": "x"}, {"rho_max": 1e300}, {"rho_max": [1]}, {"rho_max": np.nan},
        {"path": 5}, {"path": b"x"}, {"path": 1j}, {"path": "."}, {"path": "x" * 250},
        {"path": "no/x"}, {"potential": 5},
        {"potential": load_potential(card("LJ", name="\u03bb"))},
    ],
)  # fmt: skip
def test_write_setfl_refuses_by_name(options, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    given = {"path": "w", "potential": ALUMINIUM, "nr": 20, "nrho": 20, **options}
    with pytest.raises(QCError, match=next(iter(options))):
        qc.write_setfl(**given)
    assert list(tmp_path.iterdir()) == []


def test_a_written_table_has_the_mode_of_any_file(tmp_path):
    old = os.umask(0o022)
    try:
        path = qc.write_setfl(tmp_path / "w", ALUMINIUM, nr=20, nrho=20)
    finally:
        os.umask(old)
    assert path.stat().st_mode & 0o777 == 0o644


def test_moduli_of_a_lattice_constant_that_was_typed_in():
    """Six digits leave a stress of 1e-7 eV/A^3; the load of Griffith is that of the crystal at
    rest to as many digits. Far from rest the constant is named."""
    axes = {"x": (1, 1, -2), "y": (1, 1, 1), "z": (1, -1, 0)}
    at_rest = qc.Crystal.fcc(ALUMINIUM, **axes).elastic_constants().at_rest
    typed = qc.Crystal.fcc(ALUMINIUM, **axes, a=4.03208).elastic_constants().at_rest
    # the constant is off by 6e-7, and moduli go as its power of -20
    np.testing.assert_allclose(typed, at_rest, atol=2e-5)
    np.testing.assert_array_equal(typed, typed.transpose(1, 0, 2, 3))
    with pytest.raises(InputError, match="a:"):
        _ = qc.Crystal.fcc(ALUMINIUM, **axes, a=4.1).elastic_constants().at_rest
