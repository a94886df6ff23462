"""What is expected of the headlines when settings are changed, and how many networks reached the claim."""

import dataclasses

import numpy as np
import pytest
import xarray as xr

from pfc_metarl import measures
from pfc_metarl.data.trial_table import trials
from pfc_metarl.experiments import load
from pfc_metarl.experiments.base import Experiment, Headline, Probe
from pfc_metarl.experiments.expectations import names_of, summarised
from pfc_metarl.simulation.recording import record
from pfc_metarl.tasks import TwoStep

AGENTS = ("random", "model_free", "model_based", "latent_state")


def recorded(experiment, networks, n=2):
    """Return recordings of the probe "test", with a reference agent in the place of the networks."""
    probe = experiment.probes["test"]
    task = probe.task(experiment.task, "test")
    return {
        name: record(task, probe.reference_agents[who], 40, 0, purpose="test", networks=tuple(range(n)))
        for name, who in {"test": networks, **{f"test_{who}": who for who in AGENTS}}.items()
    }


@pytest.fixture(scope="module")
def changed_task():
    """The two-step experiment with less informative transitions, without measures of units."""
    made = load("two_step")
    headlines = tuple(headline for headline in made.headlines if headline.measure != "rpe")
    return dataclasses.replace(
        made, task=TwoStep(n_trials=100, p_common=0.7), measures=made.reference_measures, headlines=headlines
    )


CHANGED = ("task.p_common",)


def test_as_written_nothing_is_computed(changed_task):
    made = recorded(changed_task, "latent_state")
    summary = summarised(changed_task, made, ("networks", "learner.updates", "probes.test.episodes"))
    assert summary["measures"] == changed_task.summary(changed_task.measures(made))
    assert summary["measures"][0]["criterion"] == [0.68, None]
    assert summary["claim"]["changed"] == []


def test_with_another_task_it_is_measured_in_the_reference_agents(changed_task):
    made = recorded(changed_task, "latent_state")
    summary = summarised(changed_task, made, CHANGED)
    rows = {row["measure"]: row for row in summary["measures"]}
    reward = {
        who: float(measures.reward_per_trial(trials(made[f"test_{who}"]))["reward_per_trial"].mean()) for who in AGENTS
    }
    row = rows["reward per trial"]
    expected = ("chance", "random"), ("model-free", "model_free"), ("latent-state agent", "latent_state")
    assert row["expected"] == ", ".join(f"{label} {reward[who]:.3g}" for label, who in expected)
    bound = reward["model_free"] + 0.6 * (reward["latent_state"] - reward["model_free"])
    assert row["criterion"] == [pytest.approx(bound), None]
    assert reward["model_free"] < bound < reward["latent_state"] < 0.68  # 0.68 cannot be reached
    assert row["reached"] == 2
    assert summary["claim"]["changed"] == ["task.p_common"]


def test_a_model_free_learner_does_not_reach_the_computed_criterion(changed_task):
    summary = summarised(changed_task, recorded(changed_task, "model_free"), CHANGED)
    assert summary["measures"][0]["reached"] == 0
    assert summary["claim"]["reached"] == 0
    assert summary["claim"]["networks"] == 2


def test_without_reference_agents_nothing_is_expected(changed_task):
    made = {"test": recorded(changed_task, "latent_state")["test"]}
    summary = summarised(changed_task, made, CHANGED)
    assert not any("criterion" in row or row["expected"] for row in summary["measures"])
    assert summary["claim"]["reached"] is None


def toy(*criteria):
    """An experiment with a headline for each criterion; its networks have the values 0, 1, 2."""

    values = xr.Dataset({"x": ("subject", np.array([0.0, 1.0, 2.0]))}, {"subject": [0, 1, 2]})
    headlines = tuple(
        Headline(label=str(n), measure="m", variable="x", criterion=each, rests_on=("learner.discount",))
        for n, each in enumerate(criteria)
    )
    return Experiment(
        claim="It does.", task=TwoStep(n_trials=2), probes={"test": Probe()}, measures=lambda _: {"m": values},
        headlines=headlines, networks=3,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("criteria", "reached"),
    [
        ([(1.0, None)], 2),
        ([(1.0, None), (None, 1.0)], 1),  # one and the same network must reach both
        ([(1.5, None), (None, 0.5)], 0),
        ([(1.0, None), None], 2),
        ([None], None),
    ],
)
def test_the_claim_is_reached_by_networks_that_meet_every_criterion(criteria, reached):
    claim = summarised(toy(*criteria), {})["claim"]
    assert claim == {"text": "It does.", "networks": 3, "reached": reached, "changed": []}


def test_a_headline_names_other_settings_on_which_it_rests():
    made = toy((1.0, None))
    assert "criterion" in summarised(made, {}, ("learner.updates",))["measures"][0]
    assert "criterion" not in summarised(made, {}, ("learner.discount",))["measures"][0]
    for name in ("probes.test.changes.p_common", "probes.test.intervene.magnitude", "task.n_trials"):
        assert "criterion" not in summarised(made, {}, (name,))["measures"][0]


def test_changes_are_named():
    changes = {"task": {"p_common": 0.7}, "probes": {"test": {"changes": {"p_common": 0.6}}}}
    assert names_of(changes) == ("task.p_common", "probes.test.changes.p_common")


@pytest.mark.parametrize("name", ["two_step", "foraging", "bandit_independent", "bandit_correlated"])
def test_reference_agents_are_recorded_and_criteria_lie_between_two_of_them(name):
    made = load(name)
    recorded_agents = {who for probe in made.probes.values() for who in probe.reference_agents}
    for headline in made.headlines:
        assert set(headline.reference.values()) <= recorded_agents
        assert set(headline.criterion_between[:2] if headline.criterion_between else ()) <= set(headline.reference)
    assert any(headline.criterion_between for headline in made.headlines)
