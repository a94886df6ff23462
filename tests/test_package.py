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
