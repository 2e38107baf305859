"""A process by name, and whether it still runs.

    4711-98213-1764543665-3f9a12c4@node7@5e0c77aa-4026531836
    number, start (clock ticks after boot), since when, random @ host @ boot of its kernel and
    namespace of its number

A number alone is no name: it is given again to others. Number and start are one process of one
boot, which has an identifier of its own (`/proc/sys/kernel/random/boot_id`); in a container numbers
are counted apart.
"""

from __future__ import annotations

import os
import secrets
import socket
import time
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
LONGEST_HOST = 80


@dataclass(frozen=True)
class Process:
    """One process, since a moment; `key` makes two names of the same process different."""

    pid: int
    start: int
    since: int
    key: str
    host: str
    kernel: str

    @classmethod
    def own(cls) -> Process:
        """This process, from now on."""
        pid = os.getpid()
        host = socket.gethostname().replace("/", "_").replace("@", "_")[:LONGEST_HOST]
        start = (_start_and_state(pid) or (0, ""))[0]
        return cls(pid, start, int(time.time()), secrets.token_hex(4), host, _kernel())

    @classmethod
    def of(cls, name: str) -> Process | None:
        """The inverse of `name`; None for a text that is none."""
        numbers, _, rest = name.partition("@")
        host, _, kernel = rest.partition("@")
        try:
            pid, start, since, key = numbers.split("-")
            return cls(int(pid), int(start), int(since), key, host, kernel)
        except ValueError:
            return None

    @property
    def name(self) -> str:
        """As the name of a file."""
        return f"{self.pid}-{self.start}-{self.since}-{self.key}@{self.host}@{self.kernel}"

    @property
    def here(self) -> bool:
        """Whether this process can ask for that one by its number."""
        return self.kernel == _kernel() and (self.kernel != "" or self.host == self.own().host)

    @property
    def runs(self) -> bool:
        """Whether it still runs; of processes that are `here`."""
        if not running(self.pid):
            return False
        found = _start_and_state(self.pid)
        return found is None or found[0] == self.start

    def __str__(self) -> str:
        moment = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(self.since))
        return f"process {self.pid} on {self.host}, since {moment}"


def running(pid: int) -> bool:
    """Whether some process has that number and has not ended (a zombie has)."""
    if pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:  # another user's
        pass
    found = _start_and_state(pid)
    return found is None or found[1] not in "ZX"


def _start_and_state(pid: int) -> tuple[int, str] | None:
    """When a process began, in clock ticks after boot, and its state; None where none may look."""
    try:
        fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
        return int(fields[19]), fields[0]
    except (OSError, ValueError, IndexError):
        return None


def _kernel() -> str:
    """What makes numbers of processes comparable: the boot and the namespace."""
    try:
        boot = (PROC / "sys/kernel/random/boot_id").read_text().strip()[:8]
        return f"{boot}-{(PROC / 'self/ns/pid').stat().st_ino}"
    except OSError:
        return ""
