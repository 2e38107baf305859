"""A page as a notebook: text becomes cells of text, Python blocks become cells of code.

python docs/_ext/notebook.py docs/quickstart.md quickstart.ipynb
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

BLOCK = re.compile(r"^```python\n(.*?)^```\n", re.S | re.M)


def cells(page: str) -> list[dict[str, Any]]:
    """The cells of a page, in its order."""
    parts = BLOCK.split(page)
    found = [_cell("code" if i % 2 else "markdown", part) for i, part in enumerate(parts)]
    return [{**cell, "id": str(i)} for i, cell in enumerate(found) if cell["source"]]


def _cell(kind: str, text: str) -> dict[str, Any]:
    cell = {"cell_type": kind, "metadata": {}, "source": text.strip()}
    return {**cell, "execution_count": None, "outputs": []} if kind == "code" else cell


def notebook(page: str) -> dict[str, Any]:
    """A notebook of version 4.5."""
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    return {"cells": cells(page), "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


if __name__ == "__main__":
    source, target = map(Path, sys.argv[1:])
    target.write_text(json.dumps(notebook(source.read_text()), indent=1) + "\n")
