"""The call that made a result as a file beside it: `run.toml`, a job for `qcmethod run`."""

from __future__ import annotations

from pathlib import Path

from qcmethod.base.told import UNTOLD, recipe_of
from qcmethod.base.toml import Tables, read_toml
from qcmethod.base.whole import whole

RECIPE = "run.toml"
"""Its name in a folder."""


def keep_recipe(folder: Path, made: Tables | None, anew: bool = False) -> Path | None:
    """Write the call into a folder, once or `anew`; None where a file cannot say it, or nobody
    knows it."""
    file = folder / RECIPE
    if made is None or UNTOLD in made:
        return None
    if anew or not file.exists():
        with whole(file) as partial:
            partial.write_text(recipe_of(made), encoding="utf-8")
    return file


def kept_recipe(folder: Path) -> Tables | None:
    """The call in a folder without what it writes; None where there is none."""
    file = folder / RECIPE
    if not file.is_file():
        return None
    return {k: v for k, v in read_toml(file, "the recipe of a run").items() if k != "output"}
