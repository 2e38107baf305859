"""The long description of the package: the README without what only the repository can show.

The project has no public address, so pictures and links into the repository have nothing to point
to on an index: pictures go, links become their text. With an address they would become absolute,
here, and `[project.urls]` would name it.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

PICTURE = re.compile(r"^!\[[^\]]*\]\((?!https?:)[^)]*\)\n\n?", re.MULTILINE)
LINK = re.compile(r"\[([^\]]+)\]\((?!https?:|#)[^)]*\)")


def described(readme: str) -> str:
    """A README that says nothing which its reader cannot open."""
    return LINK.sub(r"\1", PICTURE.sub("", readme))


class Description(MetadataHookInterface):
    """What hatchling asks for the dynamic field `readme`."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Fill it in."""
        text = described((Path(self.root) / "README.md").read_text(encoding="utf-8"))
        metadata["readme"] = {"content-type": "text/markdown", "text": text}
