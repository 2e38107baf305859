"""From the docstrings of the package to those that napoleon expects.

Ours say `name : what it is` in one line, because types stand in the signature; in numpydoc a type
follows the name, so the text moves to a line of its own. Bars are |absolute values|, which reST
would take for substitutions. A paragraph of such entries without a heading lists parameters, and
one that is no entry ends a section. Types are read by their last name, and a name that is that of
one thing of the reference links to it, from whatever module it is written in.
"""

from __future__ import annotations

import re
from typing import Any

from sphinx.util.nodes import make_refnode

SECTIONS = ("Parameters", "Attributes", "Returns", "Yields", "Raises", "Other Parameters")
ENTRY = re.compile(r"^(?P<names>\*{0,2}\w[\w.]*(?:, \*{0,2}\w[\w.]*)*) : (?P<text>\S.*)$")
FORWARD = re.compile(r"TypeAliasForwardRef\('(\w+)'\)")
TYPE = re.compile(r"\*\* \(\*(?P<type>[^*]+)\*\)")
DOTTED = re.compile(r"(?<![~\w.])(?:[a-z_]\w*\.)+(?=[A-Z]\w*)")
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
        lines[:0] = [".. no type", ""]  # or what stands before a colon would be taken for one


def signature(app: Any, what: str, name: str, obj: object, options: Any, *given: Any) -> Any:
    """Names of type aliases as they are written in the source."""
    return tuple(part and FORWARD.sub(r"\1", part) for part in given)


def shortened(app: Any, what: str, name: str, obj: object, options: Any, lines: list[str]) -> None:
    """Types by their last name, those of ours as links, where napoleon has written them in full."""
    for i, line in enumerate(lines):
        lines[i] = TYPE.sub(lambda found: f"** ({_type(found['type'])})", line)


def _type(text: str) -> str:
    if not text.startswith("qcmethod.") or "[" in text:
        return f"*{DOTTED.sub('', text)}*"
    parts = text.split(" | ")
    return " | ".join(f"`~{part}`" if "." in part else f"*{part}*" for part in parts)


def found(app: Any, env: Any, node: Any, content: Any) -> Any:
    """A link to the only thing of the reference that ends in a name, or None."""
    if node.get("refdomain") != "py" or not NAME.fullmatch(f"`{node['reftarget']}`"):
        return None
    domain, last = env.get_domain("py"), f".{node['reftarget']}"
    names = [n for n, entry in domain.objects.items() if n.endswith(last) and not entry.aliased]
    classes = [n for n in names if domain.objects[n].objtype in ("class", "function", "exception")]
    if "." in node["reftarget"]:
        classes = names
    if len(classes) != 1:
        return None
    entry, at = domain.objects[classes[0]], node.get("refdoc", env.docname)
    return make_refnode(app.builder, at, entry.docname, entry.node_id, content, classes[0])


def setup(app: Any) -> dict[str, bool]:
    """Register with Sphinx, ahead of napoleon."""
    app.connect("autodoc-process-docstring", process, priority=400)
    app.connect("autodoc-process-docstring", shortened, priority=600)
    app.connect("autodoc-process-signature", signature)
    app.connect("missing-reference", found)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
