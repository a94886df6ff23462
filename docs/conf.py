"""The documentation: ``make docs`` builds it without network, with warnings as errors."""

import contextlib
import importlib
import inspect
import re
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import links  # noqa: E402
import written  # noqa: E402
from docutils import nodes  # noqa: E402
from docutils.utils.math.latex2mathml import tex2mathml  # noqa: E402
from sphinx.util import logging  # noqa: E402

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


EXECUTED = ("quickstart", "cookbook", "own_parts", "formats")
"""Pages whose code is executed, so that they show what it prints."""
NOTEBOOK = "---\nfile_format: mystnb\nkernelspec:\n  name: python3\n---\n"


def as_notebook(app, page, source):
    """Make a page a notebook, as `tour.md` is one."""
    if page in EXECUTED:
        source[0] = NOTEBOOK + source[0].replace("```python\n", "```{code-cell} ipython3\n")


def with_whole_numbers(app, page, source):
    """Keep numbers with their signs and errors on one line in the narrow columns of wide tables."""
    if page in WIDE:
        lines = source[0].split("\n")
        source[0] = "\n".join(written.unbroken(line) if line.startswith("|") else line for line in lines)


class Shown(str):
    """A text that is shown without quotes."""

    __repr__ = str.__str__


def brief_signature(app, what, name, obj, options, signature, returned):
    """Return the signature of a function or a class without the inner settings of its defaults."""
    if getattr(obj, "_is_protocol", False):
        return "", returned
    if what not in ("class", "function") or not ("<" in (signature or "") or len(signature or "") > 300):
        return None
    given = inspect.signature(obj)
    shown = [each.replace(default=brief(each.default), annotation=each.empty) for each in given.parameters.values()]
    return str(given.replace(parameters=shown, return_annotation=given.empty)), returned


def brief(default):
    """Return what stands for a default in a signature: itself if it is short, or its class."""
    if default is inspect.Parameter.empty or not (repr(default).startswith("<") or len(repr(default)) > 50):
        return default
    return Shown(f"{type(default).__name__}(...)" if hasattr(default, "__dataclass_fields__") else "...")


def link_by_another_name(app, env, node, shown):
    """Link a name that stands in the reference under another one, such as that of the module that defines it."""
    module, _, name = node.get("reftarget", "").rpartition(".")
    with contextlib.suppress(ImportError, AttributeError, KeyError):
        known = written.known_names()[id(getattr(importlib.import_module(module or "builtins"), name))]
        return env.get_domain("py").resolve_xref(env, node["refdoc"], app.builder, "obj", known, node, shown)
    return None


def warn_of_dead_links(app, failure):
    """Warn of each link that leads nowhere; a warning is an error of `make docs`."""
    for page, link in [] if failure or app.builder.name != "html" else links.dead_links(app.outdir):
        logging.getLogger(__name__).warning("%s: the link %s leads nowhere", page, link)


def let_names_break(app, page, template, context, doctree):
    """Let names of code break after a dot, an underscore or a slash, so that they fit into narrow columns."""
    if "body" in context:
        names = re.compile(r'(?<=<span class="pre">)[^<]+')
        context["body"] = names.sub(
            lambda found: re.sub(r"[._/]+(?=[a-zA-Z])", r"\g<0><wbr>", found[0]), context["body"]
        )


def setup(app):
    app.add_html_math_renderer("mathml", (as_mathml, None), (as_mathml, None))
    app.connect("source-read", as_notebook)
    app.connect("source-read", with_whole_numbers)
    app.connect("missing-reference", link_by_another_name)
    app.connect("autodoc-process-signature", brief_signature)
    app.connect("html-page-context", let_names_break)
    app.connect("build-finished", warn_of_dead_links)
    written.write(HERE / "generated")
