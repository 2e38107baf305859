"""Several elements of a table of eam/alloy or eam/fs, as one form (`forms.alloy`).

    phi_ab of every pair,    rho_ab: the column of b, or that of b at a (eam/fs),    F_a

The columns of each element with itself pass the checks of a table of one (`columns`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from qcmethod.base.types import Array
from qcmethod.errors import PotentialFileError
from qcmethod.potentials.forms.alloy import SplineAlloy
from qcmethod.potentials.tables.columns import check_columns
from qcmethod.potentials.tables.formats import after_the_end
from qcmethod.potentials.tables.headers import About, about_header, grid_header, make_table
from qcmethod.potentials.tables.setfl import chosen_among, is_adp, is_fs, of_pairs
from qcmethod.potentials.tables.tokens import TokenStream
from qcmethod.potentials.tables.told import Told


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
    kept = [chosen_among(stream.name, names, one) for one in chosen]
    fs = is_fs(stream, len(names), grid, style)
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
    rphi = of_pairs(stream, "r phi", names, grid)
    if style == "adp" or is_adp(stream, len(names), grid):
        hint = f"element={chosen[0]!r}"
        raise PotentialFileError(stream.name, "an ADP of several elements", "one element", hint)
    if what := after_the_end(stream.remaining(), len(names), stream.next_word()):
        raise stream.error(what, "a table of eam/alloy or eam/fs")
    stream.end()
    tables = {}
    for a in kept:
        for b in kept:
            number = max(a, b) * (max(a, b) + 1) // 2 + min(a, b)
            tables[a, b] = make_table(
                stream.name, names[a], grid, F[a], rho[b][a], rphi[number], about[a], Told()
            )
    for a in kept:
        check_columns(tables[a, a])
    first = tables[kept[0], kept[0]].params
    radial = [[tables[a, b].params.radial for b in kept] for a in kept]
    form = SplineAlloy(
        cutoff=first.cutoff,
        r_min=max(table.r_min for table in tables.values()),
        n_max=first.n_max,
        inv_dr=first.inv_dr,
        radial=np.ascontiguousarray(radial),
        inv_dn=first.inv_dn,
        embedding=np.ascontiguousarray([tables[a, a].params.embedding for a in kept]),
    )
    return chosen, form, about[kept[0]]
