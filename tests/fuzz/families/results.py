"""Result files that were damaged, or made by somebody else: refused, or as good as their numbers.

A digest is put right again in most trials, so that what is tried is the reader behind it.
"""

from __future__ import annotations

import hashlib
import io
import json
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import small_runs
from harness import Family, Silent, kind

import qcmethod as qc
from qcmethod.base.files import sealed
from qcmethod.base.result import Result
from qcmethod.errors import QCError
from qcmethod.io.container import DIGITS, MARK

Files = dict[str, bytes]
SOURCES = ("solution", "ramp", "arc", "adapt")
TABLES = ("ramp", "arc", "adapt", "compare")
SAME = "the same, packed again"
LEAVES: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2, 3, 7, 10**6, 2**31, 2**63, 10**60, 0.0, -1.0, 0.5, 1e-300,
    1e300, 1e6, "", "x", "nan", [], {}, [[]], {"x": 1}, {"float": "nan"}, {"float": "inf"},
    {"float": "-inf"}, {"float": []}, {"tuple": []}, {"tuple": 3}, {"array": "u"},
    {"array": "nothing"}, {"same": 0}, {"same": -1}, {"dict": {}}, {"type": "Mesh", "fields": {}},
    {"type": "os:system", "at": 1, "fields": {"command": "true"}},
)  # fmt: skip
"""What stands in the place of something else."""
_folder: list[tempfile.TemporaryDirectory[str]] = []


def trial(rng: np.random.Generator, folder: Path) -> str:
    """Change a file in one way and read it."""
    if rng.random() < 0.15:
        return _table(rng, folder)
    name = str(rng.choice(SOURCES))
    content, (what, change) = _source(name, ".npz"), CHANGES[int(rng.integers(len(CHANGES)))]
    with kind(what):
        changed, honest = change(rng, content)
        return _read(folder / "x.npz", changed, what, honest and changed != content)


def _read(path: Path, content: bytes, what: str, must_refuse: bool) -> str:
    path.write_bytes(content)
    try:
        found = qc.load(path)
    except QCError as error:
        if what == SAME:
            raise Silent(f"what was written is not read: {error}") from error
        raise
    if must_refuse:
        raise Silent("a file was read whose content has not its digest")
    _use(found)
    return what


def _use(found: Any) -> None:
    """What was accepted can be used, and is made of finite numbers."""
    repr(found), str(found)
    solution = found if isinstance(found, qc.Solution) else getattr(found, "solution", None)
    if callable(solution):
        solution = found.state(0) if hasattr(found, "store") else found.solution(0)
    if isinstance(solution, qc.Solution):
        state = solution.system.model.at(solution.u)
        for array in (solution.u, solution.forces, state.forces, solution.system.body.x_k):
            if not np.isfinite(array).all():
                raise Silent("numbers that are not finite were accepted")
    if isinstance(found, Result):
        qc.load(found.write("again.json" if hasattr(found, "rows") else "again.npz"))


def _table(rng: np.random.Generator, folder: Path) -> str:
    """A file of JSON: numbers of a result, or a study."""
    name = str(rng.choice(TABLES))
    content = _source(name, ".json")
    way = int(rng.integers(4))
    what = ("table, bytes", "table, cut", "table, new digest", "table, deep")[way]
    with kind(what):
        if way == 0:
            changed = _flipped(rng, content)
        elif way == 1:
            changed = content[: int(rng.integers(len(content)))]
        elif way == 3:
            changed = b'{"sha256": "", "x": ' + b"[" * 10 ** int(rng.integers(3, 6))
        else:
            values = json.loads(content)
            values.pop("sha256")
            _mutate(rng, values)
            try:
                changed = json.dumps(sealed(values)).encode()
            except (TypeError, ValueError):
                return what
        same = way != 2 and _equal(content, changed)
        return _read(folder / "x.json", changed, what, way != 2 and not same)


def _equal(one: bytes, other: bytes) -> bool:
    """Whether two texts of JSON say the same: a space that became a tab is no damage."""
    try:
        return bool(json.loads(one) == json.loads(other))
    except (ValueError, RecursionError):
        return False


def _flipped(rng: np.random.Generator, content: bytes) -> bytes:
    found = bytearray(content)
    for _ in range(int(rng.integers(1, 9))):
        found[int(rng.integers(len(found)))] ^= 1 << int(rng.integers(8))
    return bytes(found)


def _packed_again(rng: np.random.Generator, content: bytes) -> tuple[bytes, bool]:
    """The same in another archive: has to be read."""
    return _packed(_unpacked(content)[0]), False


def _bytes(rng: np.random.Generator, content: bytes) -> tuple[bytes, bool]:
    return _flipped(rng, content), True


def _cut(rng: np.random.Generator, content: bytes) -> tuple[bytes, bool]:
    return content[: int(rng.integers(len(content)))], True


def _bytes_sealed(rng: np.random.Generator, content: bytes) -> tuple[bytes, bool]:
    return _digested(_flipped(rng, content[: -DIGITS - len(MARK)]) + MARK), False


def _cut_sealed(rng: np.random.Generator, content: bytes) -> tuple[bytes, bool]:
    return _digested(content[: int(rng.integers(len(content)))] + MARK), False


def _digested(body: bytes) -> bytes:
    return body + hashlib.sha256(body).hexdigest().encode()


def _members(rng: np.random.Generator, content: bytes) -> tuple[bytes, bool]:
    """Arrays removed, exchanged, or under another name."""
    files, names = _unpacked(content)
    one, other = str(rng.choice(names)), str(rng.choice(names))
    way = int(rng.integers(4))
    if way == 0:
        del files[one]
    elif way == 1:
        files[one], files[other] = files[other], files[one]
    elif way == 2:
        files["foreign.npy"] = files.pop(one)
    else:
        files["extra.txt" if rng.random() < 0.5 else "extra.npy"] = bytes(rng.bytes(200))
    return _packed(files), False


def _array(rng: np.random.Generator, content: bytes) -> tuple[bytes, bool]:
    """Another shape, type or value of one array."""
    files, names = _unpacked(content)
    name = str(rng.choice([n for n in names if n != "about.npy"]))
    values = np.load(io.BytesIO(files[name]))
    way = int(rng.integers(8))
    if way == 0:
        values = values.ravel()[: max(1, values.size // 2)]
    elif way == 1:
        kinds = ["f4", "i4", "c16", "?", "U3", "i8", "f8"]
        values = values.astype(rng.choice(kinds if values.dtype.kind != "U" else ["U3", "S9"]))
    elif way == 2:
        values = np.asarray(values.tolist(), dtype=values.dtype).T
    elif way == 3:
        values = values[..., None] if rng.random() < 0.5 else values.ravel()[:0]
    elif values.size and values.dtype.kind in "iufc":
        values = values.copy()
        at = int(rng.integers(values.size))
        if values.dtype.kind == "f":
            values.flat[at] = rng.choice([np.nan, np.inf, 1e300, -1e300, 1e6, 0.0, 1e-3])
        elif values.dtype.kind == "i":
            values.flat[at] = rng.choice([-1, 0, 1, 2, 2**31, -(2**62), 2**40, 17])
        if way == 7:
            rng.shuffle(values.reshape(-1))
    out = io.BytesIO()
    np.save(out, values, allow_pickle=False)
    files[name] = out.getvalue()
    return _packed(files), False


def _header(rng: np.random.Generator, content: bytes) -> tuple[bytes, bool]:
    """A header that asks for more memory than there is, or is no header."""
    files, names = _unpacked(content)
    name, out = str(rng.choice(names)), io.BytesIO()
    way = int(rng.integers(3))
    if way == 0:
        shape = (1 << int(rng.integers(20, 62)),)
        header = {"descr": "<f8", "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(out, header)
        files[name] = out.getvalue() + bytes(64)
    elif way == 1:
        files[name] = bytes(10 ** int(rng.integers(6, 9)))
    else:
        np.save(out, np.zeros(10 ** int(rng.integers(5, 8))))
        files[name] = out.getvalue()
    return _packed(files), False


def _text(rng: np.random.Generator, content: bytes) -> tuple[bytes, bool]:
    """One thing in the text is another one."""
    files, _ = _unpacked(content)
    about = json.loads(np.load(io.BytesIO(files["about.npy"])).item())
    way = rng.random()
    if way < 0.9:
        _mutate(rng, about["record"] if rng.random() < 0.9 else about)
        text = json.dumps(about)
    elif way < 0.95:
        text = '{"format": 2, "qcmethod": "0", "record": ' + "[" * 10 ** int(rng.integers(3, 6))
    else:
        text = json.dumps(about)[: int(rng.integers(4000))]
    out = io.BytesIO()
    np.save(out, np.array(text))
    files["about.npy"] = out.getvalue()
    return _packed(files), False


def _mutate(rng: np.random.Generator, tree: Any) -> None:
    """Replace, remove or add one thing, anywhere in a tree."""
    places = list(_places(tree))
    where, key = places[int(rng.integers(len(places)))]
    way = rng.random()
    if way < 0.15 and isinstance(where, dict):
        del where[key]
    elif way < 0.25 and isinstance(where, dict):
        where["foreign"] = where[key]
    elif way < 0.4:
        other, name = places[int(rng.integers(len(places)))]
        where[key] = json.loads(json.dumps(other[name]))
    else:
        where[key] = LEAVES[int(rng.integers(len(LEAVES)))]


def _places(tree: Any) -> Any:
    """(container, key) of everything in a tree."""
    pairs = tree.items() if isinstance(tree, dict) else enumerate(tree)
    for key, value in list(pairs):
        yield tree, key
        if isinstance(value, dict | list):
            yield from _places(value)


def _unpacked(content: bytes) -> tuple[Files, list[str]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    return files, list(files)


def _packed(files: Files) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
        archive.comment = MARK + b"0" * DIGITS
    return _digested(out.getvalue()[:-DIGITS])


def _source(name: str, suffix: str) -> bytes:
    if not _folder:
        _folder.append(tempfile.TemporaryDirectory(prefix="results-"))
        for one in SOURCES:  # all of them in the first trial, which may take longer
            _source(one, ".npz")
        for one in TABLES:
            _source(one, ".json")
    return small_runs.content(name, suffix, Path(_folder[0].name))


CHANGES = (
    (SAME, _packed_again),
    ("bytes", _bytes),
    ("cut", _cut),
    ("bytes, new digest", _bytes_sealed),
    ("cut, new digest", _cut_sealed),
    ("members, new digest", _members),
    ("array, new digest", _array),
    ("array, new digest", _array),
    ("array, new digest", _array),
    ("header, new digest", _header),
    ("text, new digest", _text),
    ("text, new digest", _text),
    ("text, new digest", _text),
    ("text, new digest", _text),
)

FAMILY = Family("results", "mutated result files", trial, count=10_000, smoke=60)
