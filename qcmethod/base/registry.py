"""Registries: kinds of things that are added by one file, found by being in a folder.

    METHODS: Registry[Method] = Registry("method", "qcmethod.coupling.methods")

    METHODS.add("bgfc", Method(...))        in qcmethod/coupling/methods/bgfc.py, or in user code
    METHODS["bgfc"], list(METHODS)          the folder is imported when it is first asked

A file that is there is in: no table names the modules of a folder.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator, Mapping
from importlib import import_module
from threading import RLock
from typing import Generic, TypeVar

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
    """What was registered under a name, in the order of its files and of the registrations."""

    def __init__(self, what: str, folder: str) -> None:
        self.what, self.folder = what, folder
        self._known: dict[str, Kind] = {}
        self._searched = False
        self._lock = RLock()

    def add(self, name: str, value: Kind) -> Kind:
        """Register a value; the same name again takes its place (a module that is reloaded)."""
        self._known[name] = value
        return value

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
