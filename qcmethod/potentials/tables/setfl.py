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

from collections.abc import Sequence

import numpy as np

from qcmethod.base.types import Array
from qcmethod.errors import PotentialFileError
from qcmethod.potentials.forms.alloy import SplineAlloy
from qcmethod.potentials.tables.columns import check_columns
from qcmethod.potentials.tables.formats import after_the_end
from qcmethod.potentials.tables.headers import (
    About,
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
    chosen = _choose(file, names, element)
    fs = _is_fs(stream, len(names), grid, style)
    for i, name in enumerate(names):
        about = about_header(stream)
        F = stream.numbers(f"F(n) of {name}", grid.nrho, spare=i != chosen)
        felt_by = names if fs else [name]
        rhos = [stream.numbers(f"rho(r) of {name} at {b}", grid.nr, spare=True) for b in felt_by]
        if i == chosen:
            kept = (F, rhos[i if fs else 0], about)
            check_counts(stream, F, rhos[0], f"rho(r) of {name}")
    rphi = _of_pairs(stream, "r phi", names, grid)[_with_itself(chosen)]
    angular = None
    if style == "adp" or _is_adp(stream, len(names), grid):
        angular = _angular(stream, names, grid, chosen, asked, style)
    if what := after_the_end(stream.remaining(), len(names), stream.next_word()):
        raise stream.error(what, "a table of eam/alloy, eam/fs or adp")
    stream.end()
    F, rho, about = kept
    return make_table(file, names[chosen], grid, F, rho, rphi, about, told, angular)


def read_alloy(
    file: str, lines: list[str], elements: Sequence[str] | None, style: str | None, named: str = ""
) -> tuple[tuple[str, ...], SplineAlloy, About]:
    """Elements (None: all), their form, and what the header says of the first.

    Errors as of `read_setfl`, and PotentialFileError for an ADP: of several elements none is read.
    """
    try:
        return _alloy(TokenStream(file, lines, 3), elements, style or named)
    except PotentialFileError as error:
        try:
            return _alloy(TokenStream(file, lines, 3, by_lines=True), elements, style or named)
        except PotentialFileError:
            raise error from None


def _alloy(
    stream: TokenStream, elements: Sequence[str] | None, style: str
) -> tuple[tuple[str, ...], SplineAlloy, About]:
    names = stream.header("N and N symbols", 2)[1:]
    grid = grid_header(stream)
    chosen = tuple(names) if elements is None else tuple(elements)
    kept = [_choose(stream.name, names, one) for one in chosen]
    fs = _is_fs(stream, len(names), grid, style)
    F: list[Array] = []
    rho: list[list[Array]] = []
    about: list[About] = []
    for name in names:
        about.append(about_header(stream))
        F.append(stream.numbers(f"F(n) of {name}", grid.nrho, spare=name not in chosen))
        felt_by = names if fs else [name]
        # a column is the density of this element at each other (eam/fs), or at all of them
        columns = [stream.numbers(f"rho(r) of {name}", grid.nr, spare=True) for _ in felt_by]
        rho.append(columns if fs else columns * len(names))
    rphi = _of_pairs(stream, "r phi", names, grid)
    if style == "adp" or _is_adp(stream, len(names), grid):
        hint = f"element={chosen[0]!r}"
        raise PotentialFileError(stream.name, "an ADP of several elements", "one element", hint)
    if what := after_the_end(stream.remaining(), len(names), stream.next_word()):
        raise stream.error(what, "a table of eam/alloy or eam/fs")
    stream.end()
    of_pairs = {}
    for a in kept:
        for b in kept:
            number = max(a, b) * (max(a, b) + 1) // 2 + min(a, b)
            of_pairs[a, b] = make_table(
                stream.name, names[a], grid, F[a], rho[b][a], rphi[number], about[a], Told()
            )
    for a in kept:
        check_columns(of_pairs[a, a])
    first = of_pairs[kept[0], kept[0]].params
    radial = [[of_pairs[a, b].params.radial for b in kept] for a in kept]
    form = SplineAlloy(
        cutoff=first.cutoff,
        r_min=max(table.r_min for table in of_pairs.values()),
        n_max=first.n_max,
        inv_dr=first.inv_dr,
        radial=np.ascontiguousarray(radial),
        inv_dn=first.inv_dn,
        embedding=np.ascontiguousarray([of_pairs[a, a].params.embedding for a in kept]),
    )
    return chosen, form, about[kept[0]]


def _of_pairs(stream: TokenStream, what: str, names: list[str], grid: Grid) -> Array:
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
    u, w = (_of_pairs(stream, what, names, grid) for what in ("u", "w"))
    angles, number = bool(np.any(u) or np.any(w)), _with_itself(chosen)
    if angles and style in ("", "adp"):
        return u[number], w[number]
    if angles:
        raise stream.error("the columns of an ADP table", f"a table of {style}", "style='adp'")
    if asked != "eam/alloy":
        given = "an ADP table whose u and w are zeros only"
        raise stream.error(given, "angular functions", "style='eam/alloy', which it then is")
    return None


def _is_adp(stream: TokenStream, n: int, grid: Grid) -> bool:
    """Whether what is left are two more columns for each pair."""
    return stream.remaining() == n * (n + 1) * grid.nr


def _is_fs(stream: TokenStream, n: int, grid: Grid, style: str | None) -> bool:
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


def _choose(file: str, names: list[str], element: str | None) -> int:
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
