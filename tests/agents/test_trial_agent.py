import dataclasses

import pytest
import torch

from pfc_metarl.agents import TrialAgent, agent_of
from pfc_metarl.models import BayesianLearner, RescorlaWagner, Thompson, WinStayLoseShift
from pfc_metarl.settings import BadInput
from pfc_metarl.tasks import Bandit, HarlowPixels, InferredValue, RiskyLever, TwoStep, Volatility


def test_what_is_recorded_depends_on_task_and_model():
    assert set(agent_of(BayesianLearner(), Volatility).readouts) == {
        "logits",
        "action_value",
        "expected_volatility",
        "uncertainty",
    }
    assert set(agent_of(RescorlaWagner(), InferredValue).readouts) == {"logits", "value"}
    assert set(agent_of(RescorlaWagner(), RiskyLever).readouts) == {"logits", "action_value", "rpe_input"}


def test_only_where_its_prediction_error_reaches_it_can_an_agent_be_stimulated():
    assert agent_of(RescorlaWagner(), RiskyLever).has_rpe_input
    assert not agent_of(RescorlaWagner(), Volatility).has_rpe_input


def test_the_discount_is_that_of_the_translation():
    assert agent_of(RescorlaWagner(), InferredValue, discount=0.7).discount == 0.7
    assert agent_of(RescorlaWagner(), InferredValue).discount == 0.9
    assert agent_of(RescorlaWagner(), Volatility).discount == 1


def test_a_task_without_translation_is_refused():
    with pytest.raises(BadInput, match=r"task = HarlowPixels: no translation .* give one to TrialAgent"):
        agent_of(RescorlaWagner(), HarlowPixels)


def test_a_custom_task_is_translated_as_the_one_it_extends(live):
    class Named(Bandit):
        pass

    agent = agent_of(Thompson(), Named)
    assert isinstance(agent, TrialAgent)
    assert agent == agent_of(Thompson(), Bandit())


@pytest.mark.parametrize("n_arms", [2, 3, 5])
def test_there_are_as_many_options_as_the_task_has(n_arms, live):
    values = live(Bandit(n_trials=10, n_arms=n_arms), agent_of(Thompson(), Bandit)).readout()["action_value"]
    assert values.shape[-1] == n_arms
    assert (values[0] == 0.5).all()


def test_a_model_acts_in_any_task_that_has_its_options(live):
    """A model of one choice learns from the first choice of the two-step task, and is indifferent at the second."""
    readout = live(TwoStep(n_trials=20), agent_of(RescorlaWagner(unchosen="kept"), TwoStep)).readout()
    assert (readout["logits"][1::2] == 0).all()
    assert (readout["logits"][-2] != readout["logits"][0]).any()


def test_each_network_may_have_its_own_parameters(live):
    rates = torch.tensor([0.1, 0.6])
    agent = agent_of(RescorlaWagner(learning_rate=rates), Volatility)
    both = live(Volatility(n_trials=30), agent, networks=(0, 1)).readout()["action_value"]
    for network, rate in enumerate(rates.tolist()):
        own = dataclasses.replace(agent, model=RescorlaWagner(learning_rate=rate))
        alone = live(Volatility(n_trials=30), own, networks=(network,)).readout()["action_value"]
        torch.testing.assert_close(both[:, network], alone[:, 0])


def test_two_episodes_do_not_share_what_was_learned(live):
    agent = agent_of(WinStayLoseShift(), TwoStep)
    first, again = (live(TwoStep(n_trials=5), agent).readout()["logits"] for _ in range(2))
    assert torch.equal(first, again)
