"""Commands of the shell with nonsense for one or two of their options: a status, and one line.

Options are those that a command has, so a new command takes part by itself; what it needs beside
them is in `NEEDS`.
"""

from __future__ import annotations

from pathlib import Path

import click
import numpy as np
from click.testing import CliRunner
from harness import Family, Silent, kind

from qcmethod.cli import COMMANDS, main
from qcmethod.errors import InputError

SMALL = ("--potential", "toy2d-c10", "--extent", "13")
NEEDS: dict[str, tuple[str, ...]] = {
    "compare": (*SMALL, "--cores", "4", "--methods", "bgfc"),
    "patch-test": (*SMALL, "--core", "4", "--blend", "4", "--method", "bgfc"),
}
VALUES = (
    *(
        "",
        " ",
        "x",
        "-",
        "--",
        ".",
        "/",
        "~",
        "~nobody/x",
        "nan",
        "inf",
        "-inf",
        "-1",
        "0",
        "1",
        "-0.0",
    ),
    *(
        "1e400",
        "1e300",
        "1e-300",
        "1" * 400,
        "9" * 5000,
        "3.7",
        "1,2",
        "1,x",
        ",",
        "1,-1,0",
        "0,0,0",
    ),
    *(
        "[1-10]",
        "111",
        "99,99,99",
        "all",
        "bgfc",
        "bgfc,bqcf",
        "grac",
        "P2",
        "hops",
        "strip",
        "linear",
    ),
    *(
        "x" * 300,
        "x" * 100_000,
        "caf\u00e9",
        "\u0663",
        "\udcff",
        "x\ny",
        "%s",
        "{}",
        "$HOME",
        "x.png",
    ),
    *("x.json", "x.npz", "no/such/x.png", "/dev/full", "True", "None", "reference", "fcc", "chain"),
    *("LJ", "Al-Ercolessi-1994", "al-ercolessi", "toy2d", "crack", "vacancy", "microcrack"),
)


def trial(rng: np.random.Generator, folder: Path) -> str:
    """One command."""
    name = str(rng.choice(sorted(COMMANDS)))
    command = main.get_command(click.Context(main), name)
    assert command is not None
    with kind(name):
        words = [name, *NEEDS.get(name, ())]
        for _ in range(int(rng.integers(1, 3))):
            words += _option(rng, command)
        done = CliRunner().invoke(main, words)
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        if done.exit_code == 2:
            lines = done.stderr.splitlines()
            if len(lines) != 1 or len(lines[0]) > 5000:
                raise Silent(f"{words}: refused in {len(lines)} lines: {done.stderr[:200]}")
            raise InputError("the command", words, "others", lines[0])
        if done.exit_code not in (0, 1):
            raise Silent(f"{words}: status {done.exit_code}")
    return name


def _option(rng: np.random.Generator, command: click.Command) -> list[str]:
    """An option, or an argument, of a command with nonsense for its values; or a misspelt one."""
    options = command.params
    if not options or rng.random() < 0.1:
        return ["--potentail", _value(rng)]
    one = options[int(rng.integers(len(options)))]
    flag = getattr(one, "is_flag", False)
    values = [] if flag else [_value(rng) for _ in range(max(1, one.nargs))]
    return [one.opts[0], *values] if isinstance(one, click.Option) else values


def _value(rng: np.random.Generator) -> str:
    return VALUES[int(rng.integers(len(VALUES)))]


FAMILY = Family("shell", "commands with nonsense for options", trial, count=10_000, smoke=40)
