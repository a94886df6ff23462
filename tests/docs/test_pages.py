"""Every Python block of the documentation runs, every link leads somewhere, every public name is documented."""

import importlib
import inspect
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest

import pfc_metarl
from pfc_metarl.simulate import main

HOME = Path(__file__).parents[2]
DOCS = HOME / "docs"
PAGES = ("quickstart", "own_experiment", "own_parts", "cookbook", "formats")
"""Pages whose blocks are one script each; those of other pages are run in tests/test_readme.py."""
PACKAGES = ["pfc_metarl", *(m.name for m in pkgutil.walk_packages(pfc_metarl.__path__, "pfc_metarl.") if m.ispkg)]


def blocks(path):
    return re.findall(r"^```python\n(.*?)^```", path.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("page", PAGES)
def test_the_python_of_a_page_runs_as_one_script(page, tmp_path):
    script = tmp_path / "page.py"
    script.write_text("import matplotlib\nmatplotlib.use('Agg')\n" + "\n".join(blocks(DOCS / f"{page}.md")))
    done = subprocess.run([sys.executable, str(script)], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("path", sorted((DOCS / "gallery").glob("plot_*.py")), ids=lambda path: path.stem)
def test_a_script_of_the_gallery_draws_without_training(path, tmp_path):
    text = path.read_text(encoding="utf-8")
    assert "simulate(" not in text
    code = f"import matplotlib; matplotlib.use('Agg')\nimport runpy; runpy.run_path({str(path)!r})"
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, check=True)


def test_the_experiment_of_the_page_is_a_file_that_the_command_takes(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    task, experiment, *_ = blocks(DOCS / "own_experiment.md")
    Path("my_task.py").write_text(f'"""Arms that reverse."""\n{task}\n{experiment}')
    assert main(["my_task.py", "--networks", "1", "--updates", "2", "--workers", "1"]) == 0
    out = capsys.readouterr().out
    assert "reward per trial" in out
    assert Path("runs/my_task/report.html").is_file()


@pytest.mark.parametrize("page", sorted(DOCS.glob("*.md")), ids=lambda path: path.stem)
def test_links_of_a_page_lead_somewhere(page):
    for link in re.findall(r"\]\(([^)#:]+)[^):]*\)", page.read_text(encoding="utf-8")):
        if not link.startswith("generated/"):
            assert (page.parent / link).exists(), link


def test_every_page_is_in_the_table_of_contents():
    listed = set(re.findall(r"^(\w+)$", (DOCS / "index.md").read_text(encoding="utf-8"), re.MULTILINE))
    assert {path.stem for path in DOCS.glob("*.md")} - {"index"} <= listed


PUBLIC = sorted(
    {
        f"{package}.{name}": getattr(importlib.import_module(package), name)
        for package in PACKAGES
        for name in importlib.import_module(package).__all__
        if Path(importlib.import_module(package).__file__).with_suffix(".pyi").exists()
    }.items()
)


@pytest.mark.parametrize(("name", "value"), PUBLIC, ids=[name for name, _ in PUBLIC])
def test_a_public_name_is_documented_and_a_function_has_an_example(name, value):
    if not (inspect.isclass(value) or inspect.isroutine(value)):
        return
    text = value.__doc__
    assert text, name
    if inspect.isfunction(value):
        assert ">>>" in text, f"{name} has no example"
