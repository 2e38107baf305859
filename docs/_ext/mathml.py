"""Formulas as MathML, converted by docutils: browsers draw it without JavaScript and offline."""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.errors import ExtensionError

DIGITS = re.compile(r"\\([dt]?frac)\s*(\d)\s*(\d)")


def converted(node: nodes.math | nodes.math_block, block: bool) -> str:
    """MathML of a formula; a macro that the converter does not know stops the build."""
    # \tfrac12 is half in TeX; the converter reads twelve
    tex = DIGITS.sub(r"\\\1{\2}{\3}", node.astext())
    try:
        return tex2mathml(tex, as_block=block)
    except MathError as error:
        raise ExtensionError(f"{node.source}:{node.line}: {node.astext()!r}: {error}") from error


def inline(translator: Any, node: nodes.math) -> None:
    """Write a formula within a line."""
    translator.body.append(converted(node, block=False))
    raise nodes.SkipNode


def displayed(translator: Any, node: nodes.math_block) -> None:
    """Write a formula on a line of its own."""
    translator.body.append(f'<div class="math">{converted(node, block=True)}</div>')
    raise nodes.SkipNode


def setup(app: Any) -> dict[str, bool]:
    """Register with Sphinx."""
    app.add_html_math_renderer("mathml", (inline, None), (displayed, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
