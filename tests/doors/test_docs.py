"""The documentation: no page, name, link or picture is lost; it builds without a warning."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from paths import ROOT

import qcmethod as qc

DOCS = ROOT / "docs"
PAGES = sorted(DOCS.glob("*.md"))
TEXTS = [*PAGES, *sorted(ROOT.glob("*.md"))]
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
SECTION = re.compile(r"^#+ (.*)$", flags=re.M)


def without_code(text: str) -> str:
    """A page without its blocks of code, whose brackets are no links."""
    return re.sub(r"```(?!\{toctree\}).*?```|`[^`\n]+`", "", text, flags=re.S)


def anchors(page: Path) -> set[str]:
    """The names of the sections of a page, as GitHub and MyST make them."""
    plain = [re.sub(r"[^\w\s-]", "", title.lower()) for title in SECTION.findall(page.read_text())]
    return {title.strip().replace(" ", "-") for title in plain}


def test_every_page_has_its_place_in_a_table_of_contents():
    entries = []
    for page in PAGES:
        for tree in re.findall(r"```\{toctree\}(.*?)```", page.read_text(), flags=re.S):
            entries += re.findall(r"^[\w/]+$", tree, flags=re.M)
    missing = {page.stem for page in PAGES} - {"index"} - set(entries)
    assert missing == set()
    assert len(entries) == len(set(entries)) and "gallery/index" in entries


def test_every_public_name_is_in_the_reference():
    reference = (DOCS / "api.md").read_text()
    tables = re.findall(r"autosummary::(.*?)```", reference, flags=re.S)
    names = {line.strip() for table in tables for line in table.splitlines()}
    public = set(qc.__all__) - {"__version__"}
    assert public - {name.removeprefix("errors.") for name in names} == set()


@pytest.mark.parametrize("text", TEXTS, ids=lambda path: path.name)
def test_every_link_and_picture_resolves(text: Path):
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", without_code(text.read_text())):
        if target.startswith(("http://", "https://", "mailto:")):
            continue
        name, _, anchor = target.partition("#")
        path = text.parent / name if name else text
        if "gallery" in path.parts:  # made from an example
            source = "GALLERY_HEADER.rst" if path.stem == "index" else f"{path.stem}.py"
            path = ROOT / "examples" / source
        if not path.exists() or (anchor and anchor not in anchors(path)):
            broken.append(target)
    assert broken == []


def test_every_picture_is_shown():
    shown = " ".join(text.read_text() for text in (*TEXTS, *EXAMPLES))
    assert [p.name for p in (DOCS / "img").iterdir() if f"img/{p.name}" not in shown] == []


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_opens_with_the_title_of_its_page(example: Path):
    title, line, empty = (ast.get_docstring(ast.parse(example.read_text())) or "").split("\n")[:3]
    assert set(line) == {"="} and len(line) == len(title) and not empty


@pytest.mark.slow
def test_the_site_builds_without_a_warning(tmp_path):
    """As `make docs` does, but for the examples, which tests/doors/test_examples.py runs."""
    pytest.importorskip("sphinx_gallery", reason="needs the packages of qcmethod[docs]")
    made = shutil.ignore_patterns("_examples", "api", "gallery", "sg_execution_times.rst", "out")
    for folder in (
        "docs",
        "examples",
        "tests/analysis",
        "tests/contracts",
    ):  # of which pages show parts
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=made)
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-D", "plot_gallery=0"]
    done = subprocess.run(
        [*command, "docs", "site"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": "", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "site" / "theory.html").read_text()
    assert page.count("<math") > 20 and "<table" in page and "$" not in page
    assert "Parameters" in (tmp_path / "site" / "api" / "qcmethod.couple.html").read_text()
