"""Pictures: they are drawn for every kind of system, change no setting, and fail cleanly."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pytest
from figures import panel_alone
from PIL import Image

import qcmethod as qc
from qcmethod import plot
from qcmethod.errors import InputError
from qcmethod.plot.panels import unit_of


@pytest.fixture(scope="module")
def crack():
    crystal = qc.Crystal.fcc(
        qc.load_potential("Al-Ercolessi-1994"), x=(1, 1, -2), y=(1, 1, 1), z=(1, -1, 0)
    )
    return qc.couple(qc.crack(crystal, KI=0.42, extent=2000.0), "bgfc", core=12.0, blend=8.0)


@pytest.fixture(scope="module")
def plane():
    crystal = qc.Crystal.hex2d(qc.load_potential("toy2d-c10"))
    return qc.microcrack(crystal, 3, [[1.0, 0.02], [0.0, 1.02]], extent=30.0)


@pytest.fixture(scope="module")
def chain():
    crystal = qc.Crystal.chain(qc.load_potential("LJ"), a=1.12)
    return qc.couple(qc.vacancy(crystal, extent=200.0), "bgfc", core=12.0, blend=8.0)


def pixels(path):
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


@pytest.mark.parametrize("measure", ["shear", "volumetric", "displacement", "yy"])
def test_crack(crack, tmp_path, measure):
    path = plot.plot(tmp_path / "a.png", crack, crack.zero, measure=measure, dpi=50)
    image = pixels(path)
    assert image.shape[1] > image.shape[0] > 200
    assert len(np.unique(image.reshape(-1, 3), axis=0)) > 500  # colours, not an empty frame


@pytest.mark.parametrize("method", ["atomistic", "local", "qce", "bqcf"])
def test_plane_crystal_by_any_method(plane, tmp_path, method):
    system = qc.couple(plane, method, core=5.0, blend=4.0)
    image = pixels(plot.plot(tmp_path / "a.png", system, system.zero, dpi=50))
    assert len(np.unique(image.reshape(-1, 3), axis=0)) > 100


def test_chain(chain, tmp_path):
    assert plot.plot(tmp_path / "a.png", chain, chain.zero, dpi=50).stat().st_size > 0


@pytest.mark.parametrize("suffix", [".pdf", ".svg", ".png"])
def test_formats(plane, tmp_path, suffix):
    system = qc.couple(plane, "bgfc", core=5.0, blend=4.0)
    path = plot.plot(tmp_path / f"a{suffix}", system, system.zero, deformed=False, dpi=50)
    assert path.stat().st_size > 1000


def test_nothing_global_changes(plane, tmp_path):
    before, backend = dict(mpl.rcParams), mpl.get_backend()
    system = qc.couple(plane, "bgfc", core=5.0, blend=4.0)
    plot.plot(tmp_path / "a.png", system, system.zero, dpi=50)
    assert dict(mpl.rcParams) == before and mpl.get_backend() == backend


@pytest.mark.parametrize(
    ("name", "options", "argument"),
    [
        ("a.gif", {}, "path"),
        ("no/a.png", {}, "path"),
        ("a.png", {"measure": "colour"}, "measure"),
        ("a.png", {"zoom": 1e9}, "zoom"),
        ("a.png", {"zoom": -1.0}, "zoom"),
    ],
)
def test_refused_before_anything_is_written(plane, tmp_path, name, options, argument):
    system = qc.couple(plane, "bgfc", core=5.0, blend=4.0)
    with pytest.raises(InputError) as caught:
        plot.plot(tmp_path / name, system, system.zero, **options)
    assert caught.value.argument == argument
    assert list(tmp_path.iterdir()) == []


def test_a_failure_leaves_no_file(plane, tmp_path, monkeypatch):
    system = qc.couple(plane, "bgfc", core=5.0, blend=4.0)

    def half(self, path, **_):
        path.write_bytes(b"half")
        raise OSError("disk full")

    monkeypatch.setattr("matplotlib.figure.Figure.savefig", half)
    with pytest.raises(OSError, match="disk full"):
        plot.plot(tmp_path / "a.png", system, system.zero)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("width", "unit"), [(40.0, 1.0), (700.0, 10.0), (1e4, 1e4)])
def test_units_follow_the_size(width, unit):
    assert unit_of(width)[0] == unit


@pytest.mark.parametrize("name", ["crack", "chain"])
def test_a_solution_without_a_file(name, request):
    from qcmethod.solve.solution import evaluated

    system = request.getfixturevalue(name)
    panel_alone(evaluated(system, system.zero))
