"""From the docstrings of the package to those that napoleon expects.

Ours say `name : what it is` in one line, because types stand in the signature; in numpydoc a type
follows the name, so the text moves to a line of its own. Bars are |absolute values|, which reST
would take for substitutions. A paragraph of such entries without a heading lists parameters, and
one that is no entry ends a section.
"""

from __future__ import annotations

import re
from typing import Any

SECTIONS = ("Parameters", "Attributes", "Returns", "Yields", "Raises", "Other Parameters")
ENTRY = re.compile(r"^(?P<names>\*{0,2}\w[\w.]*(?:, \*{0,2}\w[\w.]*)*) : (?P<text>\S.*)$")
FORWARD = re.compile(r"TypeAliasForwardRef\('(\w+)'\)")
CODE = re.compile(r"(`+[^`]+`+)")
NAME = re.compile(r"`[A-Za-z_][\w.]*`")  # becomes a link, if there is something to link to


def moved(lines: list[str]) -> list[str]:
    """Docstring lines as napoleon wants them."""
    out: list[str] = []
    section = ""
    for i, line in enumerate(lines):
        underline = lines[i + 1] if i + 1 < len(lines) else ""
        heading = bool(underline) and set(underline) == {"-"}
        entry = None if heading else ENTRY.match(line)
        first = bool(line) and line[0] != " " and (not out or not out[-1])
        if heading:
            section = line
        elif first and entry and not section:
            out += ["Parameters", "----------"]
            section = "Parameters"
        elif first and not entry and section in SECTIONS:
            out.append("")  # two blank lines end a section
            section = ""
        named = entry is not None and section in SECTIONS
        out += [entry["names"], f"    {entry['text']}"] if entry and named else [line]
    return [escaped(line) for line in out]


def escaped(line: str) -> str:
    """The line with bars outside of code taken literally, and code that is no name as code."""
    parts = CODE.split(line)
    parts[::2] = [part.replace("|", r"\|") for part in parts[::2]]
    parts[1::2] = [
        part if NAME.fullmatch(part) else f"``{part.strip('`')}``" for part in parts[1::2]
    ]
    return "".join(parts)


def process(app: Any, what: str, name: str, obj: object, options: Any, lines: list[str]) -> None:
    """Rewrite a docstring before napoleon reads it."""
    lines[:] = moved(lines)
    if what in ("attribute", "data", "property"):
        lines.insert(0, "")  # or what stands before a colon would be taken for a type


def signature(app: Any, what: str, name: str, obj: object, options: Any, *given: Any) -> Any:
    """Names of type aliases as they are written in the source."""
    return tuple(part and FORWARD.sub(r"\1", part) for part in given)


def setup(app: Any) -> dict[str, bool]:
    """Register with Sphinx, ahead of napoleon."""
    app.connect("autodoc-process-docstring", process, priority=400)
    app.connect("autodoc-process-signature", signature)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
