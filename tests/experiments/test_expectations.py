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
from pfc_metarl.settings import changed
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


COMPARED = {
    **dict.fromkeys(["two_step", "foraging", "volatility", "inferred_value", "harlow_objects"], True),
    **dict.fromkeys(["informative_arm", "two_step_akam", "two_step_wang2016"], True),
    **dict.fromkeys(["risky_lever", "bandit_independent", "bandit_correlated", "restless_bandit"], False),
}
"""Experiments with reference agents, and whether a criterion lies between two of them."""


@pytest.mark.parametrize("name", COMPARED)
def test_reference_agents_are_recorded_and_criteria_lie_between_two_of_them(name):
    made = load(name)
    recorded_agents = {who for probe in made.probes.values() for who in probe.reference_agents}
    for headline in made.headlines:
        assert set(headline.reference.values()) <= recorded_agents
        assert set(headline.criterion_between[:2] if headline.criterion_between else ()) <= set(headline.reference)
    assert any(headline.reference for headline in made.headlines)
    assert any(headline.criterion_between for headline in made.headlines) == COMPARED[name]


def of_agents(experiment, probes, n):
    """Return recordings of the reference agents of some probes, and of the first one in place of the networks."""
    made = {}
    for name in probes:
        probe = experiment.probes[name]
        task = probe.task(experiment.task, name)
        for who, agent in probe.reference_agents.items():
            made[f"{name}_{who}"] = record(task, agent, n, 0, purpose=name, intervene=probe.intervene, networks=(0, 1))
        made[name] = made[f"{name}_{next(iter(probe.reference_agents))}"]
    return made


def expected_of(name, probes, n, task):
    """Return the rows of an experiment with another task, of what reference agents can do."""
    made = load(name)
    there = made.reference_measures or made.measures
    changed_ones = dataclasses.replace(made, task=changed(made.task, task), measures=there)
    recordings = of_agents(changed_ones, probes, n)
    measured = there(recordings)
    headlines = tuple(headline for headline in made.headlines if headline.measure in measured)
    shorter = dataclasses.replace(changed_ones, headlines=headlines)
    basis = tuple(f"task.{field}" for field in task)
    return {row["measure"]: row for row in summarised(shorter, recordings, basis)["measures"]}, shorter, recordings


def test_inferred_value_is_compared_with_agents_in_the_changed_task_but_not_with_another_discount():
    rows, experiment, recordings = expected_of("inferred_value", ("test", "once"), 40, {"n_trials": 20})
    ratio = rows["inferred change over experienced"]  # 1 for an ideal observer, 0 for a model-free learner, by theory
    assert ratio["expected"].startswith("reversal observer 1, model-free learner ")
    assert ratio["criterion"][0] == pytest.approx(0.8, abs=0.02)
    assert ratio["reached"] == 2
    label = "RPE at cue, rewarded − unrewarded, inferred change"
    assert rows[label]["expected"].startswith("reversal observer 0.64, ")  # the discount of 0.8, squared
    other = {row["measure"]: row for row in summarised(experiment, recordings, ("learner.discount",))["measures"]}
    assert (other[label]["expected"], "criterion" in other[label]) == ("", False)
    assert "criterion" in other["inferred change over experienced"]  # a ratio does not depend on it


def test_harlow_is_compared_with_agents_in_the_changed_task():
    rows, *_ = expected_of("harlow_objects", ("test",), 40, {"n_trials": 4})
    later = rows["correct in trials 2 to 6, new objects"]
    assert later["expected"].endswith("one-trial learner 1")
    assert 0.8 < later["criterion"][0] < 0.97
    assert "criterion" not in rows["correct in trial 1, new objects"]


def test_the_risky_lever_is_compared_with_a_learner_in_the_changed_task():
    probes = [name for name in load("risky_lever").probes if "dose" not in name]
    rows, *_ = expected_of("risky_lever", probes, 20, {"n_trials": 20})
    assert rows["shift, block risky win, p = 0.5"]["expected"].startswith("lever learner -0.")
    assert rows["shift, block safe win, p = 0.5"]["expected"].startswith("lever learner 0.")


def test_volatility_is_compared_with_learners_in_the_changed_task():
    rows, *_ = expected_of("volatility", ("stable_first", "volatile_first"), 5, {"n_trials": 100})
    for order in ("stable first", "volatile first"):
        said = rows[f"learning rate, volatile − stable, {order}"]["expected"]
        assert [part.rpartition(" ")[0] for part in said.split(", ")] == [
            "Bayesian learner", "fixed volatility", "fixed learning rate"
        ]  # fmt: skip
