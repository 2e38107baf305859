"""Mutated cards: entries missing, doubled, of another kind, too large, too long, too deep.

Each trial takes a shipped card, changes one thing, as a dict or as a file, loads it and relaxes its
crystal where it is read. Some changes leave a card that may well be one; those that do not are
marked, and taking them is silent. A crystal that comes out has no stress and finite moduli.
"""

from __future__ import annotations

import math
import tomllib
from functools import cache
from pathlib import Path

import numpy as np
from harness import Family, Silent, kind

import qcmethod as qc
from qcmethod.potentials.library import cards_folder

CARDS = ("LJ", "Cu-Zhou-2004", "Al-Ercolessi-1994", "W-Ackland-1987", "Cu-Girifalco-1959")
NONSENSE = (
    math.nan, math.inf, -math.inf, 10**400, -1.0, 0.0, 1e-300, 1e300, 1e308, 1e6, "x", "", None,
    True, [], [1.0], {}, {"x": 1}, b"x", 1j, "9" * 5000,
)  # fmt: skip
NO_NUMBER = (math.nan, math.inf, -math.inf, 10**400, "x", "", None, True, [], {}, b"x", 1j)


@cache
def text(name: str) -> str:
    return (cards_folder() / f"{name}.toml").read_text()


@cache
def compiled() -> None:
    """The kernels of every form that is tried, in the first trial of a process."""
    for name in CARDS:
        relaxed(qc.load_potential(name))


def trial(rng: np.random.Generator, folder: Path) -> str:
    """One card with one change."""
    compiled()
    name, change = str(rng.choice(CARDS)), str(rng.choice(list(CHANGES)))
    with kind(change):
        source, malformed = CHANGES[change](rng, name, folder)
        potential = qc.load_potential(source)
        if malformed:
            raise Silent(f"{name}: {malformed}, taken")
        relaxed(potential)
    return change


def relaxed(potential) -> None:
    """The crystal that the card is about: at rest, with moduli."""
    crystal = getattr(qc.Crystal, potential.structure)(potential)
    stress = np.abs(crystal.stress(np.eye(3))).max()
    moduli = crystal.elastic_constants().voigt()
    scale = np.abs(moduli).max()
    if not (np.isfinite(moduli).all() and stress <= 1e-4 * scale + 1e-12):
        raise Silent(f"{potential}: stress {stress}, moduli up to {scale}")


def one(values, rng):
    return values[int(rng.integers(len(values)))]


def an_entry(rng, name, folder):
    """Another value of one key outside of [parameters]."""
    card = tomllib.loads(text(name))
    key = one([key for key in card if key != "parameters"], rng)
    value = one(NONSENSE, rng)
    card[key] = value
    wrong = key in ("mass", "lattice_constant") and any(value is no for no in NO_NUMBER)
    below = key in ("mass", "lattice_constant") and isinstance(value, float) and value <= 0.0
    return card, f"{key} = {value!r:.20}" if wrong or below else ""


def a_parameter(rng, name, folder):
    """Another value of a parameter."""
    card = tomllib.loads(text(name))
    key = one(list(card["parameters"]), rng)
    value = one(NONSENSE, rng)
    card["parameters"][key] = value
    return card, f"{key} = {value!r:.20}" if any(value is no for no in NO_NUMBER) else ""


def scaled(rng, name, folder):
    """A parameter that is off by a factor."""
    card = tomllib.loads(text(name))
    numbers = [k for k, v in card["parameters"].items() if isinstance(v, int | float)]
    key = one(numbers, rng)
    factor = float(rng.choice([-1.0, 1e-6, 0.1, 0.9, 1.1, 10.0, 1e3, 1e6, 1e30, 1e200]))
    card["parameters"][key] *= factor
    return card, ""


def a_list(rng, name, folder):
    """A list with an entry too many, too few, exchanged or of another kind."""
    card = tomllib.loads(text(name))
    lists = [k for k, v in card["parameters"].items() if isinstance(v, list)]
    if not lists:
        return card, ""
    key = one(lists, rng)
    values = list(card["parameters"][key])
    what = str(rng.choice(["more", "fewer", "none", "kind", "many", "turned"]))
    values = {
        "more": [*values, 1.0],
        "fewer": values[:-1],
        "none": [],
        "kind": [one(NO_NUMBER, rng), *values[1:]],
        "many": values * 100_000,
        "turned": values[::-1],
    }[what]
    card["parameters"][key] = values
    return card, f"{key} with {what}" if what != "turned" else ""


def missing(rng, name, folder):
    card = tomllib.loads(text(name))
    required = ["name", "form", "element", "structure", "doi", "citation", "parameters"]
    key = one(required, rng)
    del card[key]
    return card, f"no {key}"


def unknown(rng, name, folder):
    card = tomllib.loads(text(name))
    one([card, card["parameters"]], rng)[one(["colour", "rc", "epsilom", ""], rng)] = 1.0
    return card, "an unknown key"


def file_bytes(rng, name, folder):
    """A byte of the file."""
    content = bytearray(text(name).encode())
    content[int(rng.integers(len(content)))] = int(rng.integers(256))
    path = folder / "card.toml"
    path.write_bytes(bytes(content))
    return path, ""


def long_file(rng, name, folder):
    """A number of many digits, a deep list, a long file, no file."""
    path, content = folder / "card.toml", text(name)
    what = str(rng.choice(["digits", "deep", "long", "binary", "utf-16"]))
    path.write_bytes(
        {
            "digits": lambda: (content + "\nx = " + "9" * 4301).encode(),
            "deep": lambda: (content + "\nx = " + "[" * 5000 + "]" * 5000).encode(),
            "long": lambda: (content + "\n# " + "x" * 2_000_000).encode(),
            "binary": lambda: bytes(rng.integers(0, 256, 500, dtype=np.uint8)),
            "utf-16": lambda: content.encode("utf-16"),
        }[what]()
    )
    return path, what


def as_it_is(rng, name, folder):
    return tomllib.loads(text(name)), ""


CHANGES = {
    "an entry": an_entry,
    "a parameter": a_parameter,
    "a parameter scaled": scaled,
    "a list": a_list,
    "a key missing": missing,
    "a key unknown": unknown,
    "a byte of the file": file_bytes,
    "a file no card can be": long_file,
    "none": as_it_is,
}

FAMILY = Family("cards", "mutated cards of potentials", trial, count=10_000, smoke=60, seconds=5.0)
