import dataclasses
import shutil

import numpy as np
import pytest

from pfc_metarl.causality import NAME, edited_behaviour, main
from pfc_metarl.experiments import load
from pfc_metarl.experiments.base import Causality, Cause
from pfc_metarl.mechanism.targets import KINDS
from pfc_metarl.runs.run import open_run
from pfc_metarl.settings import BadInput

TARGETS = [
    *("direction", "random directions", "direction, cells too", "random directions, cells too"),
    *("top units", "bottom units", "random units"),
]
CAUSE = "good state"


@pytest.fixture(scope="module")
def run(tiny_run, tmp_path_factory):
    """A copy of the tiny run in which the command was given."""
    folder = tmp_path_factory.mktemp("causality") / "run"
    shutil.copytree(tiny_run, folder)
    assert main([str(folder), "--episodes", "3", "--draws", "2", "--units", "3", "--quiet"]) == 0
    return open_run(folder)


def changed(monkeypatch, causality):
    """Let runs of the two-step experiment test something else."""
    experiment = dataclasses.replace(load("two_step"), causality=causality)
    monkeypatch.setattr("pfc_metarl.execution.pipeline.experiment_of", lambda run: small(experiment))


def small(experiment):
    task, network = dataclasses.replace(experiment.task, n_trials=10), dataclasses.replace(experiment.network, units=6)
    return dataclasses.replace(experiment, networks=2, task=task, network=network)


def test_every_target_is_removed_and_alone_kept(run):
    got = run.table(NAME)
    assert got["cause"].values.tolist() == [CAUSE]
    assert got["judged_by"].values.tolist() == ["reward_per_trial"]
    assert got["target"].values.tolist() == TARGETS
    assert got["kind"].values.tolist() == list(KINDS)
    n = got["reward_per_trial"].sel(cause=CAUSE).notnull().sum("draw")
    assert n.sel(kind="removed").values.tolist() == n.sel(kind="kept").values.tolist() == [[1, 2, 1, 2, 1, 1, 2]] * 2
    for effect in ("planning_index", "model_free_index", "reward_per_trial"):
        assert {effect, f"intact_{effect}", f"chance_{effect}"} <= set(got)
    share = got["variance_share"].dropna("target")
    assert share["target"].values.tolist() == TARGETS[:2]
    assert set(share.dims) == {"cause", "target", "phase", "subject"}
    assert ((share > 0) & (share < 1)).all()
    assert (got.attrs["episodes"], got.attrs["units"], got.attrs["seed"]) == (3, 3, 0)


def test_top_removed_is_bottom_kept_where_they_are_halves(run):
    got = run.table(NAME).isel(draw=0)["reward_per_trial"]
    for target, other in (("top units", "bottom units"), ("bottom units", "top units")):
        np.testing.assert_array_equal(got.sel(target=target, kind="removed"), got.sel(target=other, kind="kept"))


def test_the_same_command_gives_the_same_numbers(run):
    made = edited_behaviour(run, episodes=3, draws=2, units=3)
    assert made.equals(run.table(NAME).load())


def test_several_causes_share_their_random_units(run, monkeypatch):
    of_two_step = load("two_step").causality
    causes = {"state": of_two_step.causes[CAUSE], "again": Cause(variable="good_state", effect="x")}
    animals = {"model_based": load("two_step").probes["test"].yoked["model_based"]}
    changed(monkeypatch, dataclasses.replace(of_two_step, causes=causes, yoked=animals))
    told = []
    made = edited_behaviour(run, episodes=3, draws=1, units=1, report=lambda *what: told.append(what))
    assert made["cause"].values.tolist() == list(causes)
    assert [what[:4] for what in told] == [(c, target, kind, 0) for c in causes for target in TARGETS for kind in KINDS]
    reward = made["reward_per_trial"]
    assert reward.sel(cause="state", target="random units").equals(
        reward.sel(cause="again", target="random units").assign_coords(cause="state")
    )
    assert made["judged_by"].values.tolist() == ["reward_per_trial", "x"]


def test_the_run_stays_whole(run, capsys):
    from pfc_metarl.verify import main as verify

    assert verify([str(run.folder)]) == 0
    assert "the run is complete" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--units", "4"], "units = 4: at most half of the 6 units"),
        (["--draws", "0"], "--draws 0: must be at least 1"),
    ],
)
def test_what_cannot_be_edited_is_told(run, options, said, capsys):
    assert main([str(run.folder), "--quiet", "--episodes", "2", "--units", "3", *options]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("variable", "said"),
    [("nothing", "variable = 'nothing'"), ("trial", "label: must have two values, not 10")],
)
def test_a_cause_that_cannot_be_told_is_refused(run, variable, said, monkeypatch):
    cause = Cause(variable=variable, effect="reward_per_trial")
    changed(monkeypatch, Causality(causes={"x": cause}, behaviour=load("two_step").causality.behaviour))
    with pytest.raises(BadInput, match=said):
        edited_behaviour(run, episodes=2, units=3)


def test_an_experiment_without_causes_is_told(run, monkeypatch):
    changed(monkeypatch, None)
    with pytest.raises(BadInput, match="its experiment names no causes"):
        edited_behaviour(run)


def test_a_run_that_is_not_complete_is_refused(tiny_run, tmp_path, capsys):
    shutil.copytree(tiny_run, tmp_path / "run")
    open_run(tmp_path / "run").update(complete=False)
    assert main([str(tmp_path / "run")]) == 2
    assert "the run is not complete; to go on" in capsys.readouterr().err


def test_a_table_that_is_not_there_is_told(tiny_run):
    with pytest.raises(BadInput, match=r"holds no causality\.nc"):
        open_run(tiny_run).table(NAME)
