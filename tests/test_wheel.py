"""What is installed and what is released: the package with its analyses, their tables, and all that the tests need."""

import ast
import os
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

from tests.lowest import lowest

HOME = Path(__file__).parents[1]
pytest.importorskip("hatchling", reason="building needs hatchling, of the extra 'dev'")


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The folder with the wheel and the sdist of this checkout."""
    folder = tmp_path_factory.mktemp("built")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-d", str(folder)], cwd=HOME, check=True)
    return folder


@pytest.fixture(scope="module")
def environment(built, tmp_path_factory):
    """The environment of a process that finds the files of the wheel and not those of this checkout."""
    site = tmp_path_factory.mktemp("installed") / "site"
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(site)
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPATH": str(site)}


def test_a_figure_is_drawn_from_a_run_where_only_the_wheel_is_installed(environment, tiny_run, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for options in (["--run", str(tiny_run), "--out", "mine"], ["--redraw"]):
        command = [sys.executable, "-m", "analyses", "fig5_two_step", *options]
        done = subprocess.run(command, cwd=elsewhere, env=environment, capture_output=True, text=True, check=True)
        assert done.stderr == ""
    drawn = sorted(str(path.relative_to(elsewhere)) for path in elsewhere.rglob("*.*"))
    assert drawn == [
        *("figures/fig5_two_step.pdf", "figures/fig5_two_step.png"),
        *(f"mine/fig5_two_step.{kind}" for kind in ("nc", "pdf", "png")),
    ]


def test_the_sdist_has_what_its_tests_import(built):
    (path,) = built.glob("*.tar.gz")
    with tarfile.open(path) as packed:
        names = {name.partition("/")[2] for name in packed.getnames()}
    assert {"README.md", "Makefile", "constraints.txt", "data/derived/summaries.json"} <= names
    for source in (HOME / "tests").rglob("*.py"):
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            module = node.module if isinstance(node, ast.ImportFrom) else None
            if module and module.partition(".")[0] in ("analyses", "benchmarks", "tests", "pfc_metarl"):
                file = module.replace(".", "/")
                assert {f"{file}.py", f"{file}/__init__.py"} & names, f"{source}: {module}"


def test_the_wheel_holds_the_packages_and_their_licence(built):
    (path,) = built.glob("*.whl")
    with zipfile.ZipFile(path) as packed:
        names = packed.namelist()
    tops = {name.partition("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"pfc_metarl", "analyses"}
    assert any(name.endswith("licenses/LICENSE") for name in names)
    version = tomllib.loads((HOME / "pyproject.toml").read_text())["project"]["name"]
    assert path.name.startswith(version)


RESTS_ON_THE_WHEEL = """
import pfc_metarl
from pfc_metarl import experiments
from pfc_metarl.pretrained import files
assert "site" in pfc_metarl.__file__
recording = pfc_metarl.record(experiments.load("two_step").task, pfc_metarl.load("two_step"), n_episodes=1, seed=0)
assert files.card("two_step")
from importlib.resources import files as inside
assert (inside("pfc_metarl.reports") / "templates" / "report.html").is_file()
assert (inside("pfc_metarl") / "py.typed").is_file()
"""


def test_trained_networks_and_templates_come_with_the_wheel(environment, tmp_path):
    subprocess.run([sys.executable, "-c", RESTS_ON_THE_WHEEL], cwd=tmp_path, env=environment, check=True)


def test_every_dependency_has_one_lower_bound():
    assert len(lowest()) > 20
    assert [each for each in lowest() if not re.fullmatch(r"[a-z0-9-]+==[\d.]+", each)] == []


def test_the_citation_has_what_its_format_asks_for():
    lines = (HOME / "CITATION.cff").read_text(encoding="utf-8").splitlines()
    top = {line.partition(":")[0]: line.partition(":")[2].strip() for line in lines if line[:1].strip(" -")}
    assert {"cff-version", "message", "title", "authors"} <= set(top)
    assert top["cff-version"] == "1.2.0"
    assert top["type"] in ("software", "dataset")
    newest = re.search(r"^## (\S+), (\S+)$", (HOME / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert newest
    assert top["version"] == newest[1]
    assert top.get("date-released", "unreleased") == newest[2]
    dois = [line.partition(":")[2].strip() for line in lines if line.strip().startswith("doi:")]
    assert dois
    assert all(re.fullmatch(r"10\.\d{4,9}(\.\d+)?/[A-Za-z0-9:/_;\-.()\[\]\\]+", doi) for doi in dois)
