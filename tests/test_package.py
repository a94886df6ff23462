import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import pfc_metarl

NAMES = pfc_metarl.__all__
HEAVY = ("torch", "xarray", "statsmodels", "pandas", "scipy")


@pytest.mark.parametrize("name", NAMES)
def test_the_names_of_the_package_are_there_and_stay_what_they_are(name):
    importlib.import_module("pfc_metarl.simulate")
    assert getattr(pfc_metarl, name) is getattr(pfc_metarl, name)
    assert callable(getattr(pfc_metarl, name))


def test_other_names_are_not():
    with pytest.raises(AttributeError, match="'pfc_metarl' has no attribute 'nothing'"):
        _ = pfc_metarl.nothing


def test_the_version_is_that_of_the_citation():
    citation = (Path(__file__).parents[1] / "CITATION.cff").read_text()
    assert f"\nversion: {pfc_metarl.__version__}\n" in citation


@pytest.mark.parametrize("module", ["pfc_metarl.simulate", "pfc_metarl.export", "pfc_metarl.causality"])
def test_help_comes_without_loading_half_the_world(module):
    code = f"import runpy, sys; sys.argv = ['x', '--help']; runpy.run_module('{module}', run_name='__main__')"
    code = f"try:\n    {code}\nfinally:\n    print([name for name in {HEAVY} if name in sys.modules], file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "usage: " in done.stdout
    assert done.stderr == "[]\n"


HOME = Path(pfc_metarl.__file__).parents[1]
SOURCES = sorted(path for folder in ("pfc_metarl", "analyses", "benchmarks") for path in (HOME / folder).rglob("*.py"))


def shadowed_by_comprehensions(source):
    """Names that a comprehension binds and the function around it means a global by: Python 3.12.0 to 3.12.3 fail."""
    found = set()
    for function in (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef | ast.Lambda)):
        comprehensions = [n for n in ast.walk(function) if isinstance(n, ast.ListComp | ast.SetComp | ast.DictComp)]
        inside = {id(n) for comprehension in comprehensions for n in ast.walk(comprehension)}
        names = [node for node in ast.walk(function) if isinstance(node, ast.Name)]
        stored = {node.id for node in names if isinstance(node.ctx, ast.Store) and id(node) not in inside}
        arguments = {node.arg for node in ast.walk(function) if isinstance(node, ast.arg)}
        loaded = {node.id for node in names if isinstance(node.ctx, ast.Load) and id(node) not in inside}
        bound = {
            n.id for c in comprehensions for g in c.generators for n in ast.walk(g.target) if isinstance(n, ast.Name)
        }
        found |= bound & loaded - stored - arguments
    return found


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(HOME)))
def test_no_comprehension_takes_the_name_of_a_function_used_beside_it(path):
    assert shadowed_by_comprehensions(path.read_text(encoding="utf-8")) == set()


def test_a_comprehension_that_does_so_is_found():
    assert shadowed_by_comprehensions("def f(xs):\n    a = {name for name in xs}\n    return name(a)") == {"name"}
