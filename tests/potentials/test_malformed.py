"""Tables that are no tables: a wrong row, a column in another's place, counts and headers."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from oracles import lammps_table

import qcmethod as qc
from qcmethod.errors import InputError, PotentialFileError, PotentialWarning
from qcmethod.potentials.library import load_potential
from qcmethod.potentials.site import embed, pair
from qcmethod.potentials.tables.places import rows_off
from qcmethod.potentials.tables.smooth import contradicted
from qcmethod.potentials.tables.usual import rounding

N = 400
COLUMNS = {"F": 6, "rho": 6 + N, "r phi": 6 + 2 * N}


@pytest.fixture(scope="module", params=["Al-Ercolessi-1994", "Cu-Zhou-2004", "W-Ackland-1987"])
def good(request, tmp_path_factory):
    """Lines of a small table, one number a line from line 7 on."""
    path = tmp_path_factory.mktemp("good") / "good.eam.alloy"
    qc.write_setfl(path, load_potential(request.param), nr=N, nrho=N)
    return tuple(path.read_text().splitlines())


@pytest.fixture
def load(tmp_path):
    def write_and_load(lines, name="x.eam.alloy", **options):
        path = tmp_path / name
        path.write_text("\n".join(lines) + "\n")
        return load_potential(path, **options)

    return write_and_load


def with_row(lines, column, k, value):
    """Row k of a column is a value, or a function of what it was."""
    at = COLUMNS[column] + k
    new = value(float(lines[at])) if callable(value) else value
    return [*lines[:at], repr(new), *lines[at + 1 :]]


def with_columns(lines, **columns):
    lines = list(lines)
    for name, values in columns.items():
        first = COLUMNS[name.replace("_", " ")]
        lines[first : first + N] = values
    return lines


def column(lines, name):
    return list(lines[COLUMNS[name] : COLUMNS[name] + N])


WRONG = {
    "sign": lambda v: -v,
    "x 10": lambda v: 10.0 * v,
    "x 1e6": lambda v: 1e6 * v,
    "1e300": 1e300,
    "-1e300": -1e300,
    "0.": 0.0,
}


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("name, k", [("F", 150), ("F", 310), ("rho", 200), ("r phi", 190)])
def test_a_wrong_row_is_named(wrong, name, k, good, load):
    while abs(float(good[COLUMNS[name] + k])) < (
        0.02 if name == "rho" else 0.2
    ):  # a row near zero is none to spike
        k -= 5
    with pytest.raises(PotentialFileError, match=rf"{name}, row {k + 1} \("):
        load(with_row(good, name, k, WRONG[wrong]))


@pytest.mark.parametrize("name, k, gap", [("F", 100, 1), ("rho", 210, 2), ("r phi", 180, 4)])
def test_exchanged_rows_are_named(name, k, gap, good, load):
    rows = column(good, name)
    rows[k], rows[k + gap] = rows[k + gap], rows[k]
    with pytest.raises(PotentialFileError, match=rf"{name}, row {k + 1}.*exchanged.*{k + gap + 1}"):
        load(with_columns(good, **{name.replace(" ", "_"): rows}))


def test_a_row_that_comes_twice_is_said(good, load):
    rows = column(good, "rho")
    rows[201:] = rows[200:-1]
    with pytest.warns(PotentialWarning, match="rho, row 202.*as row 201 has it"):
        load(with_columns(good, rho=rows))


def test_the_last_digit_is_no_fault(good, load):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        load(with_row(good, "r phi", 200, lambda v: v * (1.0 + 1e-14)))


def test_columns_from_their_end_or_in_another_place(good, load):
    F, rho, rphi = (column(good, name) for name in COLUMNS)
    r = float(good[4].split()[3]) * np.arange(N)
    phi = [repr(float(float(v) / max(x, 1e-9))) for v, x in zip(rphi, r, strict=True)]
    for broken, named in (
        ({"F": F[::-1]}, "F"),
        ({"rho": rho[::-1]}, "rho|dr|drho|scale"),
        ({"r_phi": rphi[::-1]}, "r phi|dr|scale"),
        ({"r_phi": phi}, "is it phi"),
        ({"r_phi": rho}, "density column"),
        ({"F": rho}, "same numbers as rho"),
        ({"F": rphi, "r_phi": F}, "x.eam.alloy"),
        ({"F": rho, "rho": F}, "x.eam.alloy"),
    ):
        with pytest.raises(PotentialFileError, match=named):
            load(with_columns(good, **broken))


@pytest.mark.parametrize("rows", [-2, -1, 1, 2])
def test_counts_off_with_the_same_total_are_found(rows, good, load):
    words = good[4].split()
    words[0], words[2] = str(N - 2 * rows), str(N + rows)
    with pytest.raises(PotentialFileError, match=rf"nrho = {N - 2 * rows}|row \d+|drho|scale|dr"):
        load([*good[:4], " ".join(words), *good[5:]])


def test_rows_off_says_how_many():
    n = np.arange(300.0)
    F, rho = -np.sqrt(n + 1.0), 5.0 * np.exp(-n / 40.0)
    both = np.concatenate([F, rho])
    assert rows_off(F, rho) == 0
    for rows in (2, 4):
        assert rows_off(both[: 300 - rows], both[300 - rows :]) == rows
        assert rows_off(both[: 300 + rows], both[300 + rows :]) == -rows


def test_kinks_steps_and_noise_are_no_wrong_rows():
    x = np.linspace(0.0, 6.0, 500)
    kink = np.where(x < 3.0, (x - 3.0) ** 2, 5.0 * (x - 3.0))
    step = np.where(x < 4.0, np.exp(-x), 0.0)
    noise = np.exp(-x) + 1e-7 * np.random.default_rng(1).normal(size=500)
    printed = np.round(np.exp(-x), 4)
    coarse = np.cos(np.linspace(0.0, 9.0, 40))
    for smooth in (kink, step, noise, printed, coarse, -np.sqrt(x), np.zeros(500)):
        assert contradicted(smooth) == []
    assert rounding(printed) == pytest.approx(5e-5)
    assert rounding(np.exp(-x)) == 0.0


def test_every_element_of_real_tables_is_read_without_a_word():
    """The wrong rows of this file stand out of these by orders of magnitude."""
    for name, elements in {
        "CoAl.eam.alloy": ("Co", "Al"),  # steps in F, kinks
        "CuTa.eam.alloy": ("Cu", "Ta"),
        "Cu_smf7.eam": (None,),
        "CuNi.eam.alloy": ("Cu", "Ni"),
        "NiAlH_jea.eam.alloy": ("Ni", "Al"),
        "Al_mm.eam.fs": ("Al",),  # F of 1e13 at high densities
        "Al_jnp.eam": (None,),  # F(0) = -1.81
    }.items():
        for element in elements:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                load_potential(lammps_table(name), element=element)


# --- the cut-off ---------------------------------------------------------------------------------


def grid(lines, **changes):
    names = ("nrho", "drho", "nr", "dr", "rc")
    words = dict(zip(names, lines[4].split(), strict=True)) | {
        name: repr(value) for name, value in changes.items()
    }
    return [*lines[:4], " ".join(words.values()), *lines[5:]]


def test_beyond_the_last_row_the_slope_is_that_of_the_held_value(good, load):
    rc = float(good[4].split()[4])
    potential = load(grid(good, rc=1.9 * rc))
    p, h = potential.params, 1e-5
    for r in np.linspace(1.01, 1.88, 7) * rc:
        for value, slope in ((0, 1), (2, 3)):
            difference = (pair(p, r + h)[value] - pair(p, r - h)[value]) / (2.0 * h)
            assert pair(p, r)[slope] == pytest.approx(difference, abs=1e-12)
    structure = potential.structure
    near, far = (getattr(qc.Crystal, structure)(q) for q in (load(good), potential))
    assert pytest.approx(near.elastic_constants().C11, rel=1e-4) == far.elastic_constants().C11


@pytest.mark.parametrize("factor", [2.5, 30.0, 1e4, 1e12, 1e30, 1e300])
def test_a_cutoff_with_digits_too_many_is_refused(factor, good, load):
    rc = float(good[4].split()[4])
    with pytest.raises(PotentialFileError, match="rc"):
        load(grid(good, rc=factor * rc))


# --- headers -------------------------------------------------------------------------------------


def about(lines, text):
    return [*lines[:5], text, *lines[6:]]


def test_a_header_of_another_lattice_is_a_hint(load, tmp_path):
    """Tungsten as 'fcc 3.8761', as files in circulation have it: LAMMPS never looks there."""
    tungsten = load_potential("W-Zhou-2004")
    good = qc.write_setfl(tmp_path / "w", tungsten, nr=N, nrho=N).read_text().splitlines()
    with pytest.warns(PotentialWarning, match=r"bcc a = 3\.1.*header says fcc 3\.8761"):
        potential = load(about(good, "74 183.84 3.8761 fcc"))
    expected = qc.Crystal.bcc(load(good)).lattice_constant
    assert potential.structure == "bcc"
    assert qc.Crystal.bcc(potential).lattice_constant == pytest.approx(expected, abs=1e-9)
    for header in ("74 183.84 0.0 hcp", "74 183.84 1.0 unknown"):
        found = qc.Crystal.bcc(load(grid(about(good, header), rc=7.2))).lattice_constant
        assert found == pytest.approx(expected, abs=1e-6)
    told = load(about(good, "74 183.84 9.0 fcc"), structure="bcc", lattice_constant=3.16)
    assert (told.structure, told.lattice_constant) == ("bcc", 3.16)
    assert load(about(good, "74 183.84 0.0 hcp"), structure="bcc").lattice_constant == (
        pytest.approx(expected, abs=0.02)
    )


def test_masses(good, load):
    Z, mass, a, lattice = good[5].split()
    for wrong in ("-1.0", "1e200", "1e-300"):
        with pytest.raises(PotentialFileError, match="mass"):
            load(about(good, f"{Z} {wrong} {a} {lattice}"))
    with pytest.warns(PotentialWarning, match="mass 0"):
        potential = load(about(good, f"{Z} 0.0 {a} {lattice}"))
    assert potential.mass == pytest.approx(float(mass), rel=1e-2)
    assert load(about(good, f"{Z} 0.0 {a} {lattice}"), mass=12.0).mass == 12.0
    nameless = [*good[:3], "1 meta_CuZn", *good[4:]]
    with pytest.raises(PotentialFileError, match="mass"):
        load(about(nameless, f"{Z} 0.0 {a} {lattice}"))
    assert load(nameless).symbol == "X"
    assert load(nameless, symbol="Cu").symbol == "Cu"


@pytest.mark.parametrize(
    "header, named", [("1e200 27.0 4.0 fcc", "Z"), ("13 27.0 1e-300 fcc", "lattice constant")]
)
def test_numbers_of_a_header_that_overflow(header, named, good, load):
    with pytest.raises(PotentialFileError, match=named):
        load(about(good, header))


@pytest.mark.parametrize(
    "options, named",
    [
        ({"structure": "hcp"}, "structure"),
        ({"lattice_constant": -4.0}, "lattice_constant"),
        ({"symbol": "meta"}, "symbol"),
        ({"mass": 0.0}, "mass"),
        ({"mass": np.nan}, "mass"),
    ],
)
def test_what_is_told_is_checked(options, named, good, load):
    with pytest.raises(InputError, match=named):
        load(good, **options)


# --- rows that are never used, and other formats -------------------------------------------------


def test_rows_that_are_never_used_may_hold_anything(good, load):
    reference = load(good).params
    rows, rphi = column(good, "rho"), column(good, "r phi")
    rows[0], rphi[0], rphi[1] = "INF", "inf", "1e12"
    found = load(with_columns(good, rho=rows, r_phi=rphi)).params
    for r in (2.3, 3.0, 4.4):
        assert pair(found, r) == pair(reference, r)
    with pytest.raises(PotentialFileError, match="rho, row 201"):
        load(with_row(good, "rho", 200, np.inf))
    with pytest.raises(PotentialFileError, match="inf"):
        load(with_row(good, "F", 200, np.inf))


def test_what_a_line_holds_too_many_is_left_out_as_lammps_does(good, load):
    """Blocks of 401 numbers in lines of five, the last one filled up."""
    reference = load(good).params
    blocks = [["0.0", *column(good, name)] for name in COLUMNS]
    dr = reference.cutoff / (N - 1)
    blocks = [block[1:] for block in blocks]
    lines = [
        " ".join([*block[k : k + 7], *["9.9"] * max(0, k + 7 - N)])
        for block in blocks
        for k in range(0, N, 7)
    ]
    found = load([*good[:6], *lines]).params
    assert pair(found, 100.5 * dr) == pair(reference, 100.5 * dr)
    assert embed(found, 0.7) == embed(reference, 0.7)


def test_other_formats_are_named(good, load, tmp_path):
    adp = [*good, *["0.0"] * (2 * N)]
    angles = [*good, *["0.0"] * (2 * N - 100), *["0.1"] * 100]
    six = [*good[:4], good[4] + " 100.0", *good[5:]]
    for lines, name, what in (
        (adp, "Cu.adp", "ADP table whose u and w are zeros"),
        (adp, "Cu.eam.alloy", "ADP table whose u and w are zeros"),
        (angles, "Cu.eam.alloy", "columns of an ADP table.*style='adp'"),
        (good, "Cu.adp", "a table of adp.*style='eam/alloy'"),
        (six, "Pd.eam.alloy", "eam/he"),
        (good, "Pd.eam.he", "eam/he"),
        (["# comment", "elt lat z ielement atwt", "'Cu' 'fcc' 12 29 63.5"], "library", "MEAM"),
        (["rc = 5.0", "delr = 0.1"], "Cu.parameters", "MEAM"),
    ):
        with pytest.raises(PotentialFileError, match=what):
            load(lines, name)
    load(six, "Pd.eam.alloy", style="eam/alloy")  # as LAMMPS does
    assert load(adp, "Cu.adp", style="eam/alloy").form == "SplineEAM"
    (tmp_path / "x.gz").write_bytes(b"\x1f\x8b\x08" + bytes(20))
    with pytest.raises(PotentialFileError, match="gzip"):
        load_potential(tmp_path / "x.gz")
    with pytest.raises(PotentialFileError, match="folder"):
        load_potential(tmp_path)
