"""The command line: `qcmethod COMMAND`, one file a command.

Exit status: 0 done (and passed), 1 a check failed, 2 an argument that cannot be used, 130
interrupted. What is refused, and that a command was interrupted, is one line, never a traceback. A
command is loaded when it is asked for: `qcmethod --help` imports neither NumPy nor Numba.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import FrameType
from typing import Any

import click

from qcmethod.base.version import __version__
from qcmethod.cli.hints import refusal
from qcmethod.errors import LONGEST, QCError, cut

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
    "scorecard": "scorecard",
    "warm": "warm",
}
"""Name of each command and the module of this package (and the function in it) that defines it."""


class Refusal(click.ClickException):
    """An error of this package as one line; exit status 2."""

    exit_code = 2

    def __init__(self, error: Exception) -> None:
        super().__init__(refusal(error))


class Interrupted(click.ClickException):
    """Ctrl-C, and what the command has to add; exit status 130, as of a process that it ended."""

    exit_code = 130

    def __init__(self, stop: BaseException | None = None) -> None:
        said = [] if stop is None else [str(one) for one in stop.args]
        super().__init__("; ".join(["interrupted", *said]))


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
        except KeyboardInterrupt as stop:
            raise Interrupted(stop) from stop

    def main(self, *args: Any, **extra: Any) -> Any:
        """The whole command: its exit status, and one line where it did not end by itself."""
        alone, extra["standalone_mode"] = extra.get("standalone_mode", True), False
        if not alone:  # a program calls it, and takes the exceptions
            return super().main(*args, **extra)
        with heard() as stops:
            failed: click.ClickException | None = None
            try:
                code = super().main(*args, **extra)
            except click.ClickException as error:
                failed = error
            except click.Abort:
                failed = Interrupted()
            if stops and not isinstance(failed, Interrupted):
                failed = Interrupted()
        if isinstance(failed, Interrupted):
            exec("")  # or CPython ends by the signal, where it was an exec() that heard it
        if failed is not None:
            click.echo(_in_one_line(failed), err=True)
            code = failed.exit_code
        sys.exit(code if isinstance(code, int) else 0)


@contextmanager
def heard() -> Iterator[list[int]]:
    """The interrupts so far. Python raises each as a KeyboardInterrupt, which is lost where a
    destructor or a callback of a C library runs just then."""
    stops: list[int] = []

    def stop(number: int, frame: FrameType | None) -> None:
        stops.append(number)
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield stops
        return
    before = signal.signal(signal.SIGINT, stop)
    try:
        yield stops
    finally:
        signal.signal(signal.SIGINT, before)


def _in_one_line(error: click.ClickException) -> str:
    """What is wrong and, of an option that is, where help is to be found."""
    text = cut(" ".join(error.format_message().split()), LONGEST)
    if isinstance(error, click.UsageError) and error.ctx is not None:
        text += f" ({error.ctx.command_path} --help)"
    return text if isinstance(error, Interrupted) else f"Error: {text}"


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="qcmethod")
def main() -> None:
    """Quasicontinuum coupling of atoms and continuum: is it to be trusted, and which to use?"""
