"""A value from its tree (`codec`, `encode`). A file is data: nothing in it is executed.

Only classes that have a name in files are built (`base.stored`); no module that runs something when
it is imported is looked at. What a class says of its fields is required (`declared`), and that its
parts fit each other (`sound`).
"""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from qcmethod.base.told import Reproducible
from qcmethod.errors import InputError, ResultFileError
from qcmethod.io.codec import SOUND, SPECIAL, class_of
from qcmethod.io.declared import require_declared
from qcmethod.io.older import READ, name_of, parts_of
from qcmethod.io.sound import require_digest, require_tables
from qcmethod.potentials.contract import Potential
from qcmethod.potentials.digest import potential_digest


class Decoder:
    """Builds a value from its tree; a potential that is given takes the place of the file's.

    form : format of the file that the tree is from
    """

    def __init__(
        self,
        arrays: dict[str, NDArray[Any]],
        potential: Potential | None,
        form: int = READ[-1],
    ) -> None:
        self.arrays, self.potential, self.form = arrays, potential, form
        self._seen: dict[int, Any] = {}

    def value(self, tree: Any) -> Any:
        """The value; KeyError, TypeError, ValueError or AttributeError where the tree is none."""
        if isinstance(tree, list):
            return [self.value(item) for item in tree]
        if not isinstance(tree, dict):
            return tree
        if "float" in tree:
            return float(tree["float"])
        if "tuple" in tree:
            return tuple(self.value(item) for item in tree["tuple"])
        if "dict" in tree:
            return {k: self.value(v) for k, v in tree["dict"].items()}
        if "array" in tree:
            return self.arrays[tree["array"]]
        if "same" in tree:
            return self._seen[tree["same"]]
        found = self._built(tree["type"], tree["fields"])
        self._seen[tree["at"]] = found
        return found

    def _built(self, name: str, trees: dict[str, Any]) -> Any:
        name = name_of(name, self.form)
        cls = class_of(name)
        if cls is Potential:
            return self._potential(trees)
        parts = parts_of(name, {k: self.value(v) for k, v in trees.items()}, self.form)
        require_declared(cls, parts)
        return _sound(SPECIAL[cls][1](parts) if cls in SPECIAL else cls(**parts))

    def _potential(self, trees: dict[str, Any]) -> Potential:
        given, known = self.potential, trees["digest"]
        if given is None:
            engine, form = trees.get("engine"), trees["params"]["type"]
            name = engine if isinstance(engine, str) else form
            if name is engine or (":" in name and not name.startswith("qcmethod.")):
                # an engine that is no data, or a form of the user
                what = f"None, and the file's potential {trees['name']} is of the class {name}"
                raise InputError("potential", what, "that potential", "potential=...")
            parts = {k: self.value(v) for k, v in trees.items() if k != "digest"}
            require_declared(Potential, parts)
            found = Potential(**parts)
            require_digest(found, known)
            return _sound(found)
        if potential_digest(given) != known:
            what = f"{given.name} (digest {potential_digest(given)})"
            expected = f"the potential of the file, {trees['name']} (digest {known})"
            raise ResultFileError("potential", what, expected, "leave it out")
        return given


def _sound(found: Any) -> Any:
    """The object, if its parts fit each other, and what made it is tables (ValueError)."""
    if isinstance(found, Reproducible):
        require_tables(getattr(found, "made", None))
    check = SOUND.get(type(found))
    if check is not None:
        check(found)
    return found
