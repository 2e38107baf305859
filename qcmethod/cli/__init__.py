"""The command line: `qcmethod COMMAND`, one file a command.

Exit status: 0 done (and passed), 1 a check failed, 2 an argument that cannot be used, 130
interrupted. Errors of this package are printed as one line, never as a traceback. A command is
loaded when it is asked for: `qcmethod --help` imports neither NumPy nor Numba.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

import click

from qcmethod.base.version import __version__
from qcmethod.cli.hints import refusal
from qcmethod.errors import QCError

COMMANDS = {
    "compare": "compare",
    "convert": "convert",
    "info": "info",
    "init": "init",
    "list-methods": "list_methods",
    "list-potentials": "list_potentials",
    "patch-test": "patch_test",
    "plot": "plot",
    "resume": "resume",
    "run": "run",
}
"""Name of each command and the module of this package (and the function in it) that defines it."""


class Refusal(click.ClickException):
    """An error of this package as one line; exit status 2."""

    exit_code = 2

    def __init__(self, error: Exception) -> None:
        super().__init__(refusal(error))


class Commands(click.Group):
    """A group that imports a command when it is needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of the commands."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, or None."""
        if cmd_name not in COMMANDS:
            return None
        module = COMMANDS[cmd_name]
        command = getattr(import_module(f"qcmethod.cli.{module}"), module)
        assert isinstance(command, click.Command)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; what this package or the file system refuses becomes one line."""
        from qcmethod.base.log import told_to

        try:
            with told_to(sys.stderr):
                return super().invoke(ctx)
        except BrokenPipeError:  # whoever read has had enough: `qcmethod list-potentials | head`
            raise
        except (QCError, OSError) as error:
            raise Refusal(error) from error
        except KeyboardInterrupt:
            click.echo("interrupted", err=True)
            ctx.exit(130)


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="qcmethod")
def main() -> None:
    """Quasicontinuum coupling of atoms and continuum: is it to be trusted, and which to use?"""
