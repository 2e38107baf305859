"""Cards: one TOML file a published potential, checked key by key.

name, form, element, structure, doi, citation        required, text
lattice_constant (A, first guess), mass (u), notes   optional
[parameters]                                         the arguments of the form's builder
[reference]                                          numbers a correct implementation reproduces
"""

from __future__ import annotations

import inspect
import tomllib
from collections.abc import Mapping
from pathlib import Path

from qcmethod.base.arguments import is_number, nearest, number
from qcmethod.errors import InputError, PotentialFileError
from qcmethod.lattice.lattice import STRUCTURES
from qcmethod.potentials.contract import Potential
from qcmethod.potentials.forms.checks import finite_number
from qcmethod.potentials.range import lattice_constant, sound
from qcmethod.potentials.site import FORMS, Params

HIGHEST = 1e12
"""Of a parameter: coefficients of published forms go up to 1e7."""
LARGEST = 1_000_000
"""Bytes; the longest shipped card has 3,000."""

_TEXT = ("name", "form", "element", "structure", "doi", "citation")
_NUMBERS = ("lattice_constant", "mass")
_TABLES = ("parameters", "reference")
_OPTIONAL = ("lattice_constant", "mass", "notes", "reference")


def read_card(path: Path) -> dict[str, object]:
    """The contents of a TOML card; InputError when it cannot be read or is not TOML."""
    try:
        if path.stat().st_size > LARGEST:
            raise InputError("card", str(path), f"a file of at most {LARGEST} bytes")
        with open(path, "rb") as stream:
            return tomllib.load(stream)
    except OSError as error:
        raise InputError("card", str(path), "a readable file", error.strerror or "") from error
    except (ValueError, RecursionError) as error:  # no TOML, too many digits, nested too deep
        raise InputError("card", str(path), "a TOML file", str(error)) from error


def potential_from_card(card: Mapping[str, object], folder: Path | None = None) -> Potential:
    """Build the potential that a card describes; ``folder`` is where its table file lies, if any.

    Raises InputError naming the card and the key for a key that is missing or unknown, a value of
    the wrong kind, an unknown form, or parameters that the form refuses.
    """
    label = f"card {card.get('name', '(without a name)')!r}"
    expected = (*_TEXT, *_NUMBERS, *_TABLES, "notes")
    _keys(label, card, expected, [key for key in expected if key not in _OPTIONAL])
    long = ("citation", "notes")
    keys = (*_TEXT, "notes")
    text = {key: _text(f"{label}, {key}", card.get(key, ""), key in long) for key in keys}
    parameters, reference = (_table(f"{label}, {key}", key, card.get(key, {})) for key in _TABLES)
    if text["form"] not in FORMS:
        expected_form, near = "one of " + ", ".join(sorted(FORMS)), nearest(text["form"], FORMS)
        raise InputError(f"{label}, form", text["form"], expected_form, near)
    if text["structure"] not in STRUCTURES:
        expected_structure = "one of " + ", ".join(STRUCTURES)
        raise InputError(f"{label}, structure", text["structure"], expected_structure)
    if folder is not None and "file" in parameters:
        parameters["file"] = str(folder / str(parameters["file"]))
    params = _build(label, text["form"], parameters)
    return Potential(
        name=text["name"],
        element=text["element"],
        params=params,
        structure=text["structure"],
        lattice_constant=lattice_constant(f"{label}, lattice_constant", card, params.cutoff),
        mass=number(f"{label}, mass", card.get("mass", 1.0), "a mass > 0, u", above=0.0),
        doi=text["doi"],
        reference={
            key: finite_number(f"{label}, reference.{key}", value)
            for key, value in reference.items()
        },
    )


def _build(label: str, form: str, parameters: Mapping[str, object]) -> Params:
    builder = FORMS[form]
    known = inspect.signature(builder).parameters
    required = [key for key, item in known.items() if item.default is inspect.Parameter.empty]
    _keys(f"{label}, [parameters]", parameters, tuple(known), required)
    for key, value in parameters.items():
        listed = value if isinstance(value, list) else [value]
        if any(is_number(one) and abs(float(one)) > HIGHEST for one in listed):
            expected = f"numbers up to {HIGHEST:g}, in eV and A"
            raise InputError(f"{label}, parameters.{key}", value, expected)
    try:
        params = builder(**parameters)
        sound(params)
        return params
    except PotentialFileError:
        raise
    except InputError as error:
        argument = f"{label}, parameters.{error.argument}"
        raise InputError(argument, error.given, error.expected, error.hint) from error
    except (TypeError, ValueError, ArithmeticError) as error:
        raise InputError(f"{label}, [parameters]", str(error), f"numbers for {form}") from error


def _keys(
    label: str, table: Mapping[str, object], known: tuple[str, ...], required: list[str]
) -> None:
    """Refuse a key that is missing or unknown, by name."""
    for key in required:
        if key not in table:
            raise InputError(f"{label}, {key}", "nothing", "this key", "; ".join(required))
    for key in table:
        if key not in known:
            raise InputError(f"{label}, {key}", table[key], "one of " + ", ".join(known))


def _text(label: str, value: object, lines: bool) -> str:
    """A text; of one line where it goes into names and headers."""
    if not isinstance(value, str):
        raise InputError(label, value, "text")
    if not lines and not value.isprintable():
        raise InputError(label, value, "one line of printable text")
    return value


def _table(label: str, key: str, value: object) -> dict[str, object]:
    if not isinstance(value, Mapping):
        raise InputError(label, value, f"a table [{key}]")
    return dict(value)
