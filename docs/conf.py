"""The documentation: ``make docs`` builds it without network, with warnings as errors."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import written  # noqa: E402
from docutils import nodes  # noqa: E402
from docutils.utils.math.latex2mathml import tex2mathml  # noqa: E402

import pfc_metarl  # noqa: E402

project, author, copyright = "pfc_metarl", "The pfc_metarl developers", "2026, the pfc_metarl developers, MIT licence"
version = release = pfc_metarl.__version__
extensions = ["myst_nb", "sphinx.ext.autodoc", "numpydoc", "sphinx_gallery.gen_gallery"]
exclude_patterns = ["_build", "examples", "gallery", "generated/gallery/*.ipynb", "generated/gallery/*.py"]
exclude_patterns += ["generated/gallery/*.json", "generated/gallery/*.zip", "generated/gallery/*.md5"]

html_theme, html_title = "pydata_sphinx_theme", f"pfc_metarl {release}"
WIDE = ("experiments", "claims")  # pages with tables that need the room of the second sidebar
html_theme_options = {
    "navbar_center": [],
    "secondary_sidebar_items": {"**": ["page-toc"], **{page: [] for page in WIDE}},
}
html_sidebars = {"**": ["globaltoc.html"]}
html_math_renderer = "mathml"
html_static_path, html_css_files = ["_static"], ["style.css"]
html_show_sourcelink = False

myst_enable_extensions = ["dollarmath", "colon_fence"]
myst_heading_anchors = 3
nb_execution_mode, nb_execution_timeout, nb_execution_raise_on_error = "force", 300, True
nb_merge_streams = True

default_role = "py:obj"  # a name in single backquotes is a link where it stands in the reference
autodoc_typehints, autodoc_member_order = "none", "bysource"
autodoc_inherit_docstrings = False  # a method of a contract is documented where the contract is
numpydoc_show_class_members = False

sphinx_gallery_conf = {
    "examples_dirs": "gallery",
    "gallery_dirs": "generated/gallery",
    "filename_pattern": "plot_",
    "download_all_examples": False,
    "show_memory": False,
    "show_signature": False,
    "min_reported_time": 10_000,
    "write_computation_times": False,
    "abort_on_example_error": True,
    "remove_config_comments": True,
}
suppress_warnings = ["config.cache", "myst.xref_missing"]  # links out of docs/, which tests/docs follow


def as_mathml(writer, node):
    """Write a formula in the language of browsers: it is shown without a script and without network."""
    writer.body.append(tex2mathml(node.astext(), as_block=isinstance(node, nodes.math_block)))
    raise nodes.SkipNode


def setup(app):
    app.add_html_math_renderer("mathml", (as_mathml, None), (as_mathml, None))
    written.write(HERE / "generated")
