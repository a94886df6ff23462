import ast
import importlib
import importlib.util
import json
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest

import pfc_metarl

HEAVY = ("torch", "xarray", "statsmodels", "pandas", "scipy", "numpy")
HOME = Path(pfc_metarl.__file__).parents[1]

PACKAGES = ["pfc_metarl", *sorted(m.name for m in pkgutil.walk_packages(pfc_metarl.__path__, "pfc_metarl.") if m.ispkg)]
OF_EXTRAS = {"pfc_metarl.sweeps.distribution": "distributed"}
"""Modules that cannot be imported without an extra -> what of the extra they import."""
ABSENT = [module for module, needed in OF_EXTRAS.items() if importlib.util.find_spec(needed) is None]
NAMES = [(package, name) for package in PACKAGES for name in importlib.import_module(package).__all__]
EVERYTHING = f"""
import importlib, json, pkgutil, pfc_metarl
for module in pkgutil.walk_packages(pfc_metarl.__path__, "pfc_metarl."):
    if module.name not in {ABSENT}:
        importlib.import_module(module.name)
print(json.dumps({{package: dir(importlib.import_module(package)) for package in {PACKAGES}}}))
"""


@pytest.mark.parametrize(("package", "name"), NAMES)
def test_public_names_are_there_and_stay_what_they_are(package, name):
    if f"{package}.{name}" in ABSENT:
        pytest.skip(f"needs {OF_EXTRAS[f'{package}.{name}']}, of an extra")
    importlib.import_module("pfc_metarl.simulate")
    module = importlib.import_module(package)
    assert getattr(module, name) is getattr(module, name)


@pytest.mark.parametrize("module", OF_EXTRAS)
def test_a_module_of_an_extra_is_imported_with_it_and_names_what_is_missing(module):
    if module in ABSENT:
        with pytest.raises(ModuleNotFoundError, match=OF_EXTRAS[module]):
            importlib.import_module(module)
    else:
        importlib.import_module(module)


@pytest.mark.parametrize("package", PACKAGES)
def test_other_names_are_not(package):
    with pytest.raises(AttributeError, match="nothing"):
        _ = importlib.import_module(package).nothing


def test_dir_shows_the_public_names_and_nothing_else():
    done = subprocess.run([sys.executable, "-c", EVERYTHING], capture_output=True, text=True, check=True)
    for package, shown in json.loads(done.stdout).items():
        module = importlib.import_module(package)
        stub = Path(module.__file__).with_suffix(".pyi")
        handed_on = (
            re.findall(r"^from \S+ import (\w+) as \1$", stub.read_text(), re.MULTILINE) if stub.exists() else []
        )
        modules = [found.name for found in pkgutil.iter_modules(module.__path__)]
        assert shown == sorted(handed_on or modules), package
        assert not [name for name in shown if name.startswith("_")], package


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_hands_names_on_and_defines_nothing(package):
    tree = ast.parse(Path(importlib.import_module(package).__file__).read_text(encoding="utf-8"))
    kinds = (ast.FunctionDef, ast.ClassDef, ast.AnnAssign)
    assert not [node.lineno for node in tree.body if isinstance(node, kinds)]
    assigned = [ast.unparse(target) for node in tree.body if isinstance(node, ast.Assign) for target in node.targets]
    assert set(assigned) <= {"(__getattr__, __dir__, __all__)", "__version__"}


def test_stubs_are_installed_and_the_package_is_typed():
    assert (HOME / "pfc_metarl" / "py.typed").is_file()
    assert (HOME / "pfc_metarl" / "__init__.pyi").is_file()


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


def test_a_comprehension_that_shadows_is_found():
    assert shadowed_by_comprehensions("def f(xs):\n    a = {name for name in xs}\n    return name(a)") == {"name"}


def test_files_that_contributors_are_sent_to_are_there():
    home = Path(__file__).parents[1]
    named = re.findall(r"`([\w/]+/|[\w/]+/[\w.]+\.\w+)`", (home / "CONTRIBUTING.md").read_text(encoding="utf-8"))
    assert {"tasks/registry.py", "models/__init__.pyi", "pfc_metarl/data/"} <= set(named)
    above = (home, home / "pfc_metarl", home / "tests")
    assert [name for name in named if "NAME" not in name and not any((each / name).exists() for each in above)] == []
