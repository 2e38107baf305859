"""What a result can give, and with it the formats that it has.

    record()     numbers, texts and lists      .json
    columns()    columns of equal length       .csv
    head()       itself, and what it is        .npz
    frames()     states one after another      .xyz, .extxyz, .pvd
    page()       a page for a browser          .html, .txt

A class has a format by having the method: no list names the classes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from qcmethod.base.types import Array
from qcmethod.coupling.system import System


@dataclass(frozen=True, eq=False)
class Frame:
    """A state u (n_k, 3) of a system, its place in the series (`time`: the load, the length along a
    curve, the cycle), and facts of its own."""

    system: System
    u: Array
    time: float
    about: Mapping[str, object] = field(default_factory=dict)


@runtime_checkable
class Tabular(Protocol):
    """A result that says its numbers."""

    def record(self) -> Mapping[str, object]:
        """Names and numbers, texts and lists, ready for JSON: none is infinite."""


@runtime_checkable
class Columnar(Protocol):
    """A result that is a table."""

    def columns(self) -> Mapping[str, Sequence[object]]:
        """Columns by name, all of one length."""


@runtime_checkable
class Stored(Protocol):
    """A result that is kept whole: data in the sense of `codec`."""

    def head(self) -> Mapping[str, object]:
        """What the head of the file says of it: its kind, what was done, with what; ready for
        JSON."""


@runtime_checkable
class Series(Protocol):
    """A result that is a sequence of states."""

    def frames(self) -> Iterator[Frame]:
        """The states, one after another."""


@runtime_checkable
class Paged(Protocol):
    """A result that is a page."""

    def page(self) -> str:
        """The whole text of an HTML file that needs no other file."""
