import dataclasses
import json

import numpy as np
import pytest
import xarray as xr

from pfc_metarl.agents import Random
from pfc_metarl.experiments.base import Causality, Cause, Experiment, Headline, Probe
from pfc_metarl.learning.a2c import A2C
from pfc_metarl.settings import BadInput
from pfc_metarl.simulation.recording import record
from pfc_metarl.tasks import TwoStep

TASK = TwoStep(n_trials=7, p_common=0.9)


@pytest.fixture
def experiment():
    return Experiment(
        claim="It works.", task=TASK, probes={"test": Probe(episodes=3), "hard": Probe(changes={"p_common": 0.6})}
    )


def test_a_probe_changes_the_task_and_nothing_else(experiment):
    assert experiment.probes["test"].task(TASK, "test") == TASK
    assert experiment.probes["hard"].task(TASK, "hard") == dataclasses.replace(TASK, p_common=0.6)
    with pytest.raises(BadInput, match=r"probes\.hard\.changes\.p_nothing = 1"):
        Probe(changes={"p_nothing": 1}).task(TASK, "hard")


def test_causality_is_tested_in_probes_that_are_there(experiment):
    causality = Causality(causes={"x": Cause(variable="good_state", effect="y")}, behaviour=len, probes=("hard",))
    assert dataclasses.replace(experiment, causality=causality).numbers() == experiment.numbers()
    with pytest.raises(BadInput, match="there is no probe 'soft'"):
        dataclasses.replace(experiment, causality=dataclasses.replace(causality, probes=("soft",)))
    with pytest.raises(BadInput, match="causes"):
        Causality(causes={}, behaviour=len)


def test_numbers_are_all_settings_as_plain_values(experiment):
    numbers = experiment.numbers()
    assert list(numbers) == ["networks", "task", "network", "learner", "probes"]
    assert numbers["task"] == dataclasses.asdict(TASK)
    assert numbers["probes"]["hard"] == {"episodes": 300, "plastic": False, "changes": {"p_common": 0.6}}
    assert numbers["learner"]["discount"] == experiment.learner.discount
    json.dumps(numbers)


@pytest.mark.parametrize(("field", "value"), [("networks", 0), ("task", 3), ("nonsense", 1)])
def test_an_experiment_is_checked_and_frozen(experiment, field, value):
    with pytest.raises(BadInput, match=field):
        Experiment(**{"claim": "", "task": TASK, field: value})
    with pytest.raises(dataclasses.FrozenInstanceError):
        experiment.networks = 3


def test_a_probe_has_episodes():
    with pytest.raises(BadInput, match="episodes"):
        Probe(episodes=0)


def test_a_headline_finds_its_number():
    values = xr.DataArray(np.arange(6.0).reshape(2, 3), {"lag": [1, 2, 3]}, ("subject", "lag"))
    results = {"lags": xr.Dataset({"weight": values})}
    headline = Headline(label="second", measure="lags", variable="weight", at={"lag": 2})
    assert headline.values(results).values.tolist() == [1, 4]
    assert headline.values(results).dims == ("subject",)


def test_the_summary_is_rows_that_json_can_hold():
    results = {"x": xr.Dataset({"value": ("subject", [1.0, 3.0, np.nan]), "nothing": ("subject", [np.nan] * 3)})}
    headlines = [Headline(label=name, measure="x", variable=name, expected="2") for name in ("value", "nothing")]
    experiment = Experiment(claim="", task=TASK, headlines=tuple(headlines))
    value, nothing = experiment.summary(results)
    assert value == {"measure": "value", "expected": "2", "mean": 2, "sem": 1, "n": 2, "subjects": [1, 3, None]}
    assert (nothing["mean"], nothing["sem"], nothing["n"]) == (None, None, 0)
    json.dumps([value, nothing], allow_nan=False)


@pytest.mark.parametrize(
    ("criterion", "n"), [((2, None), 2), ((None, 2), 2), ((1.5, 2.5), 1), ((None, None), 3), ((4, None), 0)]
)
def test_the_summary_says_how_many_reached_the_criterion(criterion, n):
    results = {"x": xr.Dataset({"value": ("subject", [1.0, 2.0, 3.0, np.nan])})}
    headline = Headline(label="value", measure="x", variable="value", criterion=criterion)
    (row,) = Experiment(claim="", task=TASK, headlines=(headline,)).summary(results)
    assert (row["criterion"], row["reached"]) == (list(criterion), n)


def test_by_default_the_reward_of_every_probe_is_measured(experiment):
    recorded = record(TASK, Random(), n_episodes=4, seed=0, networks=(0, 1))
    results = experiment.measures({"test": recorded, "unreadable": recorded.assign_attrs(trial_columns=[])})
    (row,) = experiment.summary(results)
    assert row["measure"] == "reward per trial, test"
    rewards = recorded["reward"].sum(["episode", "step"]) / (4 * 7)
    np.testing.assert_allclose(row["subjects"], rewards)
    assert row["mean"] == pytest.approx(rewards.mean().item())


def test_a_probe_can_only_share_the_worlds_of_another():
    probes = {"control": Probe(), "burst": Probe(worlds="control")}
    assert Experiment(claim="", task=TASK, probes=probes).probes["burst"].worlds == "control"
    with pytest.raises(BadInput, match=r"probes\.burst\.worlds = 'test': there is no such probe"):
        Experiment(claim="", task=TASK, probes={**probes, "burst": Probe(worlds="test")})


@pytest.mark.parametrize("name", ["../evil", "a/b", "", ".hidden", "history", "weights", "run", "Summary", "causality"])
def test_a_probe_that_leaves_the_folder_or_is_called_as_a_file_of_the_run_is_refused(name):
    with pytest.raises(BadInput, match="probes: "):
        Experiment(claim="", task=TASK, probes={name: Probe()})


def test_two_recordings_of_one_name_are_refused():
    probes = {"test": Probe(untrained=True), "test_untrained": Probe()}
    snapshots = {"test": Probe(snapshots=True), "test_snapshot_2": Probe()}
    Experiment(claim="", task=TASK, probes=snapshots, learner=A2C(snapshots=(0.5,)))
    with pytest.raises(BadInput, match="'test_snapshot_2' is already the name of another recording"):
        Experiment(claim="", task=TASK, probes=snapshots, learner=A2C(snapshots=(0.2, 0.5)))
    with pytest.raises(BadInput, match="'test_untrained' is already the name of another recording"):
        Experiment(claim="", task=TASK, probes=probes)


class Plain(TwoStep.__mro__[1]):
    """A task that is no settings class."""

    action_names = channel_names = phase_names = ("a",)
    n_steps = 1
    begin = observe = step = None


def test_a_task_that_is_no_settings_class_is_refused():
    with pytest.raises(BadInput, match="Plain must be a frozen dataclass"):
        Experiment(claim="", task=Plain())
