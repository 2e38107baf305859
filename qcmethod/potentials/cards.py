"""Cards: one TOML file a published potential, checked key by key.

name, form, element, structure, doi, citation        required, text
lattice_constant (A, first guess), mass (u), notes   optional
[parameters]                                         the arguments of the form's builder
[reference]                                          numbers a correct implementation reproduces
"""

from __future__ import annotations

import inspect
import math
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from qcmethod.base.registry import nearest
from qcmethod.errors import InputError, PotentialFileError
from qcmethod.potentials.contract import Potential
from qcmethod.potentials.site import FORMS, Params

STRUCTURES = ("fcc", "bcc", "hex2d", "chain")

_TEXT = ("name", "form", "element", "structure", "doi", "citation")
_NUMBERS = ("lattice_constant", "mass")
_TABLES = ("parameters", "reference")
_OPTIONAL = ("lattice_constant", "mass", "notes", "reference")


def read_card(path: Path) -> dict[str, Any]:
    """The contents of a TOML card; InputError when it cannot be read or is not TOML."""
    try:
        with open(path, "rb") as stream:
            return tomllib.load(stream)
    except OSError as error:
        raise InputError("card", str(path), "a readable file", error.strerror or "") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError("card", str(path), "a TOML file", str(error)) from error


def potential_from_card(card: Mapping[str, Any], folder: Path | None = None) -> Potential:
    """Build the potential that a card describes; ``folder`` is where its table file lies, if any.

    Raises InputError naming the card and the key for a key that is missing or unknown, a value of
    the wrong kind, an unknown form, or parameters that the form refuses.
    """
    label = f"card {card.get('name', '(without a name)')!r}"
    expected = (*_TEXT, *_NUMBERS, *_TABLES, "notes")
    _keys(label, card, expected, [key for key in expected if key not in _OPTIONAL])
    for key in (*_TEXT, "notes"):
        if not isinstance(card.get(key, ""), str):
            raise InputError(f"{label}, {key}", card[key], "text")
    for key in _TABLES:
        if not isinstance(card.get(key, {}), Mapping):
            raise InputError(f"{label}, {key}", card[key], f"a table [{key}]")
    if card["form"] not in FORMS:
        hint = nearest(card["form"], FORMS)
        expected_form = "one of " + ", ".join(sorted(FORMS))
        raise InputError(f"{label}, form", card["form"], expected_form, hint)
    if card["structure"] not in STRUCTURES:
        expected_structure = "one of " + ", ".join(STRUCTURES)
        raise InputError(f"{label}, structure", card["structure"], expected_structure)
    parameters = dict(card["parameters"])
    if folder is not None and "file" in parameters:
        parameters["file"] = str(folder / str(parameters["file"]))
    reference = dict(card.get("reference", {}))
    return Potential(
        name=card["name"],
        element=card["element"],
        params=_build(label, card["form"], parameters),
        structure=card["structure"],
        lattice_constant=_number(label, "lattice_constant", card.get("lattice_constant", 0.0)),
        mass=_number(label, "mass", card.get("mass", 1.0)),
        doi=card["doi"],
        reference={key: _number(label, f"reference.{key}", reference[key]) for key in reference},
    )


def _build(label: str, form: str, parameters: Mapping[str, Any]) -> Params:
    builder = FORMS[form]
    known = inspect.signature(builder).parameters
    required = [key for key, item in known.items() if item.default is inspect.Parameter.empty]
    _keys(f"{label}, [parameters]", parameters, tuple(known), required)
    try:
        return builder(**parameters)
    except PotentialFileError:
        raise
    except InputError as error:
        argument = f"{label}, parameters.{error.argument}"
        raise InputError(argument, error.given, error.expected, error.hint) from error
    except (TypeError, ValueError, ArithmeticError) as error:
        raise InputError(f"{label}, [parameters]", str(error), f"numbers for {form}") from error


def _keys(label: str, table: Mapping[str, Any], known: tuple[str, ...], required: list) -> None:
    """Refuse a key that is missing or unknown, by name."""
    for key in required:
        if key not in table:
            raise InputError(f"{label}, {key}", "nothing", "this key", "; ".join(required))
    for key in table:
        if key not in known:
            raise InputError(f"{label}, {key}", table[key], "one of " + ", ".join(known))


def _number(label: str, key: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise InputError(f"{label}, {key}", value, "a finite number")
    return float(value)
