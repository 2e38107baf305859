"""Numbers, texts, lists and tables as TOML (https://toml.io/en/v1.0.0), which Python only reads.

    {"problem": {"kind": "crack", "KI": 0.42}}   ->   [problem]
                                                      kind = "crack"
                                                      KI = 0.42

Floats are written with all their digits: what is read back is the same number.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from qcmethod.errors import InputError

Tables = dict[str, dict[str, Any]]
"""Tables by name, each with values by key."""


def as_toml(tables: Mapping[str, Mapping[str, Any]], head: str = "") -> str:
    """The tables as a text, below the lines of a comment; keys whose value is None are left out."""
    parts = ["\n".join(f"# {line}".rstrip() for line in head.splitlines())] if head else []
    for name, table in tables.items():
        lines = [f"{key_text(k)} = {value_text(v)}" for k, v in table.items() if v is not None]
        parts.append("\n".join([f"[{key_text(name)}]", *lines]))
    return "\n\n".join(parts) + "\n"


def value_text(value: object) -> str:
    """A value as TOML has it (TypeError for what is none)."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return repr(value)  # inf and nan are words of TOML too
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, Mapping):
        inner = (f"{key_text(k)} = {value_text(v)}" for k, v in value.items())
        return "{ " + ", ".join(inner) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(value_text, value)) + "]"
    raise TypeError(f"{value!r} has no place in TOML")


def key_text(key: str) -> str:
    """A key, in quotes where it must be."""
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else value_text(key)


def read_toml(path: Path, what: str) -> dict[str, Any]:
    """The contents of a file; InputError where it cannot be read, or is no TOML.

    what : such a file, for messages
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError("file", str(path), f"{what} ({error.strerror})") from error
    except (ValueError, RecursionError) as error:  # no TOML, too many digits, nested too deep
        raise InputError("file", str(path), f"{what}: TOML ({error})") from error
