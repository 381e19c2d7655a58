"""How the manual is built: `sphinx-build -n -W docs OUTPUT`, without a network."""

import tomllib
from pathlib import Path

__all__: list[str] = []

_ROOT = Path(__file__).parents[1]
_PROJECT = tomllib.loads((_ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

project = "clustermodel"
author = "clustermodel developers"
copyright = f"2026, {author}"
version = release = _PROJECT["version"]

extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinxcontrib.bibtex",
]
templates_path = ["_templates"]
exclude_patterns = ["_build"]

html_theme = "furo"
html_title = f"clustermodel {release}"
html_show_sourcelink = False

myst_heading_anchors = 3

bibtex_bibfiles = ["references.bib"]
bibtex_default_style = "plain"
bibtex_reference_style = "author_year"

# One page per module, made from its docstring.
autosummary_generate = True
autosummary_ignore_module_all = True  # it would hide the modules of a package; autodoc keeps to __all__
autodoc_member_order = "bysource"
autodoc_typehints = "none"  # the types stand in the docstrings, with shapes and units
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False

# Names of outside packages, whose manuals are not at hand when this one is built.
nitpick_ignore_regex = [
    (r"py:.*", r"(collections|datetime|enum|gemmi|numpy|np|pathlib|rich|scipy|types|typer|typing)\..*"),
    ("py:class", r"(Path|optional|NDArray)"),
]
