import dataclasses
import math

import pytest

from pfc_metarl.experiments import load, names
from pfc_metarl.experiments.headline import Headline
from pfc_metarl.experiments.nulls import Null, in_sentences, is_beyond, nulls
from pfc_metarl.measures import cumulative_regret, goal_latency
from pfc_metarl.measures.inference import null_limit
from pfc_metarl.settings import BadInput, changed
from pfc_metarl.simulation.recording import record


def small(name, **changes):
    return changed(load(name), {"networks": 2, **changes})


@pytest.mark.parametrize("name", names())
def test_every_criterion_excludes_a_null_or_is_a_claim_of_equivalence(name):
    experiment = load(name)
    known = {agent for probe in experiment.probes.values() for agent in probe.reference_agents} | {"untrained"}
    for headline in experiment.headlines:
        if headline.criterion is not None and None in headline.criterion:
            assert headline.null, headline.label
        assert set(headline.null) <= known or known == {"untrained"}, headline.label


def test_a_null_is_measured_in_the_worlds_of_the_networks():
    experiment = small("bandit_correlated", probes={"arms_uniform": {"episodes": 20}, "quarter": {"episodes": 5}})
    experiment = changed(experiment, {"probes": {name: {"episodes": 5} for name in experiment.probes}})
    found = nulls(experiment)["regret on uniform arms"]
    agent = experiment.probes["test"].reference_agents["bayes_optimal"]
    task = experiment.probes["arms_uniform"].task(experiment.task, "arms_uniform")
    alone = record(task, agent, 5, seed=0, purpose="arms_uniform", networks=(0, 1))
    expected = cumulative_regret(alone)["regret"].values
    assert found[0].values == pytest.approx(expected.tolist())
    assert found[0].limit == pytest.approx(null_limit(expected, "lower"))


def test_a_recorded_null_is_not_simulated_again():
    experiment = small("two_step", probes={"test": {"episodes": 3}})
    task = experiment.task
    agents = experiment.probes["test"].reference_agents
    recorded = {
        f"test_{null}": record(task, agents["latent_state"], 3, seed=0, networks=(0, 1))
        for headline in experiment.headlines
        for null in headline.null
    }
    found = nulls(experiment, 0, recorded)["reward per trial"]
    assert found[0].values == found[1].values  # both are the recording that was given


def test_untrained_networks_are_those_with_which_training_begins():
    experiment = small("maze", probes={"test": {"episodes": 2}}, task={"max_steps": 10})
    no_visit = dataclasses.replace(experiment.headlines[3], criterion=(None, 0.5), null=("untrained",))
    (null,) = nulls(dataclasses.replace(experiment, headlines=(no_visit,)))[no_visit.label]
    learner = experiment.learner
    weights = learner.begin(experiment.task, experiment.network, 0, range(2)).weights
    agent = learner.agent(experiment.task, experiment.network, dict(weights))
    alone = record(experiment.task, agent, 2, seed=0, networks=(0, 1))
    assert null.values == goal_latency(alone)["p_no_visit"].values.tolist()


def test_an_agent_that_no_probe_has_is_refused():
    experiment = load("two_step")
    headline = dataclasses.replace(experiment.headlines[0], null=("thompson",))
    with pytest.raises(BadInput, match="no probe has such a reference agent"):
        nulls(dataclasses.replace(experiment, headlines=(headline,)))


@pytest.mark.parametrize(
    ("criterion", "limit", "beyond"),
    [
        ((0.5, None), 0.4, True),
        ((0.5, None), 0.6, False),
        ((None, 0.5), 0.6, True),
        ((None, 0.5), 0.4, False),
        ((0.8, 1.2), 0.7, True),
        ((0.8, 1.2), 0.9, False),
        ((0.5, None), math.nan, False),
    ],
)
def test_a_criterion_lies_beyond_a_limit(criterion, limit, beyond):
    assert is_beyond(criterion, limit) is beyond


def test_each_null_is_measured_once_and_named_before():
    experiment, shown = small("two_step", probes={"test": {"episodes": 3}}), []
    nulls(experiment, progress=lambda *told: shown.append(told))
    named = {null for headline in experiment.headlines if headline.criterion for null in headline.null}
    assert [done for _, done, _ in shown] == list(range(len(named)))
    assert {total for *_, total in shown} == {len(named)}
    assert all(sum(null.replace("_", " ") in text for text, *_ in shown) == 1 for null in named)


@pytest.mark.parametrize(
    ("criterion", "sentence"),
    [
        ((0.6, None), "x: 95 % of no one reach at most 0.5; the criterion lies beyond."),
        (
            (0.4, None),
            "x: 95 % of no one reach at most 0.5; the criterion does not lie beyond, so reaching it shows nothing.",
        ),
        ((None, 0.4), "x: 95 % of no one reach at least 0.5; the criterion lies beyond."),
    ],
)
def test_a_sentence_says_whether_the_criterion_lies_beyond_its_null(criterion, sentence):
    headline = Headline(label="x", measure="reward", variable="reward_per_trial", criterion=criterion, null=("no_one",))
    experiment = dataclasses.replace(load("two_step"), headlines=(headline,))
    assert in_sentences(experiment, {"x": [Null("no_one", [0.5], 0.5)]}) == [sentence]
