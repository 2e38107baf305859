"""Files that somebody else made, with a right digest: a digest is no signature."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from dataclasses import is_dataclass, replace
from typing import get_args

import numpy as np
import pytest
from small_runs import arc, content, solution

import qcmethod as qc
from qcmethod.base.files import sealed, write_json
from qcmethod.base.registry import import_rooms
from qcmethod.base.stored import NAMES, STORED
from qcmethod.errors import DamagedFileError, InputError, QCError
from qcmethod.io import codec, container, unpack
from qcmethod.io.container import DIGITS, MARK
from qcmethod.io.declared import _hints, fits
from qcmethod.io.sound import FARTHEST


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    """The text and the arrays of a file."""
    folder = tmp_path_factory.mktemp("original")
    (folder / "a.npz").write_bytes(content("solution", ".npz", folder))
    return container.read_arrays(folder / "a.npz")


@pytest.fixture
def refused(original, tmp_path):
    """Writes a file with other arrays or another text, and has it refused."""

    def attempt(arrays=None, about=None, match=r"."):
        path = tmp_path / "x.npz"
        container.write_arrays(path, about or original[0], {**original[1], **(arrays or {})})
        with pytest.raises(QCError, match=match):
            qc.load(path)

    return attempt


def test_the_same_in_another_archive_is_read(original, tmp_path):
    container.write_arrays(tmp_path / "x.npz", *original)
    np.testing.assert_array_equal(qc.load(tmp_path / "x.npz").u, solution().u)


def test_arrays_are_of_the_type_that_their_class_says(original, refused):
    u = original[1]["u"]
    for value in (
        np.full_like(u, np.nan),
        np.full_like(u, 1e200),
        u[:3],
        u[:, :2],
        u.ravel(),
        u.astype("f4"),
        u.astype("i8"),
        u.astype("c16"),
        np.array("hello"),
        np.array(3.0),
    ):
        refused({"u": value}, match=r"x\.npz")
        refused({"forces": value})
        refused({"system.g": value})


def test_a_mesh_that_is_none_is_refused(original, refused):
    """Compiled code looks at no index twice."""
    arrays = original[1]
    ij, cells, level = (arrays[f"system.mesh.{name}"] for name in ("ij", "cells", "level"))
    far, twice, turned = cells.copy(), cells.copy(), cells.copy()
    twins = arrays["system.mesh.lower_of"].copy()
    far[0, 0], twice[0] = len(ij), cells[1]
    turned[0] = cells[0, 0]
    twins[3] = len(ij)
    moved, deep = ij.copy(), level.copy()
    moved[5], deep[7] = moved[5] + 1, deep[7] + 1
    for name, value in (
        ("cells", far),
        ("cells", -cells),
        ("cells", twice),
        ("cells", turned),
        ("cells", cells[:-1]),
        ("ij", moved),
        ("ij", ij * FARTHEST),
        ("level", deep),
        ("lower_of", twins),
        ("first", arrays["system.mesh.first"] + 1),
        ("macro", arrays["system.mesh.macro"] * 2**40),
        ("basis", np.zeros((2, 2))),
    ):
        refused({f"system.mesh.{name}": value})


def edited(about, path, value):
    """A copy of a text with another value at a place."""
    about = json.loads(json.dumps(about))
    tree = about["record"]
    for name in path[:-1]:
        tree = tree["fields"][name]
    tree["fields"][path[-1]] = value
    return about


CRYSTAL = ("system", "problem", "crystal")
MADE = (
    "relax",
    [],
    {"dict": {"relax": None}},
    {"dict": {"relax": {"dict": {"fmax": {"tuple": []}}}}},
    {"dict": {"relax": {"dict": {"u": {"array": "u"}}}}},
)
"""What are no tables of a call."""


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ((*CRYSTAL, "potential", "params", "cutoff"), (0, -1.0, None, 1e9, "x", {"float": "nan"})),
        ((*CRYSTAL, "potential", "params", "a"), (10**60, None, {"float": "inf"}, [], 4.1)),
        ((*CRYSTAL, "potential", "mass"), (0.0, -1.0, {"float": "inf"})),
        ((*CRYSTAL, "lattice", "constant"), (0.0, 1e-300, -1.0, {"float": "nan"}, "a")),
        ((*CRYSTAL, "lattice", "dim"), (0, 3, True, 2.0)),
        (("system", "problem", "extent"), (0.0, 1e300, {"float": "inf"}, [1.0], None)),
        (("system", "problem", "metric"), ("manhattan", None)),
        (("system", "problem", "external"), ({"tuple": ["Indenter"]}, None)),
        (("system", "elements"), ("P9", None, 2)),
        (("system", "partition"), (None, {"tuple": []})),
        (("system", "patch_number"), ("x", {"float": "nan"})),
        (("made",), MADE),
        (("system", "made"), MADE),
        (("system", "problem", "made"), MADE),
        ((*CRYSTAL, "potential", "made"), MADE),
        (("fmax",), ({"float": "nan"}, {"float": "inf"}, "0", True)),
        (("iterations",), (1.5, "4", None, {"float": "inf"})),
    ],
)
def test_fields_are_what_their_class_says(path, values, original, refused):
    for value in values:
        refused(about=edited(original[0], path, value))


def test_a_file_that_says_nothing_of_the_call_is_read(original, tmp_path):
    """As those of earlier versions."""
    about = json.loads(json.dumps(original[0]))
    del about["record"]["fields"]["made"], about["record"]["fields"]["system"]["fields"]["made"]
    container.write_arrays(tmp_path / "x.npz", about, original[1])
    found = qc.load(tmp_path / "x.npz")
    np.testing.assert_array_equal(found.u, solution().u)
    with pytest.raises(InputError, match="made by other means"):
        found.recipe()


def test_a_cutoff_with_too_many_sites_in_it_is_refused_before_they_are_listed(original, refused):
    basis = original[1]["system.problem.crystal.lattice.basis"]
    about = edited(original[0], (*CRYSTAL, "lattice", "constant"), 1e-5)
    refused({"system.problem.crystal.lattice.basis": 1e-5 * basis}, about, "sites in it")


def packed(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, said in files.items():
            archive.writestr(name, said)
        archive.comment = MARK + b"0" * DIGITS
    body = out.getvalue()[:-DIGITS]
    return body + hashlib.sha256(body).hexdigest().encode()


def test_headers_are_asked_before_memory_is_taken(original, tmp_path):
    header = io.BytesIO()
    shape = {"descr": "<f8", "fortran_order": False, "shape": (1 << 40,)}
    np.lib.format.write_array_header_1_0(header, shape)
    objects = io.BytesIO()
    np.save(objects, np.array([{}], dtype=object), allow_pickle=True)
    bomb = bytes(2 * unpack.FREE)
    for files, said in (
        ({"u.npy": header.getvalue() + bytes(64)}, "not of the size"),
        ({"u.npy": bomb}, f"unpacks to {len(bomb)} bytes"),
        ({"u.npy": objects.getvalue()}, "no numbers"),
        ({"u.npy": b"text"}, "ValueError"),
        ({"u.npy": b""}, "ValueError"),
        ({"u": header.getvalue(), "u.npy": b""}, "one name"),
    ):
        (tmp_path / "x.npz").write_bytes(packed(files))
        with pytest.raises(DamagedFileError, match=said if "about" in files else "path"):
            container.read_arrays(tmp_path / "x.npz")
        with pytest.raises(ValueError, match="magic" if said == "ValueError" else said):
            unpack.unpacked(packed(files))


def test_what_is_written_can_be_read(tmp_path, monkeypatch, original):
    """However well it shrinks; and a text that would not be read is not written."""
    monkeypatch.setattr(unpack, "FREE", 10_000)
    container.write_arrays(tmp_path / "x.npz", {}, {"zero": np.zeros(10**6)})
    assert container.read_arrays(tmp_path / "x.npz")[1]["zero"].shape == (10**6,)
    monkeypatch.setattr(container, "LONGEST_TEXT", 100)
    with pytest.raises(InputError, match="at most 100 letters"):
        container.write_arrays(tmp_path / "y.npz", *original)


@pytest.mark.parametrize("said", ["[1", "[" * 10**5, "3", '{"format": NaN}', "x" * 99])
def test_a_text_that_says_nothing(said, tmp_path):
    out = io.BytesIO()
    np.save(out, np.array(said))
    (tmp_path / "x.npz").write_bytes(packed({"about.npy": out.getvalue()}))
    with pytest.raises(DamagedFileError, match=r"x\.npz"):
        container.read_arrays(tmp_path / "x.npz")


def test_a_text_of_a_gigabyte(monkeypatch, original, tmp_path):
    container.write_arrays(tmp_path / "x.npz", *original)
    monkeypatch.setattr(container, "LONGEST_TEXT", 100)
    with pytest.raises(DamagedFileError, match="no text of at most 100"):
        qc.load(tmp_path / "x.npz")


def test_a_folder_whose_lines_somebody_else_wrote(tmp_path):
    """With right checks: a log of other types, and a set-up without its parts."""
    arc(tmp_path / "run")
    from qcmethod.io.lines import read_lines, write_lines
    from qcmethod.io.record import save

    log, end = tmp_path / "run" / "log.jsonl", tmp_path / "run" / "end.json"
    lines = read_lines(log, "directory")
    for name, value in (("load", "high"), ("unstable", None), ("fold", 3), ("sense", []), ("x", 1)):
        write_lines(log, [{**lines[0], name: value}, *lines[1:]])
        with pytest.raises(DamagedFileError, match="undamaged log"):
            qc.load(tmp_path / "run")
    write_lines(log, lines)
    end.unlink()
    write_json(end, sealed({"steps": len(lines)}))
    with pytest.raises(DamagedFileError):
        qc.load(tmp_path / "run")
    end.unlink()
    (tmp_path / "run" / "setup.npz").unlink()
    save(tmp_path / "run" / "setup.npz", {"branch": 3})
    with pytest.raises(DamagedFileError):
        qc.load(tmp_path / "run")


def test_a_table_with_numbers_that_json_does_not_have(tmp_path):
    values = sealed({"x": 1.0})
    text = json.dumps({**values, "x": float("nan")})
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(DamagedFileError):
        qc.load(tmp_path / "a.json")


def test_a_table_of_too_many_bytes(tmp_path, monkeypatch):
    write_json(tmp_path / "a.json", sealed({"x": 1.0}))
    monkeypatch.setattr("qcmethod.base.files.LARGEST_JSON", 10)
    with pytest.raises(QCError, match="at most 10 bytes"):
        qc.load(tmp_path / "a.json")


def test_what_a_stored_class_holds_is_stored_too():
    """Otherwise a result cannot be written once it has one of them."""
    import_rooms("qcmethod")
    lost = {
        f"{cls.__name__}.{name}: {one.__name__}"
        for cls in STORED.values()
        if is_dataclass(cls) and cls not in codec.SPECIAL and cls.__module__.startswith("qcmethod")
        for name, hint in _hints(cls).items()
        if name in {f for f, v in cls.__dataclass_fields__.items() if v.init}
        for one in classes_in(hint)
        if one not in NAMES and one not in codec.SPECIAL
    }
    assert not lost


def classes_in(hint):
    """Classes of this package, Protocols apart, anywhere in an annotation."""
    if isinstance(hint, type):
        own = hint.__module__.startswith("qcmethod")
        return {hint} if own and not getattr(hint, "_is_protocol", False) else set()
    return set().union(*(classes_in(one) for one in get_args(hint)))


def test_annotations_are_checked():
    assert fits((1, 2.0), tuple[float, ...]) and not fits((1, "x"), tuple[float, ...])
    assert not fits((1.0,), tuple[float, float]) and not fits([1.0], tuple[float, ...])
    assert fits({"a": 1}, dict[str, int]) and not fits({"a": True}, dict[str, int])
    assert fits(None, float | None) and not fits(float("nan"), float | None)
    assert not fits(True, float) and not fits(True, int) and fits(True, bool)
    assert fits(replace(solution()), qc.Solution)
