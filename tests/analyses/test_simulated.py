import shutil

import pytest

from analyses import simulated
from analyses.__main__ import figures, main
from pfc_metarl import experiments
from pfc_metarl.experiments import load
from pfc_metarl.runs.run import open_run
from pfc_metarl.settings import BadInput, changed


@pytest.fixture
def commands(monkeypatch):
    """Commands that would be carried out."""
    found = []
    monkeypatch.setattr(simulated, "carry_out", found.extend)
    monkeypatch.setattr(simulated.workers, "prepare", lambda: None)
    return found


def test_each_run_is_simulated_once_with_its_experiment(commands):
    simulated.simulate_runs(["fig5_two_step", "fig3_volatility", "figS_geometry"], None, False)
    names = ("two_step", "volatility", "volatility_constant")
    assert commands == [[name, "--out", f"runs/{name}"] for name in names]


def test_a_given_folder_gets_the_experiment_of_the_figure(commands):
    simulated.simulate_runs(["fig5_two_step"], ["elsewhere/mine"], True)
    assert commands == [["two_step", "--out", "elsewhere/mine", "--follow-links"]]


def test_runs_of_all_figures_are_named_after_experiments(commands, monkeypatch):
    monkeypatch.setattr(simulated, "NEEDED", "no figure has this")
    simulated.simulate_runs(figures(), None, False)
    assert {command[0] for command in commands} <= set(experiments.names())


def test_a_sweep_is_not_made(commands):
    simulated.simulate_runs(["figS_sweep_two_step"], None, False)
    assert commands == []


def test_activity_is_edited_once_in_each_run_that_needs_it(commands, tiny_run, tmp_path, monkeypatch):
    edited = []
    monkeypatch.setattr(simulated.causality, "carry_out", edited.append)
    monkeypatch.chdir(tmp_path)
    for name in ("two_step", "foraging", "volatility"):
        shutil.copytree(tiny_run, f"runs/{name}")
    has = open_run("runs/foraging")
    has.save_dataset("causality", has.history())
    simulated.simulate_runs(["figS_causality", "figS_causality_tasks", "fig5_two_step"], None, False)
    assert edited == [["runs/two_step"], ["runs/volatility"]]


def test_an_error_of_the_simulation_names_the_command_whose_options_it_gives(monkeypatch, capsys):
    def refuses(commands):
        raise BadInput("--out x: the run there has another task; choose another folder, or --force to replace it.")

    monkeypatch.setattr(simulated, "carry_out", refuses)
    monkeypatch.setattr(simulated.workers, "prepare", lambda: None)
    assert main(["fig5_two_step", "--simulate", "--run", "x"]) == 2
    assert capsys.readouterr().err.startswith(
        "error: python -m pfc_metarl.simulate: --out x: the run there has another"
    )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["fig5_two_step", "--simulate", "--redraw"], "--redraw: it draws from tables, --simulate from runs; give one"),
        (["fig1_bandit", "--simulate", "--run", "x"], "--run: fig1_bandit is drawn from runs/bandit_independent and"),
    ],
)
def test_what_cannot_be_simulated_is_refused_in_a_sentence(commands, words, message, capsys):
    assert main(words) == 2
    assert capsys.readouterr().err.startswith(f"error: {message}")
    assert not commands


def test_a_figure_is_simulated_measured_and_drawn_by_one_command(tmp_path, monkeypatch, capsys):
    two_step = load("two_step")
    few = changed(
        two_step,
        {"networks": 2, "learner": {"updates": 2, "episodes": 2}, "probes": {"test": {"episodes": 60}}},
    )
    monkeypatch.setattr("pfc_metarl.experiments.registry.loaded", lambda name: experiments.registry.Loaded(few, {}))
    monkeypatch.setenv("COLUMNS", "100")
    run = tmp_path / "run"
    assert main(["fig5_two_step", "--simulate", "--run", str(run)]) == 0
    out = capsys.readouterr().out
    assert "Trained by model-free dopamine" in out
    made = [run / "figures" / "fig5_two_step.png", run / "figures" / "fig5_two_step.pdf", run / "report.html"]
    assert out.splitlines()[-3:] == list(map(str, made))
    assert open_run(run).complete
    assert main(["fig5_two_step", "--simulate", "--run", str(run)]) == 0
    assert "kept: weights, test, " in capsys.readouterr().out
