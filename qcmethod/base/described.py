"""What a function takes, as its signature and its docstring say: for files, templates and help.

    KI, KII, KIII : stress intensities, MPa sqrt(m)      of `crack`
    method, core, blend : as in `couple`                 is looked up there

A line "names : text" describes arguments, with the lines below it that stand further in. Where the
text sends the reader to another function ("as in `couple`", "as for `fcc`") it is taken from there.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Function = Callable[..., Any]
ENTRY = re.compile(r"^( *)([A-Za-z_]\w*(?:, [A-Za-z_]\w*)*) : (.*)$")
ELSEWHERE = re.compile(r"as (?:in|for|of) `(\w+)`")


@dataclass(frozen=True)
class Argument:
    """An argument by its name: what the docstring says of it, its default, whether there is one."""

    name: str
    text: str
    default: Any
    required: bool


def arguments_of(function: Function) -> dict[str, Argument]:
    """The arguments of a function by name, those of `*` and `**` left out."""
    found = {}
    for name, item in inspect.signature(function).parameters.items():
        if item.kind in (item.VAR_KEYWORD, item.VAR_POSITIONAL):
            continue
        required = item.default is item.empty
        default = None if required else item.default
        found[name] = Argument(name, text_of(function, name), default, required)
    return found


def takes_more(function: Function) -> bool:
    """Whether a function has a `**` for further keywords."""
    items = inspect.signature(function).parameters.values()
    return any(item.kind is item.VAR_KEYWORD for item in items)


def text_of(function: Function, name: str) -> str:
    """What the docstring of a function says of an argument; "": nothing."""
    doc = inspect.getdoc(function) or ""
    own = entries(doc).get(name, "")
    sent = ELSEWHERE.search(own or doc)
    if own and not own.startswith("as "):
        return own
    other = None if sent is None else _beside(function, sent[1])
    return own if other in (None, function) else text_of(other, name)


def entries(doc: str) -> dict[str, str]:
    """The lines "names : text" of a docstring, with those that go on further in, by name."""
    found: dict[str, str] = {}
    names: list[str] = []
    depth = 0
    for line in doc.splitlines():
        begins = ENTRY.match(line)
        if begins:
            names, depth = begins[2].split(", "), len(begins[1])
            found |= {name: begins[3] for name in names if name not in found}
        elif names and line.strip() and len(line) - len(line.lstrip()) > depth:
            found |= {name: f"{found[name]} {line.strip()}" for name in names}
        else:
            names = []
    return found


def first_sentence(function: Function) -> str:
    """The first sentence of a docstring."""
    return (inspect.getdoc(function) or "").split("\n\n")[0].replace("\n", " ")


def _beside(function: Function, name: str) -> Any:
    """Another function of the same class or module; None where there is none."""
    owner = getattr(function, "__self__", None)
    module = sys.modules.get(function.__module__)
    found = getattr(owner, name, None) or getattr(module, name, None)
    return found if callable(found) else None
