"""Texts in aligned columns: the tables that people read."""

from __future__ import annotations

from collections.abc import Collection, Sequence


def aligned(lines: Sequence[Sequence[str]], left: Collection[int]) -> list[str]:
    """Lines of equally many texts, each column as wide as its longest.

    left : the columns that begin at one place; the others end at one
    """
    width = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return [
        "  ".join(
            text.ljust(w) if c in left else text.rjust(w)
            for c, (text, w) in enumerate(zip(line, width, strict=True))
        ).rstrip()
        for line in lines
    ]
