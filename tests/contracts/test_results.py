"""Results: each is written in the formats and drawn by the picture that its class has, and a format
or a picture of a user stands beside those of the package."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache

import pytest
from paths import ROOT

import qcmethod as qc
from qcmethod import plot
from qcmethod.base.registry import import_rooms
from qcmethod.base.result import Drawn, Result, Written
from qcmethod.errors import InputError
from qcmethod.io import Tabular, formats, writes
from qcmethod.io.formats import Format, write_result

import_rooms("qcmethod")

SUFFIXES = {
    "AdaptResult": ".extxyz .json .npz .pvd .xyz",
    "ArcResult": ".extxyz .json .npz .pvd .xyz",
    "Band": ".extxyz .json .npz .pvd .xyz",
    "EmissionLoads": ".json",
    "GammaLine": ".json",
    "GammaSurface": ".json",
    "LoopWork": ".json",
    "PatchReport": ".extxyz .json .vtu .xyz",
    "RampResult": ".extxyz .json .npz .pvd .xyz",
    "Scorecard": ".csv .html .json .txt",
    "Solution": ".data .extxyz .npz .vtu .xyz",
    "StackingFaults": ".json",
    "Study": ".csv .json",
    "Sweep": ".csv .json",
}


def below(cls: type) -> list[type]:
    """The classes of the package that are of a kind, without the kinds themselves."""
    found = [c for sub in cls.__subclasses__() for c in [sub, *below(sub)]]
    return [c for c in dict.fromkeys(found) if c.__module__.startswith("qcmethod.") and c != Result]


def test_every_written_class_has_the_formats_that_the_documentation_names():
    found = {
        cls.__name__: " ".join(
            sorted({form.suffix for form in formats.FORMATS if issubclass(cls, form.of)})
        )
        for cls in below(Written)
    }
    assert found == SUFFIXES


def test_every_drawn_class_has_a_picture_and_no_other_class_has_one():
    pictures = {c for c in plot.draw.registry if c.__module__.startswith("qcmethod.")}
    assert pictures == set(below(Drawn)) and len(pictures) == 18
    assert set(plot.fill.registry) - {object} >= pictures  # and each fills an axis


@dataclass(frozen=True)
class Numbers(Result):
    values: tuple[float, ...] = (1.0, 2.0)

    def record(self):
        return {"values": list(self.values)}


@dataclass(frozen=True)
class More(Numbers):
    pass


def test_the_nearest_class_goes_first_and_then_the_last_registered(tmp_path, monkeypatch):
    monkeypatch.setattr(formats, "FORMATS", list(formats.FORMATS))

    def says(text, of):
        writes(".json", of=of)(lambda result, path: path.write_text(text))

    says("more", More)
    says("numbers", Numbers)
    says("any", Tabular)
    assert More().write(tmp_path / "a.json").read_text() == "more"
    assert Numbers().write(tmp_path / "a.json").read_text() == "numbers"
    says("again", Numbers)
    assert Numbers().write(tmp_path / "A.JSON").read_text() == "again"
    assert More().write(tmp_path / "a.json").read_text() == "more"


def test_what_has_no_format_and_no_picture_is_refused_by_name(tmp_path):
    with pytest.raises(InputError, match=r"^result: got .*some format serves"):
        write_result(3.0, tmp_path / "a.json")
    with pytest.raises(InputError, match=r"^result: got .*has a picture"):
        Numbers().plot(tmp_path / "a.png")
    with pytest.raises(InputError, match=r"^ax: got 3, expected a Matplotlib axis"):
        Numbers().plot(ax=3)
    with pytest.raises(InputError, match=r"^result: got .*fills an axis"):
        plot.fill(Numbers(), None)
    with pytest.raises(InputError, match=r"^path: got .*a suffix out of \.json$"):
        Numbers().write(tmp_path / "a.npz")
    with pytest.raises(InputError, match=r"^path: got None"):
        Numbers().write(None)
    assert list(tmp_path.iterdir()) == []


def test_a_format_or_a_picture_that_could_never_serve_is_refused(tmp_path, monkeypatch):
    """Where it is registered: an `of` that is no class would keep every result unwritten."""
    monkeypatch.setattr(formats, "FORMATS", list(formats.FORMATS))
    for wrong in ("loads", ".LOADS", "", 3):
        with pytest.raises(InputError, match=r"^suffixes: got"):
            writes(wrong, of=Tabular)
    with pytest.raises(InputError, match=r"^of: got 3, expected a class"):
        writes(".loads", of=3)
    with pytest.raises(InputError, match=r"^cls: got 3, expected a class"):
        plot.draws(3)


def test_a_picture_of_a_user_has_the_suffixes_of_ours(tmp_path):
    @plot.fills(More, size=(2.0, 1.0))
    def more(result, axis, colour="k"):
        axis.plot(result.values, color=colour)

    assert More().plot(str(tmp_path / "a.PNG"), dpi=50) == tmp_path / "a.PNG"
    for wrong in (tmp_path / "a.txt", 3):
        with pytest.raises(InputError, match=r"^path: got"):
            More().plot(wrong)
    figure = More().plot(colour="r")
    assert figure._repr_png_()[:4] == b"\x89PNG"
    assert figure.axes[0].lines[0].get_color() == "r"
    assert More().plot(ax=figure.axes[0]) is figure and len(figure.axes[0].lines) == 2
    with pytest.raises(InputError, match=r"^ax: got .*, expected an axis or a path"):
        More().plot(tmp_path / "b.png", ax=figure.axes[0])
    assert [p.name for p in tmp_path.iterdir()] == ["a.PNG"]


def test_a_notebook_shows_the_text_of_a_result():
    assert Numbers((1.0,))._repr_html_() == "<pre>Numbers(values=(1.0,))</pre>"


def test_a_failing_format_leaves_the_old_file(tmp_path, monkeypatch):
    def half(result, path):
        path.write_text("half")
        raise OSError("disk full")

    (tmp_path / "a.json").write_text("old")
    monkeypatch.setattr(formats, "FORMATS", [Format(".json", Tabular, half, whole=True)])
    with pytest.raises(OSError, match="disk full"):
        Numbers().write(tmp_path / "a.json")
    assert [p.read_text() for p in tmp_path.iterdir()] == ["old"]


@cache
def adapted():
    plane = qc.Crystal.hex2d(qc.load_potential("toy2d-c10"))
    return qc.adapt(qc.vacancy(plane, extent=30.0), tolerance=0.1)


def documented(name):
    """The block of docs/files.md that holds `name`."""
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "docs/files.md").read_text(), flags=re.S)
    (found,) = [block for block in blocks if name in block]
    return compile(found, "files.md", "exec")


def test_a_format_of_a_user(tmp_path, monkeypatch):
    """The example of docs/files.md."""
    monkeypatch.setattr(formats, "FORMATS", list(formats.FORMATS))
    monkeypatch.chdir(tmp_path)
    exec(documented("loads(series, path)"), {"result": adapted()})
    lines = [line.split() for line in (tmp_path / "run.loads").read_text().splitlines()]
    assert [float(time) for time, _ in lines] == list(range(len(adapted().cycles)))
    assert float(lines[-1][1]) == abs(adapted().snapshots[-1].u).max() > 0.0
    with pytest.raises(InputError, match=r"a suffix out of \.extxyz, \.json, \.loads, \.npz"):
        adapted().write(tmp_path / "run.txt")


def test_a_result_and_a_picture_of_a_user(tmp_path, monkeypatch):
    """The example of docs/files.md."""
    monkeypatch.chdir(tmp_path)
    names = {"__name__": __name__}
    exec(documented("class Opening(Result)"), names)
    assert (tmp_path / "opening.png").read_bytes()[:4] == b"\x89PNG"
    assert names["figure"].axes[0].lines[0].get_ydata().tolist() == [3.1, 2.7, 2.4]
    with (tmp_path / "opening.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [float(row["gap"]) for row in rows] == names["behind_the_tip"].gap
