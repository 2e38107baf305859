"""Warnings that point at the line of the user that led to them, not at ours."""

from __future__ import annotations

import sys
import warnings


def say(text: str, category: type[Warning]) -> None:
    """Warn, in the name of the first caller outside of the package."""
    package, level, frame = __name__.partition(".")[0], 1, sys._getframe()
    while frame.f_back and frame.f_globals.get("__name__", "").partition(".")[0] == package:
        frame, level = frame.f_back, level + 1
    warnings.warn(text, category, stacklevel=level)
