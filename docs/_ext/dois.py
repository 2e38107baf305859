"""DOIs as links, wherever they stand: on pages, in docstrings, in the gallery.

    doi:10.1103/PhysRevB.69.144113, "doi 10.1103/...", or the bare number

Text is asked after a page has been read, whatever it was written in; code and what is a link
already are left alone.
"""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

DOI = re.compile(r"\b(?:doi:? ?)?(?P<number>10\.\d{4,9}/[^\s,;\"'<>]*[\w)])", re.IGNORECASE)
ASIDE = (nodes.reference, nodes.literal, nodes.literal_block, nodes.raw, nodes.math)


def pieces(text: str) -> list[tuple[str, str]]:
    """A text as (what is read, number of the DOI or "")."""
    found: list[tuple[str, str]] = []
    at = 0
    for match in DOI.finditer(text):
        number = closed(match["number"])
        end = match.start("number") + len(number)
        found += [(text[at : match.start()], ""), (text[match.start() : end], number)]
        at = end
    return [piece for piece in [*found, (text[at:], "")] if piece[0]]


def closed(number: str) -> str:
    """A DOI without the bracket that closes the sentence around it."""
    return number[:-1] if number.endswith(")") and number.count("(") < number.count(")") else number


class Linked(SphinxPostTransform):
    """References in place of the DOIs of a page."""

    default_priority = 700

    def run(self, **kwargs: Any) -> None:
        """Of every text that is no code and no link."""
        for text in list(self.document.findall(nodes.Text)):
            found = pieces(str(text))
            if not any(number for _, number in found) or _inside(text, ASIDE):
                continue
            new: list[nodes.Node] = []
            for read, number in found:
                url = f"https://doi.org/{number}"
                link = nodes.reference(read, read, internal=False, refuri=url)
                new.append(link if number else nodes.Text(read))
            text.parent.replace(text, new)


def _inside(node: nodes.Node, kinds: tuple[type[nodes.Node], ...]) -> bool:
    above = node.parent
    while above is not None:
        if isinstance(above, kinds):
            return True
        above = above.parent
    return False


def setup(app: Any) -> dict[str, bool]:
    """Register with Sphinx."""
    app.add_post_transform(Linked)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
