"""The assertion and the pytest plug-in: what passes, what fails, the map that a failure leaves."""

from __future__ import annotations

import subprocess
import sys
from xml.etree import ElementTree

import pytest

import qcmethod as qc
from qcmethod.errors import InputError
from qcmethod.testing import GhostForceError, assert_patch_test

pytest_plugins = ["pytester"]


@pytest.fixture(scope="module")
def toy() -> qc.Crystal:
    return qc.Crystal.hex2d(qc.load_potential("toy2d-c10"))


def system(toy: qc.Crystal, method: str, *, strained: bool = True) -> qc.System:
    F = [[1.0, 0.02], [0.0, 1.02]] if strained else None
    return qc.couple(qc.homogeneous(toy, F, extent=25.0), method, core=4.0, blend=4.0)


# --- the assertion


def test_it_passes_what_has_no_ghost_force(toy) -> None:
    assert assert_patch_test(system(toy, "qcf")).passes
    assert not assert_patch_test(system(toy, "gfc"), at="reference").passes
    loose = assert_patch_test(system(toy, "gfc"), tolerance=0.1, magnitude=0.001)
    assert 1e-4 < loose.worst < 0.1  # judged by the tolerance that is stated


def test_it_fails_with_the_table(toy) -> None:
    with pytest.raises(GhostForceError) as caught:
        assert_patch_test(system(toy, "qce"))
    error = caught.value
    assert isinstance(error, AssertionError) and error.picture is None
    assert str(error).startswith("qce does not pass: ") and str(error.report) in str(error)
    with pytest.raises(GhostForceError, match=r"ghost force .* at the reference"):
        assert_patch_test(system(toy, "qce"), at="reference")
    with pytest.raises(GhostForceError, match="passes at the reference only"):
        assert_patch_test(system(toy, "gfc"))


def test_it_fails_where_nothing_could_have_been_found(toy) -> None:
    relaxed = system(toy, "qce", strained=False)
    with pytest.raises(GhostForceError, match="vacuous; give the problem a strained F"):
        assert_patch_test(relaxed, at="reference")
    with pytest.raises(GhostForceError, match="vacuous; test strained gradients"):
        assert_patch_test(relaxed, gradients=[relaxed.problem.predictor.F])
    with pytest.raises(GhostForceError, match="did not include the reference"):
        assert_patch_test(relaxed, at="reference", gradients=[[[1.01, 0, 0], [0, 1, 0], [0, 0, 1]]])


def test_its_map_is_drawn_on_failure_only(toy, tmp_path) -> None:
    assert_patch_test(system(toy, "qcf"), picture=tmp_path / "a.png")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(GhostForceError, match="map: ") as caught:
        assert_patch_test(system(toy, "qce"), picture=tmp_path / "a.png")
    assert caught.value.picture == tmp_path / "a.png" and (tmp_path / "a.png").is_file()


def test_wrong_arguments_are_no_failed_test(toy) -> None:
    with pytest.raises(InputError, match="at"):
        assert_patch_test(system(toy, "qcf"), at="somewhere")
    with pytest.raises(InputError, match="system"):
        assert_patch_test(toy)


# --- the plug-in


SUITE = """
import qcmethod as qc

def coupled(method):
    crystal = qc.Crystal.hex2d(qc.load_potential("toy2d-c10"))
    problem = qc.homogeneous(crystal, [[1.0, 0.02], [0.0, 1.02]], extent=25.0)
    return qc.couple(problem, method, core=4.0, blend=4.0)

def test_good(patch_test):
    assert patch_test(coupled("bqcf")).passes
    patch_test(coupled("gfc"), at="reference")

def test_bad(patch_test):
    patch_test(coupled("qce"))
"""


@pytest.fixture
def suite(pytester, monkeypatch, toy):
    """A user's suite, with this plug-in and no other, whether or not the package is installed."""
    # runs of pytester forget the modules that they load, and NumPy loads only once
    assert_patch_test(system(toy, "qcf"))
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makepyfile(SUITE)

    def run(*arguments: str):
        return pytester.runpytest_inprocess("-p", "qcmethod.pytest_plugin", *arguments)

    return run


def test_fixture_fails_with_table_and_map(suite, pytester) -> None:
    result = suite("--ghost-force-maps", "maps", "--junitxml=junit.xml")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*GhostForceError: qce does not pass: *", "*Patch test of qce*"])
    maps = list((pytester.path / "maps").iterdir())
    assert [m.suffix for m in maps] == [".png"] and "test_bad" in maps[0].name
    result.stdout.fnmatch_lines([f"*map: {maps[0]}*"])
    # the failure is shown at the user's line, not inside the plug-in
    result.stdout.no_fnmatch_line("*def assert_patch_test*")
    cases = ElementTree.parse(pytester.path / "junit.xml").getroot().iter("testcase")
    recorded = {
        case.get("name"): {p.get("name"): p.get("value") for p in case.iter("property")}
        for case in cases
    }
    assert recorded["test_bad"]["ghost_force_map"] == str(maps[0])
    assert float(recorded["test_bad"]["ghost_force"]) > 1e-2
    assert "ghost_force_map" not in recorded["test_good"]


def test_without_a_folder_the_map_is_in_the_temporary_one(suite) -> None:
    result = suite("-k", "test_bad")
    result.assert_outcomes(failed=1, deselected=1)
    line = next(text for text in result.outlines if "map: " in text)
    assert line.split("map: ")[1].endswith(".png") and "test_bad" in line


def test_a_long_name_and_a_folder_that_cannot_be_made(suite, pytester) -> None:
    pytester.makepyfile(
        test_long="import pytest\n"
        + SUITE.replace(
            "def test_bad(patch_test):",
            "@pytest.mark.parametrize('x', [1], ids=['x' * 400])\ndef test_bad(patch_test, x):",
        )
    )
    suite("--ghost-force-maps", "maps", "test_long.py").assert_outcomes(passed=1, failed=1)
    assert [len(m.name) for m in (pytester.path / "maps").iterdir()] == [160 + len(".png")]
    (pytester.path / "file").write_text("")
    result = suite("--ghost-force-maps", "file", "-k", "test_good")
    result.stdout.fnmatch_lines(["*InputError: --ghost-force-maps: got *folder that can be made*"])


def test_option_is_documented(suite) -> None:
    suite("--help").stdout.fnmatch_lines(["*--ghost-force-maps*DIR*"])


def test_pytest_is_needed_by_nothing_else() -> None:
    names = "sys, qcmethod.cli, qcmethod.testing, qcmethod.analysis.patch"
    code = f"import {names}; print('pytest' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
