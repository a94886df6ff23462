import json
import tomllib
from pathlib import Path

import pytest

from pfc_metarl import open_run
from pfc_metarl.experiments.reference_agents import REFERENCE_AGENTS_TWO_STEP
from pfc_metarl.simulate import main
from tests.handmade import BANDIT, TINY

OUTSIDE = (
    BANDIT
    + """
from pfc_metarl import A2C, Experiment

EXPERIMENT = Experiment(claim="Outside.", task=Bandit(), learner=A2C(updates=2, episodes=2), networks=2)
"""
)


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty working directory, and a lab's own file in it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bandit.py").write_text(OUTSIDE)
    return tmp_path


def test_a_run_writes_all_its_files(tiny_run):
    agents = {f"test_{name}.nc" for name in (*REFERENCE_AGENTS_TWO_STEP, "untrained")}
    expected = {"run.json", "weights.safetensors", "history.nc", "test.nc", "summary.json"} | agents
    assert expected <= {path.name for path in tiny_run.iterdir()}
    manifest = json.loads((tiny_run / "run.json").read_text())
    assert (manifest["complete"], manifest["seed"], manifest["experiment"]) == (True, 0, "two_step")
    assert manifest["settings"]["task"]["n_trials"] == 10
    run = open_run(tiny_run)
    assert dict(run.history().sizes) == {"update": 2, "network": 2}
    sizes = run.recording("test").sizes
    assert [sizes[name] for name in ("network", "episode", "step", "unit")] == [2, 4, 20, 6]


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(tiny_run, here):
    for seed in ("0", "1"):
        assert main(["two_step", *TINY, "--quiet", "--seed", seed, "--out", seed]) == 0
    for name in ("weights.safetensors", "history.nc", "test.nc", "test_hybrid.nc"):
        mine = (tiny_run / name).read_bytes()
        assert (here / "0" / name).read_bytes() == mine
        assert (here / "1" / name).read_bytes() != mine


def test_json_is_all_that_is_printed_and_is_json(here, capsys):
    assert main(["two_step", *TINY, "--json", "--out", "run"]) == 0
    out, err = capsys.readouterr()
    summary = json.loads(out, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    assert err == ""
    assert summary["measures"][0]["measure"] == "reward per trial"
    assert summary == json.loads(Path("run/summary.json").read_text())
    assert summary == open_run("run").summary()


def test_quiet_is_silent_and_otherwise_a_table_is_shown(here, capsys):
    assert main(["bandit.py", "--workers", "1", "--quiet"]) == 0
    assert capsys.readouterr() == ("", "")
    assert main(["bandit.py", "--workers", "1", "--force"]) == 0
    out, err = capsys.readouterr()
    assert "reward per trial, test" in out
    assert "runs/bandit/" in out
    assert err == ""


def test_printed_settings_are_a_config(here, capsys):
    changes = ["--set", "network.core=gru", "--set", "task.p_common=0.7", "--networks", "3", "--updates", "7"]
    assert main(["two_step", *changes, "--set", "probes.test.changes.p_common=0.6", "--print-config"]) == 0
    printed = capsys.readouterr().out
    settings = tomllib.loads(printed)
    assert (settings["networks"], settings["learner"]["updates"]) == (3, 7)
    assert (settings["network"]["core"], settings["task"]["p_common"]) == ("gru", 0.7)
    assert settings["probes"]["test"]["changes"]["p_common"] == 0.6
    Path("mine.toml").write_text(printed)
    assert main(["two_step", "--config", "mine.toml", "--print-config"]) == 0
    assert capsys.readouterr().out == printed
    assert (
        main(["two_step", "--config", "mine.toml", "--set", "network.core=rnn", "--networks", "1", "--print-config"])
        == 0
    )
    settings = tomllib.loads(capsys.readouterr().out)
    assert (settings["network"]["core"], settings["networks"], settings["learner"]["updates"]) == ("rnn", 1, 7)
    assert [path.name for path in here.iterdir() if path.suffix != ".py"] == ["mine.toml"]


def test_settings_that_are_none_can_be_printed(here, capsys):
    assert main(["bandit.py", "--print-config"]) == 0
    assert "patience" not in tomllib.loads(capsys.readouterr().out)["task"]


def test_list_says_what_there_is(capsys):
    assert main(["--list"]) == 0
    names = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert {"two_step", "two_step_wang2018"} <= set(names)


def test_a_file_from_outside_trains_in_two_processes_as_in_one(here):
    for workers in ("1", "2"):
        assert main(["bandit.py", "--workers", workers, "--quiet", "--out", workers]) == 0
    one, two = (open_run(workers) for workers in ("1", "2"))
    assert two.complete
    for mine, other in zip(one.weights().values(), two.weights().values(), strict=True):
        assert mine.shape[0] == 2
        assert mine.allclose(other, atol=1e-5)
    assert two.recording("test").sizes["network"] == 2
    assert [row["n"] for row in two.summary()["measures"]] == [2]


def test_all_experiments_but_variants_are_simulated_into_folders_of_their_names(here, monkeypatch, capsys):
    from pfc_metarl import experiments

    assert "two_step" in experiments.main_names()
    assert "two_step_wang2018" not in experiments.main_names()
    names = ["informative_arm", "informative_arm_low_entropy"]
    monkeypatch.setattr(experiments, "main_names", lambda: names)
    words = [*TINY, "--workers", "2"]
    assert main(["--all", *words, "--out", "all"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert [line.split()[0] for line in out.splitlines() if line.startswith("all/")] == [f"all/{n}/" for n in names]
    for name in names:
        run = open_run(f"all/{name}")
        assert run.complete
        assert run.command().endswith(f"--out all/{name}")
    assert main([names[1], *words, "--quiet", "--out", "alone"]) == 0
    assert open_run("alone").manifest["files"] == run.manifest["files"]
    assert main(run.manifest["arguments"]) == 0
    assert main(["two_step", "--all"]) == 2
    assert "not both" in capsys.readouterr().err


def test_an_error_in_one_of_all_ends_the_command_with_a_sentence(here, monkeypatch, capsys):
    from pfc_metarl import experiments

    monkeypatch.setattr(experiments, "main_names", lambda: ["informative_arm", "restless_bandit"])
    assert main(["--all", "--set", "task.n_targets=3", "--workers", "1", "--updates", "1", "--out", "all"]) == 2
    err = capsys.readouterr().err
    assert "n_targets" in err
    assert err.count("\n") == 1
