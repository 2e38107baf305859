"""DYNAMO tables of LAMMPS: setfl (``eam/alloy``) and its variants ``eam/fs`` and ``adp``.

setfl   three comment lines; N and N symbols; nrho drho nr dr rc; for each element a header, F(n)
        and rho(r); then r phi(r) for the pairs (1,1), (2,1), (2,2), (3,1) ...
fs      the same with N density columns an element, one for each element that feels it
adp     setfl; then u(r) of all pairs, then w(r) of all pairs (`forms.angular`)

Sources: Daw and Baskes 1984, Foiles' DYNAMO, the documentation of pair_style eam of LAMMPS. One
element of the file is read, whose potential energy is that of its pure crystal. Blocks may begin
anywhere on a line; where the numbers do not come out so, each begins on a line of its own and what
the line before it holds too many is left out, which is how LAMMPS reads.
"""

from __future__ import annotations

import numpy as np

from qcmethod.base.types import Array
from qcmethod.errors import PotentialFileError
from qcmethod.potentials.tables.formats import after_the_end
from qcmethod.potentials.tables.headers import (
    about_header,
    check_counts,
    grid_header,
    make_table,
)
from qcmethod.potentials.tables.table import Grid, Table
from qcmethod.potentials.tables.tokens import TokenStream
from qcmethod.potentials.tables.told import Told


def read_setfl(
    file: str, lines: list[str], element: str | None, style: str | None, told: Told, named: str = ""
) -> Table:
    """The table of one element; None: the only element, or the style that fits the length.

    named : the style that the file's name says
    """
    stream = TokenStream(file, lines, 3)
    try:
        return _read(stream, element, style, told, named)
    except PotentialFileError:
        if stream.widest == 1:
            raise
        try:
            return _read(TokenStream(file, lines, 3, by_lines=True), element, style, told, named)
        except PotentialFileError:
            pass
        raise


def _read(
    stream: TokenStream, element: str | None, asked: str | None, told: Told, named: str
) -> Table:
    file, style = stream.name, asked or named
    names = stream.header("N and N symbols", 2)[1:]
    grid = grid_header(stream)
    chosen = chosen_among(file, names, element)
    fs = is_fs(stream, len(names), grid, style)
    for i, name in enumerate(names):
        about = about_header(stream)
        F = stream.numbers(f"F(n) of {name}", grid.nrho, spare=i != chosen)
        felt_by = names if fs else [name]
        rhos = [stream.numbers(f"rho(r) of {name} at {b}", grid.nr, spare=True) for b in felt_by]
        if i == chosen:
            kept = (F, rhos[i if fs else 0], about)
            check_counts(stream, F, rhos[0], f"rho(r) of {name}")
    rphi = of_pairs(stream, "r phi", names, grid)[_with_itself(chosen)]
    angular = None
    if style == "adp" or is_adp(stream, len(names), grid):
        angular = _angular(stream, names, grid, chosen, asked, style)
    if what := after_the_end(stream.remaining(), len(names), stream.next_word()):
        raise stream.error(what, "a table of eam/alloy, eam/fs or adp")
    stream.end()
    F, rho, about = kept
    return make_table(file, names[chosen], grid, F, rho, rphi, about, told, angular)


def of_pairs(stream: TokenStream, what: str, names: list[str], grid: Grid) -> Array:
    """The columns (pairs, nr) of all pairs: (1,1), (2,1), (2,2), (3,1) ..."""
    pairs = [(a, b) for i, a in enumerate(names) for b in names[: i + 1]]
    columns = [stream.numbers(f"{what}(r) of {a}-{b}", grid.nr, spare=True) for a, b in pairs]
    return np.array(columns)


def _with_itself(chosen: int) -> int:
    """Number of the pair of an element with itself."""
    return chosen * (chosen + 3) // 2


def _angular(
    stream: TokenStream, names: list[str], grid: Grid, chosen: int, asked: str | None, style: str
) -> tuple[Array, Array] | None:
    """u and w of an element with itself; None of a file whose u and w are zeros, read as EAM.

    Such a file is no ADP, and one with angles no EAM: PotentialFileError unless the style is asked.
    """
    u, w = (of_pairs(stream, what, names, grid) for what in ("u", "w"))
    angles, number = bool(np.any(u) or np.any(w)), _with_itself(chosen)
    if angles and style in ("", "adp"):
        return u[number], w[number]
    if angles:
        raise stream.error("the columns of an ADP table", f"a table of {style}", "style='adp'")
    if asked != "eam/alloy":
        given = "an ADP table whose u and w are zeros only"
        raise stream.error(given, "angular functions", "style='eam/alloy', which it then is")
    return None


def is_adp(stream: TokenStream, n: int, grid: Grid) -> bool:
    """Whether what is left are two more columns for each pair."""
    return stream.remaining() == n * (n + 1) * grid.nr


def is_fs(stream: TokenStream, n: int, grid: Grid, style: str | None) -> bool:
    """Whether there is a density column for each element that feels it, as the length tells.

    Each element has a header of four words; a file of one element is the same either way.
    """
    pairs = n * (n + 1) // 2 * grid.nr
    left = stream.remaining() - n * (4 + grid.nrho) - pairs
    styles = {n * n * grid.nr: "eam/fs", n * grid.nr: "eam/alloy"}
    if style != "eam/alloy":  # it may be one, see `_angular`
        styles[n * grid.nr + 2 * pairs] = "adp"
    by_length = styles.get(left)
    same = n == 1 and style != "adp" != by_length  # eam/alloy and eam/fs
    if style and by_length not in (None, style) and not same:
        raise stream.error(
            f"the length of {by_length}", f"a table of {style}", f"style={by_length!r}"
        )
    return (style or by_length) == "eam/fs"


def chosen_among(file: str, names: list[str], element: str | None) -> int:
    """Index of the element asked for."""
    listed = ", ".join(names)
    if element is None:
        if len(names) > 1:
            hint = f"element={names[0]!r}"
            raise PotentialFileError("element", None, f"one of {listed} ({file})", hint)
        return 0
    if element not in names:
        raise PotentialFileError("element", element, f"one of {listed} ({file})")
    return names.index(element)
