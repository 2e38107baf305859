"""Tables of LAMMPS: equal to LAMMPS on them, every refusal by name, numbers in every notation."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import lammps_table
from paths import DATA
from reference_energy import crystal_block, energy_forces, lammps_energy_forces

from qcmethod.errors import InputError, PotentialFileError, PotentialWarning
from qcmethod.potentials.library import load_potential
from qcmethod.potentials.shells import perfect_crystal
from qcmethod.potentials.site import embed, pair
from qcmethod.potentials.tables.export import write_setfl
from qcmethod.potentials.tables.funcfl import HARTREE_BOHR
from qcmethod.potentials.tables.tokens import parse_number

ORACLES = json.loads((DATA / "potential_oracles.json").read_text())

TABLES = [
    ("Al_zhou.eam.alloy", "Al"),
    ("Cu_zhou.eam.alloy", "Cu"),
    ("W_zhou.eam.alloy", "W"),
    ("Cu_mishin1.eam.alloy", "Cu"),
    ("CuTa.eam.alloy", "Cu"),
    ("Al_mm.eam.fs", "Al"),
    ("Fe_mm.eam.fs", "Fe"),
    ("AlFe_mm.eam.fs", "Fe"),
    ("AlFe_mm.eam.fs", "Al"),
    ("Cu_u3.eam", "Cu"),
    ("Ni_u3.eam", "Ni"),
    ("Al_jnp.eam", "Al"),
]


@pytest.mark.parametrize("name, element", TABLES)
def test_energy_and_forces_equal_lammps(name, element, lammps_factory):
    path = lammps_table(name)
    potential = load_potential(path, element=element)
    style = {".alloy": "eam/alloy", ".fs": "eam/fs", ".eam": "eam"}[path.suffix]
    coefficients = f"1 1 {path}" if style == "eam" else f"* * {path} {element}"
    x, box = crystal_block(potential.structure, potential.lattice_constant, 3, shake=0.15)
    expected, expected_force = lammps_energy_forces(
        lammps_factory(), x, box, 1.0, f"pair_style {style}", f"pair_coeff {coefficients}"
    )
    energy, force = energy_forces(potential, x, box)
    assert energy == pytest.approx(expected, rel=1e-10)
    np.testing.assert_allclose(force, expected_force, rtol=0, atol=1e-8)


@pytest.mark.parametrize("key", [k for k in ORACLES if "table" in ORACLES[k]])
def test_relaxed_crystal_of_a_table(key):
    oracle = ORACLES[key]
    potential = load_potential(lammps_table(oracle["table"]))
    assert potential.structure == oracle["structure"]
    a0, (value, tolerance) = oracle["values"]["a0"][0], oracle["values"]["E_atom"]
    assert perfect_crystal(potential.params, potential.structure, a0)[1] == pytest.approx(
        value, abs=tolerance
    )


def test_what_the_headers_say():
    potential = load_potential(lammps_table("Cu_mishin1.eam.alloy"))  # Z = 1 in its header
    assert (potential.element, potential.structure) == ("Cu", "fcc")
    assert potential.cutoff == 5.50679  # the table goes on to 9.0
    assert potential.mass == pytest.approx(63.55)
    assert embed(potential.params, 0.0)[0] == pytest.approx(5e-6)
    assert load_potential(lammps_table("Ni_u3.eam")).element == "Ni"
    assert load_potential(lammps_table("Fe_mm.eam.fs")).params.r_min > 0.5  # 1e12 below


# --- a small table to break ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    """Lines of a setfl table of copper, 400 points each, one number a line from line 7 on."""
    path = tmp_path_factory.mktemp("good") / "Cu.eam.alloy"
    write_setfl(path, load_potential("Cu-Zhou-2004"), nr=400, nrho=400)
    return path.read_text().splitlines()


@pytest.fixture
def load(tmp_path):
    """Write lines or bytes to a file of the given name and load it."""

    def write_and_load(content, name="Cu.eam.alloy", **options):
        path = tmp_path / name
        if not isinstance(content, bytes):
            content = ("\n".join(content) + "\n").encode("latin-1")
        path.write_bytes(content)
        return load_potential(path, **options)

    return write_and_load


def same(a, b):
    return all(np.array_equal(x, y) for x, y in zip(a.params, b.params, strict=True))


def test_extension_or_header_tell_the_style(good, load):
    reference = load(good)
    for name in ("Cu.setfl", "Cu.eam.fs", "Cu.fs", "Cu.alloy", "Cu.txt", "Cu"):
        assert same(load(good, name), reference)
    assert same(load(good, "Cu.txt", style="eam/fs"), reference)
    assert same(load(good, element="Cu"), reference)


def test_layout_of_lines_does_not_matter(good, load):
    reference = load(good)
    words = " ".join(good[6:]).split()
    wide = [*good[:6], *("\t".join(words[k : k + 7]) for k in range(0, len(words), 7))]
    assert same(load(wide), reference)
    assert same(load("\r\n".join(good).encode()), reference)
    assert same(load(["", "", "", *good[3:]]), reference)  # blank comment lines
    assert same(load(["caf\xe9 \xb1", *good[1:]]), reference)  # Latin-1
    assert same(load([*good[:6], "# F(n)", "", *good[6:]]), reference)
    assert same(load([*good[:7], good[7] + " # second", *good[8:]]), reference)


def test_fortran_exponents_are_read(good, load):
    value = float(good[100])
    mantissa, exponent = f"{value:.17e}".split("e")
    for text in (
        f"{mantissa}D{exponent}",
        f"{mantissa}E{int(exponent):+05d}",
        f"{mantissa}d{exponent}",
    ):
        assert same(load([*good[:100], text, *good[101:]]), load(good))


def changed(lines, number, text):
    return [*lines[: number - 1], text, *lines[number:]]


def header(lines, **changes):
    names = ("nrho", "drho", "nr", "dr", "rc")
    words = dict(zip(names, lines[4].split(), strict=True)) | {
        k: str(v) for k, v in changes.items()
    }
    return changed(lines, 5, " ".join(words.values()))


def columns(lines, **factors):
    """Multiply the columns F, rho or rphi."""
    n = 400
    first = {"F": 6, "rho": 6 + n, "rphi": 6 + 2 * n}
    lines = list(lines)
    for name, factor in factors.items():
        for k in range(first[name], first[name] + n):
            lines[k] = repr(factor * float(lines[k]))
    return lines


REFUSALS = {
    "truncated": (lambda g: g[:-1], r"399 numbers and the end of the file.*400 numbers: r phi"),
    "truncated in F": (lambda g: g[:106], r"100 numbers.*400 numbers: F\(n\) of Cu"),
    "only a header": (lambda g: g[:5], "mass"),
    "empty": (lambda g: [""], "no such header"),
    "extra number": (lambda g: [*g, "0.0"], "1 more numbers"),
    "nr too small for the file": (lambda g: header(g, nr=399), "more numbers"),
    "nr too large for the file": (lambda g: header(g, nr=401), "truncated"),
    "not a number": (
        lambda g: changed(g, 50, "1.0x"),
        r"line 50.*1\.0x.*number 44 of the 400 of F",
    ),
    "nan": (lambda g: changed(g, 50, "NaN"), "line 50.*NaN"),
    "inf": (lambda g: changed(g, 50, "-inf"), "line 50.*-inf"),
    "overflow": (lambda g: changed(g, 50, "1e400"), "line 50.*1e400"),
    "underscore": (lambda g: changed(g, 50, "1_0"), "line 50.*1_0"),
    "dr zero": (lambda g: header(g, dr=0), "dr = 0"),
    "drho negative": (lambda g: header(g, drho=-0.1), "drho = -0.1"),
    "rc negative": (lambda g: header(g, rc=-5), "rc = -5"),
    "nr too small": (lambda g: header(g, nr=4), "nr = 4"),
    "nrho not an integer": (lambda g: header(g, nrho=10.5), "nrho = 10.5"),
    "grid not numbers": (lambda g: header(g, dr="dr"), "nrho drho nr dr rc"),
    "nan in the header": (lambda g: header(g, dr="nan"), "nrho drho nr dr rc"),
    "element header": (lambda g: changed(g, 6, "29 heavy 3.6 fcc"), "Z mass"),
    "units": (lambda g: changed(g, 1, "Cu UNITS: real"), "UNITS.*real"),
    "rho zero": (lambda g: columns(g, rho=0.0), "rho.*zeros only"),
    "rho negative": (lambda g: columns(g, rho=-1.0), "rho.*at most"),
    "F upside down": (lambda g: columns(g, F=-1.0), "scale"),
    "F in kJ/mol": (lambda g: columns(g, F=96.485), "scale"),
    "all in kJ/mol": (lambda g: columns(g, F=96.485, rphi=96.485), "scale"),
    "dr in nm": (lambda g: header(g, dr=float(g[4].split()[3]) / 10), "dr|scale"),
    "dr and rc in nm": (
        lambda g: header(g, dr=float(g[4].split()[3]) / 10, rc=float(g[4].split()[4]) / 10),
        "dr",
    ),
    "dr in pm": (lambda g: header(g, dr=float(g[4].split()[3]) * 100), "dr"),
    "dr and rc in bohr": (
        lambda g: header(g, dr=float(g[4].split()[3]) * 1.89, rc=float(g[4].split()[4]) * 1.89),
        "drho|scale",
    ),
    "rc cut in half": (lambda g: header(g, rc=2.9), "dr.*decayed"),
    "drho too small": (lambda g: header(g, drho=float(g[4].split()[1]) / 100), "drho"),
    "drho too large": (lambda g: header(g, drho=float(g[4].split()[1]) * 1000), "drho"),
}


@pytest.mark.parametrize("breakage", REFUSALS)
def test_table_is_refused_by_name(breakage, good, load):
    damage, named = REFUSALS[breakage]
    with pytest.raises(PotentialFileError, match=named):
        load(damage(good))


def test_table_that_ends_before_its_cutoff_holds_the_last_value(good, load):
    """As in LAMMPS, and only where that value is zero."""
    potential = load(header(good, rc=6.5))
    assert pair(potential.params, 6.4)[0] == 0.0
    cut = [*good[:4], header(good, nr=300)[4], *good[5:706], *good[806:1106]]
    with pytest.raises(PotentialFileError, match="a table up to the cut-off"):
        load(cut)


def test_pair_table_needs_no_density(load, tmp_path):
    argon = load_potential("Ar-Bernardes-1958")
    table = load_potential(write_setfl(tmp_path / "Ar.eam.alloy", argon, nr=4001, nrho=11))
    for r in (3.5, 4.2, 6.0, 8.4):
        assert pair(table.params, r)[:2] == pytest.approx(pair(argon.params, r)[:2], abs=1e-8)


def two_elements(good, fs=False):
    """Copper and a copy of it under another name, the copy's pair energies scaled."""
    F, rho, rphi = good[6:406], good[406:806], good[806:1206]
    other = columns(good, rphi=0.98)[806:1206]
    nothing = ["7.0"] * 400  # what must not be read
    first, second = ([rho, nothing], [nothing, rho]) if fs else ([rho], [rho])
    blocks = [F, *first, ["47 107.9 3.7 fcc"], F, *second, rphi, nothing, other]
    return [*good[:3], "2 Cu Ag", *good[4:6], *(line for block in blocks for line in block)]


@pytest.mark.parametrize("fs, name", [(False, "x.eam.alloy"), (True, "x.eam.fs"), (True, "x")])
def test_one_element_of_two(fs, name, good, load):
    lines = two_elements(good, fs)
    copper, silver = load(lines, name, element="Cu"), load(lines, name, element="Ag")
    assert same(copper, load(good))
    assert (silver.element, silver.mass, silver.lattice_constant) == ("Ag", 107.9, 3.7)
    assert pair(silver.params, 2.6)[0] == pytest.approx(0.98 * pair(copper.params, 2.6)[0])
    assert pair(silver.params, 2.6)[2:] == pair(copper.params, 2.6)[2:]
    for element in (None, "Ni", "cu"):
        with pytest.raises(PotentialFileError, match="Cu, Ag"):
            load(lines, name, element=element)


def test_wrong_style_is_refused(good, load):
    assert same(load(good, "Cu.eam"), load(good))  # the header tells, whatever the name
    with pytest.raises(PotentialFileError, match="setfl"):
        load(good, style="eam")
    with pytest.raises(InputError, match=r"eam/alloy, eam/fs"):
        load(good, style="meam")
    with pytest.raises(PotentialFileError, match=r"length of eam/fs.*eam/alloy"):
        load(two_elements(good, fs=True), "x.eam.alloy", element="Cu")
    with pytest.raises(PotentialFileError, match=r"length of eam/alloy.*eam/fs"):
        load(two_elements(good), "x.eam.fs", element="Cu")


def funcfl(good):
    """The same copper as funcfl; its charge is imaginary where phi < 0, so phi is lifted."""
    rphi = [math.sqrt(max(0.0, float(v)) / HARTREE_BOHR) for v in good[806:1206]]
    return ["Cu", "29 63.546 3.0 none", good[4], *good[6:406], *map(repr, rphi), *good[406:806]]


def test_funcfl_is_one_element(good, load):
    lines = funcfl(good)
    with pytest.warns(PotentialWarning, match="no fcc or bcc crystal"):  # the pair energy is lifted
        potential = load(lines, "Cu.eam")
    assert potential.element == "Cu"
    with pytest.warns(PotentialWarning):
        assert same(load(lines, "Cu"), potential) and same(load(lines, "Cu.eam.alloy"), potential)
    r = 2.2
    assert pair(potential.params, r)[0] == pytest.approx(pair(load(good).params, r)[0], rel=1e-6)
    with pytest.raises(PotentialFileError, match="Cu, the element"):
        load(lines, "Cu.eam", element="Ni")
    with pytest.raises(PotentialFileError, match="funcfl"):
        load(lines, "Cu.eam.alloy", style="eam/alloy")
    with pytest.raises(PotentialFileError, match="truncated"):
        load(lines[:-1], "Cu.eam")


def test_file_that_is_a_folder_or_missing(tmp_path):
    with pytest.raises(InputError, match="source"):
        load_potential(tmp_path / "missing.eam.alloy")
    with pytest.raises(InputError, match="source"):
        load_potential(tmp_path)


# --- numbers -------------------------------------------------------------------------------------


@given(st.floats(allow_nan=False, allow_infinity=False), st.sampled_from("eEdD"))
def test_number_round_trip(value, letter):
    assert parse_number(repr(value)) == value
    assert parse_number(f"{value:.16e}".replace("e", letter)) == value


@given(st.integers(-999999, 999999), st.integers(-250, 250))
def test_number_forms_are_equal(mantissa, exponent):
    value = float(f"{mantissa}e{exponent}")
    assert parse_number(f"{mantissa}.E{exponent:+05d}") == value
    assert parse_number(f"{mantissa}{exponent:+04d}") == value  # Fortran drops the letter
    assert parse_number(f".{abs(mantissa)}d{exponent}") == float(f".{abs(mantissa)}e{exponent}")


@given(st.text(alphabet="0123456789.+-eEdDnaif_x \t²", max_size=8))
def test_everything_else_is_refused(text):
    """Whatever parses is what float() says of the same digits; the rest raises ValueError."""
    try:
        value = parse_number(text)
    except ValueError:
        return
    assert math.isfinite(value)
    plain = text.lower().replace("d", "e")
    if "e" in plain or not any(sign in plain[1:] for sign in "+-"):
        assert value == float(plain)


@pytest.mark.parametrize(
    "text", ["", "nan", "inf", "1_0", "--1", "1e", "0x10", "1,5", "\u0661", "1e999"]
)
def test_no_number(text):
    with pytest.raises(ValueError, match=r"number|large"):
        parse_number(text)
