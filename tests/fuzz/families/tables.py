"""Mutated tables: what a damaged file, a wrong header or an exchanged column must come to.

Each trial takes a small table of a shipped card (setfl, eam/fs or funcfl, 300 distances), changes
one thing and loads it. Some changes leave a table that may well be one (a last digit, a comment, a
mass), others none: those are marked, and reading them without a refusal or a warning is silent.
What is read must have forces that are gradients, at random distances and densities.
"""

from __future__ import annotations

import math
import warnings
from functools import cache
from pathlib import Path

import numpy as np
from harness import Family, Silent, kind

import qcmethod as qc
from qcmethod.errors import PotentialWarning
from qcmethod.potentials.site import embed, pair
from qcmethod.potentials.tables.funcfl import HARTREE_BOHR

CARDS = ("Al-Ercolessi-1994", "Cu-Zhou-2004", "W-Ackland-1987", "Fe-Zhou-2004", "Pb-Zhou-2004")
STYLES = {"eam/alloy": ".eam.alloy", "eam/fs": ".eam.fs", "eam": ".eam"}
NR, NRHO = 300, 300
HEAD = {"eam/alloy": 6, "eam/fs": 6, "eam": 3}


@cache
def original(card: str, style: str) -> tuple[str, ...]:
    """Lines of the table: the header, then one number a line."""
    folder = Path.cwd()
    path = qc.write_setfl(folder / "table", qc.load_potential(card), nr=NR, nrho=NRHO)
    lines = path.read_text().split("\n")[:-1]
    path.unlink()
    if style != "eam":
        return tuple(lines)
    F, rho, rphi = (lines[6 + k * NR : 6 + (k + 1) * NR] for k in range(3))
    # a charge has no sign: the pair energy is lifted above zero, which leaves no bound crystal
    lifted = [repr(math.sqrt(max(0.0, float(v)) / HARTREE_BOHR)) for v in rphi]
    about = lines[5].split()
    return (lines[0], " ".join([*about[:3], "none"]), lines[4], *F, *lifted, *rho)


def trial(rng: np.random.Generator, folder: Path) -> str:
    """One table with one change."""
    style = str(rng.choice(list(STYLES), p=[0.6, 0.25, 0.15]))
    lines = list(original(str(rng.choice(CARDS)), style))
    change = str(rng.choice(list(CHANGES)))
    with kind(change):
        content, malformed = CHANGES[change](rng, lines, style)
        path = folder / f"mutated{STYLES[style]}"
        path.write_bytes(content if isinstance(content, bytes) else encoded(content))
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            potential = qc.load_potential(path)
        warned = any(issubclass(one.category, PotentialWarning) for one in said)
        if malformed and not warned:
            raise Silent(f"{change}: {malformed}, read without a word")
        gradients(rng, potential.params)
    return change


def encoded(lines: list[str]) -> bytes:
    return ("\n".join(lines) + "\n").encode("latin-1")


def gradients(rng: np.random.Generator, p) -> None:
    """Slopes of phi, rho and F against central differences; a kink at a row lies between two."""
    for _ in range(4):
        r, n = rng.uniform(p.r_min, 1.2 * p.cutoff), rng.uniform(0.0, min(p.n_max, 1e6))
        h, m = 1e-4 / p.inv_dr, 1e-4 / p.inv_dn
        between = abs((r - p.r0) * p.inv_dr % 1.0 - 0.5) < 0.49 and abs(r - p.cutoff) > h
        if between and p.r_min + h < r < p.cutoff:
            low, here, high = pair(p, r - h), pair(p, r), pair(p, r + h)
            for value, slope in ((0, 1), (2, 3)):
                agree(low[value], high[value], here[slope], h, f"r = {r}")
        if m < n < p.n_max - m and abs(n * p.inv_dn % 1.0 - 0.5) < 0.49:
            agree(embed(p, n - m)[0], embed(p, n + m)[0], embed(p, n)[1], m, f"n = {n}")


def agree(low: float, high: float, slope: float, h: float, where: str) -> None:
    size = max(abs(low), abs(high), abs(slope) * h)
    if not abs((high - low) / (2.0 * h) - slope) <= 1e-6 * abs(slope) + 1e-11 * size / h + 1e-7:
        raise Silent(f"no gradient at {where}: {(high - low) / (2.0 * h)} against {slope}")


# --- changes: new lines or bytes, and why they are malformed for certain ("" where they may not be)


def column(rng, style):
    """A column by its place: first line in the file, its name."""
    k = int(rng.integers(3))
    return HEAD[style] + k * NR, ("F", "rho or charge", "r phi or rho")[k]


def some_row(rng, lines, style):
    """A row that matters: of a value that is not small in its column, away from its ends."""
    first, name = column(rng, style)
    values = np.array([float(v) for v in lines[first : first + NR]])
    size = np.median(np.abs(values[values != 0.0]))
    used = np.flatnonzero(np.abs(values) > 0.05 * size)
    used = used[(used > NR // 2 if first > HEAD[style] else used > 5) & (used < NR - 10)]
    return first + int(rng.choice(used)) if len(used) else first + NR // 2


def row(factor):
    def change(rng, lines, style):
        k = some_row(rng, lines, style)
        value = float(lines[k]) * factor if isinstance(factor, float) else factor
        lines[k] = repr(value) if isinstance(value, float) else value
        squared = style == "eam" and HEAD[style] + NR <= k < HEAD[style] + 2 * NR and factor == -1.0
        return lines, "" if squared else f"line {k + 1} is {lines[k]}"

    return change


def last_digit(rng, lines, style):
    k = some_row(rng, lines, style)
    lines[k] = repr(float(lines[k]) * (1.0 + 1e-14))
    return lines, ""


def exchanged(rng, lines, style):
    k = some_row(rng, lines, style)
    j = k + int(rng.integers(1, 4))
    lines[k], lines[j] = lines[j], lines[k]
    flat = abs(float(lines[k]) - float(lines[j])) < 1e-3 * abs(float(lines[k]))
    return lines, "" if flat else f"lines {k + 1} and {j + 1} exchanged"


def repeated(rng, lines, style):
    k = some_row(rng, lines, style)
    lines.insert(k, lines[k])
    return lines, "a line twice"


def dropped(rng, lines, style):
    k = int(rng.integers(HEAD[style], len(lines)))
    del lines[k]
    return lines, "a line missing"


def truncated(rng, lines, style):
    content = encoded(lines)
    # the last number may lose digits and still be one
    last = len(lines[-1]) + 2
    return content[: int(rng.integers(0, len(content) - last))], "the end is missing"


def byte(rng, lines, style):
    content = bytearray(encoded(lines))
    content[int(rng.integers(len(content)))] = int(rng.integers(256))
    return bytes(content), ""


def reversed_column(rng, lines, style):
    first = HEAD[style] + int(rng.integers(2 if style == "eam" else 3)) * NR
    lines[first : first + NR] = lines[first : first + NR][::-1]
    return lines, "a column from its end" if style != "eam" else ""


def columns_exchanged(rng, lines, style):
    a, b = (HEAD[style] + int(k) * NR for k in rng.permutation(3)[:2])
    lines[a : a + NR], lines[b : b + NR] = lines[b : b + NR], lines[a : a + NR]
    return lines, "two columns exchanged" if style != "eam" else ""


def column_twice(rng, lines, style):
    a, b = (HEAD[style] + int(k) * NR for k in rng.permutation(3)[:2])
    lines[a : a + NR] = lines[b : b + NR]
    return lines, "a column twice" if style != "eam" else ""


def scaled(rng, lines, style):
    first, name = column(rng, style)
    factor = float(rng.choice([-1.0, 0.1, 0.5, 2.0, 27.2114, 96.485, 1e6]))
    for k in range(first, first + NR):
        lines[k] = repr(factor * float(lines[k]))
    return lines, ""


def phi_for_rphi(rng, lines, style):
    if style == "eam":
        return lines, ""
    first, dr = HEAD[style] + 2 * NR, float(lines[4].split()[3])
    for i in range(NR):
        lines[first + i] = repr(float(lines[first + i]) / max(i * dr, 1e-9))
    return lines, "phi in place of r phi"


def counts(rng, lines, style):
    k = HEAD[style] - (2 if style != "eam" else 1)
    words, d = lines[k].split(), int(rng.choice([-2, -1, 1, 2]))
    words[0], words[2] = str(NRHO - 2 * d), str(NR + d)
    lines[k] = " ".join(words)
    return lines, f"nrho {words[0]} and nr {words[2]} for {NRHO} and {NR}"


def header(rng, lines, style):
    k = HEAD[style] - (2 if style != "eam" else 1)
    words, i = lines[k].split(), int(rng.integers(5))
    factor = float(rng.choice([0.0, -1.0, 0.1, 0.5, 0.9, 1.1, 2.0, 10.0, 1e4, 1e12, 1e30, 1e300]))
    value = float(words[i]) * factor
    words[i] = repr(value) if i in (1, 3, 4) else str(int(value)) if value < 1e18 else repr(value)
    lines[k] = " ".join(words)
    certain = i in (0, 2) or factor <= 0.0 or factor > 1e3
    return lines, f"header {words}" if certain else ""


def about(rng, lines, style):
    k = 5 if style != "eam" else 1
    words, i = lines[k].split(), int(rng.integers(4))
    words[i] = str(rng.choice(["0", "-1", "1e200", "1e-300", "nan", "inf", "bcc", "fcc", "hcp"]))
    lines[k] = " ".join(words)
    # Z and the lattice are hints; a mass is none
    return lines, f"mass {words[1]}" if i == 1 else ""


def token(rng, lines, style):
    k = int(rng.integers(HEAD[style], len(lines)))
    lines[k] = str(rng.choice(["x", "--1", "1_0", "0x10", "1,5", "1e", "\xb2", "9" * 4301 + "x"]))
    return lines, f"{lines[k][:9]} for a number"


def notation(rng, lines, style):
    k = some_row(rng, lines, style)
    mantissa, exponent = f"{float(lines[k]):.17e}".split("e")
    lines[k] = mantissa + str(rng.choice(["D", "d", "E"])) + exponent
    return lines, ""


def layout(rng, lines, style):
    words = lines[HEAD[style] :]
    width = int(rng.integers(1, 9))
    wide = ["\t".join(words[k : k + width]) for k in range(0, len(words), width)]
    end = str(rng.choice(["\n", "\r\n", "\r"]))
    return (end.join([*lines[: HEAD[style]], "# a comment", *wide]) + end).encode("latin-1"), ""


def encoding(rng, lines, style):
    name = str(rng.choice(["utf-8-sig", "utf-16"]))
    content = "\n".join(lines).encode(name)
    return content, "UTF-16" if name == "utf-16" else ""


CHANGES = {
    "last digit": last_digit,
    "sign of a row": row(-1.0),
    "row x 10": row(10.0),
    "row x 1e6": row(1e6),
    "row 1e300": row("1e300"),
    "row nan": row("nan"),
    "row inf": row("-inf"),
    "rows exchanged": exchanged,
    "line twice": repeated,
    "line missing": dropped,
    "truncated": truncated,
    "byte": byte,
    "column reversed": reversed_column,
    "columns exchanged": columns_exchanged,
    "column twice": column_twice,
    "column scaled": scaled,
    "phi for r phi": phi_for_rphi,
    "counts off": counts,
    "header of the grid": header,
    "header of the element": about,
    "no number": token,
    "Fortran": notation,
    "layout": layout,
    "encoding": encoding,
}

FAMILY = Family("tables", "mutated tables", trial, count=100_000, smoke=150, seconds=5.0)
