import ast
import importlib
import re
from pathlib import Path

import matplotlib.pyplot as plt
import pytest
from matplotlib.axes import Axes
from matplotlib.text import Text

from analyses import derived, style
from analyses.__main__ import figures, main
from analyses.folders import FIGURES, TABLES
from pfc_metarl.verify import main as verify

HOME = Path(__file__).parents[2]
WRITERS = (
    "readme",
    "claims",
    "published",
    "trained",
    "species_table",
    "recovery_table",
    "tiny_networks_table",
    "simulated",
)
"""Modules that simulate, or write pages and files from experiments, and draw nothing."""
SOURCES = sorted(path for path in (HOME / "analyses").glob("*.py") if path.stem not in WRITERS)


def test_the_papers_figures_are_there():
    assert {"fig1_bandit", "fig5_two_step", "figS_two_step_controls"} <= set(figures())


def imported(path):
    """Names of the modules, and of what is taken from them, that a file imports anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


FORBIDDEN = re.compile(
    r"analyses\.fig|pfc_metarl\.(agents|models(?!\.exact_regret)|tasks|simulation|learning|execution|experiments)\b"
)
"""Other figures, and what simulates or trains."""


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_a_figure_imports_no_figure_and_simulates_nothing(path):
    assert not [name for name in imported(path) if FORBIDDEN.match(name)]


def test_a_figure_that_imports_a_figure_is_found(tmp_path):
    path = tmp_path / "figure.py"
    path.write_text("from analyses import fig1_bandit\n\ndef tables(run):\n    from pfc_metarl.agents import Random\n")
    found = {name for name in imported(path) if FORBIDDEN.match(name)}
    assert found == {"analyses.fig1_bandit", "pfc_metarl.agents", "pfc_metarl.agents.Random"}


def test_a_pattern_names_all_figures_that_it_fits(tmp_path, capsys):
    assert main(["figS_units*", "figS_units_two_step", "--redraw", "--out", str(tmp_path)]) == 0
    drawn = [Path(line).stem for line in capsys.readouterr().out.splitlines() if line.endswith("png")]
    assert drawn == ["figS_units_foraging", "figS_units_two_step", "figS_units_volatility"]


SMALLEST = 6
"""Size of the smallest text that can be read in print, in points."""


def too_small(made):
    """Texts of a drawn figure that are smaller than SMALLEST."""
    texts = [text for text in made.findobj(Text) if text.get_visible() and text.get_text().strip()]
    return [text.get_text() for text in texts if text.get_fontsize() < SMALLEST]


def panels(made):
    """Letters of the panels of a drawn figure."""
    return {ax.get_title(loc="left") for ax in made.findobj(Axes)} - {""}


def test_small_text_is_found_in_panels_ticks_and_legends(ax):
    ax.plot([0, 1], label="line")
    ax.text(0, 0, "large", fontsize=6)
    assert too_small(ax.figure) == []
    ax.text(0, 0, "small", fontsize=5.5)
    ax.set_xticks([0, 1], ["one", "two"], fontsize=4)
    ax.legend(fontsize=5)
    ax.figure.draw_without_rendering()
    assert set(too_small(ax.figure)) == {"small", "one", "two", "line"}


@pytest.mark.parametrize("name", figures())
def test_every_figure_is_redrawn_from_its_committed_tables(name, tmp_path, capsys, monkeypatch):
    shown, save, open_before = [], style.save, plt.get_fignums()
    monkeypatch.setattr(style, "save", lambda made, *where: shown.append(made) or save(made, *where))
    module = importlib.import_module(f"analyses.{name}")
    assert module.__doc__.startswith(("Figure", "Supplementary figure"))
    assert (TABLES / f"{name}.nc").stat().st_size < 400_000
    assert main([name, "--redraw", "--out", str(tmp_path)]) == 0
    png, pdf = tmp_path / f"{name}.png", tmp_path / f"{name}.pdf"
    assert capsys.readouterr().out == f"{png}\n{pdf}\n"
    assert png.read_bytes().startswith(b"\x89PNG")
    assert pdf.read_bytes().startswith(b"%PDF")
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"{name}.pdf", f"{name}.png"]
    assert plt.get_fignums() == open_before
    assert too_small(shown[0]) == []
    assert 0 < len(panels(shown[0])) <= 12


def test_a_figure_is_measured_and_drawn_from_a_run_in_any_folder(tiny_run, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["fig5_two_step", "--run", str(tiny_run), "--out", "mine"]) == 0
    assert capsys.readouterr().out == "mine/fig5_two_step.png\nmine/fig5_two_step.pdf\n"
    first = Path("mine/fig5_two_step.png").read_bytes()
    tables, origin = derived.load(Path("mine/fig5_two_step.nc"))
    assert tables["stay"].sizes["subject"] == 2
    assert origin["two_step"]["seed"] == 0
    assert main(["fig5_two_step", "--redraw", "--tables", "mine", "--out", "mine"]) == 0
    assert Path("mine/fig5_two_step.png").read_bytes() == first
    assert main(["fig6_harlow", "--redraw", "--out", "mine"]) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_a_figure_of_a_given_run_is_written_into_it_and_replaces_no_figure_of_the_project(tiny_run, capsys):
    kept = {path: path.read_bytes() for folder in (TABLES, FIGURES) for path in folder.glob("fig5_two_step.*")}
    assert len(kept) == (3 if FIGURES.is_dir() else 1)  # an sdist has no figures
    assert main(["fig5_two_step", "--run", str(tiny_run)]) == 0
    made = tiny_run / "figures"
    written = [made / "fig5_two_step.png", made / "fig5_two_step.pdf", tiny_run / "report.html"]
    assert capsys.readouterr().out.splitlines() == list(map(str, written))
    assert 'alt="Figure 5: a network' in (tiny_run / "report.html").read_text(encoding="utf-8")
    assert derived.load(made / "fig5_two_step.nc")[1]["two_step"]["seed"] == 0
    assert {path: path.read_bytes() for path in kept} == kept
    assert verify([str(tiny_run)]) == 0
    capsys.readouterr()


def test_a_run_of_links_is_drawn_if_asked(tiny_run, tmp_path, capsys):
    (tmp_path / "run").mkdir()
    for path in tiny_run.glob("*.*"):
        (tmp_path / "run" / path.name).symlink_to(path)
    words = ["fig5_two_step", "--run", str(tmp_path / "run"), "--out", str(tmp_path / "out")]
    assert main(words) == 2
    assert "--follow-links reads it" in capsys.readouterr().err
    assert main([*words, "--follow-links"]) == 0
    assert (tmp_path / "out" / "fig5_two_step.png").exists()


def test_a_run_of_another_experiment_is_refused_with_its_name(tiny_run, tmp_path, capsys):
    assert main(["fig2_foraging", "--run", str(tiny_run), "--out", str(tmp_path)]) == 2
    assert f"fig2_foraging cannot be drawn from {tiny_run} (of two_step): " in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["fig55"], "figure = 'fig55': unknown figure; choose fig1_bandit, "),
        (["figS_recovery", "--run", "x"], "--run: figS_recovery is drawn from its table alone; leave --run out"),
        (["fig1_bandit", "--run", "x"], "--run: fig1_bandit is drawn from runs/bandit_independent and runs/bandit_c"),
        (
            ["fig5_two_step", "--redraw", "--tables", "nowhere"],
            "nowhere/fig5_two_step.nc holds no tables of a figure; ",
        ),
        (["fig5_two_step", "--run", "nowhere"], "nowhere"),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_a_sentence(arguments, message, capsys):
    assert main(arguments) == 2
    err = capsys.readouterr().err
    assert err.startswith(f"error: {message}")
    assert err.count("\n") == 1


def test_tables_are_written_and_read_back(tmp_path):
    made = derived.save({}, {"seed": 3}, tmp_path / "x.nc")
    assert derived.load(made) == ({}, {"seed": 3})
