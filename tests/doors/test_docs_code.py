"""The Python blocks of the documentation run, page by page, with smaller domains."""

from __future__ import annotations

import re

import pytest
from paths import ROOT

DOCS = ROOT / "docs"

# What is replaced to run the blocks of a page in seconds.
SMALLER: dict[str, dict[str, str]] = {
    "architecture": {},
    "quickstart": {
        "extent=5000.0": "extent=150.0",
        "extent=2000.0": "extent=80.0",
        "core=4 *": "core=2 *",
        "core=6 *": "core=3 *",
    },
    "crack": {
        "extent=1e4": "extent=100.0",
        "core=25.0, blend=15.0": "core=15.0, blend=8.0",
        "extent=1000.0": "extent=200.0",
        "KI=[0.38, 0.385], KII=[0.10, 0.1013]": "KI=[0.38], KII=[0.10]",
    },
    "elasticity": {},
    "patch_test": {
        "extent=5000.0": "extent=100.0",
        "core=25.0, blend=15.0": "core=12.0, blend=8.0",
    },
    "stability": {},
}
SLOW: dict[str, dict[str, str]] = {
    "dislocations": {"extent=1e4": "extent=300.0", "core=25.0": "core=20.0", ", 1000]": "]"},
    "indentation": {"extent=1e4": "extent=300.0", "15.0, 0.5": "3.0, 1.0", "ramp.events[0]": ""},
    "adaptive": {"tolerance=0.03": "tolerance=0.06"},
    "arc": {
        "extent=40.0": "extent=28.0",
        "KI=1.62": "KI=1.88",
        "periods=2": "periods=0.2",
        "solution(20)": "solution(2)",
    },
    "compare": {
        "[7, 10, 14, 20, 28]": "[7, 10]",
        "extent=1000.0": "extent=80.0",
        "core=70": "core=25",
        "[10, 15, 20]": "[7, 10]",
        "core + a": "core + 3.0",
        "10.0 * core + 50.0": "core + 60.0",
    },
    "conservation": {
        "steps=15_000": "steps=10",
        "atoms.get_potential_energy()": "",
        "extent=60.0": "extent=45.0",
        "12.0, 10.0": "8.0, 7.0",
    },
    "emission": {
        "width=2e-4": "width=5e-3",
        "extent=100.0": "extent=60.0",
        "core=20.0": "core=14.0",
    },
    "faults": {},
    "iron": {
        "extent=1000.0": "extent=60.0",
        "1.6, 0.02": "1.5, 0.08",
        "0.87, -0.02": "0.87, -0.06",
    },
    "structure": {"width=2e-3": "width=1e-2"},
}
UNTRIED = {
    "files": "what other pages have written",
    "metals": "a fragment",
    "potentials": "tables that are not ours to ship",
}
WITHOUT = ("my_system", "dask")  # blocks that cannot run here


def run(page: str, replaced: dict[str, str]) -> None:
    """The Python blocks of a page, one after the other, with what is replaced."""
    blocks = re.findall(r"```python\n(.*?)```", (DOCS / f"{page}.md").read_text(), flags=re.S)
    source = "\n".join(b for b in blocks if not any(name in b for name in WITHOUT))
    for written, smaller in replaced.items():
        assert written in source, f"{page}.md has no {written!r} any more"
        source = source.replace(written, smaller)
    exec(compile(source, f"{page}.md", "exec"), {})


def test_the_python_of_every_page_is_tried():
    pages = {page.stem for page in DOCS.glob("*.md") if "```python" in page.read_text()}
    assert pages == {*SMALLER, *SLOW, *UNTRIED}


@pytest.mark.parametrize("page", SMALLER)
def test_the_python_of_a_page_runs(page: str, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run(page, SMALLER[page])


@pytest.mark.slow
@pytest.mark.parametrize("page", SLOW)
def test_the_python_of_a_page_runs_slowly(page: str, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run(page, SLOW[page])
