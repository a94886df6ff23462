"""The command: cohorts, the matrix, the same again from what is there."""

import re

import numpy as np
import pytest
import xarray as xr

import pfc_metarl
from pfc_metarl import A2C, Experiment, Network, Probe
from pfc_metarl.measures import cumulative_regret
from pfc_metarl.settings import BadInput
from pfc_metarl.tasks import Bandit
from pfc_metarl.transfer import main, show_matrix


def bandit(p_first, networks=2):
    """Networks that learn in a few updates which arm is the better one in all episodes."""
    learner = A2C(updates=12, episodes=32, initial_learning_rate=0.1, initial_entropy_cost=0.0)
    task = Bandit(n_trials=4, arms="correlated", p_first=(p_first,))
    network = Network(core="gru", units=4)
    return Experiment(
        claim="", task=task, network=network, learner=learner, networks=networks, probes={"test": Probe()}
    )


def test_networks_are_good_where_they_were_trained_and_bad_in_the_opposite_task(tmp_path):
    experiments = {"left": bandit(0.95), "right": bandit(0.05, networks=3)}
    found = pfc_metarl.transfer(experiments, cumulative_regret, tmp_path, episodes=50, workers=1, progress=False)
    regret = found["regret"]
    assert dict(regret.sizes) == {"trained": 2, "tested": 2, "network": 3}
    for name, other in (("left", "right"), ("right", "left")):
        assert (regret.sel(trained=name, tested=name) < 0.5 * regret.sel(trained=name, tested=other)).sum() >= 2
    assert np.isnan(regret.sel(trained="left", network=2)).all()
    stored = xr.load_dataset(tmp_path / "transfer.nc")
    assert stored.attrs == {"measure": "cumulative_regret", "seed": 0}
    xr.testing.assert_identical(stored["regret"], regret)
    again = pfc_metarl.transfer(experiments, cumulative_regret, tmp_path, episodes=50, workers=1, progress=False)
    xr.testing.assert_identical(again, found)


def test_the_command_trains_records_and_prints(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.py").write_text(
        "import dataclasses\n"
        "from pfc_metarl import A2C, Experiment, Network\n"
        "from pfc_metarl.tasks import Bandit\n"
        "EXPERIMENT = Experiment(claim='', task=Bandit(n_trials=3), network=Network(units=4), learner=A2C(updates=1))\n"
        "VARIANTS = {'other': dataclasses.replace(EXPERIMENT, task=Bandit(n_trials=3, arms='correlated'))}\n"
    )
    words = ["mine.py", "mine.py:other", "--networks", "2", "--episodes", "4", "--workers", "1", "--out", "out"]
    assert main(words) == 0
    printed = capsys.readouterr().out
    assert "reward_per_trial" in printed
    assert printed.splitlines()[-1] == "out/transfer.nc"
    found = xr.load_dataset("out/transfer.nc")
    assert found["reward_per_trial"].dims == ("trained", "tested", "network")
    assert found["trained"].values.tolist() == ["mine", "mine_other"]
    assert main([*words, "--quiet"]) == 0
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["two_step"], "name two or more"),
        (["two_step", "foraging"], "channel"),
        (["two_step", "two_step_gru", "--measure", "regrets"], "--measure regrets: there is no such measure"),
        (["two_step", "two_step_gru", "--episodes", "0"], "episodes = 0"),
        (["two_step", "nonsense"], "nonsense"),
    ],
)
def test_bad_input_is_one_sentence_before_anything_is_trained(words, said, tmp_path, capsys):
    assert main([*words, "--out", str(tmp_path / "runs")]) == 2
    err = capsys.readouterr().err
    assert said in err
    assert len(err.splitlines()) == 1
    assert not (tmp_path / "runs").exists()


def test_a_measure_that_fails_is_said(tmp_path):
    experiments = {"left": bandit(0.95), "right": bandit(0.05)}
    with pytest.raises(BadInput, match="measure: ZeroDivisionError"):
        pfc_metarl.transfer(experiments, lambda recording: 1 / 0, tmp_path, episodes=2, workers=1, progress=False)


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_the_matrix_fits_the_terminal(columns, capsys, monkeypatch):
    monkeypatch.setattr("rich.console.Console.is_terminal", True)
    monkeypatch.setenv("COLUMNS", str(columns))
    names = [f"bandit_correlated_{arms}" for arms in ("easy", "medium", "hard")]
    cells = np.arange(18.0).reshape(3, 3, 2) / 10
    show_matrix(
        xr.DataArray(cells, {"trained": names, "tested": names}, ("trained", "tested", "network"), name="regret")
    )
    printed = re.sub(r"\x1b\[\d+m", "", capsys.readouterr().out)  # without the codes of letters in italics
    assert max(map(len, printed.splitlines())) <= columns
    assert all(f"{(mean + 0.5) / 10:.3f} ± 0.050" in printed for mean in range(0, 18, 2))
