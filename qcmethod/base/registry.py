"""Registries: kinds of things that are added by one file, found by being in a folder.

    METHODS: Registry[Method] = Registry("method", "qcmethod.coupling.methods", Method)

    METHODS.add("bgfc", Method(...))        in qcmethod/coupling/methods/bgfc.py, or in user code
    METHODS["bgfc"], list(METHODS)          the folder is imported when it is first asked
    METHODS.named("bgfq")                   InputError: one of ..., try: bgfc

A file that is there is in: no table names the modules of a folder.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator, Mapping
from importlib import import_module
from threading import RLock
from typing import Generic, TypeVar

from qcmethod.base.arguments import nearest
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

    Attributes
    ----------
    what : a word for messages
    folder : the package whose modules register what is shipped
    of : class of what is registered; None: functions
    """

    def __init__(self, what: str, folder: str, of: type[Kind] | None = None) -> None:
        self.what, self.folder, self.of = what, folder, of
        self._known: dict[str, Kind] = {}
        self._searched = False
        self._lock = RLock()

    def add(self, name: str, value: Kind) -> Kind:
        """Register a value; the same name again takes its place (a module that is reloaded).

        Raises InputError for a value of another kind, and for a name that is none.
        """
        self.checked(value)
        if not (isinstance(name, str) and name):
            raise InputError("name", name, f"the name of a kind of {self.what}")
        self._known[name] = value
        return value

    def checked(self, value: Kind) -> Kind:
        """The value, if it is of the kind that is registered here (InputError)."""
        if self.of is None and not callable(value):
            raise InputError(self.what, value, "a function")
        if self.of is not None and not isinstance(value, self.of):
            raise InputError(self.what, value, f"an object of the class {self.of.__name__}")
        return value

    def named(self, name: str) -> Kind:
        """What is registered under a name; InputError naming all, and the nearest."""
        if not (isinstance(name, str) and name in self):
            expected = f"one of {', '.join(sorted(self))}"
            raise InputError(self.what, name, expected, nearest(name, self))
        return self[name]

    def _all(self) -> dict[str, Kind]:
        with self._lock:  # two threads may ask first
            if not self._searched:
                self._searched = True  # files of the folder may ask what there is already
                try:
                    import_folder(self.folder)
                except BaseException:
                    self._searched = False
                    raise
        return self._known

    def __getitem__(self, name: str) -> Kind:
        return self._all()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())
