import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import pfc_metarl

HEAVY = ("torch", "xarray", "statsmodels", "pandas", "scipy", "numpy")
PACKAGES = ("agents", "measures", "tasks")
HOME = Path(pfc_metarl.__file__).parents[1]


FACES = ("pfc_metarl", "pfc_metarl.data", "pfc_metarl.measures", "pfc_metarl.fitting")
NAMES = [(face, name) for face in FACES for name in importlib.import_module(face).__all__]


@pytest.mark.parametrize(("face", "name"), NAMES)
def test_public_names_are_there_and_stay_what_they_are(face, name):
    importlib.import_module("pfc_metarl.simulate")
    module = importlib.import_module(face)
    assert getattr(module, name) is getattr(module, name)
    assert callable(getattr(module, name)) or name in PACKAGES


@pytest.mark.parametrize("face", FACES)
def test_other_names_are_not(face):
    with pytest.raises(AttributeError, match="nothing"):
        _ = importlib.import_module(face).nothing


@pytest.mark.parametrize("face", FACES)
def test_dir_shows_the_public_names_and_nothing_else(face):
    code = f"import pfc_metarl.simulate, {face}; print(*dir({face}))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert shown == sorted(importlib.import_module(face).__all__)
    assert not [name for name in shown if name.startswith("_")]


@pytest.mark.parametrize("face", FACES)
def test_a_stub_is_installed_with_each_face(face):
    home = Path(importlib.import_module(face).__file__).parent
    assert (home / "__init__.pyi").is_file()
    assert (HOME / "pfc_metarl" / "py.typed").is_file()


def test_the_package_is_imported_quickly():
    code = f"import sys, pfc_metarl; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_the_version_is_that_of_the_citation():
    citation = (Path(__file__).parents[1] / "CITATION.cff").read_text()
    assert f"\nversion: {pfc_metarl.__version__}\n" in citation


@pytest.mark.parametrize("module", ["pfc_metarl.simulate", "pfc_metarl.export", "pfc_metarl.causality"])
def test_help_is_shown_without_slow_imports(module):
    code = f"import runpy, sys; sys.argv = ['x', '--help']; runpy.run_module('{module}', run_name='__main__')"
    code = f"try:\n    {code}\nfinally:\n    print([name for name in {HEAVY} if name in sys.modules], file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "usage: " in done.stdout
    assert done.stderr == "[]\n"


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
def test_no_comprehension_variable_shadows_a_function(path):
    assert shadowed_by_comprehensions(path.read_text(encoding="utf-8")) == set()


def test_a_comprehension_that_does_so_is_found():
    assert shadowed_by_comprehensions("def f(xs):\n    a = {name for name in xs}\n    return name(a)") == {"name"}
