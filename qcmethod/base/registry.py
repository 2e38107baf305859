"""Registries: kinds of things that are added by one file, found by being in a folder.

    METHODS: Registry[Method] = Registry("method", "qcmethod.coupling.methods", Method)

    METHODS.add_named(Method(name="bgfc", ...))    in coupling/methods/bgfc.py, or user code
    METHODS["bgfc"], list(METHODS)                 the folder is imported when it is first asked
    METHODS.find("bgcf")                           is refused, naming the nearest

A file that is there is in: no table names the modules of a folder. Two files of a folder cannot
have one name; a user may take a name over, before the folder is asked or after.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from threading import RLock, get_ident
from typing import Generic, NewType, TypeVar

from qcmethod.base.arguments import nearest
from qcmethod.errors import InputError

Kind = TypeVar("Kind")
One = TypeVar("One")
Name = NewType("Name", str)
"""A name that a script has registered, for a type checker, which knows the shipped ones alone:
`couple(problem, qcmethod.Name("bgfc-squared"))`, or of a variable. It is the text itself."""
ALONE = ("__main__", "cli", "plot", "pytest_plugin", "testing")
"""Modules of the package that nothing below them imports: they hold no data."""


def modules_in(package: str) -> Iterator[str]:
    """Names of the modules of a package, not those of the packages inside it."""
    for module in pkgutil.iter_modules(import_module(package).__path__):
        if not module.ispkg:
            yield f"{package}.{module.name}"


def import_folder(package: str) -> None:
    """Import every module of a package, not those of the packages inside it."""
    for name in modules_in(package):
        import_module(name)


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
    refusal : the error that `find` raises
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
        self._early: dict[str, Kind] = {}  # what was known before the folder was searched
        self._searched = False
        self._searching = 0  # the thread that imports the folder; another one adds as ever
        self._failed: InputError | None = None
        self._lock = RLock()

    def add(self, name: str, value: Kind) -> Kind:
        """Register a value; the same name again takes its place (a script that is run again).

        Raises InputError for a value of another kind, a name that is none, or that another file of
        the folder has.
        """
        if not (callable(value) if self.of is None else isinstance(value, self.of)):
            expected = "a function" if self.of is None else f"an object of {self.of.__name__}"
            raise InputError(self.what, value, expected)
        self._require_name(name)
        of_a_file = self._searching == get_ident()
        if of_a_file and name in self._early:
            return value  # a user's, who was first; or a file that was imported first
        if of_a_file and name in self._known:
            raise InputError(self.what, name, f"a name that no other file in {self.folder} has")
        self._known[name] = value
        return value

    def add_named(self, value: Kind) -> Kind:
        """Register a value under the name that it has; see `add`."""
        return self.add(getattr(value, "name", ""), value)

    def under(self, name: str) -> Callable[[One], One]:
        """A decorator that registers a function under a name; see `add`."""
        self._require_name(name)

        def added(value: One) -> One:
            self.add(name, value)  # type: ignore[arg-type]
            return value

        return added

    def find(self, name: object) -> Kind:
        """What has that name; refused by name, with the nearest ones, where nothing has."""
        if isinstance(name, str) and name in self:
            return self[name]
        raise self.refusal(self.what, name, f"one of {sorted(self)}", nearest(name, self))

    def _require_name(self, name: object) -> None:
        if not (isinstance(name, str) and name):
            raise InputError(self.what, name, "a name in quotes")

    def _all(self) -> dict[str, Kind]:
        with self._lock:  # two threads may ask first
            if self._failed is not None:  # half a folder is none
                raise self._failed
            if not (self._searched or self._searching):
                self._search()
        return self._known

    def _search(self) -> None:
        self._searching, self._early = get_ident(), {**self._known}
        try:
            for module in modules_in(self.folder):
                try:
                    import_module(module)
                except Exception as error:
                    found = f"{type(error).__name__}: {error}"
                    self._failed = InputError(module, found, "a file that can be imported")
                    raise self._failed from error
            self._searched = True
        finally:
            self._searching = 0

    def __getitem__(self, name: str) -> Kind:
        return self._all()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(tuple(self._all()))  # others may add meanwhile

    def __len__(self) -> int:
        return len(self._all())
