"""What is installed and what is released: the package with its analyses, their tables, and all that the tests need."""

import ast
import os
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

HOME = Path(__file__).parents[1]
pytest.importorskip("hatchling", reason="building needs hatchling, of the extra 'dev'")


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The folder with the wheel and the sdist of this checkout."""
    folder = tmp_path_factory.mktemp("built")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-d", str(folder)], cwd=HOME, check=True)
    return folder


def test_a_figure_is_drawn_from_a_run_where_only_the_wheel_is_installed(built, tiny_run, tmp_path):
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(tmp_path / "site")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "site")}
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
