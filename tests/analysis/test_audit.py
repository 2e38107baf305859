"""The audit: figures by region, resultants, energies, the number in every file, files, map.

What is exact is tested as exact: a plain energy is objective, so its ghost forces turn with the
crystal and have no resultant; a frozen correction does not turn, which leaves (R - 1) times what it
corrects; the ghost forces of QCE on the chain are as large on both sides of the interface.
"""

from __future__ import annotations

import json
import math
from dataclasses import replace
from functools import cache

import meshio
import numpy as np
import pytest
from ase.io import read
from figures import panel_alone
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import qcmethod as qc
from qcmethod.analysis.patch import SEED, PatchReport, battery
from qcmethod.analysis.patch.measure import row_at
from qcmethod.coupling.ghost import ghost_force
from qcmethod.errors import InputError

STRAINED = np.array([[1.0, 0.02, 0.0], [0.0, 1.02, 0.0], [0.0, 0.0, 1.0]])


@cache
def system_of(kind: str, method: str) -> qc.System:
    if kind == "chain":
        crystal = qc.Crystal.chain(qc.load_potential("LJ"))
        return qc.couple(qc.vacancy(crystal, extent=80.0), method, core=8.0, blend=6.0)
    if kind == "toy":
        crystal = qc.Crystal.hex2d(qc.load_potential("toy2d-c10"))
        return qc.couple(qc.vacancy(crystal, STRAINED, extent=30.0), method, core=5.0, blend=4.0)
    crystal = qc.Crystal.fcc(
        qc.load_potential("Al-Ercolessi-1994"), (1, 1, -2), (1, 1, 1), (1, -1, 0)
    )
    return qc.couple(qc.crack(crystal, KI=0.4, extent=300.0), method, core=12.0, blend=10.0)


@cache
def report_of(kind: str, method: str) -> PatchReport:
    return qc.patch_test(system_of(kind, method))


# --- the battery


def test_battery_goes_up_to_three_percent_with_random_gradients_of_a_stated_seed() -> None:
    G = battery(np.eye(3), 3, 0.02)
    assert {"shear", "rotation", "rotation x stretch", "out-of-plane shear", "random 2"} < set(G)
    strain = {k: np.abs(np.linalg.svd(F, compute_uv=False) - 1.0).max() for k, F in G.items()}
    assert max(strain.values()) == strain["large stretch x"] == pytest.approx(0.03)
    for name in ("random 1", "random 2"):
        assert np.linalg.norm(G[name] - np.eye(3)) == pytest.approx(0.03)
        assert strain[name] > 0.01
    R = G["rotation"]
    np.testing.assert_allclose(R.T @ R, np.eye(3), atol=1e-15)
    assert np.arctan2(R[1, 0], R[0, 0]) == pytest.approx(0.02)
    again, other = battery(np.eye(3), 3, 0.02), battery(np.eye(3), 3, 0.02, seed=7)
    assert (again["random 1"] == G["random 1"]).all()
    assert np.abs(other["random 1"] - G["random 1"]).max() > 1e-3
    report = report_of("toy", "qce")
    assert report.seed == SEED and f"random gradients of seed {SEED}" in str(report)
    assert report_of("chain", "qce").seed is None


# --- figures


@pytest.mark.parametrize("method", ["qce", "bqce", "bgfc", "qcf", "local", "atomistic"])
def test_regions_are_a_partition_of_the_free_repatoms(method: str) -> None:
    report = report_of("toy", method)
    names = {"local": {"continuum"}, "atomistic": {"core"}, "qce": {"core", "continuum"}}
    for row in (*report.rows, report.at_predictor):
        parts = row.regions.values()
        one_less = row is report.at_predictor  # the vacancy is healed for the others
        free = report.free.sum() - one_less
        assert max(p.worst for p in parts) == row.worst
        assert sum(p.count for p in parts) == free
        squares = sum(p.count * p.rms**2 for p in parts)
        assert math.sqrt(squares / free) == pytest.approx(row.rms, rel=1e-12)
        if method in names:
            assert set(row.regions) == names[method]


def test_chain_ghost_forces_are_as_large_on_both_sides_of_the_interface() -> None:
    for row in report_of("chain", "qce").rows:
        core, continuum = row.regions["core"].worst, row.regions["continuum"].worst
        assert core == pytest.approx(continuum, rel=1e-9) and row.moment is None


@settings(max_examples=15)
@given(
    kind=st.sampled_from(["toy", "Al"]),
    method=st.sampled_from(["qce", "bqce"]),
    H=st.lists(st.floats(-0.02, 0.02), min_size=4, max_size=4),
)
def test_ghost_forces_of_an_energy_have_no_resultant(
    kind: str, method: str, H: list[float]
) -> None:
    system = system_of(kind, method)
    F = np.eye(3)
    F[:2, :2] += np.reshape(H, (2, 2))
    row = qc.patch_test(system, [F]).rows[0]
    assert np.abs(row.net).max() < 1e-12 and abs(row.moment) < 1e-10
    assert row.energy_error < 1e-14


@pytest.mark.parametrize("kind", ["toy", "Al"])
def test_ghost_forces_turn_with_the_crystal_and_a_frozen_correction_does_not(kind: str) -> None:
    plain, frozen = report_of(kind, "bqce"), report_of(kind, "bgfc")
    by_name = {row.name: row for row in plain.rows}
    R = by_name["rotation"].F @ np.linalg.inv(plain.F_ref)
    f = plain.forces["reference"]
    assert by_name["rotation"].worst == pytest.approx(by_name["reference"].worst, rel=1e-9)
    np.testing.assert_allclose(plain.forces["rotation"], f @ R.T, atol=1e-12)
    np.testing.assert_allclose(frozen.forces["rotation"], f @ R.T - f, atol=1e-12)


@pytest.mark.parametrize("method", ["bqce", "bgfc", "bqcf"])
def test_quadratic_elements_are_audited_and_written_as_well(method: str, tmp_path) -> None:
    linear = system_of("toy", method)
    system = qc.couple(linear.problem, method, core=5.0, blend=4.0, elements="P2")
    report = qc.patch_test(system)
    assert len(report.x_k) > len(report_of("toy", method).x_k) and report.passes == (
        method == "bqcf"
    )
    for row in report.rows:
        assert np.abs(row.net).max() < 1e-12
        assert method == "bgfc" or abs(row.moment) < 1e-10
    for ours, same in zip(report.rows, report_of("toy", method).rows, strict=True):
        assert ours.worst == pytest.approx(same.worst, rel=1e-6, abs=1e-12)
    kinds = {block.type for block in meshio.read(report.write(tmp_path / "a.vtu")).cells}
    assert "triangle6" in kinds
    atoms = read(report.write(tmp_path / "a.xyz"))
    assert len(atoms) == (system.body.used & ~system.body.is_bubble).sum()
    assert colours(report.plot(tmp_path / "a.png", dpi=40)) > 20


def test_energy_of_a_site_is_exact_and_the_test_would_notice_if_not() -> None:
    for method in ("local", "qce", "gfc", "bqce", "bgfc", "atomistic"):
        assert 0.0 <= report_of("toy", method).energy_error < 1e-14
    assert report_of("toy", "bqcf").energy_error is None
    patch = system_of("toy", "bqce").pristine(STRAINED).at_gradient(STRAINED)
    share = float(patch.weights.omega_c.sum()) / float(patch.body.cells.volume.sum())
    wrong = replace(patch.weights, omega_c=1.001 * patch.weights.omega_c)
    patch.__dict__["weights"] = wrong
    row, _ = row_at(patch, "wrong", 1e-10)
    expected = 0.001 * share * abs(patch.reference_energy)
    assert row.energy_error == pytest.approx(expected, rel=1e-6) and expected > 1e-4


def test_row_at_the_predictor_of_the_problem_at_hand() -> None:
    qce = report_of("Al", "qce")
    f = ghost_force(system_of("Al", "qce"), system_of("Al", "qce").zero)
    assert (qce.predictor_forces == f).all() and not qce.at_predictor.passes
    assert qce.predictor == qce.at_predictor.worst == np.linalg.norm(f, axis=1).max() > 0.1
    assert qce.at_predictor.uncorrected == pytest.approx(qce.predictor, rel=1e-12)
    gfc = report_of("Al", "gfc").at_predictor
    assert gfc.passes and gfc.uncorrected == pytest.approx(qce.predictor, rel=1e-9)
    assert report_of("Al", "qcf").at_predictor.uncorrected == pytest.approx(qce.predictor, rel=1e-9)
    assert report_of("Al", "qcf").predictor == 0.0


def test_a_pass_with_a_difference_at_the_predictor_is_explained() -> None:
    report = report_of("toy", "qcf")
    assert not any("predictor" in note for note in report.notes)
    off = replace(report.at_predictor, worst=0.1, passes=False)
    other = replace(report, at_predictor=off)
    assert other.passes and "they are no ghost forces" in str(other) and "differs" in str(other)


@pytest.mark.parametrize("kind", ["toy", "Al"])
def test_a_reconstruction_is_held_against_the_energy_it_corrects(kind: str) -> None:
    grac, qce = report_of(kind, "grac"), report_of(kind, "qce")
    assert grac.passes and not grac.vacuous and "grac passes at every gradient" in grac.verdict
    for ours, plain in zip(grac.rows, qce.rows, strict=True):
        assert ours.uncorrected == pytest.approx(plain.worst, rel=1e-9)


def test_without_the_reference_its_figure_is_none_and_not_nan() -> None:
    report = qc.patch_test(system_of("toy", "gfc"), {"F": np.diag([1.01, 1.0, 1.0])})
    assert report.reference is None and report.at_reference is None
    assert json.loads(json.dumps(report.as_dict(), allow_nan=False))["at_reference"] is None


# --- the number that logs and files carry


@pytest.mark.parametrize("kind", ["toy", "Al", "chain"])
@pytest.mark.parametrize("method", ["qce", "bgfc", "bqcf"])
def test_patch_number_is_the_worst_of_its_rows_of_the_full_test(kind: str, method: str) -> None:
    rows = {row.name: row.worst for row in report_of(kind, method).rows}
    names = ("reference", "stretch") if kind == "chain" else ("reference", "stretch x", "shear")
    number = system_of(kind, method).patch_number
    assert number == pytest.approx(max(rows[name] for name in names), rel=1e-9, abs=1e-12)
    assert (number < 1e-10) == (method == "bqcf")


def test_patch_number_leaves_out_what_the_crystal_does_not_bear() -> None:
    crystal = qc.Crystal.chain(qc.load_potential("LJ"))
    stretches = np.linspace(1.05, 1.15, 41)
    last = max(s for s in stretches if crystal.is_stable(np.diag([s, 1.0, 1.0])))
    F = np.diag([last, 1.0, 1.0])
    assert not crystal.is_stable(np.diag([1.02, 1.0, 1.0]) @ F)
    system = qc.couple(qc.vacancy(crystal, F, extent=80.0), "qce", core=8.0)
    assert system.patch_number == pytest.approx(qc.patch_test(system, [F]).worst, rel=1e-9)


@pytest.fixture(scope="module")
def solution() -> qc.Solution:
    return qc.relax(system_of("toy", "bqce"), fmax=1e-6)


def test_every_saved_file_carries_the_number(solution, tmp_path) -> None:
    number = solution.system.patch_number
    assert solution.patch_number == number == solution.summary()["patch_number"] > 1e-3
    with np.load(solution.write(tmp_path / "a.npz")) as file:
        assert json.loads(str(file["about"]))["patch_number"] == number
    assert read(solution.write(tmp_path / "a.xyz")).info["patch_number"] == pytest.approx(number)
    assert solution.to_atoms().info["patch_number"] == number
    assert f'Name="patch_number" NumberOfTuples="1" format="ascii">{number!r}<' in (
        solution.write(tmp_path / "a.vtu").read_text()
    )


def test_logs_and_pictures_carry_the_number(solution, capsys) -> None:
    from qcmethod.plot.scene import title

    number = f"{solution.patch_number:.1e}"
    assert f"patch_number={number} eV/A" in repr(solution)
    qc.relax(solution.system, fmax=1e-2, progress=True)
    assert f"ghost forces up to {number} eV/A" in capsys.readouterr().out.splitlines()[0]
    assert "at 2 % strain" in title(solution.system, solution.u)


# --- arguments


def test_a_solution_is_taken_by_its_system(solution) -> None:
    assert qc.patch_test(solution).worst == qc.patch_test(solution.system).worst


@pytest.mark.parametrize(
    ("arguments", "argument"),
    [
        ({"system": 1}, "system"),
        ({"system": "qce"}, "system"),
        ({"gradients": 3.0}, "gradients"),
        ({"gradients": "shear"}, "gradients"),
        ({"gradients": {"predictor": np.eye(3)}}, "gradients"),
        ({"gradients": np.eye(3)}, "gradients['F0']"),
        ({"gradients": {"a": [["x"]]}}, "gradients['a']"),
        ({"tolerance": "small"}, "tolerance"),
        ({"magnitude": "large"}, "magnitude"),
        ({"magnitude": None}, "magnitude"),
        ({"seed": -1}, "seed"),
        ({"seed": 0.5}, "seed"),
    ],
)
def test_wrong_types_are_refused_by_name(arguments: dict, argument: str) -> None:
    with pytest.raises(InputError) as caught:
        qc.patch_test(**{"system": system_of("toy", "qce"), **arguments})
    assert caught.value.argument == argument


# --- files


def test_json_has_every_figure(tmp_path) -> None:
    report = report_of("Al", "bqce")
    path = report.write(tmp_path / "a.json")
    data = json.loads(path.read_text())
    assert data == json.loads(json.dumps(report.as_dict()))
    row, found = report.rows[3], data["rows"][3]
    assert found["name"] == row.name and found["F"] == row.F.tolist()
    assert found["regions"]["blend"] == vars(row.regions["blend"])
    assert found["net"] == row.net.tolist() and found["moment"] == row.moment
    assert found["energy_error"] == row.energy_error
    assert data["at_predictor"]["worst"] == report.predictor
    assert data["system"]["potential"] == "Al-Ercolessi-1994" and data["seed"] == SEED


@pytest.mark.parametrize("gradient", [None, "shear", "predictor"])
def test_xyz_and_vtu_carry_the_ghost_forces_of_a_gradient(gradient, tmp_path) -> None:
    report = report_of("Al", "bgfc")
    row, f, system = report.at(gradient)
    assert row.name == (gradient or max(report.rows, key=lambda r: r.worst).name)
    used = np.flatnonzero(system.body.used)
    atoms = read(report.write(tmp_path / "a.xyz", gradient))
    np.testing.assert_allclose(atoms.arrays["ghost_force"], f[used], rtol=1e-11, atol=1e-25)
    np.testing.assert_allclose(atoms.positions, system.body.y0_k[used], atol=1e-9)
    assert atoms.info["gradient"] == row.name and atoms.info["verdict"] == report.verdict
    assert set(atoms.get_chemical_symbols()) == {"Al"}
    mesh = meshio.read(report.write(tmp_path / "a.vtu", gradient))
    assert (mesh.point_data["ghost_force"] == f[used]).all()
    assert set(np.unique(mesh.point_data["region"])) == {0, 1, 2}
    assert ("ghost_force_out-of-plane_shear" in mesh.point_data) == (gradient != "predictor")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.vtu", "a.xyz"]


@pytest.mark.parametrize("kind", ["chain", "toy"])
def test_files_of_any_crystal(kind, tmp_path) -> None:
    for method in ("local", "qcf"):
        report = report_of(kind, method)
        for suffix in (".xyz", ".extxyz", ".vtu", ".json"):
            assert report.write(tmp_path / f"a{suffix}").stat().st_size > 500


@pytest.mark.parametrize(
    ("name", "gradient", "argument"),
    [("a.txt", None, "path"), ("no/a.json", None, "path"), ("a.xyz", "twist", "gradient")],
)
def test_nothing_is_written_for_what_is_refused(name, gradient, argument, tmp_path) -> None:
    with pytest.raises(InputError) as caught:
        report_of("toy", "qce").write(tmp_path / name, gradient)
    assert caught.value.argument == argument and list(tmp_path.iterdir()) == []


# --- the map


def colours(path) -> int:
    with Image.open(path) as image:
        pixels = np.asarray(image.convert("RGB"))
    assert pixels.shape[1] > pixels.shape[0] > 200
    # vivid pixels: those of arrows, points and the colour bar, not of the shaded regions
    vivid = pixels.max(axis=2).astype(int) - pixels.min(axis=2) > 100
    return int(vivid.sum())


def test_the_map_shows_arrows_where_there_are_ghost_forces(tmp_path) -> None:
    failed = report_of("toy", "qce").plot(tmp_path / "a.png", dpi=40)
    panel_alone(report_of("toy", "qce"))
    passed = report_of("toy", "qcf").plot(tmp_path / "b.png", dpi=40)
    assert colours(failed) > 3 * colours(passed)


@pytest.mark.parametrize(
    ("kind", "method", "gradient"),
    [("Al", "bgfc", "shear"), ("Al", "bqce", "predictor"), ("toy", "local", None),
     ("chain", "qce", None), ("chain", "bqcf", "compression")],
)  # fmt: skip
def test_the_map_of_every_kind_of_system(kind, method, gradient, tmp_path) -> None:
    path = report_of(kind, method).plot(tmp_path / "a.png", gradient, dpi=40)
    assert colours(path) > 20


@pytest.mark.parametrize(
    ("name", "gradient", "options", "argument"),
    [
        ("a.gif", None, {}, "path"),
        ("a.png", "twist", {}, "gradient"),
        ("a.png", None, {"zoom": -1.0}, "zoom"),
        ("a.png", None, {"zoom": 1e9}, "zoom"),
        ("a.png", None, {"zoom": "1"}, "zoom"),
        ("a.png", None, {"dpi": -1}, "dpi"),
        ("a.png", ["shear"], {}, "gradient"),
    ],
)
def test_a_map_is_refused_by_name(name, gradient, options, argument, tmp_path) -> None:
    with pytest.raises(InputError) as caught:
        report_of("toy", "qce").plot(tmp_path / name, gradient, **options)
    assert caught.value.argument == argument and list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", [".svg", ".pdf"])
def test_formats(suffix, tmp_path) -> None:
    path = report_of("chain", "qce").plot(tmp_path / f"a{suffix}")
    assert [p.name for p in tmp_path.iterdir()] == [path.name] and path.stat().st_size > 5000


def test_forces_of_another_mesh_cannot_be_drawn(tmp_path) -> None:
    from qcmethod.plot import ghost_map

    with pytest.raises(InputError, match="forces"):
        ghost_map(tmp_path / "a.png", system_of("toy", "qce"), np.zeros((3, 3)))
