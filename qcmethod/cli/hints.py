"""Refusals as the shell says them: keys of a job and commands in place of Python.

    Path('out').mkdir(parents=True)      mkdir -p out
    qcmethod.list_potentials() names all     qcmethod list-potentials names all
    burgers=(0.5, -0.5, 0.0)             burgers = [0.5, -0.5, 0.0]

A hint that is Python and that nothing here translates is left out: what was given and what was
expected say enough.
"""

from __future__ import annotations

import re

from qcmethod.errors import InputError

SPOKEN = (
    (r"qcmethod\.list_potentials\(\)", "qcmethod list-potentials"),
    (r"Path\((['\"])(.*?)\1\)\.mkdir\(parents=True\)", r"mkdir -p \2"),
    (r"qcmethod\.load_potential\(.*?\)", "the key source of [potential]"),
    (r"(?:qcmethod\.)?Crystal\.(\w+)(?:\(.*?\))?", r'structure = "\1"'),
    (r"qcmethod\.(\w+)\(crystal.*?\)", r'kind = "\1"'),
    (r"(\w+)=numpy\.arange\((.*?), (.*?), (.*?)\)", r"\1 = { from = \2, to = \3, by = \4 }"),
    (r", or result\.solution\(\w*\)\.write\(.*?\)", ", or the file of one step"),
    (r"a file of Solution\.write\(.*?\)", "a .npz file of a solution"),
    (r"the same call again, with directory=", "the same command again, with a folder"),
    (r"\b(the same|the) call\b", r"\1 command"),
    (r"(\w+)=\(([^()]*)\)", r"\1 = [\2]"),
    (r"(\w+)=((['\"])[^'\"]*\3|True|False|-?[0-9][-0-9.e+]*)", r"\1 = \2"),
    (r"(\w+)=(?=[ ,.)]|$)", r"\1"),
)
"""What is said in Python, and how the shell says it."""
PYTHON = re.compile(r"qcmethod\.\w|numpy\.|\w\(\w*crystal|Path\(|\w+\.\w+\(|\w=\S")
"""What only Python understands."""


def in_shell(text: str) -> str:
    """A text with its Python said in keys and commands."""
    for python, shell in SPOKEN:
        text = re.sub(python, shell, text)
    return text


def refusal(error: Exception) -> str:
    """One line for a refusal."""
    text = str(error)
    if isinstance(error, InputError):
        hint = in_shell(error.hint)
        text = text[: -len(error.hint)].rstrip() if error.hint else text
        text = f"{text} {hint}" if hint and not PYTHON.search(hint) else text.removesuffix(". Try:")
    return " ".join(in_shell(text).split()) or type(error).__name__
