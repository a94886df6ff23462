import shutil

import pytest

from pfc_metarl.causality import by_network, main
from pfc_metarl.execution.source import experiment_of
from pfc_metarl.mechanism.session import NAME, edited_behaviour
from pfc_metarl.runs.lock import locked
from pfc_metarl.runs.run import open_run
from pfc_metarl.settings import BadInput
from pfc_metarl.simulate import main as simulate
from pfc_metarl.verify import main as verify
from tests.test_simulate import OUTSIDE

OPTIONS = ("--episodes", "3", "--draws", "2", "--units", "3", "--quiet")


@pytest.fixture(scope="module")
def run(tiny_run, tmp_path_factory):
    """A copy of the tiny run in which the command was given."""
    folder = tmp_path_factory.mktemp("causality") / "run"
    shutil.copytree(tiny_run, folder)
    assert main([str(folder), *OPTIONS]) == 0
    return open_run(folder)


def test_the_command_stores_what_the_session_measures(run):
    experiment = experiment_of(run)
    assert (experiment.task.n_trials, experiment.network.units) == (10, 6)  # the settings of the run
    made = edited_behaviour(experiment, run.weights(), seed=0, episodes=3, draws=2, units=3)
    assert made.equals(run.table(NAME).load())


def test_any_number_of_workers_measures_the_same(run):
    before = run.table(NAME).load()
    assert main([str(run.folder), *OPTIONS, "--workers", "1"]) == 0
    assert open_run(run.folder).table(NAME).load().identical(before)


def test_the_run_stays_whole(run, capsys):
    assert verify([str(run.folder)]) == 0
    assert "the run is complete" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--units", "4"], "units = 4: the network has 6 units; give at most half"),
        (["--draws", "0"], "--draws 0: must be at least 1"),
        (["--workers", "0"], "--workers 0: must be at least 1"),
    ],
)
def test_what_cannot_be_edited_is_refused(run, options, said, capsys):
    assert main([str(run.folder), "--quiet", "--episodes", "2", "--units", "3", *options]) == 2
    assert said in capsys.readouterr().err


def test_a_run_that_is_not_complete_is_refused(tiny_run, tmp_path, capsys):
    shutil.copytree(tiny_run, tmp_path / "run")
    open_run(tmp_path / "run").update(complete=False)
    assert main([str(tmp_path / "run")]) == 2
    assert "the run is not complete; to continue" in capsys.readouterr().err


def test_a_run_in_use_is_refused(run, capsys):
    with locked(run.folder):
        assert main([str(run.folder), *OPTIONS]) == 2
    assert "another process is at work there" in capsys.readouterr().err


def test_a_table_that_is_not_there_is_refused(tiny_run):
    with pytest.raises(BadInput, match=r"holds no causality\.nc"):
        open_run(tiny_run).table(NAME)


def test_a_lab_s_file_is_not_needed_once_its_source_is_in_the_run(tmp_path, monkeypatch):
    cause = "Causality(causes={'good arm': Cause(variable='good_arm', effect='reward_per_trial')}, behaviour="
    imports = (
        "from pfc_metarl.experiments.base import Causality, Cause\nfrom pfc_metarl.measures import reward_per_trial\n"
    )
    text = OUTSIDE.replace("networks=2)", f"networks=2, causality={cause}reward_per_trial))")
    lab = tmp_path / "lab"
    lab.mkdir()
    (lab / "bandit.py").write_text(imports + text)
    monkeypatch.chdir(lab)
    assert simulate(["bandit.py", "--workers", "1", "--quiet", "--out", "run", "--set", "network.units=6"]) == 0
    (lab / "bandit.py").unlink()
    monkeypatch.chdir(tmp_path)
    assert main(["lab/run", *OPTIONS]) == 0
    made = open_run(lab / "run").table(NAME)
    assert made["cause"].values.tolist() == ["good arm"]
    assert made.sizes["subject"] == 2


def test_the_table_has_means_over_draws_beside_intact_networks_and_chance(run):
    made = run.table(NAME).load().isel(cause=0)
    effect = made["judged_by"].item()
    table = by_network(made)
    assert table.attrs["effect"] == effect.replace("_", " ")
    assert table["intact"].tolist() == made[f"intact_{effect}"].values.tolist()
    assert table["agent that acts at random"].tolist() == made[f"chance_{effect}"].values.tolist()
    drawn = made[effect].sel(target="random units", kind="kept").values
    assert table["random units, kept"].tolist() == drawn.mean(axis=-1).tolist()
    assert not table.isna().all().any()


def test_the_command_shows_the_table_and_the_file(run, capsys):
    options = [option for option in OPTIONS if option != "--quiet"]
    assert main([str(run.folder), *options, "--workers", "1"]) == 0
    out = capsys.readouterr().out
    assert "random units, kept" in out
    assert out.splitlines()[-1] == str(run.folder / "causality.nc")
