"""Every Python block of the documentation runs, every link leads somewhere, every public name is documented."""

import importlib
import inspect
import pkgutil
import re
import runpy
from pathlib import Path

import pytest
from matplotlib import pyplot as plt

import pfc_metarl
from pfc_metarl import causality
from pfc_metarl.simulate import main
from tests.docs.public_names import PUBLIC, written

HOME = Path(__file__).parents[2]
DOCS = HOME / "docs"
MISSING = () if (HOME / "paper" / "figures").exists() else ("../paper/figures",)
"""Links into folders that an sdist has not."""
PAGES = ("quickstart", "own_experiment", "own_parts", "cookbook", "formats")
"""Pages whose blocks are one script each; those of other pages are run in tests/test_readme.py."""


def blocks(path):
    return re.findall(r"^```python\n(.*?)^```", path.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def run_as_a_script(code, path, monkeypatch):
    """Run a script in this process, where the package is imported already, in a namespace of its own."""
    path.write_text(code, encoding="utf-8")
    monkeypatch.chdir(path.parent)
    monkeypatch.setattr(plt, "show", lambda: None)
    try:
        return runpy.run_path(str(path))
    finally:
        plt.close("all")


@pytest.mark.parametrize("page", PAGES)
def test_the_python_of_a_page_runs_as_one_script(page, tmp_path, monkeypatch):
    names = run_as_a_script("\n".join(blocks(DOCS / f"{page}.md")), tmp_path / "page.py", monkeypatch)
    assert {"pfc_metarl", "measures"} & set(names)


@pytest.mark.parametrize("path", sorted((DOCS / "gallery").glob("plot_*.py")), ids=lambda path: path.stem)
def test_a_script_of_the_gallery_draws_without_training(path, tmp_path, monkeypatch):
    text = path.read_text(encoding="utf-8")
    assert "simulate(" not in text
    drawn = []
    monkeypatch.setattr(plt, "close", lambda *_, close=plt.close: (drawn.extend(plt.get_fignums()), close("all")))
    run_as_a_script(text, tmp_path / path.name, monkeypatch)
    assert drawn


def test_the_experiment_of_the_page_is_a_file_that_the_command_takes(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    task, experiment, *_ = blocks(DOCS / "own_experiment.md")
    Path("my_task.py").write_text(f'"""Arms that reverse."""\n{task}\n{experiment}')
    assert main(["my_task.py", "--networks", "1", "--updates", "2", "--workers", "1"]) == 0
    out = capsys.readouterr().out
    assert "reward per trial" in out
    assert Path("runs/my_task/report.html").is_file()


def test_the_causes_of_the_page_are_tested_in_networks_that_were_trained_before(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    task, experiment, *others = blocks(DOCS / "own_experiment.md")
    (causes,) = (block for block in others if "causality=" in block)
    options = ["my_task.py", "--networks", "1", "--updates", "2", "--workers", "1", "--quiet"]
    for parts in ([task, experiment], [task, experiment, causes]):
        Path("my_task.py").write_text('"""Arms that reverse."""\n' + "\n".join(parts))
        assert main(options) == 0
    assert "their weights are kept" in capsys.readouterr().err
    assert causality.main(["runs/my_task", "--episodes", "10", "--draws", "2", "--workers", "1"]) == 0
    out = capsys.readouterr().out
    assert "better arm: reward per trial" in out
    assert "direction beyond choice" in out


@pytest.mark.parametrize("page", sorted(DOCS.glob("*.md")), ids=lambda path: path.stem)
def test_links_of_a_page_lead_somewhere(page):
    for link in re.findall(r"\]\(([^)#:]+)[^):]*\)", page.read_text(encoding="utf-8")):
        if not link.startswith(("generated/", *MISSING)):
            assert (page.parent / link).is_file(), link


@pytest.mark.parametrize("page", sorted(DOCS.glob("*.md")), ids=lambda path: path.stem)
def test_formulas_of_a_page_can_be_shown(page):
    latex2mathml = pytest.importorskip("docutils.utils.math.latex2mathml", reason="of the extra 'docs'")
    prose = re.sub(r"```.*?```|`[^`]*`", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for formula in re.findall(r"(\$\$?)(.+?)\1", prose, re.DOTALL):
        latex2mathml.tex2mathml(formula[1])  # raises MathError for a command that it does not know


def test_every_page_is_in_the_table_of_contents():
    listed = set(re.findall(r"^(\w+)$", (DOCS / "index.md").read_text(encoding="utf-8"), re.MULTILINE))
    assert {path.stem for path in DOCS.glob("*.md")} - {"index"} <= listed


REFERENCE = "".join(written.reference(wing) for wing in written.WINGS)


@pytest.mark.parametrize(("name", "value"), PUBLIC, ids=[name for name, _ in PUBLIC])
def test_a_public_name_is_in_the_reference_and_a_function_has_an_example(name, value):
    assert re.search(rf"^\.\. (auto\w+|py:data):: {name}$", REFERENCE, re.MULTILINE)
    if not (inspect.isclass(value) or inspect.isroutine(value)):
        return
    text = value.__doc__
    assert text, name
    if inspect.isfunction(value):
        assert ">>>" in text, f"{name} has no example"


SHOWN = "\n".join(code for path in (HOME / "README.md", *DOCS.glob("*.md")) for code in blocks(path))
SHOWN += "".join(path.read_text(encoding="utf-8") for path in DOCS.glob("*/*.py"))
IMPORTED = [
    f"{module}.{name.strip()}"
    for module, names in re.findall(r"^from (pfc_metarl[\w.]*) import (.+)$", SHOWN, re.MULTILINE)
    for name in names.split(",")
]


@pytest.mark.parametrize("name", sorted(set(IMPORTED)))
def test_what_the_documentation_imports_is_in_the_reference(name):
    package, _, last = name.rpartition(".")
    value = getattr(importlib.import_module(package), last)
    assert inspect.ismodule(value) or any(value is other for _, other in PUBLIC)


def test_the_page_of_commands_has_the_help_of_each():
    page = written.commands_page()
    assert all(f"usage: python -m pfc_metarl.{name} " in page for name in written.COMMANDS)


def functions_of_measures():
    for found in pkgutil.walk_packages(pfc_metarl.measures.__path__, "pfc_metarl.measures."):
        module = importlib.import_module(found.name)
        for name, value in vars(module).items():
            if inspect.isfunction(value) and value.__module__ == found.name and not name.startswith("_"):
                yield f"{found.name}.{name}", value


def test_every_function_of_the_measures_has_an_example():
    assert [name for name, value in functions_of_measures() if ">>>" not in (value.__doc__ or "")] == []


@pytest.mark.parametrize("name", written.files.names())
def test_the_page_of_an_experiment_has_its_claim_results_and_figure(name):
    page = written.experiment_page(name)
    assert written.experiments.load(name).claim in page
    assert f"python -m analyses {written.FIGURES[name]}" in page
    assert "| measure |" in page.partition("## Results")[2]
