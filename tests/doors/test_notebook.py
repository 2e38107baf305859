"""The quick start as a notebook: top to bottom, with its pictures inline."""

from __future__ import annotations

import base64
import json
import sys

import pytest
from paths import ROOT
from test_docs_code import SMALLER

sys.path.insert(0, str(ROOT / "docs" / "_ext"))
from notebook import notebook

PAGE = (ROOT / "docs" / "quickstart.md").read_text()


def smaller(page):
    for written, small in SMALLER["quickstart"].items():
        page = page.replace(written, small)
    return page


def test_every_block_of_the_page_is_a_cell():
    cells = notebook(PAGE)["cells"]
    code = [cell["source"] for cell in cells if cell["cell_type"] == "code"]
    assert len(code) == PAGE.count("```python") and code[0].startswith("import qcmethod as qc")
    assert not any("```python" in cell["source"] for cell in cells)


def outputs(book):
    return [out for cell in book["cells"] for out in cell.get("outputs", [])]


@pytest.mark.slow
def test_it_runs_with_pictures_inline(tmp_path, monkeypatch):
    nbclient, nbformat = pytest.importorskip("nbclient"), pytest.importorskip("nbformat")
    monkeypatch.delenv("MPLBACKEND", raising=False)
    book = nbformat.reads(json.dumps(notebook(smaller(PAGE))), as_version=4)
    nbclient.NotebookClient(book, timeout=600, resources={"metadata": {"path": tmp_path}}).execute()
    shown = [out["data"] for out in outputs(book) if out["output_type"] == "execute_result"]
    pictures = [base64.b64decode(data["image/png"]) for data in shown if "image/png" in data]
    assert len(pictures) == 2 and all(len(picture) > 20_000 for picture in pictures)
    assert any("<pre>" in data.get("text/html", "") for data in shown)
    assert not [out for out in outputs(book) if out["output_type"] == "error"]
