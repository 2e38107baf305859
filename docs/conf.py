"""How the documentation is built: Markdown pages, the public names, a gallery of executed examples.

Nothing is fetched when it is built or read: no intersphinx, and formulas are MathML, which browsers
draw themselves. `make docs` builds it; a warning is an error.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE / "_ext"), str(HERE.parent)]
os.environ.setdefault("COLUMNS", "100")  # of the tables that examples print

from gallery import copied  # noqa: E402

import qcmethod  # noqa: E402

project = "qcmethod"
author = copyright = "The qcmethod authors"
version = release = qcmethod.__version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
    "sphinx_gallery.gen_gallery",
    "docstrings",
    "dois",
    "mathml",
]
exclude_patterns = ["_examples", "gallery/**.ipynb", "gallery/**.zip", "sg_execution_times.rst"]
templates_path = ["_templates"]
suppress_warnings = ["config.cache"]  # the gallery's classes cannot be pickled

myst_enable_extensions = ["dollarmath", "amsmath"]
myst_heading_anchors = 3
myst_dmath_double_inline = True

html_theme = "furo"
html_title = f"qcmethod {version}"
html_static_path = ["_static"]
html_css_files = ["qcmethod.css"]
html_math_renderer = "mathml"
html_copy_source = html_show_sourcelink = False
pygments_style, pygments_dark_style = "friendly", "monokai"

copybutton_prompt_text, copybutton_prompt_is_regexp = r">>> |\.\.\. |\$ ", True
copybutton_selector = "div:not(.sphx-glr-script-out) > div.highlight > pre"

default_role = "py:obj"  # `couple` in a docstring links to couple
autosummary_generate = True
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
autodoc_type_aliases = {name: name for name in ("Array", "ArrayLike")}
python_use_unqualified_type_names = True
maximum_signature_line_length = 88
napoleon_google_docstring = False
# as lists in which several names may share a line
napoleon_use_param = napoleon_use_rtype = False
napoleon_custom_sections = [("Attributes", "params_style")]

shutil.rmtree(HERE / "api", ignore_errors=True)  # pages of names that are gone

sphinx_gallery_conf = {
    "examples_dirs": str(copied(HERE.parent / "examples", HERE / "_examples")),
    "gallery_dirs": "gallery",
    "filename_pattern": r"\.py$",
    "subsection_order": "gallery.theme_place",
    "within_subsection_order": "gallery.place",
    "nested_sections": False,
    "image_scrapers": ("gallery.pictures",),
    "reset_argv": "gallery.arguments",
    "capture_repr": (),
    "download_all_examples": False,
    "remove_config_comments": True,
    "show_signature": False,
}
