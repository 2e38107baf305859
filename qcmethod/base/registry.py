"""Registries: kinds of things that are added by one file, found by being in a folder.

    METHODS: Registry[Method] = Registry("method", "qcmethod.coupling.methods", Method)

    METHODS.add("bgfc", Method(...))        in qcmethod/coupling/methods/bgfc.py, or in user code
    METHODS["bgfc"], list(METHODS)          the folder is imported when it is first asked
    METHODS.find("bgcf")                    is refused, naming the nearest

A file that is there is in: no table names the modules of a folder.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from importlib import import_module
from threading import RLock
from typing import Generic, TypeVar

from qcmethod.errors import InputError

Kind = TypeVar("Kind")
ALONE = ("__main__", "cli", "plot", "pytest_plugin", "testing")
"""Modules of the package that nothing below them imports: they hold no data."""


def import_folder(package: str) -> None:
    """Import every module of a package, not those of the packages inside it."""
    for module in pkgutil.iter_modules(import_module(package).__path__):
        if not module.ispkg:
            import_module(f"{package}.{module.name}")


def import_rooms(package: str) -> None:
    """Import every module of a package and of those inside it, but for the doors (`ALONE`)."""
    for module in pkgutil.iter_modules(import_module(package).__path__):
        if module.name in ALONE:
            continue
        name = f"{package}.{module.name}"
        import_module(name)
        if module.ispkg:
            import_rooms(name)


class Registry(Mapping[str, Kind], Generic[Kind]):
    """What was registered under a name, in the order of its files and of the registrations.

    what : how the kind of thing is called; folder : the package whose modules register them
    of : the class of all of them (None: functions); refusal : what `find` raises
    """

    def __init__(
        self,
        what: str,
        folder: str,
        of: type | None = None,
        refusal: type[InputError] = InputError,
    ) -> None:
        self.what, self.folder, self.of, self.refusal = what, folder, of, refusal
        self._known: dict[str, Kind] = {}
        self._searched = False
        self._lock = RLock()

    def add(self, name: str, value: Kind) -> Kind:
        """Register a value; the same name again takes its place (a module that is reloaded).

        Raises InputError for a value of another class, or a name that is no text.
        """
        if not (callable(value) if self.of is None else isinstance(value, self.of)):
            expected = "a function" if self.of is None else f"a value of {self.of.__name__}"
            raise InputError(self.what, value, expected)
        if not (isinstance(name, str) and name):
            raise InputError("name", name, f"the name of the {self.what}")
        self._known[name] = value
        return value

    def find(self, name: object) -> Kind:
        """What has that name; refused by the nearest ones where nothing has."""
        if isinstance(name, str) and name in self:
            return self[name]
        near = get_close_matches(str(name).lower(), self, n=3, cutoff=0.3)
        raise self.refusal(self.what, name, f"one of {sorted(self)}", ", ".join(near))

    def _all(self) -> dict[str, Kind]:
        with self._lock:  # two threads may ask first
            if not self._searched:
                self._searched = True
                import_folder(self.folder)
        return self._known

    def __getitem__(self, name: str) -> Kind:
        return self._all()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())
