"""A study that goes step by step, in memory or in a folder: killed at any moment, it goes on.

    step n + 1  =  what comes next, given steps 0 ... n and their states

What comes next depends on nothing else, so a run whose steps are on disk (`journal`) goes on from
the last of them as if it had never stopped. `ramp`, `arc` and `adapt` are such runs; each says with
a `Kind` what its steps are.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Generic, Self, TypeVar

from qcmethod.base.lock import leaving
from qcmethod.base.types import Facts
from qcmethod.errors import DamagedFileError, InputError
from qcmethod.io.lines import damaged, first_wrong
from qcmethod.potentials.contract import Potential
from qcmethod.studies.journal import Journal
from qcmethod.studies.recipe import keep_recipe

Step = TypeVar("Step")


@dataclass(frozen=True)
class Kind(Generic[Step]):
    """A kind of run: its name, how a step is read from a line of the log and made into one, what a
    step is called, and whether states stay in memory."""

    name: str
    read: Callable[[Facts], Step]
    line: Callable[[Any], Facts] = asdict
    step: str = "step"
    light: bool = True


class Run(Generic[Step]):
    """Steps and states of one run; `run` is what makes two runs the same.

    Raises what `Journal.claim` does, and DamagedFileError for a log that is not one of this kind.
    A folder is this process's until the end of the `with` block that works in it.
    """

    def __init__(self, kind: Kind[Step], run: Facts, directory: str | Path | None = None) -> None:
        self.kind, self.run = kind, json.loads(json.dumps(run))
        self.steps: list[Step] = []
        self._states: dict[int, Any] = {}
        self.journal: Journal | None = None
        if directory is not None:
            journal = Journal.claim(directory, kind.name, run)
            with leaving(journal):
                self.use(journal)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if self.journal is not None:
            self.journal.__exit__(*error)

    def remember(self, steps: list[Step], states: dict[int, Any]) -> None:
        """Take over steps and states that are known, from a file."""
        self.steps, self._states = list(steps), dict(states)

    def use(self, journal: Journal) -> None:
        """Go on with what is on disk."""
        self.journal = journal
        try:
            self.steps = [self.kind.read(line) for line in journal.lines]
            if any(line.get("number", n) != n for n, line in enumerate(journal.lines)):
                raise ValueError("a line is missing")
        except (TypeError, KeyError, ValueError) as error:
            log, expected = journal.folder / "log.jsonl", f"an undamaged log of a {self.kind.name}"
            raise damaged(log, "directory", expected, first_wrong(journal.lines)) from error

    @property
    def folder(self) -> Path | None:
        """Where the run is kept, if it is on disk."""
        return None if self.journal is None else self.journal.folder

    def set_up(self, **setup: Any) -> None:
        """Keep what the run works on, so that its folder can be read without the script.

        made : the tables of the call, which the folder has as run.toml
        """
        if self.journal is not None:
            self.journal.keep("setup", setup)
            keep_recipe(self.journal.folder, setup.get("made"))

    def add(self, step: Step, state: Any) -> None:
        """Keep a step and the state it arrived at (None: nowhere)."""
        if state is not None and self.kind.light:
            self._states[len(self.steps)] = state
        self.steps.append(step)
        if self.journal is not None:
            self.journal.add(self.kind.line(step), state)

    def state(self, number: int, potential: Potential | None = None) -> Any:
        """The state that a step arrived at, read when asked for (InputError: there is none)."""
        if number not in self._states:
            if self.journal is None:
                raise InputError("number", number, f"a {self.kind.step} that arrived at a state")
            self._states[number] = self.journal.state(number, potential)
        return self._states[number]

    def states(self) -> Iterator[tuple[int, Any]]:
        """Numbers and states of the steps that arrived at one."""
        for number in range(len(self.steps)):
            try:
                yield number, self.state(number)
            except DamagedFileError:
                raise
            except InputError:  # it arrived nowhere
                continue

    def undo(self) -> None:
        """Take the last step back: it is done again."""
        self.steps.pop()
        if self.journal is not None:
            del self.journal.lines[-1]

    @property
    def end(self) -> Facts | None:
        """How the run ended, where its folder says so."""
        return None if self.journal is None else self.journal.end

    def close(self, **end: Any) -> None:
        """Note how the run ended."""
        if self.journal is not None:
            self.journal.close(end)


def carried_out(
    run: Run[Step],
    next_step: Callable[[Run[Step]], tuple[Step, Any] | None],
    report: Callable[[Step], None] | None = None,
) -> None:
    """Do step after step until nothing comes next; each is kept before it is reported."""
    while (found := next_step(run)) is not None:
        run.add(*found)
        if report is not None:
            report(found[0])
